"""Pages for who runs the service: files are loaded, what was refused is told, corrected and loaded again."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from augenblick.api import loading
from augenblick.api.long_work import Stopped
from augenblick.ingest import contract
from augenblick.ingest.folder import table_named
from augenblick.model.errors import Busy, NotFound, NotLoaded, NotPermitted
from augenblick.model.progress import Progress
from augenblick.model.tables import has_table
from augenblick.pipeline import Taken, Updater
from augenblick.pipeline.detection import nothing_loaded
from augenblick.store import DataDirectory
from augenblick.web import refusals
from augenblick.web.desk import Desk, PageRoute, own_form, progressing, seated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PURPOSE = "operation"
MOST_LOADS = 50
MOST_REJECTS = 200
LOAD = ("load",)
"""What the work of taking files in is about: one at a time."""

_LOADS = """
SELECT l.load_id, l.loaded_at, l.source, count(f.file_id) AS files, coalesce(sum(f.rows), 0) AS rows,
       coalesce(sum(f.rejected), 0) AS rejected
FROM bank.loads l LEFT JOIN bank.files f USING (load_id) WHERE ? IN (0, l.load_id)
GROUP BY ALL ORDER BY l.load_id DESC LIMIT ?
"""
_FILES = "SELECT path, kind, rows, rejected FROM bank.files WHERE load_id = ? ORDER BY path LIMIT ?"
_REASONS = """
SELECT file, coalesce(field, '') AS field, reason, any_value(hint) AS hint, count(*) AS rows, min(line) AS line,
       row_loaded
FROM bank.rejects WHERE load_id = ? GROUP BY ALL ORDER BY rows DESC, file, field LIMIT ?
"""
_EACH = """
SELECT file, line, field, reason, hint, row_loaded FROM bank.rejects WHERE load_id = ?
ORDER BY file, line, field LIMIT ?
"""
_ROWS = """
SELECT file, line, any_value(row) AS row FROM bank.rejects WHERE load_id = ? AND row IS NOT NULL
GROUP BY file, line ORDER BY file, line LIMIT ?
"""
_ALL = 2**31 - 1


def operator(door: str) -> Callable[[Request], Awaitable[Desk]]:
    """Return a dependency that gives the desk of who runs the service and may use the door.

    Raises `NotSignedIn` and `NotPermitted`.
    """
    seat = seated(door)

    async def dependency(request: Request) -> Desk:
        desk = await seat(request)
        if desk.session.purpose != PURPOSE:
            raise NotPermitted("This is shown for the purpose of operation only.")
        return desk

    return dependency


Operator = Annotated[Desk, Depends(operator("delivery"))]
Text = Annotated[str, Form(max_length=200)]


@router.get("/loads")
def loads(desk: Operator) -> Response:
    """Show what was loaded, and where files are handed in."""
    piece = desk.works.look(LOAD)
    if told := progressing(desk, piece, "_loading.html"):
        return told
    try:
        found = _read(desk, _LOADS, 0, MOST_LOADS)
    except Busy:  # what came in before is still being worked on, and the page tells of that
        found = None
    except NotLoaded:
        found = []
    return desk.page("loads.html", loads=found, piece=piece, uploads=loading.UPLOADS)


@router.post("/loads")
def load(desk: Operator, token: Text, files: Annotated[list[UploadFile], File()]) -> Response:
    """Begin to take files in; what follows from them is derived after that."""
    own_form(desk, token)
    state = desk.request.app.state
    folder = Path(tempfile.mkdtemp(prefix=loading.UPLOADS, dir=state.settings.data))
    try:
        for number, file in enumerate(files):
            loading.save(file, folder, number)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    desk.works.begin(LOAD, lambda progress: _taken(state, folder, progress))
    return RedirectResponse("/loads", 303)


@router.get("/loads/{number}")
def one(desk: Operator, number: int) -> Response:
    """Show the files of a load and why rows and values of them were refused."""
    found = _read(desk, _LOADS, number, 1)
    if not found:
        raise NotFound("There is no such load.")
    tables = {table for each in _read(desk, _ROWS, number, _ALL) if (table := _table(each["file"]))}
    return desk.page(
        "load.html",
        refused=refusals.told,
        load=found[0],
        files=_read(desk, _FILES, number, MOST_LOADS),
        reasons=_read(desk, _REASONS, number, MOST_REJECTS),
        tables=[name for name in contract().names if name in tables],
    )


@router.get("/loads/{number}/rejects.csv")
def reasons(desk: Operator, number: int) -> Response:
    """Return why rows and values were refused, by file and line; what stands in the rows is not in it."""
    found = _read(desk, _EACH, number, _ALL)
    names = ("file", "line", "field", "reason", "hint", "row_loaded")
    return _file(f"rejects-{number}.csv", [names, *([each[name] for name in names] for each in found)])


@router.get("/loads/{number}/{table}.csv")
def rows(desk: Operator, number: int, table: str) -> Response:
    """Return the refused rows of a table as a file of that table: corrected, it is loaded like any other."""
    if table not in contract().names:
        raise NotFound("There is no such table.")
    desk.note("refused rows", [None])
    found = [json.loads(each["row"]) for each in _read(desk, _ROWS, number, _ALL) if _table(each["file"]) == table]
    columns = list(dict.fromkeys(name for row in found for name in row))
    return _file(f"{table}-refused-{number}.csv", [columns, *([row.get(name) for name in columns] for row in found)])


def _taken(state: Any, folder: Path, progress: Progress) -> dict[str, Any]:
    """Take the files of a folder in and derive what follows; stopped, nothing of it was taken."""

    def bring(updater: Updater) -> Taken:
        taken = updater.take_folder(folder, progress=progress)
        with suppress(Stopped):  # the rows are durable: what follows from them is derived
            progress("derive", 0, 1)
        return taken

    try:
        _, answer = loading.follow_up(state.deliveries, bring, wait=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return answer


def _table(file: str) -> str | None:
    return table_named(Path(file).stem) if file.lower().endswith((".csv", ".parquet")) else None


def _read(desk: Desk, sql: str, *given: int) -> list[dict[str, Any]]:
    """Return the rows of a question to the bank's tables, by column.

    Raises `NotLoaded`, and `Busy` where these are being written for longer.
    """

    def reading(directory: DataDirectory) -> list[dict[str, Any]]:
        if not directory.bank_file.exists():
            raise nothing_loaded(directory)
        with directory.connect(read_only=True) as connection:
            if not has_table(connection, "loads", database="bank"):
                raise nothing_loaded(directory)
            return _rows(connection, sql, list(given))

    found: list[dict[str, Any]] = desk.reading(reading)
    return found


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, given: list[int]) -> list[dict[str, Any]]:
    found = connection.execute(sql, given)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _file(name: str, lines: list[Any]) -> Response:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
