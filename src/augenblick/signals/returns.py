"""Returned and recalled bookings: both the return and what it returns carry no evidence."""

from __future__ import annotations

import duckdb

from augenblick.store.returns import is_return_sql, pair_returns


def find_returned(connection: duckdb.DuckDBPyConnection, as_of: str) -> int:
    """Fill the temporary table `returned(transaction_id)` with returns and what they return; return its size.

    A return that names its booking (`reversal_of`) is taken at its word. Others, known by their codes, are
    matched to the booking they take back, if it is there (`store.returns`).
    """
    _take_named(connection, as_of)
    _take_coded(connection, as_of)
    row = connection.execute("SELECT count(*) FROM returned").fetchone()
    return int(row[0]) if row else 0


def _take_named(connection: duckdb.DuckDBPyConnection, as_of: str) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE returned AS SELECT DISTINCT unnest([transaction_id, reversal_of]) AS "
        f"transaction_id FROM bank.transactions WHERE booking_date <= {as_of} AND coalesce(reversal_of, '') <> ''"
    )


def _take_coded(connection: duckdb.DuckDBPyConnection, as_of: str) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE bouncing AS SELECT * FROM bank.transactions t "
        f"WHERE booking_date <= {as_of} AND {is_return_sql('t')} "
        "AND transaction_id NOT IN (SELECT transaction_id FROM returned)"
    )
    if connection.execute("SELECT 1 FROM bouncing LIMIT 1").fetchone() is None:
        return
    pair_returns(connection, "bouncing", "returned")
    connection.execute(
        "INSERT INTO returned SELECT transaction_id FROM bouncing UNION ALL SELECT original_id FROM return_pairs"
    )
