"""Into which named graph each thing goes when it is published, and to whom that graph is open.

What one customer's statements, the legal class and the others concerned allow is the same for many things: they share
a graph per stage, named after the class and the accesses (role/purpose) it is open to. What is ordinary and belongs
to nobody who ever stated anything stays in the stage's own graph. A dataset is assembled from open graphs only.
"""

from __future__ import annotations

from datetime import date

import duckdb

from augenblick.model.terms import ACCESS_GRAPH, OPEN_TO
from augenblick.policy.milder import milder_quads, place_milder
from augenblick.policy.model import Policy
from augenblick.policy.openings import Openings
from augenblick.policy.owners import OWNERS
from augenblick.policy.stated import note_states
from augenblick.reason import FactBase

_TO_OFFERS = (
    "SELECT ?node ?thing { ?node a aug:OfferCandidate . BIND(?node AS ?thing) }",
    "SELECT ?node ?thing { ?thing a aug:OfferCandidate ; aug:hasVerdict ?node }",
)
_TO_MOMENTS = (
    "SELECT ?node ?thing { ?node a aug:Moment . BIND(?node AS ?thing) }",
    "SELECT ?node ?thing { ?node a aug:OfferCandidate ; aug:moment ?thing }",
    "SELECT ?node ?thing { ?x a aug:OfferCandidate ; aug:moment ?thing ; aug:hasVerdict ?node }",
)

# What several own (a joint account, a booking on it) stands as the strictest of them lets it: given is what each has
# given, objected what any objects to. `released`: what every other person concerned has agreed to; NULL where nobody
# else is.
_STANDINGS = """
CREATE OR REPLACE TEMP TABLE placing_standings AS
WITH owners AS (SELECT node, min(person) AS person, max(person) AS last FROM placing_owners GROUP BY node),
people AS (SELECT person, coalesce(s.given, []::VARCHAR[]) AS given, coalesce(s.objected, []::VARCHAR[]) AS objected
           FROM placing_people LEFT JOIN policy.states s USING (customer_id)),
joint AS (SELECT node, list(DISTINCT person ORDER BY person) AS persons FROM placing_owners
          WHERE node IN (SELECT node FROM owners WHERE person <> last) GROUP BY node),
groups AS (SELECT others AS persons FROM placing_classed UNION SELECT persons FROM joint),
members AS (SELECT persons, given, objected
            FROM (SELECT persons, unnest(persons) AS person FROM groups) JOIN people USING (person)),
agreed AS (SELECT persons, list(code ORDER BY code) AS codes
           FROM (SELECT persons, code FROM (SELECT persons, unnest(given) AS code FROM members)
                 GROUP BY persons, code HAVING count(*) = len(persons)) GROUP BY persons),
refused AS (SELECT persons, list(DISTINCT code ORDER BY code) AS codes
            FROM (SELECT persons, unnest(objected) AS code FROM members) GROUP BY persons),
owned AS (SELECT node, given, objected FROM owners JOIN people USING (person) WHERE person = last
          UNION ALL SELECT node, coalesce(a.codes, []::VARCHAR[]), coalesce(r.codes, []::VARCHAR[])
          FROM joint LEFT JOIN agreed a USING (persons) LEFT JOIN refused r USING (persons))
SELECT o.node, o.given, o.objected, coalesce(n.strictness, 0) AS strictness,
       CASE WHEN len(coalesce(n.others, []::BIGINT[])) > 0 THEN coalesce(r.codes, []::VARCHAR[]) END AS released
FROM owned o LEFT JOIN placing_classed n USING (node)
LEFT JOIN agreed r ON r.persons = n.others
WHERE n.node IS NOT NULL OR len(o.given) > 0 OR len(o.objected) > 0
"""

_CLASSED = """
CREATE OR REPLACE TEMP TABLE placing_classed AS
WITH resting AS (
    SELECT moment_id AS id, strictness, others FROM policy.moments WHERE strictness > 0 OR len(others) > 0
    UNION ALL SELECT offer_id, strictness, coalesce(others, []::VARCHAR[]) FROM offers.guards
), persons AS (
    SELECT id, list(person) AS others FROM (SELECT id, unnest(others) AS customer_id FROM resting)
    JOIN placing_people USING (customer_id) GROUP BY id
), all_nodes AS (
    SELECT node, strictness, others FROM policy.nodes
    UNION ALL
    SELECT i.node, r.strictness, coalesce(p.others, []::BIGINT[])
    FROM placing_ids i JOIN resting r USING (id) LEFT JOIN persons p USING (id)
)
SELECT node, max(strictness) AS strictness, list_sort(list_distinct(flatten(list(others)))) AS others
FROM all_nodes GROUP BY node
"""

_PLACED = """
CREATE OR REPLACE TABLE policy.placed AS
SELECT s.node, o.name FROM placing_standings s JOIN placing_openings o
    ON s.given = o.given AND s.objected = o.objected AND s.strictness = o.strictness
    AND s.released IS NOT DISTINCT FROM o.released
WHERE o.name <> ''
"""


def place(connection: duckdb.DuckDBPyConnection, facts: FactBase, policy: Policy, *, at: date) -> None:
    """Fill `policy.placed` (node → compartment) and `policy.compartments` (its name, to whom it is open) as of a day.

    A compartment's name is put behind the stage's name in the graph's IRI. Needs `policy.carry` before.
    """
    note_states(connection, at)
    _tables(connection, facts)
    connection.execute(_CLASSED)
    connection.execute(_STANDINGS)
    found = connection.execute(
        "SELECT DISTINCT given, objected, strictness, released FROM placing_standings"
    ).fetchall()
    openings = Openings(policy, at)
    _open(connection, [(*row, *openings.of(*row)) for row in found])
    place_milder(connection, openings)
    _keep(connection, openings)


def _open(connection: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]]) -> None:
    columns = {
        "given": "VARCHAR[]", "objected": "VARCHAR[]", "strictness": "INTEGER", "released": "VARCHAR[]",
        "name": "VARCHAR", "accesses": "VARCHAR[]",
    }  # fmt: skip
    listed = ", ".join(f"unnest(${name}::{kind}[]) AS {name}" for name, kind in columns.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE placing_openings AS SELECT {listed}",
        {name: [row[place] for row in rows] for place, name in enumerate(columns)},
    )


def _tables(connection: duckdb.DuckDBPyConnection, facts: FactBase) -> None:
    prefix = "PREFIX aug: <https://w3id.org/augenblick/ontology#>\n"

    def ids(*queries: str) -> str:
        return facts.union_sql(*(prefix + query for query in queries))

    owners = ids(*(f"SELECT ?node ?person {{ {body} }}" for body in OWNERS))
    things = ids(*_TO_MOMENTS, *_TO_OFFERS)
    customers = ids("SELECT ?person ?customer_id { ?person aug:customerId ?customer_id }")
    for name, sql in (
        ("people", facts.texts_sql(customers, "customer_id", beside="person")),
        ("owners", f"{owners} UNION ALL SELECT person AS node, person FROM placing_people"),
        ("ids", f"SELECT node, thing AS id FROM ({facts.texts_sql(things, 'thing', beside='node')})"),
    ):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE placing_{name} AS {sql}")


def _keep(connection: duckdb.DuckDBPyConnection, openings: Openings) -> None:
    connection.execute(_PLACED)
    connection.execute("CREATE OR REPLACE TABLE policy.compartments (name VARCHAR, accesses VARCHAR[])")
    names, accesses = zip(*sorted(openings.named.items()), strict=True) if openings.named else ((), ())
    connection.execute(
        "INSERT INTO policy.compartments SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[][])",
        [list(names), list(map(list, accesses))],
    )


def placed_quads(facts: FactBase, base: str, *, without: str) -> str:
    """Return SELECT g, s, p, o and the columns of `QUADS_ORDER`: all quads, with graph IRIs by compartment.

    To whom each compartment is open is among them. `without` is a SELECT of the ids of terms that are not published.
    """
    graphs = base.replace("'", "''") + "graph/"
    placed = "SELECT node, any_value(name) AS name FROM policy.placed GROUP BY node"
    beside = " UNION ALL ".join((*milder_quads(facts.connection, graphs, base), _open_quads(facts, graphs)))
    graph = f"CASE WHEN q.subject IS NULL THEN q.g ELSE '<{graphs}' || q.g || coalesce(p.name, '') || '>' END"
    return (
        f"SELECT {graph} AS g, q.s, q.p, q.o, q.s_nth, q.p_nth, q.o_nth "
        f"FROM ({facts.ordered_quads_sql(without=without, beside=beside)}) q "
        f"LEFT JOIN ({placed}) p ON p.node = q.subject AND q.g <> 'ontology'"
    )


def quads_beside(connection: duckdb.DuckDBPyConnection, facts: FactBase, base: str) -> list[tuple[str, str, str, str]]:
    """Return g, s, p, o of what `placed_quads` has beside the facts: milder standings, to whom graphs are open."""
    graphs = base.replace("'", "''") + "graph/"
    parts = (*milder_quads(connection, graphs, base), _open_quads(facts, graphs))
    return connection.execute(" UNION ALL ".join(parts)).fetchall()


def _open_quads(facts: FactBase, graphs: str) -> str:
    listed = ", ".join(f"'{name}'" for name in sorted({*facts.graphs(), "moments"} - {"ontology"}))
    return (
        f"SELECT '<{graphs}{ACCESS_GRAPH}>' AS g, '<{graphs}' || n.stage || c.name || '>' AS s, '<{OPEN_TO}>' AS p, "
        f"'\"' || c.access || '\"' AS o FROM (SELECT name, unnest(accesses) AS access FROM policy.compartments) c, "
        f"(SELECT unnest([{listed}]) AS stage) n"
    )
