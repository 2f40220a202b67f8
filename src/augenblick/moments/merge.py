"""Merging and scoring: which indications are one moment, how sure it is, when it happened.

Confidence is the logistic of the sum of the type's prior and one weight per pattern (the strongest seen), all
natural log-odds; the additive waterfall of Fellegi and Sunter (1969). Which indications are one moment: `clusters`.

What shows through relatives' moments counts once for each ground: the evidence on which such a moment rests most.
One booking of a couple is no better evidence for being seen at both of them. It is known from the day on which the
relative's moment was detected.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import duckdb

from augenblick.model.odds import probability_sql
from augenblick.moments import feedback
from augenblick.moments.clusters import CHAINED, PARTED


@dataclass(frozen=True)
class MomentRules:
    """What merging needs of a moment type; windows in days, prior in natural log-odds."""

    moment_type: str
    slug: str
    prior: float
    merge_days: int
    occurs_once: bool
    valid_days: int
    tentative_from: float
    confirmed_from: float
    dismissal_share: float = 0.5
    dating: tuple[tuple[str, int], ...] = ()
    """The patterns that date the moment, each with the days by which other evidence may miss its dates."""


_THROUGH = """
CREATE OR REPLACE TEMP TABLE through AS
SELECT p.indication, p.moment_type, max(m.detected_on) AS known_on, min(g.ground) AS ground
FROM moments.premises p JOIN batch USING (moment_type) JOIN moments.moments m ON m.moment_id = p.premise
LEFT JOIN moments.grounds g USING (moment_id)
GROUP BY p.indication, p.moment_type;
"""

_CONTRIBUTIONS = """
CREATE OR REPLACE TEMP TABLE contributed AS
SELECT *, grounded AND row_number() OVER (
    PARTITION BY cluster_id, pattern, grounded ORDER BY abs(weight) DESC, observed_on, indication) = 1 AS counted
FROM (SELECT *, row_number() OVER (PARTITION BY cluster_id, coalesce(ground, indication), weight > 0
          ORDER BY abs(weight) DESC, observed_on, indication) = 1 AS grounded
      FROM clustered);
"""

_SCORED = f"""
CREATE OR REPLACE TEMP TABLE scored AS
WITH running AS (
    SELECT cluster_id, known_on, counted,
           t.prior + sum(CASE WHEN counted THEN weight ELSE 0 END) OVER (
               PARTITION BY cluster_id ORDER BY known_on RANGE UNBOUNDED PRECEDING) AS log_odds
    FROM contributed JOIN moments.types t USING (moment_type)
), strongest AS (
    SELECT cluster_id,
           arg_max(observed_on - lag_maximum, (weight, indication)) AS strong_from,
           arg_max(observed_on - lag_minimum, (weight, indication)) AS strong_to,
           arg_max(observed_on, (weight, -epoch(observed_on))) AS anchor_on
    FROM contributed WHERE counted AND weight > 0 GROUP BY cluster_id
), agreed AS (
    SELECT cluster_id, max(observed_on - lag_maximum) AS narrow_from, min(observed_on - lag_minimum) AS narrow_to
    FROM contributed WHERE counted AND weight > 0 GROUP BY cluster_id
)
SELECT c.cluster_id, any_value(c.customer_id) AS customer_id, any_value(c.moment_type) AS moment_type,
       min(c.observed_on) AS first_on, max(c.observed_on) AS last_on, bool_or(c.veto) AS vetoed,
       {probability_sql("any_value(t.prior) + sum(CASE WHEN c.counted THEN c.weight ELSE 0 END)")} AS confidence,
       any_value(CASE WHEN narrow_from <= narrow_to THEN narrow_from ELSE strong_from END) AS occurred_from,
       any_value(CASE WHEN narrow_from <= narrow_to THEN narrow_to ELSE strong_to END) AS occurred_to,
       any_value(s.anchor_on) AS anchor_on,
       (SELECT min(r.known_on) FROM running r WHERE r.cluster_id = c.cluster_id
            AND {probability_sql("r.log_odds")} >= any_value(t.tentative_from)) AS detected_on
FROM contributed c JOIN moments.types t USING (moment_type)
LEFT JOIN strongest s USING (cluster_id) LEFT JOIN agreed USING (cluster_id)
GROUP BY c.cluster_id;
"""

# A moment once published keeps its identity when evidence arrives later. Each known identity belongs to the moment with
# evidence of the day of its anchor, or else to the one whose evidence, widened by the merge window, lies nearest to it;
# a moment takes the earliest of those over; where it has none, one is minted from its own anchor.
_IDENTIFIED = """
CREATE OR REPLACE TEMP TABLE identified AS
WITH shown AS (
    SELECT s.*, t.slug, t.merge_days, t.occurs_once FROM scored s JOIN moments.types t USING (moment_type)
    WHERE s.confidence >= t.tentative_from AND NOT s.vetoed AND s.anchor_on IS NOT NULL
), known AS (
    SELECT s.cluster_id, k.moment_id, k.anchor_on
    FROM shown s JOIN bank.moment_identities k ON k.customer_id = s.customer_id AND k.slug = s.slug
     AND (s.occurs_once OR k.anchor_on BETWEEN s.first_on - s.merge_days AND s.last_on + s.merge_days)
    LEFT JOIN (SELECT DISTINCT cluster_id, observed_on FROM contributed) c
           ON c.cluster_id = s.cluster_id AND c.observed_on = k.anchor_on
    QUALIFY row_number() OVER (PARTITION BY k.moment_id ORDER BY c.observed_on IS NULL,
        greatest(s.first_on - k.anchor_on, k.anchor_on - s.last_on, 0), s.first_on, s.cluster_id) = 1
), kept AS (
    SELECT cluster_id, min_by(moment_id, (anchor_on, moment_id)) AS moment_id FROM known GROUP BY cluster_id
)
SELECT s.* EXCLUDE (merge_days, occurs_once), coalesce(k.moment_id, concat(
    $base, 'moment/', url_encode(s.customer_id), '/', s.slug, '/', strftime(s.anchor_on, '%Y-%m-%d'))) AS moment_id
FROM shown s LEFT JOIN kept k USING (cluster_id);
"""

# What was declared of a day is said of the moment that can have happened nearest to it.
_STATES = """
INSERT INTO moments.moments
WITH said AS (
    SELECT i.cluster_id, d.state
    FROM identified i JOIN moments.types t USING (moment_type)
    JOIN bank.declared_moments d ON d.customer_id = i.customer_id AND d.moment = t.slug
     AND (d.occurred_on IS NULL OR t.occurs_once
          OR d.occurred_on BETWEEN i.first_on - t.merge_days AND i.last_on + t.merge_days
          OR d.occurred_on BETWEEN i.occurred_from AND i.occurred_to)
    QUALIFY d.occurred_on IS NULL OR rank() OVER (
        PARTITION BY i.customer_id, i.moment_type, d.occurred_on
        ORDER BY greatest(i.occurred_from - d.occurred_on, d.occurred_on - i.occurred_to, 0),
                 greatest(i.first_on - d.occurred_on, d.occurred_on - i.last_on, 0), i.first_on, i.cluster_id) = 1
), declared AS (
    SELECT cluster_id, bool_or(state = 'confirmed') AS confirmed, bool_or(state = 'dismissed') AS dismissed
    FROM said GROUP BY cluster_id
)
SELECT i.moment_id, i.customer_id, i.moment_type, i.slug, i.occurred_from, i.occurred_to,
       coalesce(i.detected_on, i.last_on), i.occurred_to + t.valid_days, i.confidence,
       CASE WHEN j.action IN ('dismissed', 'acted') THEN j.action
            WHEN d.dismissed AND j.action IS NULL THEN 'dismissed'
            WHEN i.occurred_to + t.valid_days < $as_of THEN 'expired'
            WHEN d.confirmed OR j.action = 'confirmed' OR i.confidence >= t.confirmed_from THEN 'confirmed'
            ELSE 'tentative' END,
       i.cluster_id, i.anchor_on
FROM identified i JOIN moments.types t USING (moment_type) LEFT JOIN declared d USING (cluster_id)
LEFT JOIN judged j ON j.moment_id = i.moment_id
QUALIFY row_number() OVER (PARTITION BY i.moment_id ORDER BY i.confidence DESC, i.first_on) = 1;
"""

_VOIDED = """
INSERT INTO moments.moments
SELECT k.moment_id, k.customer_id, t.moment_type, k.slug, k.anchor_on, k.anchor_on, k.anchor_on, $as_of,
       0.0, 'voided', NULL, k.anchor_on
FROM bank.moment_identities k JOIN moments.types t USING (slug) JOIN batch USING (moment_type)
WHERE k.anchor_on <= $as_of AND k.moment_id NOT IN (SELECT moment_id FROM moments.moments);
"""

_REST = """
INSERT INTO moments.contributions
SELECT c.cluster_id, m.moment_id, c.customer_id, c.moment_type, c.pattern, c.indication, c.weight, c.observed_on,
       c.counted, c.ground
FROM contributed c LEFT JOIN moments.moments m USING (cluster_id);

INSERT INTO moments.grounds
SELECT m.moment_id, m.moment_type, arg_max(coalesce(c.ground, p.ground, c.indication), (c.weight, c.indication))
FROM contributed c JOIN moments.moments m USING (cluster_id)
LEFT JOIN moments.premises p ON p.indication = c.indication AND p.moment_type = c.moment_type
WHERE c.counted AND c.weight > 0
GROUP BY m.moment_id, m.moment_type;

INSERT INTO moments.weak
SELECT s.customer_id, s.moment_type, t.slug, s.first_on, s.last_on, s.confidence, s.vetoed, s.cluster_id
FROM scored s JOIN moments.types t USING (moment_type)
WHERE s.cluster_id NOT IN (SELECT cluster_id FROM moments.moments WHERE cluster_id IS NOT NULL);
"""

_IDENTITIES = """
INSERT INTO bank.moment_identities
SELECT m.moment_id, m.customer_id, m.slug, m.anchor_on FROM moments.moments m
WHERE m.moment_id NOT IN (SELECT moment_id FROM bank.moment_identities)
ORDER BY m.moment_id;
"""


def merge(connection: duckdb.DuckDBPyConnection, types: list[MomentRules], *, as_of: date, base: str) -> int:
    """Turn `moments.indications` of the types into rows of `moments.moments`; return how many there are now.

    Fills `moments.contributions` (the waterfall) and `moments.weak` (what stayed below the threshold or was
    vetoed) as well. Called once per layer of types: a kin view comes after the moments it looks at.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE batch (moment_type VARCHAR)")
    connection.execute("INSERT INTO batch SELECT unnest(?::VARCHAR[])", [[rules.moment_type for rules in types]])
    connection.execute(feedback.JUDGED)
    if connection.execute("SELECT 1 FROM moments.indications JOIN batch USING (moment_type) LIMIT 1").fetchone():
        _merge_indications(connection, as_of, base, dated=any(rules.dating for rules in types))
    connection.execute(_VOIDED, {"as_of": as_of})
    return int((connection.execute("SELECT count(*) FROM moments.moments").fetchone() or (0,))[0])


def _merge_indications(connection: duckdb.DuckDBPyConnection, as_of: date, base: str, *, dated: bool) -> None:
    connection.execute(_THROUGH)
    connection.execute(CHAINED)
    if dated:
        connection.execute(PARTED)
    connection.execute(_CONTRIBUTIONS)
    connection.execute(_SCORED)
    connection.execute(_IDENTIFIED, {"base": base})
    connection.execute(_STATES, {"as_of": as_of})
    connection.execute(_REST)


def remember_identities(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the identities of all moments found, durably: called when a run is whole, before it is published."""
    connection.execute(_IDENTITIES)


def load_types(connection: duckdb.DuckDBPyConnection, types: list[MomentRules]) -> None:
    """Fill `moments.types` and `moments.dating`."""
    connection.execute("DELETE FROM moments.types; DELETE FROM moments.dating")
    names = [field.name for field in fields(MomentRules) if field.name != "dating"]
    columns = {name: [getattr(t, name) for t in types] for name in names}
    connection.execute(f"INSERT INTO moments.types SELECT {', '.join(f'unnest(${name})' for name in columns)}", columns)
    dating = [(t.moment_type, pattern, days) for t in types for pattern, days in t.dating]
    if dating:
        connection.executemany("INSERT INTO moments.dating VALUES (?, ?, ?)", dating)
