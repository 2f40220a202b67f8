"""Pages for who runs the service: what was loaded, what was refused and why, which snapshots there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, Depends, Response

from augenblick.model.errors import NotLoaded, NotPermitted
from augenblick.store import DataDirectory
from augenblick.web.desk import Desk, PageRoute, seated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Operator = Annotated[Desk, Depends(seated("query"))]
PURPOSE = "operation"
MOST_LOADS = 50
MOST_REJECTS = 200

_LOADS = """
SELECT l.load_id, l.loaded_at, l.source, count(f.file_id) AS files, coalesce(sum(f.rows), 0) AS rows,
       coalesce(sum(f.rejected), 0) AS rejected
FROM bank.loads l LEFT JOIN bank.files f USING (load_id) GROUP BY ALL ORDER BY l.load_id DESC LIMIT ?
"""
# The refused rows themselves are customers' data and are not shown here; file and line lead to them.
_REJECTS = """
SELECT file, line, field, reason, hint, row_loaded FROM bank.rejects ORDER BY load_id DESC, file, line, field LIMIT ?
"""


@router.get("/loads")
def loads(desk: Operator) -> Response:
    """Show loads, refused rows and snapshots."""
    if desk.session.purpose != PURPOSE:
        raise NotPermitted("Loads are shown for the purpose of operation only.")
    found = desk.request.app.state.writer.reading(_read)
    return desk.page("loads.html", **found)


def _read(directory: DataDirectory) -> dict[str, Any]:
    if not directory.derived_file.exists():
        raise NotLoaded("Nothing has been loaded yet.", hint="run `augenblick ingest FOLDER` first")
    with directory.connect(read_only=True) as connection:
        count = connection.execute("SELECT count(*) FROM bank.rejects").fetchone()
        return {
            "loads": _rows(connection, _LOADS, MOST_LOADS),
            "rejects": _rows(connection, _REJECTS, MOST_REJECTS),
            "rejected": count[0] if count else 0,
            "snapshots": _snapshots(directory),
        }


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, most: int) -> list[dict[str, Any]]:
    found = connection.execute(sql, [most])
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _snapshots(directory: DataDirectory) -> list[tuple[str, datetime]]:
    """Return the snapshots, the newest first, with when they were taken."""
    if not directory.snapshots.is_dir():
        return []
    found = [path for path in directory.snapshots.iterdir() if path.is_dir()]
    taken = [(path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)) for path in found]
    return sorted(taken, key=lambda each: each[1], reverse=True)
