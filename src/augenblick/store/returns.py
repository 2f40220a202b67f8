"""Returned and recalled bookings in the bank tables: how they are known, and which booking each one returns."""

from __future__ import annotations

import duckdb

RETURN_GVC = ("108", "109", "159", "160")
"""Business transaction codes (Geschäftsvorfallcodes) of the German banking industry for returns and recalls."""

RETURN_BTC = (
    "PMNT-ICDT-RRTN", "PMNT-IDDT-UPDD", "PMNT-IRCT-RRTN", "PMNT-RCDT-RRTN", "PMNT-RDDT-UPDD", "PMNT-RRCT-RRTN",
    "PMNT-MCRD-UPCT",
)  # fmt: skip
"""ISO 20022 bank transaction codes that the same tables give for the same cases."""

WINDOW_DAYS = 63
"""Longest way from a booking to its return: eight weeks of refund right (BGB § 675x) and a week of banking days."""

_DIRECT_DEBIT_GVC = ("104", "105")

_MATCHES = """
SELECT r.transaction_id AS return_id, o.transaction_id AS original_id,
  CASE WHEN r.end_to_end_id = o.end_to_end_id AND r.end_to_end_id NOT IN ('', 'NOTPROVIDED') THEN 0
       WHEN r.mandate_id = o.mandate_id AND r.mandate_id <> '' THEN 1
       WHEN r.counterparty_iban = o.counterparty_iban AND r.counterparty_iban <> '' THEN 2
       WHEN r.creditor_id = o.creditor_id AND r.creditor_id <> '' THEN 2
       WHEN lower(r.counterparty_name) = lower(o.counterparty_name) THEN 3
       WHEN coalesce(r.counterparty_name, r.counterparty_iban, '') = '' THEN 4
       ELSE 9 END AS closeness,
  r.booking_date - o.booking_date AS days, r.account_id, r.amount, r.booking_date AS returned_on
FROM {returns} r JOIN bank.transactions o
  ON o.account_id = r.account_id AND o.amount = -r.amount
 AND o.booking_date BETWEEN r.booking_date - {window} AND r.booking_date AND o.transaction_id <> r.transaction_id
WHERE NOT {coded} AND o.transaction_id NOT IN (SELECT transaction_id FROM {settled})
"""

# Equals of one day pair off rank by rank, all at once: without that each round would find one pair of them.
_RANKED = """
SELECT return_id, original_id, closeness, days,
  abs(dense_rank() OVER (k ORDER BY return_id) - dense_rank() OVER (k ORDER BY original_id)) AS apart
FROM ({matches}) WHERE closeness < 9 WINDOW k AS (PARTITION BY account_id, amount, closeness, returned_on, days)
"""


def is_return_sql(row: str) -> str:
    """Return the SQL condition that a row of `transactions` (its alias) carries the code of a return; never NULL."""
    return f"(coalesce({row}.gvc IN {RETURN_GVC}, false) OR coalesce({row}.btc IN {RETURN_BTC}, false))"


def return_btc_sql(row: str) -> str:
    """Return SQL for the bank transaction code of a booking that is known to be a return but carries no such code.

    Money that comes back was sent by transfer or drawn by somebody's direct debit; money that leaves again
    was received so.
    """
    debit = (
        f"(coalesce({row}.mandate_id, {row}.creditor_id, '') <> '' OR coalesce({row}.gvc IN {_DIRECT_DEBIT_GVC}, false)"
        f" OR coalesce({row}.btc LIKE 'PMNT-_DDT-%', false))"
    )
    return (
        f"CASE WHEN {row}.amount > 0 THEN CASE WHEN {debit} THEN 'PMNT-RDDT-UPDD' ELSE 'PMNT-ICDT-RRTN' END "
        f"WHEN {debit} THEN 'PMNT-IDDT-UPDD' ELSE 'PMNT-RCDT-RRTN' END"
    )


def pair_returns(
    connection: duckdb.DuckDBPyConnection, returns: str, settled: str, *, window: int = WINDOW_DAYS
) -> None:
    """Fill the temporary table `return_pairs(return_id, original_id)`: which booking each of `returns` takes back.

    `returns` is a relation of rows of `bank.transactions`, `settled` one with the `transaction_id` of bookings
    that are not to be had. A return belongs to the booking of opposite amount on the same account at most
    `window` days before it: by end-to-end reference, mandate, counterparty, in this order, the nearest in time
    first, each booking once. Returns without such a booking are absent. The order of rows makes no difference.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE return_pairs (return_id VARCHAR, original_id VARCHAR)")
    matches = _MATCHES.format(returns=returns, settled=settled, window=window, coded=is_return_sql("o"))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE return_matches AS {_RANKED.format(matches=matches)}")
    while _pair_off(connection):
        pass
    connection.execute("DROP TABLE return_matches")


def _pair_off(connection: duckdb.DuckDBPyConnection) -> bool:
    """Pair each return with its best booking where the two choose each other; return whether any did."""
    before = _pairs(connection)
    connection.execute(
        "INSERT INTO return_pairs SELECT return_id, original_id FROM return_matches QUALIFY "
        "row_number() OVER (PARTITION BY return_id ORDER BY closeness, days, apart, original_id) = 1 AND "
        "row_number() OVER (PARTITION BY original_id ORDER BY closeness, days, apart, return_id) = 1"
    )
    connection.execute(
        "DELETE FROM return_matches WHERE return_id IN (SELECT return_id FROM return_pairs) "
        "OR original_id IN (SELECT original_id FROM return_pairs)"
    )
    return _pairs(connection) > before


def _pairs(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT count(*) FROM return_pairs").fetchone()
    return int(row[0]) if row else 0
