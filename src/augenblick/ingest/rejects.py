"""What became of each row: rejects with their raw rows in `bank.rejects`, counts in the report."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from augenblick.ingest import sql
from augenblick.ingest.keys import orphan_reasons
from augenblick.ingest.missing import rows_set_aside
from augenblick.ingest.reading import FileToLoad, raw_rows
from augenblick.ingest.report import FileReport, RejectReason
from augenblick.ingest.source import Source, place
from augenblick.ingest.texts import Blackening


@dataclass(frozen=True)
class RejectedRow:
    """One row of a load that was kept out, or (`loaded`) came in without the value of a field."""

    file: str
    line: int
    field: str | None
    reason: str
    hint: str | None
    loaded: bool


def rejected_rows(connection: duckdb.DuckDBPyConnection, load_id: int, *, most: int) -> list[RejectedRow]:
    """Return the rejects of a load in the order of its files and lines, at most so many."""
    rows = connection.execute(
        "SELECT file, line, field, reason, hint, row_loaded FROM bank.rejects WHERE load_id = ? ORDER BY ALL LIMIT ?",
        [load_id, most],
    ).fetchall()
    return [RejectedRow(*row) for row in rows]


def anything_noted(connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether any row, or value of one, was kept out."""
    looked = " UNION ALL ".join(f"(SELECT 1 FROM {noted} LIMIT 1)" for noted in ("ingest_faults", "ingest_emptied"))
    return connection.execute(looked).fetchone() is not None


def keep_rejects(
    connection: duckdb.DuckDBPyConnection,
    files: dict[int, FileToLoad],
    tables: dict[str, list[Source]],
    blackening: Blackening | None = None,
) -> None:
    """Write `bank.rejects` from `ingest_noted`; the files must stand in `bank.files`.

    A row of `bank.rejects` with `row_loaded` tells of a value that was not taken over from a row that was.
    The rejects of rows that were tried again take the place of the older ones.
    """
    retried = ", ".join(str(number) for number, item in files.items() if item.retried) or "NULL"
    connection.execute(
        "DELETE FROM bank.rejects r WHERE EXISTS (SELECT 1 FROM ingest_retried o "
        f"WHERE o.file_id IN ({retried}) AND o.load_id = r.load_id AND o.file = r.file AND o.line = r.line)"
    )
    noted = connection.execute("SELECT DISTINCT tbl FROM ingest_noted").fetchall()
    for table in (name for (name,) in noted):
        raw = " UNION ALL ".join(raw_rows(source, table) for source in tables[table])
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE ingest_rejected AS SELECT f.load_id, f.path, {place('x._line')} AS line, "
            "x.field, x.reason, x.hint, coalesce(x.raw, r.raw) AS raw, x.row_loaded "
            "FROM ingest_noted x JOIN bank.files f ON f.file_id = x._file "
            f"LEFT JOIN (SELECT _file, _line, min(raw) AS raw FROM ({raw}) GROUP BY ALL) r "
            f"ON r._file = x._file AND r._line = x._line WHERE x.tbl = {sql.text(table)}"
        )
        if blackening is not None:
            blackening.rejected(connection, table, "ingest_rejected")
        connection.execute("INSERT INTO bank.rejects FROM ingest_rejected ORDER BY ALL")
    connection.execute("DROP TABLE IF EXISTS ingest_rejected")


def count_rows(
    connection: duckdb.DuckDBPyConnection, files: dict[int, FileToLoad], tables: dict[str, list[Source]]
) -> list[FileReport]:
    """Return what became of the rows of each file, per table; all rows of a file that is set aside are rejected."""
    reports = []
    for table, sources in tables.items():
        read = {number: 0 for number, item in files.items() if item.file.table == table}
        read |= _read(connection, sources)
        rejected, repeated, replaced = (
            _lines(connection, noted, table) for noted in ("ingest_faults", "ingest_repeats", "ingest_replaced")
        )
        aside = rows_set_aside(sources)
        read, rejected = read | aside, rejected | aside
        for file, rows in sorted(read.items()):
            kept_out, same = rejected.get(file, 0), repeated.get(file, 0)
            reports.append(
                FileReport(
                    file=files[file].file.name,
                    kind=files[file].file.kind,
                    table=table,
                    rows=rows,
                    loaded=rows - kept_out - same,
                    changed=replaced.get(file, 0),
                    unchanged=same,
                    rejected=kept_out,
                )
            )
    return sorted(reports, key=lambda report: (report.file, report.table))


def reject_reasons(connection: duckdb.DuckDBPyConnection, tables: dict[str, list[Source]]) -> list[RejectReason]:
    """Return the reasons of the rejects, most frequent first, each with the place of its first row.

    Rows whose customer or account is unknown come last: often that one was rejected itself, and its reason says more.
    A missing column counts with all rows of its file.
    """
    aside = {number: rows for sources in tables.values() for number, rows in rows_set_aside(sources).items()}
    weights = f"MAP({list(aside)}::INTEGER[], {list(aside.values())}::BIGINT[])"
    return _reasons(connection, "ingest_faults", f"coalesce({weights}[x._file], 1)")


def reasons_of_emptied_values(connection: duckdb.DuckDBPyConnection) -> list[RejectReason]:
    """Return why values were not taken over from rows that may do without them, most frequent first."""
    return _reasons(connection, "ingest_emptied", "1")


def _reasons(connection: duckdb.DuckDBPyConnection, noted: str, weight: str) -> list[RejectReason]:
    rows = connection.execute(
        f"SELECT x.tbl, coalesce(x.field, ''), x.reason, sum({weight})::BIGINT AS n, "
        f"min({{'file': f.path, 'line': {place('x._line')}, 'hint': x.hint}}) "
        f"FROM {noted} x JOIN bank.files f ON f.file_id = x._file GROUP BY ALL "
        "ORDER BY n DESC, x.tbl, coalesce(x.field, ''), x.reason"
    ).fetchall()
    reasons = [
        RejectReason(table, field, reason, first["hint"], count, first["file"], first["line"])
        for table, field, reason, count, first in rows
    ]
    follows = orphan_reasons()
    return sorted(reasons, key=lambda reason: reason.reason in follows)


def _read(connection: duckdb.DuckDBPyConnection, sources: list[Source]) -> dict[int, int]:
    read: dict[int, int] = {}
    for source in sources:
        for file, rows in connection.execute(
            f"SELECT _file, count(*) FROM ({source.relation}) GROUP BY _file"
        ).fetchall():
            read[file] = read.get(file, 0) + rows
        for file, _ in source.unreadable:
            read[file] = read.get(file, 0) + 1
    return read


def _lines(connection: duckdb.DuckDBPyConnection, noted: str, table: str) -> dict[int, int]:
    rows = connection.execute(
        f"SELECT _file, count(DISTINCT _line) FROM {noted} WHERE tbl = ? GROUP BY _file", [table]
    ).fetchall()
    return dict(rows)
