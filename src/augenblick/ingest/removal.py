"""Rows taken out of the bank tables again: a load's other half, for corrections and deletions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from augenblick.ingest import sql
from augenblick.ingest.contract import Table, contract
from augenblick.ingest.touched import note_touched
from augenblick.model.errors import BadParameter

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows per table of the contract, each with its columns by name."""


def remove_rows(connection: duckdb.DuckDBPyConnection, removed: Rows) -> int:
    """Remove the rows with the given keys from the bank tables; return how many there were.

    A part of a key that is left out is empty. Raises `BadParameter` where rows that stay refer to one of them.
    """
    gone = 0
    for table in reversed(contract().tables):
        if removed.get(table.name):
            gone += _remove(connection, table, removed[table.name])
    for table in contract().tables:
        if removed.get(table.name):
            _confirm_unused(connection, table, removed[table.name])
    return gone


def as_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pa.Table:
    """Return rows as a table of texts; dates and times in ISO form, what is missing empty."""
    return pa.table({name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in columns})


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _remove(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    connection.register("ingest_removed", as_text(rows, table.key))
    typed = ", ".join(f"CAST({sql.name(k)} AS {table.field(k).sql_type}) AS {sql.name(k)}" for k in table.key)
    named = f"EXISTS (SELECT 1 FROM (SELECT {typed} FROM ingest_removed) n WHERE {sql.same(table.key, 'n', 'b')})"
    note_touched(connection, table, f"SELECT * FROM bank.{table.name} b WHERE {named}")
    row = connection.execute(f"DELETE FROM bank.{table.name} b WHERE {named}").fetchone()
    connection.unregister("ingest_removed")
    return int(row[0]) if row else 0


def _confirm_unused(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    for other in contract().tables:
        for reference in other.foreign_keys:
            if reference.table != table.name:
                continue
            keys = [str(row[reference.target]) for row in rows]
            used = connection.execute(
                f"SELECT count(*) FROM bank.{other.name} WHERE {sql.name(reference.field)} IN "
                "(SELECT unnest($keys::VARCHAR[]))",
                {"keys": keys},
            ).fetchone()
            if used and used[0]:
                raise BadParameter(
                    f"{used[0]} rows of {other.name} still refer to a row of {table.name} that is to be removed.",
                    where=table.name,
                    hint=f"remove those rows of {other.name} as well",
                )
