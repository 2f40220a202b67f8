"""Returned, recalled and refunded bookings: both the return and what it returns carry no evidence."""

from __future__ import annotations

import duckdb

from augenblick.store.returns import is_return_sql, pair_returns

REFUND_TEXT = "(?i)STORN|ERSTATT|R(Ü|UE|U)CKZAHL|GUTSCHRIFT|REFUND|WIDERRUF|ANNULL"
LONGEST = 180
"""So long after a payment its refund in full still says that nothing came of it; no return comes later."""


def find_returned(connection: duckdb.DuckDBPyConnection, as_of: str) -> int:
    """Fill the temporary table `returned(transaction_id)` with returns and what they return; return its size.

    A return that names its booking (`reversal_of`) is taken at its word. Others, known by their codes, are
    matched to the booking they take back, if it is there (`store.returns`). So is what somebody who was paid pays
    back to the cent and calls a refund.
    """
    _take_named(connection, as_of)
    _take_coded(connection, as_of)
    _take_refunded(connection, as_of)
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


def _take_refunded(connection: duckdb.DuckDBPyConnection, as_of: str) -> None:
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE bouncing AS SELECT * FROM bank.transactions t WHERE booking_date <= {as_of} "
        f"AND amount > 0 AND coalesce(counterparty_iban, counterparty_name, '') <> '' "
        f"AND regexp_matches(purpose, '{REFUND_TEXT}') AND transaction_id NOT IN (SELECT transaction_id FROM returned)"
    )
    if connection.execute("SELECT 1 FROM bouncing LIMIT 1").fetchone() is None:
        return
    pair_returns(connection, "bouncing", "returned", window=LONGEST)
    connection.execute("INSERT INTO returned SELECT unnest([return_id, original_id]) FROM return_pairs")
