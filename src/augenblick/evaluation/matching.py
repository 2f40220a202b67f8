"""Which found moment is which labelled truth, and which traps were walked into.

A *hit* is a found moment and a truth of the same customer and moment type, the truth's `occurred_on` within the
moment's occurred interval widened by the tolerance on both sides. Each truth is matched once, each moment once, the
nearest in time first. Truths that show nowhere in the data (or only after the run's date) are no misses; a moment
that matches one is no false alarm.
"""

from __future__ import annotations

from datetime import date

import duckdb

TOLERANCE = 60
"""Days by which a found moment's interval is widened when nothing else is asked for."""

_FOUND = """
CREATE OR REPLACE TEMP TABLE found AS
SELECT moment_id, customer_id, slug, occurred_from, occurred_to, detected_on, confidence
FROM moments.moments WHERE state IN ('tentative', 'confirmed', 'acted', 'expired')
"""

_TRUTHS = """
CREATE OR REPLACE TEMP TABLE truths AS
SELECT *, coalesce(visible_from <= $as_of, false) AS detectable FROM labelled_truth WHERE occurred_on IS NOT NULL
"""

_PAIRS = """
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT label, moment_id, detectable, occurred_on,
       greatest(f.occurred_from - t.occurred_on, t.occurred_on - f.occurred_to, 0) AS distance,
       abs(t.occurred_on - f.occurred_to) AS off
FROM truths t JOIN found f ON f.customer_id = t.customer_id AND f.slug = t.moment
 AND t.occurred_on BETWEEN f.occurred_from - $tolerance AND f.occurred_to + $tolerance
"""

# Both sides' nearest free partner; taken together, again and again until nobody finds one.
_ROUND = """
INSERT INTO matched
SELECT label, moment_id FROM (
    SELECT label, moment_id,
           row_number() OVER (PARTITION BY label ORDER BY distance, off, moment_id) AS of_truth,
           row_number() OVER (PARTITION BY moment_id ORDER BY NOT detectable, distance, off, occurred_on, label)
               AS of_moment
    FROM pairs WHERE label NOT IN (SELECT label FROM matched) AND moment_id NOT IN (SELECT moment_id FROM matched)
) WHERE of_truth = 1 AND of_moment = 1
"""

_JUDGED = """
CREATE OR REPLACE TEMP TABLE judged AS
SELECT f.*, t.label, t.detectable, t.visible_from, t.form,
       CASE WHEN t.label IS NULL THEN 'false' WHEN t.detectable THEN 'hit' ELSE 'unlabelled' END AS verdict
FROM found f LEFT JOIN matched USING (moment_id) LEFT JOIN truths t USING (label)
"""

_TRAPPED = """
CREATE OR REPLACE TEMP TABLE trapped AS
SELECT r.label, r.trap, r.moment, j.moment_id
FROM labelled_traps r JOIN judged j ON j.customer_id = r.customer_id AND j.slug = r.moment AND j.verdict = 'false'
 AND coalesce(r."from" <= j.occurred_to + $tolerance, true)
 AND coalesce(coalesce(r."to", r."from") >= j.occurred_from - $tolerance, true)
"""


def match(connection: duckdb.DuckDBPyConnection, *, as_of: date, tolerance: int) -> None:
    """Fill the temporary tables `truths`, `judged` (each found moment with its verdict) and `trapped`.

    `verdict` is `hit`, `false`, or `unlabelled` for a moment whose truth could not have been seen. Reads the tables of
    `read_labels` and `moments.moments`; dismissed and voided moments are not found ones.
    """
    connection.execute(_FOUND)
    connection.execute(_TRUTHS, {"as_of": as_of})
    connection.execute(_PAIRS, {"tolerance": tolerance})
    connection.execute("CREATE OR REPLACE TEMP TABLE matched (label BIGINT, moment_id VARCHAR)")
    while _count(connection, _ROUND):
        pass
    connection.execute(_JUDGED)
    connection.execute(_TRAPPED, {"tolerance": tolerance})


def _count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
