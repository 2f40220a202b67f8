"""One load: a bank's folder into the tables `bank.*`, all of it or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from augenblick.ingest.changes import record_unreported_changes
from augenblick.ingest.checks import ZONE
from augenblick.ingest.contract import contract
from augenblick.ingest.folder import bank_files
from augenblick.ingest.intake import Intake, Progress
from augenblick.ingest.keys import SCRATCH, WORKING_TABLES, create_working_tables
from augenblick.ingest.missing import confirm_required_tables, rows_set_aside
from augenblick.ingest.reading import damaged_file
from augenblick.ingest.rejects import (
    anything_noted,
    count_rows,
    keep_rejects,
    reasons_of_emptied_values,
    reject_reasons,
)
from augenblick.ingest.removal import Rows, remove_rows
from augenblick.ingest.report import FileReport, LoadReport
from augenblick.ingest.returns import resolve_returns
from augenblick.ingest.rows import load_table
from augenblick.ingest.tables import create_bank_tables
from augenblick.ingest.texts import TEXTS, Blackening
from augenblick.ingest.touched import note_unknown
from augenblick.model.errors import UnreadableFile

_LEFT = ("ingest_changes", "ingest_retried")


def ingest(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    mapping: Path | None = None,
    loaded_at: datetime,
    progress: Progress | None = None,
    removed: Rows | None = None,
    blackening: Blackening | None = None,
    few: bool = False,
    delivery: str | None = None,
) -> LoadReport:
    """Load a bank's folder into the catalog `bank` and return what became of each file.

    One transaction: after any error nothing of the load is there. A file known by its SHA-256 is skipped, except
    rows of it that referred to something missing, which are tried again. `loaded_at` is the moment of the load
    (civil time in Europe/Berlin unless it carries a zone); dates in the future are measured against it.
    A foreign export is read through its `mapping` file. A table file without a required column is set aside as a
    whole, and not known afterwards; only when no customers are left does that end the load.
    `removed` are rows (their keys) taken out before, in the same transaction. `blackening` decides which texts are
    stored; without it all are. `few` rows are kept in memory while they are looked at. With a `delivery`, its name
    stands for the folder's, and its files are not known again.
    Raises `UnreadableFile`, `UnknownFormat`, `HostileFile`, `OffContract`, `BadMapping`.
    """
    at = loaded_at.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) if loaded_at.tzinfo else loaded_at
    listing = bank_files(folder, nothing_is_well=mapping is not None or bool(removed))
    with _workplace(connection) as work, _transaction(connection):
        create_bank_tables(connection)
        gone = remove_rows(connection, removed or {})
        intake = Intake(connection, work, progress or (lambda *_: None))
        if mapping is not None:
            intake.take_foreign(folder, mapping)
        intake.take(listing)
        names = {number: item.file.name for number, item in intake.files.items()}
        confirm_required_tables(connection, intake.sources, names)
        try:
            return _load(intake, folder, at, gone, blackening, few=few, delivery=delivery)
        except duckdb.Error as error:
            damaged = damaged_file(connection, [item.file for item in intake.files.values()])
            if damaged is None:
                raise
            raise UnreadableFile(
                "The file is damaged: its rows cannot be read to the end.", where=damaged, hint="export it again"
            ) from error


def _load(
    intake: Intake,
    folder: Path,
    at: datetime,
    removed: int,
    blackening: Blackening | None,
    *,
    few: bool,
    delivery: str | None,
) -> LoadReport:
    connection, report = intake.connection, LoadReport(warnings=list(intake.warnings), removed=removed)
    load_id = _next_load(connection)
    _register_files(intake, load_id, known_again=delivery is None)
    create_working_tables(connection)
    names = {number: item.file.name for number, item in intake.files.items()}
    tables = [table for table in contract().tables if table.name in intake.sources]
    tables.sort(key=lambda table: table.name in TEXTS)  # last: owners and consents say which texts stay
    for done, table in enumerate(tables):
        intake.progress(f"loading {table.name}", done, len(tables))
        sources = intake.sources[table.name]
        report.warnings += load_table(connection, table, sources, at.date(), names, blackening, few=few)
    if "transactions" in intake.sources:
        resolve_returns(connection, intake.files)
    if "customers" in intake.sources:
        report.customer_changes = record_unreported_changes(connection, load_id, at.date())
    retried = [item.retried is not None for item in intake.files.values()]
    noted = anything_noted(connection)
    if noted or any(retried):
        keep_rejects(connection, intake.files, intake.sources, blackening)
        report.rejects = reject_reasons(connection, intake.sources)
        report.emptied = reasons_of_emptied_values(connection)
    counted = count_rows(connection, intake.files, intake.sources)
    report.files = sorted(counted + intake.known, key=lambda file: (file.file, file.table))
    _close_books(intake, counted, rejects=noted or any(retried))
    if report.loaded or removed or not all(retried):
        if any(retried):
            note_unknown(connection)  # rows of files that were loaded before are not told from those that were there
        report.load_id = load_id
        connection.execute("INSERT INTO bank.loads VALUES (?, ?, ?)", [load_id, at, delivery or str(folder)])
    return report


def _next_load(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT coalesce(max(load_id), 0) + 1 FROM bank.loads").fetchone()
    return int(row[0]) if row else 1


def _register_files(intake: Intake, load_id: int, *, known_again: bool) -> None:
    for number, item in intake.files.items():
        if item.retried is None:
            values = [number, load_id, item.file.name, item.file.kind, item.sha256 if known_again else None]
            intake.connection.execute("INSERT INTO bank.files VALUES (?, ?, ?, ?, ?, 0, 0)", values)


def _close_books(intake: Intake, counted: list[FileReport], *, rejects: bool) -> None:
    """Write how many rows each file had and how many of them are kept out now, where any may be."""
    connection = intake.connection
    for number, item in intake.files.items():
        if item.retried is None:
            rows = sum(report.rows for report in counted if report.file == item.file.name)
            connection.execute("UPDATE bank.files SET rows = ? WHERE file_id = ?", [rows, number])
        if rejects:
            connection.execute(
                "UPDATE bank.files f SET rejected = (SELECT count(DISTINCT line) FROM bank.rejects r "
                "WHERE r.load_id = f.load_id AND r.file = f.path AND NOT r.row_loaded) WHERE file_id = ?",
                [number],
            )
    for sources in intake.sources.values():
        for number in rows_set_aside(sources):
            # Without its digest the file is not known: it may come again, as it is or mended.
            connection.execute("UPDATE bank.files SET rejected = rows, sha256 = NULL WHERE file_id = ?", [number])


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # what ended the load is the error to tell, not that DuckDB rolled back itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    views, tables = ("ingest_good", "ingest_rows", "ingest_noted"), (*WORKING_TABLES, *SCRATCH, *_LEFT)
    left = [*(f"VIEW IF EXISTS temp.{name}" for name in views), *(f"TABLE IF EXISTS temp.{name}" for name in tables)]
    connection.execute("; ".join(f"DROP {each}" for each in left))


@contextmanager
def _workplace(connection: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """Yield an empty folder beside the durable database: bank data must not lie about elsewhere."""
    row = connection.execute("SELECT path FROM duckdb_databases() WHERE database_name = 'bank'").fetchone()
    if row is None or not row[0]:
        with tempfile.TemporaryDirectory(prefix="augenblick-") as folder:
            yield Path(folder)
        return
    work = Path(row[0]).parent / "staging"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
