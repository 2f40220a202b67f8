"""Returned and recalled bookings: both the return and what it returns carry no evidence."""

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

_MATCHES = """
SELECT r.transaction_id AS return_id, o.transaction_id AS original_id,
  CASE WHEN r.end_to_end_id = o.end_to_end_id AND r.end_to_end_id NOT IN ('', 'NOTPROVIDED') THEN 0
       WHEN r.mandate_id = o.mandate_id AND r.mandate_id <> '' THEN 1
       WHEN r.counterparty_iban = o.counterparty_iban AND r.counterparty_iban <> '' THEN 2
       WHEN r.creditor_id = o.creditor_id AND r.creditor_id <> '' THEN 2
       WHEN lower(r.counterparty_name) = lower(o.counterparty_name) THEN 3
       WHEN coalesce(r.counterparty_name, r.counterparty_iban, '') = '' THEN 4
       ELSE 9 END AS closeness,
  r.booking_date - o.booking_date AS days
FROM bouncing r JOIN bank.transactions o
  ON o.account_id = r.account_id AND o.amount = -r.amount
 AND o.booking_date BETWEEN r.booking_date - $window AND r.booking_date AND o.transaction_id <> r.transaction_id
"""


def find_returned(connection: duckdb.DuckDBPyConnection, as_of: str) -> int:
    """Fill the temporary table `returned(transaction_id)` with returns and what they return; return its size.

    A return that names its booking (`reversal_of`) is taken at its word. Others, known by their codes, are
    matched to the booking of opposite amount on the same account in the weeks before: by end-to-end reference,
    mandate, counterparty, in this order, the nearest in time first, each booking once.
    """
    _take_named(connection, as_of)
    _take_coded(connection, as_of)
    while _pair_off(connection):
        pass
    row = connection.execute("SELECT count(*) FROM returned").fetchone()
    return int(row[0]) if row else 0


def _take_named(connection: duckdb.DuckDBPyConnection, as_of: str) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE returned AS SELECT DISTINCT unnest([transaction_id, reversal_of]) AS "
        f"transaction_id FROM bank.transactions WHERE booking_date <= {as_of} AND coalesce(reversal_of, '') <> ''"
    )


def _take_coded(connection: duckdb.DuckDBPyConnection, as_of: str) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE bouncing AS SELECT * FROM bank.transactions "
        f"WHERE booking_date <= {as_of} AND (gvc IN {RETURN_GVC} OR btc IN {RETURN_BTC}) "
        "AND transaction_id NOT IN (SELECT transaction_id FROM returned)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE return_matches AS SELECT * FROM ({_MATCHES}) WHERE closeness < 9 "
        "AND original_id NOT IN (SELECT transaction_id FROM returned) "
        "AND original_id NOT IN (SELECT transaction_id FROM bouncing)".replace("$window", str(WINDOW_DAYS))
    )
    connection.execute("INSERT INTO returned SELECT transaction_id FROM bouncing")


def _pair_off(connection: duckdb.DuckDBPyConnection) -> int:
    """Pair each return with its best booking where the two choose each other; return how many pairs."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT return_id, original_id FROM return_matches QUALIFY "
        "row_number() OVER (PARTITION BY return_id ORDER BY closeness, days, original_id) = 1 AND "
        "row_number() OVER (PARTITION BY original_id ORDER BY closeness, days, return_id) = 1"
    )
    connection.execute("INSERT INTO returned SELECT original_id FROM pairs")
    connection.execute(
        "DELETE FROM return_matches WHERE return_id IN (SELECT return_id FROM pairs) "
        "OR original_id IN (SELECT original_id FROM pairs)"
    )
    row = connection.execute("SELECT count(*) FROM pairs").fetchone()
    return int(row[0]) if row else 0
