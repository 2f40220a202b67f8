"""Rows on their way in: a relation of raw columns with the file and line each row stands in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from augenblick.ingest import sql
from augenblick.ingest.contract import contract, did_you_mean
from augenblick.ingest.report import LoadWarning
from augenblick.model.errors import OffContract, UnreadableFile

RESERVED = ("_file", "_line", "file_row_number")
DETAILS_PER_ENTRY = 2**20
"""Payments a statement's batch entry may have; `_line` is −(entry · this + detail) while such rows are on their way."""


def place(line: str) -> str:
    """Return the SQL of the line or entry number people know a row by."""
    return f"CASE WHEN {line} < 0 THEN (-{line}) // {DETAILS_PER_ENTRY} ELSE {line} END"


@dataclass(frozen=True)
class UnreadableRow:
    """A line that has no columns to be told apart: it is kept as it stands, in pieces."""

    line: int
    reason: str
    hint: str
    pieces: list[str]
    field: str | None = None


@dataclass(frozen=True)
class Source:
    """Raw rows for one table of the contract.

    `relation` is a SELECT that gives the raw columns, `_file` and `_line`; `columns` maps each raw column to
    its DuckDB type. `unreadable` are rows that never became columns, with their file's number. Rows of
    `same_booking` (a SELECT of `_file`, `_line`) say what another row says too and are passed over. `raw` is the
    relation and the columns rejects are shown with, where the relation's own are not the file's. `set_aside` is the
    number of rows of a file that is kept out as a whole: then the relation is empty and `unreadable` says why.
    """

    table: str
    relation: str
    columns: dict[str, str]
    unreadable: list[tuple[int, UnreadableRow]] = field(default_factory=list)
    same_booking: str | None = None
    raw: tuple[str, tuple[str, ...]] | None = None
    set_aside: int | None = None


def confirm_names(name: str, found: list[str]) -> None:
    """Raise `OffContract` when a column stands twice or has a name that is taken."""
    twice = sorted({column for column in found if found.count(column) > 1})
    if twice:
        raise OffContract(f"The column '{twice[0]}' stands twice.", where=name)
    taken = [column for column in found if column in RESERVED]
    if taken:
        raise OffContract(f"No column may be named '{taken[0]}'.", where=name, hint="rename or drop it")


def unread_columns(name: str, table_name: str, found: list[str]) -> list[LoadWarning]:
    """Return warnings about columns the table does not have."""
    table = contract().table(table_name)
    free = [column for column in table.columns if column not in found]
    unknown = [column for column in found if column not in table.columns]
    return [LoadWarning(name, f"The column '{c}' is not read.", did_you_mean(c, free)) for c in unknown]


def parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> dict[str, str]:
    """Return the columns of a Parquet file (lower case) with their DuckDB types; `UnreadableFile` if it is none."""
    cursor = connection.cursor()
    try:
        described = cursor.execute(f"DESCRIBE SELECT * FROM read_parquet({sql.path(path)})").fetchall()
    except duckdb.Error as error:
        raise UnreadableFile(
            "The file is no whole Parquet file.", where=name, hint="it may be cut off; export it again"
        ) from error
    finally:
        cursor.close()
    columns = [str(row[0]).lower() for row in described]
    confirm_names(name, columns)
    return dict(zip(columns, (str(row[1]) for row in described), strict=True))


def staged_relation(parquet: Path, columns: list[str], file_id: int, line: str) -> str:
    """Return a SELECT of these columns, `_file` and `_line` (an expression over `read_parquet`)."""
    scan = f"read_parquet({sql.path(parquet)}, file_row_number = true)"
    return f"SELECT {sql.names(columns)}, {file_id} AS _file, {line} AS _line FROM {scan}"
