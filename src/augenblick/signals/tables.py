"""The tables of this room: `evidence.*`."""

from __future__ import annotations

import duckdb

TABLES = {
    "occurrences": "occurrence_id VARCHAR, transaction_id VARCHAR, interaction_id VARCHAR, signal VARCHAR, "
    "customer_id VARCHAR, account_id VARCHAR, occurred_on DATE, amount DECIMAL(18,5), payer VARCHAR, "
    "payer_name VARCHAR",
    "series": "series_id VARCHAR, signal VARCHAR, customer_id VARCHAR, account_id VARCHAR, payer VARCHAR, "
    "payer_name VARCHAR, cadence_days INTEGER, level DECIMAL(18,5), first_on DATE, last_on DATE, bookings INTEGER, "
    "first_occurrence VARCHAR, last_occurrence VARCHAR, next_due DATE, history_days INTEGER, account_last_on DATE",
    "steps": "step_id VARCHAR, series_id VARCHAR, occurrence_id VARCHAR, stepped_on DATE, old_level DECIMAL(18,5), "
    "new_level DECIMAL(18,5)",
    "hits": "transaction_id VARCHAR, account_id VARCHAR, booking_date DATE, amount DECIMAL(18,5), "
    "counterparty VARCHAR, ultimate VARCHAR, creditor VARCHAR, iban VARCHAR, captured VARCHAR, mandate_id VARCHAR, "
    "signal VARCHAR",
    "account_spans": "account_id VARCHAR, first_on DATE, last_on DATE, bookings BIGINT",
}

READS = frozenset({"accounts", "account_holders", "customers", "interactions", "transactions"})
"""The bank tables a pass looks at: while none of their rows are others than before, it finds what it found before."""

TEMPORARY = (
    "signals_numbered", "returned", "bouncing", "return_pairs", "owners", "joint_accounts", "couples", "seen", "hits",
    "silent", "some_bookings", "named", "named_sides", "attributed", "names", "keyed", "parties", "ties", "identified",
    "lines", "gaps", "run_days", "rhythms", "runs", "cycles",
)  # fmt: skip
"""What a pass leaves in the connection's temporary schema while it runs."""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the schema `evidence` and its tables where they are absent."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS evidence")
    for name, columns in TABLES.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS evidence.{name} ({columns})")


def drop(connection: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Drop temporary tables where they are there: DuckDB holds them in memory as long as they are."""
    connection.execute("; ".join(f"DROP TABLE IF EXISTS {table}" for table in tables))
