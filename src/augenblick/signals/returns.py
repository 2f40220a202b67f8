"""Returned, recalled and refunded bookings: both the return and what it returns carry no evidence."""

from __future__ import annotations

import duckdb

from augenblick.store.returns import is_return_sql, pair_returns

REFUND_TEXT = "(?i)STORN|ERSTATT|R(Ü|UE|U)CKZAHL|GUTSCHRIFT|REFUND|WIDERRUF|ANNULL"
LONGEST = 180
"""So long after a payment its refund in full still says that nothing came of it; no return comes later."""
COLLECTED_WITHIN = 45
"""So long after a debit that came back the same amount to the same side is the same debit, collected again."""
_SAME_SIDE = (
    "(t.counterparty_iban = o.counterparty_iban OR t.creditor_id = o.creditor_id "
    "OR t.counterparty_name = o.counterparty_name)"
)


def find_returned(connection: duckdb.DuckDBPyConnection, as_of: str) -> int:
    """Fill the temporary table `returned(transaction_id)` with returns and what they return; return its size.

    A return that names its booking (`reversal_of`) is taken at its word. Others, known by their codes, are
    matched to the booking they take back, if it is there (`store.returns`). So is what somebody who was paid pays
    back to the cent and calls a refund. A debit that came back and was collected again counts once, on its first day.
    """
    _take_named(connection, as_of)
    _take_coded(connection, as_of)
    _take_refunded(connection, as_of)
    counted = "SELECT count(*) FROM returned"
    [(found,)] = connection.execute(counted).fetchall()
    if found:
        _keep_collected_again(connection, as_of)
        [(found,)] = connection.execute(counted).fetchall()
    return int(found)


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


def _keep_collected_again(connection: duckdb.DuckDBPyConnection, as_of: str) -> None:
    """Let a debit that came back and was collected again stand on its first day, and leave the later one out."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE collected_again AS "
        "SELECT o.transaction_id AS first_id, "
        "arg_min(t.transaction_id, (t.booking_date, t.transaction_id)) AS again_id "
        "FROM bank.transactions o SEMI JOIN returned r ON r.transaction_id = o.transaction_id "
        "JOIN bank.transactions t ON t.account_id = o.account_id AND t.amount = o.amount "
        f"AND t.booking_date > o.booking_date AND t.booking_date <= o.booking_date + {COLLECTED_WITHIN} "
        f"AND t.booking_date <= {as_of} AND {_SAME_SIDE} "
        "WHERE o.amount < 0 AND t.transaction_id NOT IN (SELECT transaction_id FROM returned) "
        "GROUP BY o.transaction_id QUALIFY row_number() OVER (PARTITION BY again_id ORDER BY first_id) = 1"
    )
    if connection.execute("SELECT 1 FROM collected_again LIMIT 1").fetchone() is None:
        return
    connection.execute("DELETE FROM returned WHERE transaction_id IN (SELECT first_id FROM collected_again)")
    connection.execute("INSERT INTO returned SELECT again_id FROM collected_again")
