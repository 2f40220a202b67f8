"""Rows that cannot stand beside others: twice in a load, unknown to their parents, or loaded before.

All functions work on the temporary relation `ingest_good` (typed rows not yet kept out) and write to
`ingest_faults` and `ingest_repeats`; what they say does not depend on the order of rows or files.
"""

from __future__ import annotations

import duckdb

from augenblick.ingest import sql
from augenblick.ingest.contract import ForeignKey, Table, contract
from augenblick.ingest.texts import TEXTS, marked_sql

WORKING_TABLES = {
    "ingest_faults": "tbl VARCHAR, _file INTEGER, _line BIGINT, "
    "field VARCHAR, reason VARCHAR, hint VARCHAR, raw VARCHAR",
    "ingest_emptied": "tbl VARCHAR, _file INTEGER, _line BIGINT, "
    "field VARCHAR, reason VARCHAR, hint VARCHAR, raw VARCHAR",
    "ingest_repeats": "tbl VARCHAR, _file INTEGER, _line BIGINT",
    "ingest_replaced": "tbl VARCHAR, _file INTEGER, _line BIGINT",
}
SCRATCH = ("ingest_found", "ingest_typed", "ingest_candidates", "ingest_missing", "ingest_known")
_STRICTEST_FIRST = {
    "consents": "status = 'given', CASE WHEN status = 'given' THEN valid_to END NULLS LAST, "
    "valid_to DESC NULLS FIRST, status"
}
"""Tables of whose rows of one key the stricter is kept, and the order of such rows: a refusal must not be lost."""


def orphan_reason(reference: ForeignKey) -> str:
    """Return the reason rows are rejected with that refer to nothing by this key."""
    return f"unknown {reference.target.removesuffix('_id')}"


def orphan_reasons() -> list[str]:
    """Return all reasons that name a missing parent."""
    return sorted({orphan_reason(reference) for table in contract().tables for reference in table.foreign_keys})


def create_working_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary tables in which a load notes what it keeps out."""
    for name, columns in WORKING_TABLES.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    kept_out = "SELECT 1 FROM ingest_faults f WHERE (f.tbl, f._file, f._line) = (e.tbl, e._file, e._line)"
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW ingest_noted AS SELECT *, false AS row_loaded FROM ingest_faults "
        f"UNION ALL SELECT *, NOT EXISTS ({kept_out}) FROM ingest_emptied e"
    )


def sort_out_duplicates(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Keep one of several equal rows; of a key that stands with different content the stricter row, where there is one.

    What is not stricter is rejected: of other tables all rows of such a key.
    """
    key, strict = sql.names(table.key), _STRICTEST_FIRST.get(table.name)
    twice = f"SELECT hash({key}) FROM ingest_good GROUP BY 1 HAVING count(*) > 1"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE ingest_candidates AS SELECT * FROM ingest_good WHERE hash({key}) IN ({twice})"
    )
    if not _any(connection, "ingest_candidates"):
        return
    content = f"CAST(to_json({{{', '.join(f'{sql.text(c)}: {sql.name(c)}' for c in table.columns)}}}) AS VARCHAR)"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ingest_known AS "
        "SELECT _file, _line, min(content) OVER k <> max(content) OVER k AS conflict, "
        f"row_number() OVER (PARTITION BY {key} ORDER BY {f'{strict}, ' if strict else ''}_file, _line) AS nth "
        f"FROM (SELECT *, {content} AS content FROM ingest_candidates) WINDOW k AS (PARTITION BY {key})"
    )
    _fault(
        connection,
        table,
        ", ".join(table.key),
        "duplicate key with different content",
        "the stricter row of this key was loaded; deliver one"
        if strict
        else "no row of this key was loaded; deliver one",
        f"SELECT _file, _line FROM ingest_known WHERE conflict{' AND nth > 1' if strict else ''}",
    )
    _repeat(connection, table, "SELECT _file, _line FROM ingest_known WHERE NOT conflict AND nth > 1")


def reject_orphans(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Reject rows that refer to rows which are neither in the bank tables nor in this load."""
    for reference in table.foreign_keys:
        column, target = sql.name(reference.field), sql.name(reference.target)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE ingest_missing AS SELECT DISTINCT {column} AS id FROM ingest_good "
            f"WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT b.{target} FROM bank.{reference.table} b "
            f"SEMI JOIN ingest_good n ON n.{column} = b.{target})"
        )
        if _any(connection, "ingest_missing"):
            _fault(
                connection,
                table,
                reference.field,
                orphan_reason(reference),
                f"no such {reference.target} in {reference.table}: it is missing there or was rejected",
                f"SELECT _file, _line FROM ingest_good WHERE {column} IN (SELECT id FROM ingest_missing)",
            )


def compare_with_loaded(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Pass over rows loaded before; note master data to be replaced; reject changed bookings."""
    if not _any(connection, f"bank.{table.name}"):
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ingest_known AS "
        f"SELECT n._file, n._line, ({_same(table)}) AS same "
        f"FROM ingest_good n JOIN bank.{table.name} b ON {_same_key(table)}"
    )
    _repeat(connection, table, "SELECT DISTINCT _file, _line FROM ingest_known WHERE same")
    if table.immutable:
        _fault(
            connection,
            table,
            ", ".join(table.key),
            "differs from the row loaded before",
            _immutable_hint(table),
            "SELECT DISTINCT _file, _line FROM ingest_known WHERE NOT same",
        )
    else:
        connection.execute(
            f"INSERT INTO ingest_replaced SELECT DISTINCT {sql.text(table.name)}, _file, _line "
            "FROM ingest_known WHERE NOT same"
        )


def _same_key(table: Table) -> str:
    """Return SQL for whether two rows have one key; where it is never empty so that DuckDB reads few rows for it."""
    sure = [column for column in table.key if table.field(column).required]
    others = [column for column in table.key if column not in sure]
    parts = [f"n.{sql.name(column)} = b.{sql.name(column)}" for column in sure]
    return " AND ".join([*parts, *([sql.same(others, "n", "b")] if others else [])])


def _same(table: Table) -> str:
    """Return SQL for whether a row is the one loaded before; of what was blacked out since, but for the texts."""
    texts = TEXTS.get(table.name)
    if texts is None:
        return sql.same(table.columns, "n", "b")
    others = [column for column in table.columns if column not in texts]
    return f"{sql.same(others, 'n', 'b')} AND ({marked_sql(table.name, 'b.')} OR {sql.same(texts, 'n', 'b')})"


def _immutable_hint(table: Table) -> str:
    if "reversal_of" in table.columns:
        return "a booking never changes: deliver a new one that names it in reversal_of"
    return "such rows never change: deliver a new one"


def _fault(connection: duckdb.DuckDBPyConnection, table: Table, field: str, reason: str, hint: str, lines: str) -> None:
    values = ", ".join(sql.text(value) for value in (field, reason, hint))
    connection.execute(
        f"INSERT INTO ingest_faults SELECT {sql.text(table.name)}, _file, _line, {values}, NULL FROM ({lines})"
    )


def _repeat(connection: duckdb.DuckDBPyConnection, table: Table, lines: str) -> None:
    connection.execute(f"INSERT INTO ingest_repeats SELECT {sql.text(table.name)}, _file, _line FROM ({lines})")


def _any(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is not None
