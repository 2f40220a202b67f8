"""The rows of one table on their way into the bank tables."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import duckdb
import pyarrow as pa

from augenblick.ingest import sql
from augenblick.ingest.changes import note_changed_attributes
from augenblick.ingest.checks import faults, typed_rows
from augenblick.ingest.contract import Table
from augenblick.ingest.identifiers import doubtful_identifiers
from augenblick.ingest.keys import compare_with_loaded, reject_orphans, sort_out_duplicates
from augenblick.ingest.report import LoadWarning
from augenblick.ingest.source import Source, place
from augenblick.ingest.texts import TEXTS, Blackening
from augenblick.ingest.touched import note_touched
from augenblick.model.tables import filled

_UNREADABLE = pa.schema(
    [
        ("file", pa.int32()),
        ("line", pa.int64()),
        ("field", pa.string()),
        ("reason", pa.string()),
        ("hint", pa.string()),
        ("pieces", pa.list_(pa.string())),
    ]
)
KEPT_OUT = ("ingest_faults", "ingest_repeats")


def load_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    sources: list[Source],
    loaded_on: date,
    file_names: dict[int, str],
    blackening: Blackening | None = None,
    *,
    few: bool = False,
) -> list[LoadWarning]:
    """Load the sources of one table; its parents must be loaded. Returns warnings on doubtful identifiers.

    `few` rows are read and typed once and kept, instead of anew for each look at them.
    What is kept out is noted in `ingest_faults` and `ingest_repeats`, values that were not taken over in
    `ingest_emptied`, what replaces older rows in `ingest_replaced`.
    """
    for source in sources:
        _note_faults(connection, table, source, loaded_on)
    rows = _define_rows(connection, table, sources, loaded_on, few=few)
    if rows != 1:
        sort_out_duplicates(connection, table)
    reject_orphans(connection, table)
    compare_with_loaded(connection, table)
    warnings = doubtful_identifiers(connection, table, file_names, few=few)
    if table.name == "customers":
        note_changed_attributes(connection, table)
    _store(connection, table, blackening)
    return warnings


def _note_faults(connection: duckdb.DuckDBPyConnection, table: Table, source: Source, loaded_on: date) -> None:
    quoted = sql.text(table.name)
    if source.unreadable:
        _note_unreadable(connection, quoted, source)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE ingest_found AS {faults(source, table, loaded_on)}")
    if connection.execute("SELECT 1 FROM ingest_found LIMIT 1").fetchone() is not None:
        for noted, wanted in (("ingest_emptied", "forgiven"), ("ingest_faults", "NOT forgiven")):
            connection.execute(
                f"INSERT INTO {noted} SELECT {quoted}, * EXCLUDE (forgiven), NULL FROM ingest_found WHERE {wanted}"
            )
    if source.same_booking:
        connection.execute(f"INSERT INTO ingest_repeats SELECT {quoted}, * FROM ({source.same_booking})")


def _note_unreadable(connection: duckdb.DuckDBPyConnection, quoted: str, source: Source) -> None:
    rows = pa.Table.from_pylist([{"file": file, **asdict(row)} for file, row in source.unreadable], schema=_UNREADABLE)
    connection.register("ingest_unreadable", rows)
    connection.execute(
        f"INSERT INTO ingest_faults SELECT {quoted}, file, line, field, reason, hint, CAST(to_json(pieces) AS VARCHAR) "
        "FROM ingest_unreadable"
    )
    connection.unregister("ingest_unreadable")


def _define_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, sources: list[Source], loaded_on: date, *, few: bool
) -> int | None:
    """Define the relations `ingest_rows` and `ingest_good`; return how many rows there are where these are `few`."""
    union = " UNION ALL ".join(typed_rows(source, table, loaded_on) for source in sources)
    rows = filled(connection, f"CREATE OR REPLACE TEMP TABLE ingest_typed AS {union}") if few else None
    connection.execute(f"CREATE OR REPLACE TEMP VIEW ingest_rows AS {'FROM ingest_typed' if few else union}")
    kept = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {out} x WHERE x.tbl = {sql.text(table.name)} "
        "AND x._file = r._file AND x._line = r._line)"
        for out in KEPT_OUT
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW ingest_good AS SELECT * FROM ingest_rows r WHERE {kept}")
    return rows


def _store(connection: duckdb.DuckDBPyConnection, table: Table, blackening: Blackening | None) -> None:
    replaced = (
        "SELECT n.* FROM ingest_good n JOIN ingest_replaced r "
        f"ON r.tbl = {sql.text(table.name)} AND r._file = n._file AND r._line = n._line"
    )
    of_table = f"SELECT 1 FROM ingest_replaced WHERE tbl = {sql.text(table.name)} LIMIT 1"
    if connection.execute(of_table).fetchone() is not None:
        old = f"EXISTS (SELECT 1 FROM ({replaced}) n WHERE {sql.same(table.key, 'n', 'b')})"
        note_touched(connection, table, f"SELECT * FROM bank.{table.name} b WHERE {old}")
        connection.execute(f"DELETE FROM bank.{table.name} b WHERE {old}")
    columns, rows = sql.names(table.columns), "SELECT * FROM ingest_good"
    if blackening is not None and table.name in TEXTS:
        rows = blackening.rows(connection, table.name, "ingest_good")
    connection.execute(
        f"INSERT INTO bank.{table.name} ({columns}, _file, _line) "
        f"SELECT {columns}, _file, {place('_line')} FROM ({rows})"
    )
