"""Into which named graph each thing goes when it is published, and to whom that graph is open.

What one customer's statements, the legal class and the others concerned allow is the same for many things: they share
a graph per stage, named after the class and the accesses (role/purpose) it is open to. What is ordinary and belongs
to nobody who ever stated anything stays in the stage's own graph. A dataset is assembled from open graphs only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

import duckdb

from augenblick.model.terms import ACCESS_GRAPH, AUG, OPEN_TO, RDF, XSD
from augenblick.policy.access import Access
from augenblick.policy.consents import GIVEN, Consents, Statement
from augenblick.policy.gate import Gate
from augenblick.policy.model import ORDINARY, Policy
from augenblick.reason import FactBase

_SELF, _OTHER = "self", "other"
_LONG_AGO = date(1, 1, 1)

# The same reading of statements as `Consents` without a channel, for all customers at once.
_STATES = """
WITH heard AS (
    SELECT customer_id, purpose, channel, status = $given AS said_given, valid_from,
           status = $given AND (valid_to IS NULL OR (valid_from <= valid_to AND valid_to >= $at)) AS gives
    FROM bank.consents WHERE valid_from <= $at
), channels AS (
    SELECT DISTINCT customer_id, purpose, channel AS asked FROM heard
    UNION SELECT DISTINCT customer_id, purpose, NULL FROM heard
), last AS (
    SELECT c.customer_id, c.purpose, c.asked,
           arg_max(h.gives, (h.valid_from, NOT h.gives)) AS gives,
           arg_max(NOT h.said_given, (h.valid_from, NOT h.gives)) AS objects
    FROM channels c JOIN heard h ON h.customer_id = c.customer_id AND h.purpose = c.purpose
        AND (h.channel IS NULL OR h.channel = c.asked)
    GROUP BY ALL
)
SELECT customer_id,
       coalesce(list_sort(list(DISTINCT purpose) FILTER (gives)), []::VARCHAR[]) AS given,
       coalesce(list_sort(list(DISTINCT purpose) FILTER (asked IS NULL AND objects)), []::VARCHAR[]) AS objected
FROM last GROUP BY customer_id
"""

_OWNERS = (
    "SELECT ?node ?person { ?node aug:person ?person }",
    "SELECT ?node ?person { ?node aug:onPerson ?person }",
    "SELECT ?node ?person { ?node aug:holder ?person }",
    "SELECT ?node ?person { ?node aug:ownedBy ?person }",
    "SELECT ?node ?person { ?node aug:relationSubject ?person }",
    "SELECT ?node ?person { ?x aug:person ?person ; aug:booking ?node }",
    "SELECT ?node ?person { ?x aug:person ?person . ?node aug:ofSeries ?x }",
    "SELECT ?node ?person { ?x aug:person ?person ; aug:hasVerdict ?node }",
)
_TO_MOMENTS = (
    "SELECT ?node ?moment { ?node a aug:Moment . BIND(?node AS ?moment) }",
    "SELECT ?node ?moment { ?node a aug:OfferCandidate ; aug:moment ?moment }",
    "SELECT ?node ?moment { ?x a aug:OfferCandidate ; aug:moment ?moment ; aug:hasVerdict ?node }",
)

# `released`: what every other person concerned has agreed to; NULL where nobody else is.
_STANDINGS = """
CREATE OR REPLACE TEMP TABLE placing_standings AS
WITH owners AS (SELECT node, min(person) AS person FROM placing_owners GROUP BY node),
people AS (SELECT person, coalesce(s.given, []::VARCHAR[]) AS given, coalesce(s.objected, []::VARCHAR[]) AS objected
           FROM placing_people LEFT JOIN policy.states s USING (customer_id)),
shared AS (SELECT others, code FROM (
               SELECT n.others, unnest(p.given) AS code, len(n.others) AS needed
               FROM (SELECT DISTINCT others FROM placing_classed) n, people p WHERE list_contains(n.others, p.person))
           GROUP BY others, code HAVING count(*) = any_value(needed)),
released AS (SELECT others, list(code ORDER BY code) AS codes FROM shared GROUP BY others)
SELECT o.node, p.given, p.objected, coalesce(n.strictness, 0) AS strictness,
       CASE WHEN len(coalesce(n.others, []::BIGINT[])) > 0 THEN coalesce(r.codes, []::VARCHAR[]) END AS released,
       coalesce(n.mild, FALSE) AS mild, n.mild_strictness
FROM owners o JOIN people p USING (person) LEFT JOIN placing_classed n USING (node)
LEFT JOIN released r ON r.others = n.others
WHERE n.node IS NOT NULL OR len(p.given) > 0 OR len(p.objected) > 0
"""

_CLASSED = """
CREATE OR REPLACE TEMP TABLE placing_classed AS
SELECT node, max(strictness) AS strictness, any_value(others) AS others, FALSE AS mild, NULL::INTEGER AS mild_strictness
FROM policy.nodes GROUP BY node
UNION ALL
SELECT t.node, any_value(m.strictness), any_value(m.others), bool_or(m.mild AND t.node <> t.moment),
       any_value(m.mild_strictness)
FROM placing_moments t JOIN (
    SELECT i.moment, m.strictness, coalesce(o.others, []::BIGINT[]) AS others, m.mild_strictness,
           m.mild_id IS NOT NULL AND m.mild_id = m.moment_id AS mild
    FROM policy.moments m JOIN placing_ids i USING (moment_id)
    LEFT JOIN (SELECT moment_id, list(person ORDER BY person) AS others
               FROM (SELECT moment_id, unnest(others) AS customer_id FROM policy.moments) JOIN placing_people
               USING (customer_id) GROUP BY moment_id) o USING (moment_id)
) m USING (moment)
WHERE m.strictness > 0 OR len(m.others) > 0
GROUP BY t.node
"""


_PLACED = """
CREATE OR REPLACE TABLE policy.placed AS
SELECT s.node, o.name FROM placing_standings s JOIN placing_openings o
    ON s.given = o.given AND s.objected = o.objected AND s.strictness = o.strictness AND s.mild = o.mild
    AND s.released IS NOT DISTINCT FROM o.released AND s.mild_strictness IS NOT DISTINCT FROM o.mild_strictness
WHERE o.name <> ''
"""


def place(connection: duckdb.DuckDBPyConnection, facts: FactBase, policy: Policy, *, at: date) -> None:
    """Fill `policy.placed` (node → compartment) and `policy.compartments` (its name, to whom it is open) as of a day.

    A compartment's name is put behind the stage's name in the graph's IRI. Needs `policy.carry` before.
    """
    note_states(connection, policy, at)
    _tables(connection, facts)
    connection.execute(_CLASSED)
    connection.execute(_STANDINGS)
    found = connection.execute(
        "SELECT DISTINCT given, objected, strictness, released, mild, mild_strictness FROM placing_standings"
    ).fetchall()
    openings = _Openings(policy, at)
    rows = [(*row, *openings.of(*row)) for row in found]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE placing_openings (given VARCHAR[], objected VARCHAR[], strictness INTEGER, "
        "released VARCHAR[], mild BOOLEAN, mild_strictness INTEGER, name VARCHAR, accesses VARCHAR[])"
    )
    if rows:
        connection.executemany("INSERT INTO placing_openings VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    _place_mild(connection, openings)
    _keep(connection, openings)


def note_states(connection: duckdb.DuckDBPyConnection, policy: Policy, at: date) -> None:
    """Fill `policy.states`: which consents each customer has given and which purposes they object to, on the day."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS policy")
    connection.execute(f"CREATE OR REPLACE TABLE policy.states AS {_STATES}", {"given": GIVEN, "at": at})
    connection.execute("CREATE OR REPLACE TABLE policy.published AS SELECT ? AS mark", [mark(connection, policy, at)])


def mark(connection: duckdb.DuckDBPyConnection, policy: Policy, at: date) -> str:
    """Return a mark of the policy and all consents as of the day: datasets published under another are out of date."""
    said = "string_agg(concat(customer_id, given::VARCHAR, objected::VARCHAR), '|' ORDER BY customer_id)"
    row = connection.execute(f"SELECT md5({said}) FROM ({_STATES})", {"given": GIVEN, "at": at}).fetchone()
    return hashlib.sha256(f"{_stable(policy)} {row}".encode()).hexdigest()


def _stable(policy: Policy) -> str:
    """Return the policy as text that is the same in every process."""
    rules = sorted(
        (cell, *map(str, (r.permits, *map(sorted, (r.consents, r.consents_of_others, r.unless_objected)))))
        for cell, r in policy.rules.items()
    )
    return f"{rules} {sorted(policy.strictness.items())}"


def _tables(connection: duckdb.DuckDBPyConnection, facts: FactBase) -> None:
    prefix = "PREFIX aug: <https://w3id.org/augenblick/ontology#>\n"

    def ids(query: str) -> str:
        return facts.select_sql(prefix + query)

    owners = " UNION ALL ".join(ids(query) for query in _OWNERS)
    customers = ids("SELECT ?person ?named { ?person aug:customerId ?named }")
    for name, sql in (
        ("people", f"SELECT person, {facts.lexical_sql('named')} AS customer_id FROM ({customers})"),
        ("owners", f"{owners} UNION ALL SELECT person AS node, person FROM placing_people"),
        ("moments", " UNION ALL ".join(ids(query) for query in _TO_MOMENTS)),
        ("ids", f"SELECT DISTINCT moment, {facts.lexical_sql('moment')} AS moment_id FROM placing_moments"),
    ):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE placing_{name} AS {sql}")


def _keep(connection: duckdb.DuckDBPyConnection, openings: _Openings) -> None:
    connection.execute(_PLACED)
    connection.execute("CREATE OR REPLACE TABLE policy.compartments (name VARCHAR, accesses VARCHAR[])")
    for name, accesses in sorted(openings.named.items()):
        connection.execute("INSERT INTO policy.compartments VALUES (?, ?)", [name, list(accesses)])


_MILD = """
SELECT m.moment_id, m.customer_id, m.strictness, m.others, m.mild_strictness, m.mild_others
FROM policy.moments m WHERE m.mild_id IS NOT NULL
"""


def _place_mild(connection: duckdb.DuckDBPyConnection, openings: _Openings) -> None:
    """Fill `policy.mild`: for moments with a milder standing the compartment of those who may see only that one."""
    connection.execute("CREATE OR REPLACE TABLE policy.mild (moment_id VARCHAR, name VARCHAR)")
    rows = connection.execute(_MILD).fetchall()
    concerned = sorted({name for row in rows for name in (row[1], *row[3], *row[5])})
    found = connection.execute(
        "SELECT * FROM policy.states WHERE customer_id IN (SELECT unnest($names::VARCHAR[]))", {"names": concerned}
    ).fetchall()
    states = {customer: (given, objected) for customer, given, objected in found}

    def released(others: list[str]) -> list[str] | None:
        agreed = [set(states.get(other, ([], []))[0]) for other in others]
        return sorted(set.intersection(*agreed)) if agreed else None

    for moment, customer, strictness, others, mild_strictness, mild_others in rows:
        given, objected = states.get(customer, ([], []))
        full = openings.shown(given, objected, strictness, released(others))
        mild = openings.shown(given, objected, mild_strictness, released(mild_others))
        only = tuple(access for access in mild if access not in full)
        if only:
            connection.execute(
                "INSERT INTO policy.mild VALUES (?, ?)", [moment, openings.name(mild_strictness, only)[0]]
            )


class _Openings:
    """To which accesses things of one standing are open, by asking the gate for each distinct standing once."""

    def __init__(self, policy: Policy, at: date) -> None:
        self._policy = policy
        self._at = at
        self._accesses = sorted({(role, purpose) for (role, purpose, _), rule in policy.rules.items() if rule.permits})
        self._default = self.shown([], [], 0, None)
        self.named: dict[str, tuple[str, ...]] = {"": self._default}

    def of(
        self,
        given: list[str],
        objected: list[str],
        strictness: int,
        released: list[str] | None,
        mild: bool,
        mild_strictness: int | None,
    ) -> tuple[str, list[str]]:
        """Return the compartment's name and its accesses; what has a milder standing, too, is open to those of both."""
        accesses = set(self.shown(given, objected, strictness, released))
        if mild:
            accesses |= set(self.shown(given, objected, mild_strictness or 0, None))
        return self.name(strictness, tuple(sorted(accesses)))

    def name(self, strictness: int, accesses: tuple[str, ...]) -> tuple[str, list[str]]:
        """Return the name of the compartment of a class that is open to these, a new one noted."""
        klass = self._policy.legal_class(strictness)
        plain = klass == ORDINARY and accesses == self._default
        name = "" if plain else f"/{klass}/{hashlib.sha256(' '.join(accesses).encode()).hexdigest()[:8]}"
        self.named[name] = accesses
        return name, list(accesses)

    def shown(
        self, given: Iterable[str], objected: Iterable[str], strictness: int, released: Iterable[str] | None
    ) -> tuple[str, ...]:
        """Return the accesses, as role/purpose, to which a thing of this standing is open."""
        said = [(_SELF, code, Statement(None, True, _LONG_AGO)) for code in given]
        said += [(_SELF, code, Statement(None, False, _LONG_AGO)) for code in objected if code not in set(given)]
        said += [(_OTHER, code, Statement(None, True, _LONG_AGO)) for code in released or ()]
        gate = Gate(self._policy, Consents(said))
        others = frozenset({_OTHER}) if released is not None else frozenset()
        klass = self._policy.legal_class(strictness)
        return tuple(
            f"{role}/{purpose}"
            for role, purpose in self._accesses
            if gate.decide(
                Access(role=role, purpose=purpose, actor_id="", at=self._at), _SELF, klass, others, betrays=True
            ).shown
        )


def placed_quads(facts: FactBase, base: str, *, without: str) -> str:
    """Return SELECT g, s, p, o: all quads with graph IRIs by compartment, and to whom each compartment is open.

    `without` is a SELECT of the ids of terms that are not published.
    """
    graphs = base.replace("'", "''") + "graph/"
    placed = f"SELECT {facts.decode_sql('node')} AS s, any_value(name) AS name FROM policy.placed GROUP BY node"
    whole = facts.ordered_quads_sql(without=without)
    quads = (
        f"SELECT '<{graphs}' || q.g || coalesce(p.name, '') || '>' AS g, q.s, q.p, q.o FROM ({whole}) q "
        f"LEFT JOIN ({placed}) p ON p.s = q.s AND q.g <> 'ontology'"
    )
    return f"{quads} UNION ALL {_mild_quads(graphs, base)} UNION ALL {_open_quads(facts, graphs)}"


def _open_quads(facts: FactBase, graphs: str) -> str:
    listed = ", ".join(f"'{name}'" for name in sorted({*facts.graphs(), "moments"} - {"ontology"}))
    return (
        f"SELECT '<{graphs}{ACCESS_GRAPH}>' AS g, '<{graphs}' || n.stage || c.name || '>' AS s, '<{OPEN_TO}>' AS p, "
        f"'\"' || c.access || '\"' AS o FROM (SELECT name, unnest(accesses) AS access FROM policy.compartments) c, "
        f"(SELECT unnest([{listed}]) AS stage) n"
    )


def _mild_quads(graphs: str, base: str) -> str:
    """Return the milder standing of moments, in graphs that are open to those who may not see the full one."""
    sure = "rtrim(rtrim(round(v.mild_confidence, 4)::DECIMAL(5, 4)::VARCHAR, '0'), '.')"
    typed = {
        "mild_from": "occurredFrom",
        "mild_to": "occurredTo",
        "mild_detected_on": "detectedOn",
        "mild_valid_until": "validUntil",
    }
    values = [
        (RDF + "type", f"'<{AUG}Moment>'"),
        (RDF + "type", "'<' || m.moment_type || '>'"),
        (AUG + "momentType", "'<' || m.moment_type || '>'"),
        (AUG + "person", f"'<{base}customer/' || url_encode(m.customer_id) || '>'"),
        (AUG + "state", "'\"' || v.mild_state || '\"'"),
        (
            AUG + "confidence",
            f"'\"' || {sure} || '\"^^<{XSD}decimal>'",
        ),
        (AUG + "hasIndication", "'<' || unnest(v.mild_indications) || '>'"),
    ]
    values += [(AUG + name, f"'\"' || v.{column} || '\"^^<{XSD}date>'") for column, name in typed.items()]
    rows = "FROM policy.mild k JOIN policy.moments v USING (moment_id) JOIN moments.moments m USING (moment_id)"
    placed = [("moments", p, o) for p, o in values] + [("inferred", RDF + "type", f"'<{AUG}LifeMoment>'")]
    return " UNION ALL ".join(
        f"SELECT '<{graphs}{stage}' || k.name || '>' AS g, '<' || v.mild_id || '>' AS s, '<{p}>' AS p, {o} AS o {rows}"
        for stage, p, o in placed
    )
