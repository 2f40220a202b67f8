"""Answers tell nothing of which graph a thing lies in, by no order and by no choice."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest

from augenblick.publish.ordering import describes, in_order

EX = "http://example.org/"
PREFIX = f"PREFIX : <{EX}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
INTEGER, DECIMAL = (ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}") for name in ("integer", "decimal"))
VALUES = [
    *(ox.Literal(text) for text in "czayb"),
    ox.Literal("a", language="de"),
    ox.Literal("2", datatype=INTEGER),
    ox.Literal("2", datatype=DECIMAL),
    ox.NamedNode(f"{EX}a"),
]
GRAPHS = [ox.NamedNode(f"{EX}g{number}") for number in range(3)]
QUERIES = [
    "SELECT * { ?s ?p ?o }",
    "SELECT ?o { ?s ?p ?o } LIMIT 3",
    "SELECT ?s { ?s ?p ?o } OFFSET 2 LIMIT 2",
    "SELECT ?o ?s { ?s ?p ?o } ORDER BY ?p LIMIT 2",
    "select ?o where { ?s ?p ?o } order by desc(?p) limit 2",
    "SELECT * { { SELECT ?o { ?s ?p ?o } LIMIT 1 } }",
    "SELECT (COUNT(*) AS ?n) { { SELECT ?s ?o { ?s ?p ?o } ORDER BY ?p LIMIT 4 } FILTER isLiteral(?o) }",
    "SELECT (GROUP_CONCAT(?o; SEPARATOR='}LIMIT{') AS ?all) { ?s ?p ?o }",
    "SELECT ?p (SAMPLE(?o) AS ?one) { ?s ?p ?o } GROUP BY ?p",
    "SELECT (MAX(?o) AS ?most) (MIN(?o) AS ?least) { ?s ?p ?o FILTER isNumeric(?o) }",
    "SELECT (SUM(xsd:double(STRLEN(STR(?o))) / 3) AS ?n) { ?s ?p ?o }",
    "SELECT (GROUP_CONCAT(?o) AS ?all) { { SELECT ?o { ?s ?p ?o } LIMIT 3 } }",
    "SELECT REDUCED ?x { ?s ?p ?o BIND(STRLEN(STR(?o)) > 1 AS ?x) }",
    "SELECT ?s { ?s ?p ?o FILTER EXISTS { SELECT ?s { ?s ?p ?x } LIMIT 1 } } VALUES ?p { :p }",
    "SELECT ?s (EXISTS { ?s ?p 'a' } AS ?there) { ?s ?p ?o } LIMIT 4",
    "SELECT ?p { ?s ?p ?o } GROUP BY ?p HAVING (SAMPLE(?o) < 'm') ORDER BY ?p # LIMIT",
    "CONSTRUCT { ?s :limit ?o } WHERE { ?s ?p ?o } LIMIT 3",
    "CONSTRUCT WHERE { ?s ?p ?o }",
    "DESCRIBE ?s { ?s ?p ?o } LIMIT 2",
    "DESCRIBE :s1 :s2",
    "ASK { { SELECT ?o { ?s ?p ?o } LIMIT 1 } FILTER(?o = 'a') }",
]


@pytest.fixture(scope="module")
def stores() -> list[ox.Store]:
    """Stores of the same triples, spread over graphs in different ways."""
    made = [ox.Store() for _ in range(6)]
    for number, value in enumerate(VALUES):
        told = (ox.NamedNode(f"{EX}s{number % 4}"), ox.NamedNode(f"{EX}p"), value)
        for way, store in enumerate(made):
            store.add(ox.Quad(*told, GRAPHS[(way * number + number // 2 + way) % 3]))
    return made


def answer(store: ox.Store, query: str) -> bytes:
    found = store.query(PREFIX + query, default_graph=GRAPHS)
    if isinstance(found, ox.QueryTriples):
        told = sorted(found, key=str) if describes(query) else found
        return ox.serialize(told, format=ox.RdfFormat.N_TRIPLES) or b""
    return found.serialize(format=ox.QueryResultsFormat.JSON) or b""


@pytest.mark.parametrize("query", QUERIES)
def test_answer_does_not_depend_on_where_things_lie(stores: list[ox.Store], query: str) -> None:
    assert len({answer(store, in_order(query)) for store in stores}) == 1


def test_answers_as_asked_would_tell_where_things_lie(stores: list[ox.Store]) -> None:
    told = [query for query in QUERIES if len({answer(store, query) for store in stores}) > 1]
    assert len(told) > len(QUERIES) - 5


@pytest.mark.parametrize(
    "query", ["SELECT ?s ?o { ?s ?p ?o }", "SELECT ?p (COUNT(?o) AS ?n) { ?s ?p ?o } GROUP BY ?p", "ASK { ?s ?p 'a' }"]
)
def test_query_in_order_has_the_rows_it_had(stores: list[ox.Store], query: str) -> None:
    asked, ordered = (sorted(re.findall(rb"\{[^{}]*\}", answer(stores[0], each))) for each in (query, in_order(query)))
    assert asked == ordered


@pytest.mark.parametrize("text", ["", "SELECT", "SELECT * {", "} SELECT {", "SELECT * { ?s ?p 'o } LIMIT 1", "LIMIT"])
def test_what_is_no_query_is_left_for_the_parser_to_refuse(stores: list[ox.Store], text: str) -> None:
    with pytest.raises(SyntaxError):
        stores[0].query(in_order(text))


def test_order_a_query_asks_for_stays(stores: list[ox.Store]) -> None:
    query = "SELECT ?o { ?s ?p ?o FILTER isLiteral(?o) } ORDER BY DESC(STR(?o))"
    rows = [row["o"].value for row in stores[0].query(in_order(PREFIX + query), default_graph=GRAPHS)]
    assert rows == sorted(rows, reverse=True)
