"""Whose rows a load took out or replaced, of accounts their kind too: what stands in the tables does not tell."""

from __future__ import annotations

import duckdb

from augenblick.ingest.contract import Table

MOST = 1000
"""So many people and accounts are noted one by one per table; of more only that there were."""
_LOAD = "(SELECT coalesce(max(load_id), 0) + 1 FROM bank.loads)"


def note_touched(connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> None:
    """Note in `bank.touched` whose the rows of a SELECT of a bank table are, for the load that is going on."""
    for column in ("customer_id", "related_customer_id", "account_id"):
        if column in table.columns:
            place = f"NULL, {column}" if column == "account_id" else f"{column}, NULL"
            kind = "kind" if "iban" in table.columns else "NULL::VARCHAR AS kind"
            connection.execute(
                f"INSERT INTO bank.touched SELECT {_LOAD}, {place}, kind FROM "
                f"(SELECT DISTINCT {column}, {kind} FROM ({rows}) WHERE {column} IS NOT NULL LIMIT {MOST})"
            )


def note_unknown(connection: duckdb.DuckDBPyConnection) -> None:
    """Note that nobody can tell whom the load that is going on touches."""
    connection.execute(f"INSERT INTO bank.touched SELECT {_LOAD}, NULL, NULL, NULL")
