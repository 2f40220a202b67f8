"""CSV files staged as Parquet, with the physical line of every row.

DuckDB's CSV reader is fast but tells no line numbers. Where a file has exactly one line per record, which its
line count proves, the row number is the line number. Any other file (line breaks in quotes, blank
lines, single carriage returns, ragged or broken rows) goes row by row through Python's reader, which knows where it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from augenblick.ingest import sql
from augenblick.ingest.scan import Scan
from augenblick.ingest.source import UnreadableRow, confirm_names
from augenblick.model.errors import UnreadableFile

LONGEST_FIELD = 1_000_000
"""Characters; a longer value makes the row unreadable."""

BATCH = 50_000
DELIMITERS = ",;"


@dataclass(frozen=True)
class Header:
    """The column names of a CSV file, in order, and what separates them."""

    columns: list[str]
    delimiter: str


@dataclass(frozen=True)
class Staged:
    """A CSV file as Parquet: `line` is the SQL expression of the physical line over `read_parquet`."""

    parquet: Path
    line: str
    unreadable: list[UnreadableRow]


def read_header(path: Path, name: str, delimiter: str | None) -> Header:
    """Return the header of a UTF-8 CSV file; the delimiter is sniffed from it unless given.

    Raises `UnreadableFile` when it is blank or a name is empty, `OffContract` for names that cannot be told apart.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = stream.readline()
    if not first.strip():
        raise UnreadableFile(
            "The first line is blank.", where=f"{name} line 1", hint="the header line is expected there"
        )
    chosen = delimiter or max(DELIMITERS, key=lambda mark: len(_cells(first, mark)))
    columns = [cell.strip().lower() for cell in _cells(first, chosen)]
    if "" in columns:
        at = columns.index("") + 1
        raise UnreadableFile(f"Column {at} has no name.", where=f"{name} line 1", hint="name it or remove it")
    confirm_names(name, columns)
    return Header(columns, chosen)


def stage(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, header: Header, scan: Scan, parquet: Path
) -> Staged:
    """Write a CSV file as Parquet, all columns VARCHAR, empty values NULL; the file must have passed `scan_text`.

    Raises `UnreadableFile` when a quote is opened and never closed.
    """
    if not scan.bare_returns and _one_line_per_record(connection, path, header, scan, parquet):
        return Staged(parquet, "file_row_number + 2", [])
    unreadable = _row_by_row(path, name, header, parquet)
    return Staged(parquet, "_line", unreadable)


def _one_line_per_record(
    connection: duckdb.DuckDBPyConnection, path: Path, header: Header, scan: Scan, parquet: Path
) -> bool:
    types = ", ".join(f"{sql.text(column)}: 'VARCHAR'" for column in header.columns)
    reader = (
        f"read_csv({sql.path(path)}, auto_detect = false, header = true, delim = {sql.text(header.delimiter)}, "
        f"quote = '\"', escape = '\"', strict_mode = true, columns = {{{types}}})"
    )
    # A cursor has a transaction of its own: a file DuckDB cannot read must not end the load's.
    cursor = connection.cursor()
    try:
        cursor.execute("SET preserve_insertion_order = true")
        copied = cursor.execute(
            f"COPY (SELECT * FROM {reader}) TO {sql.text(str(parquet))} (FORMAT parquet, COMPRESSION lz4_raw)"
        ).fetchone()
    except duckdb.Error:
        return False
    finally:
        cursor.close()
    return copied is not None and copied[0] + 1 == scan.lines


def _row_by_row(path: Path, name: str, header: Header, parquet: Path) -> list[UnreadableRow]:
    schema = pa.schema([(column, pa.string()) for column in header.columns] + [("_line", pa.int64())])
    unreadable: list[UnreadableRow] = []
    with pq.ParquetWriter(parquet, schema) as writer:
        batch: list[list[str | int | None]] = []
        for line, cells in _records(path, name, header.delimiter, unreadable):
            if len(cells) != len(header.columns):
                unreadable.append(_ragged(line, cells, len(header.columns)))
                continue
            batch.append([*(cell or None for cell in cells), line])
            if len(batch) == BATCH:
                writer.write_table(_table(batch, schema))
                batch = []
        writer.write_table(_table(batch, schema))
    return unreadable


def _table(rows: list[list[str | int | None]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _records(path: Path, name: str, delimiter: str, unreadable: list[UnreadableRow]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record after the header with the physical line it begins in; blank lines are passed over."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            next(reader)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    unreadable.append(_broken(name, line, str(error)))
                    continue
                if cells:
                    yield line, cells
    finally:
        csv.field_size_limit(before)


def _broken(name: str, line: int, message: str) -> UnreadableRow:
    if "unexpected end of data" in message:
        raise UnreadableFile(
            "A quote is opened and never closed: the file is cut off or the quote is a stray one.",
            where=f"{name} line {line}",
            hint='double a quote inside a quoted value: "the ""old"" one"',
        )
    if "field larger" in message:
        return UnreadableRow(line, "value too long", f"at most {LONGEST_FIELD} characters", [])
    return UnreadableRow(line, "broken quotes", 'double a quote inside a quoted value: "the ""old"" one"', [])


def _ragged(line: int, cells: list[str], expected: int) -> UnreadableRow:
    return UnreadableRow(
        line,
        "wrong number of values",
        f"{len(cells)} values where the header has {expected}; quote values that hold the delimiter",
        cells,
    )


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])
