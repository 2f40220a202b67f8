"""Which indications of one person and type are one moment: `CHAINED` says so, `PARTED` where a pattern dates it.

They are while the next lies within the merge window of the one before, with one exception. A pattern with
`aug:datesWithin` *dates* the moment: what it finds shows the event itself. The possible days of its findings, widened
by that span, are those of one event; findings whose possible days lie apart are events of their own. What only
announces an event or follows from it goes with the next event its own possible days reach, or else with the last; what
reaches none is a moment by itself, apart from what lies on the other side of an event.
"""

CHAINED = """
CREATE OR REPLACE TEMP TABLE clustered AS
WITH seen AS (
    SELECT i.* REPLACE (CASE WHEN i.weight > 0 AND i.indication NOT IN (SELECT indication FROM settled)
                             THEN i.weight * pow(t.dismissal_share, coalesce(d.times, 0)) ELSE i.weight END AS weight),
           greatest(i.observed_on, h.known_on) AS known_on, h.ground, t.merge_days, t.occurs_once,
           lag(i.observed_on) OVER (PARTITION BY i.customer_id, i.moment_type ORDER BY i.observed_on, i.indication)
               AS before
    FROM moments.indications i JOIN moments.types t USING (moment_type) JOIN batch USING (moment_type)
    LEFT JOIN through h ON h.indication = i.indication AND h.moment_type = i.moment_type
    LEFT JOIN doubted d ON d.customer_id = i.customer_id AND d.pattern = i.pattern
), started AS (
    SELECT *, CASE WHEN before IS NULL OR (NOT occurs_once AND observed_on - before > merge_days)
                   THEN 1 ELSE 0 END AS starts
    FROM seen
)
SELECT *, concat(customer_id, '/', moment_type, '/', sum(starts) OVER (
    PARTITION BY customer_id, moment_type ORDER BY observed_on, indication)) AS cluster_id
FROM started;
"""
PARTED = """
UPDATE clustered SET cluster_id = concat(clustered.cluster_id, m.part)
FROM (
    WITH possible AS (
        SELECT c.cluster_id AS chain, c.indication, c.observed_on, c.observed_on - c.lag_maximum AS possible_from,
               c.observed_on - c.lag_minimum AS possible_to, e.within_days
        FROM clustered c LEFT JOIN moments.dating e USING (moment_type, pattern) WHERE NOT c.occurs_once
    ), dated AS (
        SELECT *, CASE WHEN possible_from - within_days <= max(possible_to) OVER (
                           PARTITION BY chain ORDER BY possible_from, possible_to, indication
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS begins
        FROM possible WHERE within_days IS NOT NULL
    ), numbered AS (
        SELECT *, sum(begins) OVER (PARTITION BY chain ORDER BY possible_from, possible_to, indication) AS event
        FROM dated
    ), events AS (
        SELECT chain, event, min(possible_from - within_days) AS reach_from,
               max(possible_to + within_days) AS reach_to, max(observed_on) AS shown_on
        FROM numbered GROUP BY chain, event
    ), placed AS (
        SELECT p.chain, p.indication, e.event, e.shown_on < p.observed_on AS past,
               abs(e.shown_on - p.observed_on) AS distance,
               p.possible_from <= e.reach_to AND p.possible_to >= e.reach_from AS reached
        FROM possible p JOIN events e USING (chain) WHERE p.within_days IS NULL
    )
    SELECT chain, indication, concat('/', event) AS part FROM numbered
    UNION ALL
    SELECT chain, indication, coalesce(
               concat('/', arg_min(event, (past, distance, event)) FILTER (reached)),
               concat('/after ', count(*) FILTER (past)))
    FROM placed GROUP BY chain, indication
) m
WHERE clustered.cluster_id = m.chain AND clustered.indication = m.indication;
"""
