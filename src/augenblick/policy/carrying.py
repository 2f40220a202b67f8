"""Legal classes carried along every derivation, and whose data each derived fact rests on; set-based, after `moments`.

What is classed by itself: occurrences, series, steps, bookings and interactions (with the phases that rest on them) by
their signal, declarations by the moment they declare, contracts by their product, patterns and moments by their own
statement. An indication has the strictest class of its premise and its pattern, and rests on every other person whose
data its premise is or rests on. A moment has two standings: the full one, the strictest of all its indications, and a
milder one where a milder part of them carries it alone (the milder
of independent supports): of that support it has confidence, dates and state of its own.

Not secret between relatives: dates of birth and death and recorded relations (they are what makes them relatives),
accounts held in common, and what belongs to a minor towards those who represent it (section 1629 BGB). What only
*excludes* an indication (an `aug:unless…`) is not carried: it takes a false alarm back and says nothing else.
"""

from __future__ import annotations

import duckdb

from augenblick.model.odds import probability_sql
from augenblick.model.tables import filled
from augenblick.policy.owners import PREMISES
from augenblick.reason import FactBase

_PREFIX = "PREFIX aug: <https://w3id.org/augenblick/ontology#>\n"
_CLASSED = {
    "signal": "?node aug:signal ?of ; aug:person ?person",
    "booking": "?x aug:signal ?of ; aug:person ?person ; aug:booking ?node",
    "interaction": "?x aug:signal ?of ; aug:person ?person ; aug:interaction ?node",
    "phase": "?x aug:signal ?of ; aug:person ?person ; aug:interaction ?talk . ?node aug:restsOn ?talk",
    "step": "?x aug:signal ?of ; aug:person ?person . ?node aug:ofSeries ?x",
    "declaration": "?node aug:declaredMoment ?of ; aug:person ?person",
    "contract": "?node aug:contractProduct ?code ; aug:holder ?person . ?of aug:contractCode ?code",
}
OF_RELATIVES = "UnlessKinSignal"
"""The condition, by its local name, that excludes because of what a relative did."""
_EXCLUDED = f"SELECT ?node ?person {{ ?node aug:excludedBecause aug:{OF_RELATIVES} ; aug:onPerson ?person }}"
_PRESUMED = tuple(
    f"SELECT ?node ?person ?other ?rank {{ ?node a aug:{klass} ; aug:{of} ?person ; aug:{to} ?other . "
    "aug:PresumedRelation aug:legalClass ?class . ?class aug:strictness ?rank }"
    for klass, of, to in (
        ("PresumedRelation", "presumedOf", "presumedRelative"),
        ("RelationClue", "clueOf", "clueRelative"),
    )
)
"""Presumed relations, and the clues to them, rest on the relative's data too, where that is a customer."""
_REPRESENTED = {
    "parent": "?person aug:hasChild ?minor",
    "guardian": "?minor aug:hasGuardian ?person",
}

_TABLES = """
CREATE SCHEMA IF NOT EXISTS policy;
CREATE OR REPLACE TABLE policy.moments (
    moment_id VARCHAR, customer_id VARCHAR, strictness INTEGER, others VARCHAR[],
    mild_id VARCHAR, mild_strictness INTEGER, mild_others VARCHAR[], mild_confidence DOUBLE, mild_from DATE,
    mild_to DATE, mild_detected_on DATE, mild_valid_until DATE, mild_state VARCHAR, mild_indications VARCHAR[]
);
CREATE OR REPLACE TABLE policy.nodes (node BIGINT, person BIGINT, strictness INTEGER, others BIGINT[]);
CREATE OR REPLACE TABLE policy.indications (indication VARCHAR, strictness INTEGER, others VARCHAR[]);
"""

_LINKS = """
CREATE OR REPLACE TEMP TABLE standing_links AS
SELECT l.i, l.person, l.premise, max(coalesce(n.strictness, 0)) AS strictness,
       coalesce(any_value(p.strictness), 0) AS pattern_strictness,
       coalesce(max(o.person) FILTER (o.person = l.person), min(o.person)) AS premise_person
FROM standing_premises l
LEFT JOIN standing_classed n ON n.node = l.premise
LEFT JOIN standing_patterns p ON p.pattern = l.pattern
LEFT JOIN standing_owned o ON o.node = l.premise
GROUP BY ALL
"""

_INDICATIONS = """
CREATE OR REPLACE TEMP TABLE standing_indications AS
SELECT l.i, any_value(l.person) AS person,
       max(greatest(l.strictness, l.pattern_strictness, coalesce(m.strictness, 0))) AS strictness,
       list_sort(list_distinct(flatten(list(
           list_filter(list_append(coalesce(m.others, []::BIGINT[]), l.premise_person),
                       lambda other: other IS NOT NULL AND other <> l.person
                           AND NOT list_contains(coalesce(r.minors, []::BIGINT[]), other)))))) AS others
FROM standing_links l
LEFT JOIN standing_moments m ON m.moment = l.premise
LEFT JOIN (SELECT person, list(minor) AS minors FROM standing_minors GROUP BY person) r ON r.person = l.person
GROUP BY l.i
"""

_MOMENTS = """
CREATE OR REPLACE TEMP TABLE standing_moments AS
SELECT h.moment, any_value(h.person) AS person,
       greatest(max(i.strictness), coalesce(any_value(t.strictness), 0)) AS strictness,
       list_sort(list_distinct(flatten(list(i.others)))) AS others
FROM standing_holds h JOIN standing_indications i ON i.i = h.i
LEFT JOIN standing_types t ON t.type = h.type
GROUP BY h.moment
"""

_CONFIDENCE = probability_sql("any_value(t.prior) + sum(r.weight) FILTER (r.taken)")
# Supports in the order of their mildness: of the person's own data first, then by class.
_MIXED = """
CREATE OR REPLACE TEMP TABLE standing_mixed AS
SELECT m.moment_id, any_value(m.state) AS state, any_value(m.moment_type) AS moment_type,
       any_value(m.customer_id) AS customer_id
FROM moments.moments m JOIN moments.contributions c USING (moment_id)
LEFT JOIN standing_named i USING (indication)
GROUP BY m.moment_id
HAVING count(DISTINCT (coalesce(i.strictness, 0), coalesce(i.others, []::VARCHAR[]))) > 1
"""
_SUPPORTS = f"""
WITH tiers AS (
    SELECT * FROM (VALUES (1, TRUE, 1), (2, TRUE, 2), (3, TRUE, 3), (4, FALSE, 1), (5, FALSE, 2)) AS t(tier, own, upto)
), admitted AS (
    SELECT c.*, t.tier, coalesce(i.strictness, 0) AS strictness, coalesce(i.others, []::VARCHAR[]) AS others,
           row_number() OVER (PARTITION BY t.tier, c.moment_id, coalesce(c.ground, c.indication), c.weight > 0
                              ORDER BY abs(c.weight) DESC, c.observed_on, c.indication) = 1 AS grounded
    FROM moments.contributions c SEMI JOIN standing_mixed USING (moment_id)
    LEFT JOIN standing_named i USING (indication), tiers t
    WHERE coalesce(i.strictness, 0) <= t.upto AND (NOT t.own OR len(coalesce(i.others, []::VARCHAR[])) = 0)
), ranked AS (
    SELECT *, grounded AND row_number() OVER (PARTITION BY tier, moment_id, pattern, grounded
                                              ORDER BY abs(weight) DESC, observed_on, indication) = 1 AS taken
    FROM admitted
)
SELECT r.moment_id, r.tier, any_value(x.customer_id) AS customer_id, any_value(x.state) AS state,
       any_value(x.moment_type) AS moment_type, max(r.strictness) AS strictness,
       list_sort(list_distinct(flatten(list(r.others)))) AS others,
       {_CONFIDENCE} AS confidence,
       list_sort(list(r.indication)) AS indications, bool_or(n.veto AND r.taken) AS vetoed,
       arg_max(r.observed_on - n.lag_maximum, (r.weight, r.indication))
           FILTER (r.taken AND r.weight > 0) AS strong_from,
       arg_max(r.observed_on - n.lag_minimum, (r.weight, r.indication))
           FILTER (r.taken AND r.weight > 0) AS strong_to,
       max(r.observed_on - n.lag_maximum) FILTER (r.taken AND r.weight > 0) AS narrow_from,
       min(r.observed_on - n.lag_minimum) FILTER (r.taken AND r.weight > 0) AS narrow_to,
       arg_max(r.observed_on, (r.weight, -epoch(r.observed_on))) FILTER (r.taken AND r.weight > 0) AS anchor_on,
       max(r.observed_on) FILTER (r.taken) AS last_on
FROM ranked r JOIN standing_mixed x USING (moment_id) JOIN moments.types t ON t.moment_type = r.moment_type
JOIN moments.indications n ON n.indication = r.indication AND n.moment_type = r.moment_type
GROUP BY r.moment_id, r.tier
HAVING {_CONFIDENCE} >= any_value(t.tentative_from)
   AND NOT bool_or(n.veto AND r.taken)
QUALIFY row_number() OVER (PARTITION BY r.moment_id ORDER BY r.tier) = 1
"""

_SUPPORT = (
    "moment_id VARCHAR, tier INTEGER, customer_id VARCHAR, state VARCHAR, moment_type VARCHAR, strictness INTEGER, "
    "others VARCHAR[], confidence DOUBLE, indications VARCHAR[], vetoed BOOLEAN, strong_from DATE, strong_to DATE, "
    "narrow_from DATE, narrow_to DATE, anchor_on DATE, last_on DATE"
)

# A moment nobody's data carries any more (voided) stands where its type and its kin patterns stand.
_FILL = """
INSERT INTO policy.moments
SELECT m.moment_id, m.customer_id, coalesce(f.strictness, d.strictness, 0), coalesce(f.others, []::VARCHAR[]),
       CASE WHEN s.moment_id IS NOT NULL THEN
           concat($base, 'moment/', url_encode(m.customer_id), '/', m.slug, '/', strftime(s.anchor_on, '%Y-%m-%d')) END,
       greatest(s.strictness, coalesce(d.strictness, 0)), s.others, s.confidence,
       CASE WHEN s.narrow_from <= s.narrow_to THEN s.narrow_from ELSE s.strong_from END AS mild_from,
       CASE WHEN s.narrow_from <= s.narrow_to THEN s.narrow_to ELSE s.strong_to END AS mild_to,
       s.last_on, (CASE WHEN s.narrow_from <= s.narrow_to THEN s.narrow_to ELSE s.strong_to END) + t.valid_days,
       CASE WHEN s.moment_id IS NULL THEN NULL WHEN j.action IN ('confirmed', 'dismissed', 'acted') THEN j.action
            WHEN (CASE WHEN s.narrow_from <= s.narrow_to THEN s.narrow_to ELSE s.strong_to END) + t.valid_days < r.as_of
                THEN 'expired'
            WHEN s.confidence >= t.confirmed_from THEN 'confirmed' ELSE 'tentative' END,
       s.indications
FROM moments.moments m JOIN moments.types t USING (moment_type) CROSS JOIN run r
LEFT JOIN standing_full f USING (moment_id)
LEFT JOIN standing_supports s ON s.moment_id = m.moment_id AND s.anchor_on IS NOT NULL
LEFT JOIN standing_declared d ON d.moment_type = m.moment_type
LEFT JOIN judged j ON j.moment_id = m.moment_id
"""

_NODES = """
INSERT INTO policy.nodes
SELECT node, any_value(person), max(strictness), []::BIGINT[] FROM standing_classed GROUP BY node
UNION ALL SELECT i, person, strictness, others FROM standing_indications WHERE strictness > 0 OR len(others) > 0
UNION ALL SELECT DISTINCT node, person, 0, [-1]::BIGINT[] FROM standing_excluded
UNION ALL SELECT node, any_value(person), max(strictness), coalesce(list(DISTINCT customer ORDER BY customer)
        FILTER (customer IS NOT NULL), []::BIGINT[])
    FROM (SELECT p.*, c.person AS customer FROM standing_presumed p LEFT JOIN standing_people c ON c.person = p.other)
    GROUP BY node
"""
"""What a relative's bookings excluded would tell of them: it rests on -1, who never agrees."""


def carry(connection: duckdb.DuckDBPyConnection, facts: FactBase, *, base: str) -> None:
    """Fill `policy.moments`, `policy.indications` and `policy.nodes` for the run on the connection.

    `strictness` is the rank of the legal class in the ontology; `others` are the other customers whose data a
    thing rests on. `policy.indications` and `policy.nodes` hold only what is above ordinary or rests on others.
    """
    connection.execute(_TABLES)
    classed = _ranked(facts, "node, person", *map(_select_classed, _CLASSED.values()))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE standing_classed AS FROM ({classed}) WHERE strictness > 0")
    for name, values, body in (
        ("standing_patterns", "?pattern", "?type aug:hasPattern ?pattern . ?pattern aug:legalClass ?class"),
        ("standing_types", "?type", "?type aug:hasPattern ?p ; aug:legalClass ?class"),
    ):
        select = f"SELECT DISTINCT {values} ?rank {{ {body} . ?class aug:strictness ?rank }}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_ranked(facts, values[1:], select)}")
    owned = _ids(facts, *(f"SELECT ?node ?person {{ {body} }}" for body in PREMISES))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE standing_owned AS SELECT DISTINCT node, person FROM ({owned})")
    premises = "SELECT ?i ?person ?premise ?pattern { ?i aug:restsOn ?premise ; aug:onPerson ?person ; "
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE standing_premises AS {_ids(facts, premises + 'aug:byPattern ?pattern }')}"
    )
    holds = (
        "SELECT ?moment ?person ?type ?i { ?moment aug:hasIndication ?i ; aug:person ?person ; aug:momentType ?type }"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE standing_holds AS {_ids(facts, holds)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE standing_excluded AS {_ids(facts, _EXCLUDED)}")
    presumed = _ranked(facts, "node, person, other", *_PRESUMED)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE standing_presumed AS {presumed}")
    _minors(connection, facts)
    connection.execute(_LINKS)
    _close(connection)
    _name(connection, facts)
    _find_supports(connection)
    connection.execute(_FILL, {"base": base})
    connection.execute(_NODES)
    connection.execute(
        "INSERT INTO policy.indications SELECT * FROM standing_named WHERE strictness > 0 OR len(others) > 0"
    )


def _find_supports(connection: duckdb.DuckDBPyConnection) -> None:
    """Find the milder supports of moments; where all that is indicated stands alike, there are none."""
    apart = "SELECT 1 FROM standing_named WHERE strictness > 0 OR len(others) > 0 LIMIT 1"
    if connection.execute(apart).fetchone() is None or not filled(connection, _MIXED):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE standing_supports ({_SUPPORT})")
    else:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE standing_supports AS {_SUPPORTS}")


def _select_classed(body: str) -> str:
    return f"SELECT ?node ?person ?rank {{ {body} . ?of aug:legalClass ?class . ?class aug:strictness ?rank }}"


def _ranked(facts: FactBase, columns: str, *selects: str) -> str:
    rank = facts.value_sql("rank", "integer")
    return f"SELECT {columns}, {rank}::INTEGER AS strictness FROM ({_ids(facts, *selects)})"


def _ids(facts: FactBase, *selects: str) -> str:
    return facts.union_sql(*(_PREFIX + select for select in selects))


def _minors(connection: duckdb.DuckDBPyConnection, facts: FactBase) -> None:
    """Collect whose minors whom a person represents."""
    born = facts.value_sql("born", "date")
    bodies = _REPRESENTED.values()
    parts = _ids(facts, *(f"SELECT ?person ?minor ?born {{ {body} . ?minor aug:birthDate ?born }}" for body in bodies))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE standing_minors AS SELECT DISTINCT person, minor FROM ({parts}), run "
        f"WHERE {born} + INTERVAL 18 YEAR > as_of"
    )


def _close(connection: duckdb.DuckDBPyConnection) -> None:
    """Go from premises to moments and on to kin views until nothing changes: each pass settles one layer.

    Where nothing rests on a moment, the first pass settles all.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE standing_moments (moment BIGINT, person BIGINT, "
        "strictness INTEGER, others BIGINT[])"
    )
    resting = "SELECT 1 FROM standing_links SEMI JOIN standing_holds ON moment = premise LIMIT 1"
    deeper = connection.execute(resting).fetchone() is not None
    before = None
    while True:
        connection.execute(_INDICATIONS)
        connection.execute(_MOMENTS)
        if not deeper:
            return
        now = connection.execute(
            "SELECT count(*), sum(strictness), sum(len(others)), sum(hash(moment, others)) FROM standing_moments"
        ).fetchone()
        if now == before:
            return
        before = now


def _name(connection: duckdb.DuckDBPyConnection, facts: FactBase) -> None:
    """Write the standings of indications and moments out with IRIs and customers' ids."""
    people = _ids(facts, "SELECT ?person ?named { ?person aug:customerId ?named }")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE standing_people AS SELECT person, {facts.lexical_sql('named')} AS customer_id "
        f"FROM ({people})"
    )
    for table, source, node, name in (
        ("standing_named", "standing_indications", "i", "indication"),
        ("standing_full", "standing_moments", "moment", "moment_id"),
    ):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {facts.lexical_sql(node)} AS {name}, strictness, "
            f"coalesce(o.others, []::VARCHAR[]) AS others FROM {source} LEFT JOIN ("
            f"SELECT {node}, list(customer_id ORDER BY customer_id) AS others FROM ("
            f"SELECT {node}, unnest(others) AS person FROM {source}) JOIN standing_people USING (person) "
            f"GROUP BY {node}"
            f") o USING ({node})"
        )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE standing_declared AS "
        f"SELECT {facts.lexical_sql('type')} AS moment_type, strictness FROM standing_types"
    )
