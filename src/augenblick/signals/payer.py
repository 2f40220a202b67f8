"""Who the other side is: one payer under changing names, accounts and payroll providers."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from augenblick.content.model import Signal
from augenblick.model.tables import filled
from augenblick.signals.organisation import alike_sql, bare_name_sql, is_organisation_sql
from augenblick.signals.text import with_plain_sql

_UNDER_MANDATE = (
    "CASE WHEN mandate_id <> '' THEN min(captured) OVER (PARTITION BY customer_id, signal_no, mandate_id) END"
)
"""What a signal's key patterns capture in another booking under the same mandate."""


def identify(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal]) -> None:
    """Fill the temporary table `identified`: `attributed` with `payer` (identity) and `payer_name` (as written).

    The identity is the bare name of the ultimate party, else the creditor identifier, else the IBAN, else the
    bare name. A signal with key patterns is told apart by what they capture instead, where a text is cut by what
    they captured under the same mandate, without either by the mandate. Within one customer and any other recurring
    signal, identities that mean one payer become one: the earliest.
    """
    keyed = [n for n, signal in enumerate(signals) if signal.key_patterns]
    _take_names(connection)
    _take_keys(connection, keyed)
    if _take_parties(connection, [n for n, signal in enumerate(signals) if signal.recurring and n not in keyed]):
        _tie(connection)
        while _spread(connection):
            pass
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE identified AS
SELECT k.* EXCLUDE (key, ultimate_name, name, organisation, captured, mandate_id), coalesce(p.payer, k.key) AS payer,
  replace(replace(coalesce(k.ultimate, k.counterparty), '  ', ' '), '  ', ' ') AS payer_name
FROM keyed k LEFT JOIN (SELECT p.customer_id, p.signal_no, p.key, any_value(l.key) AS payer FROM parties p
  JOIN parties l ON l.customer_id = p.customer_id AND l.signal_no = p.signal_no AND l.rank = p.label GROUP BY ALL
  ) p USING (customer_id, signal_no, key)"""
    )


def _take_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Work each distinct name out once."""
    written = "SELECT DISTINCT unnest([counterparty, ultimate]) AS written FROM attributed"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE names AS
SELECT written, {bare_name_sql("plain")} AS name, {is_organisation_sql("plain")} AS organisation
FROM ({with_plain_sql(f"SELECT * FROM ({written}) WHERE written IS NOT NULL", "written", "plain")})"""
    )


def _take_keys(connection: duckdb.DuckDBPyConnection, keyed: Sequence[int]) -> None:
    numbers = ", ".join(map(str, keyed)) or "NULL"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE keyed AS
SELECT a.*, nullif(u.name, '') AS ultimate_name, coalesce(nullif(u.name, ''), nullif(c.name, '')) AS name,
  coalesce(u.organisation, c.organisation, false) AS organisation,
  coalesce(CASE WHEN signal_no IN ({numbers}) THEN coalesce(captured, {_UNDER_MANDATE}, mandate_id) END,
    nullif(u.name, ''), a.creditor, a.iban, nullif(c.name, '')) AS key
FROM attributed a LEFT JOIN names c ON c.written = a.counterparty LEFT JOIN names u ON u.written = a.ultimate"""
    )


def _take_parties(connection: duckdb.DuckDBPyConnection, recurring: Sequence[int]) -> int:
    """Fill `parties`, the ways one payer shows, where there are several; return how many."""
    numbers = ", ".join(map(str, recurring)) or "NULL"
    return filled(
        connection,
        f"""CREATE OR REPLACE TEMP TABLE parties AS
SELECT *, rank AS label FROM (
  SELECT *, row_number() OVER (PARTITION BY customer_id, signal_no
    ORDER BY first_on, key, name, ultimate_name, iban, creditor) AS rank
  FROM (SELECT customer_id, signal_no, key, name, ultimate_name, iban, creditor, bool_or(organisation) AS organisation,
      min(booking_date) AS first_on
    FROM keyed WHERE signal_no IN ({numbers}) AND key IS NOT NULL GROUP BY ALL)
  QUALIFY count(*) OVER (PARTITION BY customer_id, signal_no) > 1)""",
    )


def _tie(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `ties` between those of `parties` that are one."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE ties AS
SELECT a.customer_id, a.signal_no, a.rank AS one, b.rank AS other FROM parties a JOIN parties b
  ON a.customer_id = b.customer_id AND a.signal_no = b.signal_no AND a.rank < b.rank
WHERE a.key = b.key OR (a.ultimate_name IS NULL OR b.ultimate_name IS NULL OR a.ultimate_name = b.ultimate_name)
  AND (a.iban = b.iban OR a.creditor = b.creditor) OR {alike_sql("a", "b")}"""
    )
    connection.execute("INSERT INTO ties SELECT customer_id, signal_no, other, one FROM ties")


def _spread(connection: duckdb.DuckDBPyConnection) -> bool:
    """Give each party the smallest label among its ties; tell whether any changed."""
    row = connection.execute(
        """UPDATE parties AS p SET label = t.label FROM (
  SELECT t.customer_id, t.signal_no, t.one, min(o.label) AS label FROM ties t JOIN parties o
    ON o.customer_id = t.customer_id AND o.signal_no = t.signal_no AND o.rank = t.other GROUP BY ALL) AS t
WHERE p.customer_id = t.customer_id AND p.signal_no = t.signal_no AND p.rank = t.one AND t.label < p.label"""
    ).fetchone()
    return bool(row and row[0])
