"""Lasting changes of a series' level."""

from __future__ import annotations

import duckdb

SMALLEST = 0.01
"""Share of the old level below which a change is noise, not a step."""

NEAR = 0.25
"""Share of a step by which bookings of one level may differ: fluctuating pay still shows a rise."""

# A payment in two parts is one level, so what lies closer together than half a cycle is added up.
_CYCLES = """
CREATE OR REPLACE TEMP TABLE cycles AS
WITH starts AS (SELECT run, day, coalesce(gap >= cadence_days / 2, true) AS fresh
    FROM run_days JOIN rhythms USING (run)),
  days AS (SELECT run, day, count(*) FILTER (WHERE fresh) OVER (PARTITION BY run ORDER BY day) AS cycle FROM starts),
  parts AS (SELECT run, cycle, booking_date, occurrence_id, abs(amount) AS amount
    FROM runs JOIN days USING (run) WHERE day = booking_date)
SELECT run, cycle, sum(amount) AS amount, count(*) AS bookings,
  arg_max(occurrence_id, (amount, occurrence_id)) AS occurrence_id,
  arg_max(booking_date, (amount, occurrence_id)) AS day
FROM parts GROUP BY run, cycle
"""

_NEIGHBOURS = """
SELECT *, lag(amount) OVER w AS p1, lag(amount, 2) OVER w AS p2, lag(amount, 3) OVER w AS p3,
  lead(amount) OVER w AS n1, lead(amount, 2) OVER w AS n2, lag(bookings) OVER w AS earlier_bookings
FROM cycles WINDOW w AS (PARTITION BY run ORDER BY cycle)
"""

_MEDIAN = "greatest(least(p1, p2), least(greatest(p1, p2), p3))"

_STEPS = f"""
INSERT INTO evidence.steps BY NAME
SELECT md5(series_id || ' ' || occurrence_id) AS step_id, series_id, occurrence_id, day AS stepped_on, old AS old_level,
  amount AS new_level
FROM (SELECT *, greatest({SMALLEST} * old, {NEAR} * abs(amount - old)) AS near
  FROM (SELECT *, CASE WHEN p3 IS NULL THEN p1 ELSE {_MEDIAN} END AS old FROM ({_NEIGHBOURS})))
JOIN (SELECT run, series_id FROM runs r JOIN evidence.series s ON s.first_occurrence = r.occurrence_id) USING (run)
WHERE abs(amount - old) > {SMALLEST} * old
  AND len(list_filter([p1, p2, p3], lambda earlier: abs(earlier - old) <= near)) >= 2
  AND abs(p1 - amount) > near
  AND (abs(n1 - amount) <= near OR abs(n2 - amount) <= near OR n1 IS NULL AND bookings = earlier_bookings)
"""


def build_steps(connection: duckdb.DuckDBPyConnection) -> int:
    """Fill `evidence.steps` from the runs that `build_series` left; return the number of steps.

    A step needs an old level seen at least twice among the three payments before, and a new one seen in one of
    the next two payments as well, or in the last payment there is. A single payment off the level, such as a
    back-payment or a 13th salary, is none; while it is the last one it may look like one until
    the next comes, unless it came beside the usual payment.
    """
    connection.execute("DELETE FROM evidence.steps")
    connection.execute(_CYCLES)
    connection.execute(_STEPS)
    row = connection.execute("SELECT count(*) FROM evidence.steps").fetchone()
    return int(row[0]) if row else 0
