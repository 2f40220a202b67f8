"""Files made ready to be read: digest, known or new, columns, staged as Parquet where they are text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from augenblick.ingest import sql
from augenblick.ingest.delimited import read_header, stage
from augenblick.ingest.folder import BankFile
from augenblick.ingest.keys import orphan_reasons
from augenblick.ingest.missing import missing_columns, set_aside
from augenblick.ingest.report import LoadWarning
from augenblick.ingest.scan import Scan, scan_text, sha256_of
from augenblick.ingest.source import Source, parquet_columns, place, staged_relation, unread_columns


@dataclass(frozen=True)
class KnownFile:
    """A file as `bank.files` has it; `orphans` are rows rejected because what they refer to was missing."""

    file_id: int
    load_id: int
    name: str
    orphans: int


@dataclass(frozen=True)
class FileToLoad:
    """A file with its number in `bank.files`.

    `retried` files were loaded before, but rows of theirs were orphans: those rows get another chance, since what
    they refer to may have come.
    """

    file: BankFile
    file_id: int
    sha256: str
    scan: Scan | None
    retried: KnownFile | None = None


def known_files(connection: duckdb.DuckDBPyConnection) -> dict[str, KnownFile]:
    """Return the files loaded before by their SHA-256; notes the lines of orphans in `ingest_retried`.

    Files that were set aside have none: they are not known.
    """
    reasons = orphan_reasons()
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ingest_retried AS SELECT DISTINCT f.file_id, r.load_id, r.file, r.line "
        "FROM bank.rejects r JOIN bank.files f ON f.load_id = r.load_id AND f.path = r.file "
        f"WHERE r.reason IN ({', '.join(sql.text(reason) for reason in sorted(reasons))})"
    )
    rows = connection.execute(
        "SELECT sha256, f.file_id, f.load_id, f.path, count(o.line) "
        "FROM bank.files f LEFT JOIN ingest_retried o USING (file_id) WHERE sha256 IS NOT NULL GROUP BY ALL"
    ).fetchall()
    return {str(row[0]): KnownFile(row[1], row[2], row[3], row[4]) for row in rows}


def free_number(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the first number no file has; those that are not known again have theirs, too."""
    row = connection.execute("SELECT coalesce(max(file_id), 0) + 1 FROM bank.files").fetchone()
    return int(row[0]) if row else 1


def scan_file(file: BankFile, salt: str = "") -> tuple[str, Scan | None]:
    """Return a file's identity and, for CSV, its scan; raises what `scan_text` raises."""
    if file.kind == "csv":
        scan = scan_text(file.path, file.name)
        return scan.sha256 + salt, scan
    return sha256_of(file.path, file.name) + salt, None


def table_source(
    connection: duckdb.DuckDBPyConnection, item: FileToLoad, work: Path
) -> tuple[Source, list[LoadWarning]]:
    """Return the raw rows of a CSV or Parquet file in contract form, and what is strange about its columns.

    A file without a required column gives a source that is set aside. Raises `UnreadableFile` and `OffContract`.
    """
    source = _raw_source(connection, item, work)
    found = list(source.columns)
    if missing := missing_columns(source.table, found):
        return set_aside(connection, source, item.file_id, missing), []
    return only_orphans(source, item), unread_columns(item.file.name, source.table, found)


def _raw_source(connection: duckdb.DuckDBPyConnection, item: FileToLoad, work: Path) -> Source:
    file = item.file
    if item.scan is None:
        columns = parquet_columns(connection, file.path, file.name)
        relation = staged_relation(file.path, list(columns), item.file_id, "file_row_number + 1")
        return Source(file.table, relation, columns)
    header = read_header(file.path, file.name, file.delimiter)
    staged = stage(connection, file.path, file.name, header, item.scan, work / f"{item.file_id}.parquet")
    relation = staged_relation(staged.parquet, header.columns, item.file_id, staged.line)
    unreadable = [(item.file_id, row) for row in staged.unreadable]
    return Source(file.table, relation, dict.fromkeys(header.columns, "VARCHAR"), unreadable)


def damaged_file(connection: duckdb.DuckDBPyConnection, files: list[BankFile]) -> str | None:
    """Return the name of the first Parquet file that cannot be read to its end, if there is one."""
    cursor = connection.cursor()
    for file in files:
        if file.kind == "parquet":
            try:
                cursor.execute(f"SELECT count(hash(COLUMNS(*))) FROM read_parquet({sql.path(file.path)})")
            except duckdb.Error:
                return file.name
    return None


def only_orphans(source: Source, item: FileToLoad) -> Source:
    """Return the source narrowed, for a retried file, to the rows that lacked what they refer to."""
    if item.retried is None:
        return source
    lines = f"SELECT line FROM ingest_retried WHERE file_id = {item.file_id}"
    relation = f"SELECT * FROM ({source.relation}) WHERE _file <> {item.file_id} OR {place('_line')} IN ({lines})"
    unreadable = [(file, row) for file, row in source.unreadable if file != item.file_id]
    return replace(source, relation=relation, unreadable=unreadable)


def raw_rows(source: Source, table: str) -> str:
    """Return a SELECT of `_file`, `_line` and the raw row as JSON, for the rows with something wrong."""
    relation, columns = source.raw or (source.relation, tuple(source.columns))
    pairs = ", ".join(f"{sql.text(column)}: {sql.name(column)}" for column in columns)
    return (
        f"SELECT _file, _line, CAST(to_json({{{pairs}}}) AS VARCHAR) AS raw FROM ({relation}) s "
        "WHERE EXISTS (SELECT 1 FROM ingest_noted x "
        f"WHERE x.tbl = {sql.text(table)} AND x._file = s._file AND x._line = s._line)"
    )
