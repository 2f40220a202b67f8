"""Which tables a database has."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import duckdb


def has_table(
    connection: duckdb.DuckDBPyConnection, table: str, *, schema: str = "main", database: str | None = None
) -> bool:
    """Say whether there is a table of this name, in the derived database where no other is named."""
    name = f"{database}.{schema}.{table}" if database else f"{schema}.{table}"
    if are_there(connection, [name]):  # to list tables takes DuckDB the longer the more there are
        return True
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = coalesce(?, current_database()) AND schema_name = ? "
        "AND table_name = ?",
        [database, schema, table],
    ).fetchone()
    return found is not None


def are_there(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> bool:
    """Say at a glance whether there are tables of all these names: false where one was made in a transaction yet open.

    Looked at beside the connection, whose transaction a look that fails would end.
    """
    with suppress(duckdb.Error), connection.cursor() as beside:
        beside.execute(f"SELECT 1 FROM {', '.join(names)} LIMIT 0")
        return True
    return False


def filled(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Run a `CREATE TABLE … AS` or an `INSERT`; return how many rows it put there."""
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
