"""Recurring bookings as series: payer, rhythm, level, first, last."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from augenblick.content.model import Signal
from augenblick.signals.cadence import class_sql, days_sql, split_sql


def build_series(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal]) -> int:
    """Fill `evidence.series` from the temporary table `identified`; return the number of series.

    One series per customer, signal, payer and unbroken run. Amounts are absolute values, added up per day.
    Leaves the temporary table `runs`: each occurrence with the series (`run`) it belongs to.
    """
    recurring = ", ".join(str(n) for n, signal in enumerate(signals) if signal.recurring) or "NULL"
    _take_lines(connection, recurring)
    _split_into_runs(connection)
    connection.execute("DELETE FROM evidence.series")
    connection.execute(_SERIES)
    row = connection.execute("SELECT count(*) FROM evidence.series").fetchone()
    return int(row[0]) if row else 0


def _take_lines(connection: duckdb.DuckDBPyConnection, recurring: str) -> None:
    """Number the lines (customer, signal, payer), so that windows run over integers."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE lines AS
SELECT *, row_number() OVER () AS line FROM (
  SELECT DISTINCT customer_id, signal_no, coalesce(payer, '') AS payer FROM identified
  WHERE signal_no IN ({recurring}))"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE gaps AS
SELECT line, day, day - lag(day) OVER (PARTITION BY line ORDER BY day) AS gap
FROM (SELECT DISTINCT line, booking_date AS day FROM identified i JOIN lines l
  ON l.customer_id = i.customer_id AND l.signal_no = i.signal_no AND l.payer = coalesce(i.payer, ''))"""
    )


def _split_into_runs(connection: duckdb.DuckDBPyConnection) -> None:
    """Split each line where a gap is too long for its rhythm, then learn each run's own rhythm."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE run_days AS
SELECT line, day, CASE WHEN gap <= longest THEN gap END AS gap,
  line * 65536 + count(*) FILTER (WHERE gap > longest) OVER (PARTITION BY line ORDER BY day) AS run
FROM gaps JOIN (SELECT line, {split_sql("class")} AS longest
  FROM (SELECT line, {class_sql("gap")} AS class FROM gaps GROUP BY line)) USING (line)"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE rhythms AS
SELECT run, class, {days_sql("gap", "class")} AS cadence_days
FROM run_days JOIN (SELECT run, {class_sql("gap")} AS class FROM run_days GROUP BY run) USING (run)
GROUP BY run, class"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE runs AS
SELECT r.run, i.*, md5(s.signal || ' ' || i.evidence_key) AS occurrence_id
FROM identified i JOIN lines l
  ON l.customer_id = i.customer_id AND l.signal_no = i.signal_no AND l.payer = coalesce(i.payer, '')
JOIN run_days r ON r.line = l.line AND r.day = i.booking_date JOIN signals_numbered s ON s.signal_no = i.signal_no"""
    )


_SERIES = """
INSERT INTO evidence.series BY NAME
SELECT md5(s.signal || ' ' || customer_id || ' ' || first_occurrence) AS series_id, s.signal,
  b.* EXCLUDE (signal_no, run, first_account), h.cadence_days, v.level,
  b.last_on + h.cadence_days::INTEGER AS next_due,
  b.first_on - opened.first_on AS history_days, live.last_on AS account_last_on
FROM (SELECT run, signal_no, customer_id, any_value(payer) AS payer, count(*) AS bookings,
    min(booking_date) AS first_on, max(booking_date) AS last_on,
    arg_min(occurrence_id, (booking_date, transaction_id)) AS first_occurrence,
    arg_max(occurrence_id, (booking_date, transaction_id)) AS last_occurrence,
    arg_min(payer_name, (booking_date, payer_name)) AS payer_name,
    arg_min(account_id, (booking_date, transaction_id)) AS first_account,
    arg_max(account_id, (booking_date, transaction_id)) AS account_id
  FROM runs GROUP BY run, signal_no, customer_id) AS b
JOIN signals_numbered s USING (signal_no)
JOIN rhythms h USING (run)
JOIN (SELECT run, quantile_disc(amount, 0.5) AS level FROM (
  SELECT run, booking_date, sum(abs(amount)) AS amount FROM runs GROUP BY ALL) GROUP BY run) AS v USING (run)
JOIN evidence.account_spans opened ON opened.account_id = b.first_account
JOIN evidence.account_spans live ON live.account_id = b.account_id
"""
