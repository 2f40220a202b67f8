"""From matched moments to the report: counts per moment, form, trap and band of confidence, all in SQL."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from augenblick.evaluation.labels import read_labels
from augenblick.evaluation.matching import TOLERANCE, match
from augenblick.evaluation.report import (
    Band,
    EvaluationReport,
    FalseAlarm,
    FormScore,
    Missed,
    MomentScore,
    TrapScore,
)

_MOMENTS = """
WITH slugs AS (SELECT slug FROM moments.types),
     seen AS (SELECT slug, count(*) AS found, count(*) FILTER (verdict = 'hit') AS hits,
                     count(*) FILTER (verdict = 'false') AS false_ones,
                     count(*) FILTER (verdict = 'unlabelled') AS unlabelled,
                     median(detected_on - visible_from) FILTER (verdict = 'hit') AS delay
              FROM judged GROUP BY slug),
     wanted AS (SELECT moment AS slug, count(*) FILTER (detectable) AS truths FROM truths GROUP BY moment),
     laid AS (SELECT moment AS slug, count(*) AS traps FROM labelled_traps GROUP BY moment),
     hit AS (SELECT moment AS slug, count(DISTINCT label) AS trap_hits FROM trapped GROUP BY moment)
SELECT slug, coalesce(truths, 0), coalesce(found, 0), coalesce(hits, 0), coalesce(false_ones, 0),
       coalesce(unlabelled, 0), delay, coalesce(traps, 0), coalesce(trap_hits, 0)
FROM slugs LEFT JOIN seen USING (slug) LEFT JOIN wanted USING (slug) LEFT JOIN laid USING (slug)
LEFT JOIN hit USING (slug) ORDER BY slug
"""

_FORMS = """
SELECT t.moment, t.form, count(*), count(m.label) FROM truths t LEFT JOIN matched m USING (label)
WHERE t.detectable AND t.moment IN (SELECT slug FROM moments.types) GROUP BY ALL ORDER BY ALL
"""

_TRAPS = """
SELECT r.moment, r.trap, count(*), count(*) FILTER (r.label IN (SELECT label FROM trapped))
FROM labelled_traps r WHERE r.moment IN (SELECT slug FROM moments.types) GROUP BY ALL ORDER BY ALL
"""

# Odds grow fast near certainty, so the bands narrow there.
_BANDS = """
SELECT b.low, b.high, count(*), avg(confidence), avg(CASE WHEN verdict = 'false' THEN 0 ELSE 1 END)
FROM judged JOIN (VALUES (0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.99), (0.99, 1.01))
     AS b(low, high) ON confidence >= b.low AND confidence < b.high
GROUP BY ALL ORDER BY b.low
"""

_FALSE = """
SELECT j.moment_id, j.customer_id, j.slug, j.occurred_from, j.occurred_to, j.detected_on, j.confidence,
       list_sort(list(DISTINCT r.trap) FILTER (r.trap <> '')),
       list_sort(list(DISTINCT regexp_extract(c.pattern, '[^/#]+$')) FILTER (c.counted))
FROM judged j LEFT JOIN trapped r USING (moment_id) LEFT JOIN moments.contributions c USING (moment_id)
WHERE j.verdict = 'false'
GROUP BY ALL ORDER BY j.slug, j.customer_id, j.moment_id
"""

_MISSED = """
SELECT customer_id, moment, occurred_on, visible_from, form FROM truths
WHERE detectable AND label NOT IN (SELECT label FROM matched) AND moment IN (SELECT slug FROM moments.types)
ORDER BY moment, form, customer_id, occurred_on
"""

_YEARS = "SELECT (max(booking_date) - min(booking_date)) / 365.25 FROM bank.transactions"

_UNKNOWN = """
SELECT moment, count(*) FROM truths WHERE moment NOT IN (SELECT slug FROM moments.types) GROUP BY moment ORDER BY moment
"""


def evaluate(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, as_of: date, tolerance: int = TOLERANCE
) -> EvaluationReport:
    """Return how right the moments of the last run are, by the labels beside the export in `folder`.

    `connection` has the shape of the data directory's; `tolerance` in days. What counts as a hit is said in
    `augenblick.evaluation.matching`. Raises what `read_labels` raises.
    """
    read_labels(connection, folder)
    match(connection, as_of=as_of, tolerance=tolerance)

    def rows(statement: str) -> list[tuple[object, ...]]:
        return connection.execute(statement).fetchall()

    customers = connection.execute("SELECT count(*) FROM bank.customers").fetchone()
    years = connection.execute(_YEARS).fetchone()
    return EvaluationReport(
        as_of,
        tolerance,
        int(customers[0]) if customers else 0,
        moments=tuple(MomentScore(*row) for row in rows(_MOMENTS)),  # type: ignore[arg-type]
        forms=tuple(FormScore(*row) for row in rows(_FORMS)),  # type: ignore[arg-type]
        traps=tuple(TrapScore(*row) for row in rows(_TRAPS)),  # type: ignore[arg-type]
        bands=tuple(Band(*map(float, row[:2]), *row[2:]) for row in rows(_BANDS)),  # type: ignore
        false_alarms=tuple(FalseAlarm(*row[:-2], tuple(row[-2] or ()), tuple(row[-1] or ())) for row in rows(_FALSE)),  # type: ignore
        missed=tuple(Missed(*row) for row in rows(_MISSED)),  # type: ignore[arg-type]
        years=float(years[0]) if years and years[0] else None,
        unknown={str(moment): int(count) for moment, count in rows(_UNKNOWN)},  # type: ignore[call-overload]
    )
