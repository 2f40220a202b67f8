"""What people or labels said of moments, together with the patterns each rests on: the material of calibration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from augenblick.evaluation.labels import read_labels
from augenblick.evaluation.matching import match
from augenblick.model.tables import has_table


@dataclass(frozen=True)
class Verdict:
    """One judged cluster of indications: its moment type, the patterns that counted, whether it was true."""

    moment_type: str
    patterns: frozenset[str]
    true: bool


_SAID = """
WITH last_word AS (
    SELECT moment_id, action IN ('confirmed', 'acted') AS true_one FROM {feedback}
    WHERE action IN ('confirmed', 'acted', 'dismissed')
    QUALIFY row_number() OVER (PARTITION BY moment_id ORDER BY feedback_id DESC) = 1
), told AS (
    SELECT m.moment_id, d.state
    FROM moments.moments m JOIN moments.types t USING (moment_type)
    JOIN bank.declared_moments d ON d.customer_id = m.customer_id AND d.moment IN (t.slug, t.moment_type)
     AND (d.occurred_on IS NULL OR t.occurs_once
          OR d.occurred_on BETWEEN m.occurred_from - t.merge_days AND m.occurred_to + t.merge_days)
    QUALIFY d.occurred_on IS NULL OR rank() OVER (
        PARTITION BY m.customer_id, m.slug, d.occurred_on
        ORDER BY greatest(m.occurred_from - d.occurred_on, d.occurred_on - m.occurred_to, 0), m.moment_id) = 1
), declared AS (
    SELECT moment_id, NOT bool_or(state = 'dismissed') AS true_one FROM told GROUP BY moment_id
), spoken AS (
    SELECT moment_id, coalesce(l.true_one, d.true_one) AS true_one
    FROM last_word l FULL JOIN declared d USING (moment_id)
)
SELECT m.cluster_id, s.true_one FROM spoken s JOIN moments.moments m USING (moment_id) WHERE m.cluster_id IS NOT NULL
"""

_SILENCE = "(SELECT NULL AS moment_id, NULL AS action, NULL AS feedback_id WHERE false)"

# What stayed below the threshold is judged as well, so that weights that are too small can be seen to be.
_LABELLED = """
SELECT m.cluster_id, j.verdict = 'hit' AS true_one
FROM judged j JOIN moments.moments m USING (moment_id) WHERE m.cluster_id IS NOT NULL AND j.verdict <> 'unlabelled'
UNION ALL
SELECT w.cluster_id, bool_or(t.label IS NOT NULL)
FROM moments.weak w LEFT JOIN truths t ON t.customer_id = w.customer_id AND t.moment = w.slug
 AND t.occurred_on BETWEEN w.first_on - $tolerance AND w.last_on + $tolerance
WHERE NOT w.vetoed GROUP BY w.cluster_id
"""

_VERDICTS = """
SELECT c.moment_type, list(DISTINCT c.pattern ORDER BY c.pattern), any_value(s.true_one)
FROM spoken_of s JOIN moments.contributions c USING (cluster_id)
WHERE c.counted AND NOT list_contains($left_out, c.pattern) GROUP BY c.moment_type, c.cluster_id ORDER BY ALL
"""


def said(connection: duckdb.DuckDBPyConnection, *, left_out: Iterable[str]) -> list[Verdict]:
    """Return the verdicts of customers and advisers: feedback, and declared moments; feedback is the later word.

    `left_out` are patterns that are not evidence here: a declaration is the verdict itself.
    """
    words = "bank.feedback" if has_table(connection, "feedback", database="bank") else _SILENCE
    return _verdicts(connection, _SAID.format(feedback=words), {}, left_out)


def labelled_verdicts(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, as_of: date, left_out: Iterable[str], tolerance: int
) -> list[Verdict]:
    """Return the verdicts of the labels beside an export; what stayed too weak to show is judged too.

    Raises what `read_labels` raises.
    """
    read_labels(connection, folder)
    match(connection, as_of=as_of, tolerance=tolerance)
    return _verdicts(connection, _LABELLED, {"tolerance": tolerance}, left_out)


def _verdicts(
    connection: duckdb.DuckDBPyConnection, source: str, parameters: dict[str, object], left_out: Iterable[str]
) -> list[Verdict]:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE spoken_of AS {source}", parameters)
    rows = connection.execute(_VERDICTS, {"left_out": list(left_out)}).fetchall()
    return [Verdict(moment_type, frozenset(patterns), bool(true)) for moment_type, patterns, true in rows]
