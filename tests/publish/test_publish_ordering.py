"""Answers tell nothing of which graph a thing lies in, by no order and by no choice."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from augenblick.publish.sorting import Lines
from one_answer import answer as answered

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


def answer(store: ox.Store, query: str, **wanted: object) -> bytes:
    return answered(store, PREFIX + query, [graph.value for graph in GRAPHS], **wanted)


def as_asked(store: ox.Store, query: str) -> bytes:
    found = store.query(PREFIX + query, default_graph=GRAPHS)
    if isinstance(found, ox.QueryTriples):
        return ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b""
    form = ox.QueryResultsFormat.CSV if isinstance(found, ox.QueryBoolean) else ox.QueryResultsFormat.TSV
    return found.serialize(format=form) or b""


@pytest.mark.parametrize("query", QUERIES)
def test_answer_does_not_depend_on_where_things_lie(stores: list[ox.Store], query: str) -> None:
    assert len({answer(store, query) for store in stores}) == 1


@pytest.mark.parametrize("query", QUERIES)
def test_answer_as_json_does_not_depend_on_where_things_lie(stores: list[ox.Store], query: str) -> None:
    forms = {"results": "json", "graphs": "ntriples"}
    assert len({answer(store, query, **forms) for store in stores}) == 1


@given(texts=st.lists(st.text('}{,":\\[]x\n', max_size=8), min_size=1, max_size=6), bare=st.booleans())
def test_rows_of_json_are_told_apart_whatever_stands_in_them(texts: list[str], bare: bool) -> None:
    store = ox.Store()
    for text in texts:
        store.add(ox.Quad(ox.NamedNode(f"{EX}s"), ox.NamedNode(f"{EX}p"), ox.Literal(text), GRAPHS[0]))
    unbound = "UNION { }" if bare else ""
    found = json.loads(answer(store, f"SELECT ?o ?z {{ {{ ?s ?p ?o }} {unbound} }}", results="json"))
    assert found["head"]["vars"] == ["o", "z"]
    told = [row["o"]["value"] if row else None for row in found["results"]["bindings"]]
    assert Counter(told) == Counter({*texts}) + Counter([None] * bare)


def test_answers_as_asked_would_tell_where_things_lie(stores: list[ox.Store]) -> None:
    told = [query for query in QUERIES if len({as_asked(store, query) for store in stores}) > 1]
    assert len(told) > len(QUERIES) - 5


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s ?o { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o } # all",
        "SELECT DISTINCT ?s { ?s ?p ?o }",
        "SELECT ?s { ?s ?p ?o }",
        "SELECT ?p (COUNT(?o) AS ?n) { ?s ?p ?o } GROUP BY ?p",
        "SELECT * { FILTER EXISTS { ?s ?p ?o } }",
        "ASK { ?s ?p 'a' }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?a ?b ?c } { ?a ?b ?c }",
        "CONSTRUCT WHERE { ?s ?p ?o . }",
        "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?s } WHERE { ?s ?p ?s }",
    ],
)
def test_query_in_order_has_the_rows_it_had(stores: list[ox.Store], query: str) -> None:
    ordered = answer(stores[0], query)
    assert sorted(ordered.splitlines()) == sorted(as_asked(stores[0], query).splitlines())


@pytest.mark.parametrize("query", ["SELECT ?s { ?s ?p ?o }", "SELECT DISTINCT ?s { ?s ?p ?o }"])
def test_rows_that_are_cut_are_the_first_of_all_in_order(stores: list[ox.Store], query: str) -> None:
    head, *rows = answer(stores[0], query).splitlines()
    for skipped, kept in itertools.product(range(len(rows) + 2), repeat=2):
        for cut in (f"LIMIT {kept} OFFSET {skipped}", f"offset {skipped}LIMIT{kept}"):
            assert answer(stores[0], f"{query} {cut}").splitlines() == [head, *rows[skipped : skipped + kept]]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("json", ox.QueryResultsFormat.JSON),
        ("xml", ox.QueryResultsFormat.XML),
        ("csv", ox.QueryResultsFormat.CSV),
    ],
)
def test_row_of_any_terms_is_told_in_each_form_as_by_the_store(form: str, expected: ox.QueryResultsFormat) -> None:
    store = ox.Store()
    literals = [*VALUES, *(ox.Literal(text) for text in ('"\\\t\n\r\f{}<', "", "\x01ä😀"))]
    literals += [ox.Literal(text, datatype=INTEGER) for text in ("+02", "abc", "-7")]
    for number, literal in enumerate(literals):
        store.add(ox.Quad(ox.NamedNode(f"{EX}s"), ox.NamedNode(f"{EX}p{number}"), literal, GRAPHS[0]))
    for number in range(len(literals)):
        query = f"SELECT ?none ?o {{ :s :p{number} ?o }}"
        told = store.query(PREFIX + query, default_graph=GRAPHS).serialize(format=expected)
        assert answer(store, query, results=form) == told


@pytest.mark.parametrize(
    "query", ["SELECT ?s { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o } ORDER BY ?s", "CONSTRUCT WHERE { ?s ?p ?o }"]
)
def test_answer_of_more_rows_than_allowed_is_none(stores: list[ox.Store], query: str) -> None:
    assert answer(stores[0], query, rows=9)
    assert answer(stores[0], f"{query} LIMIT 3", rows=3)
    with pytest.raises(SyntaxError, match="rows"):
        answer(stores[0], query, rows=8)


@given(
    lines=st.lists(st.binary(max_size=3).filter(lambda line: b"\n" not in line), max_size=60),
    pieces=st.integers(1, 40),
    distinct=st.booleans(),
    skipped=st.integers(0, 5),
    kept=st.none() | st.integers(0, 20),
    run=st.integers(1, 1000),
)
def test_lines_however_many_fit_into_memory_are_in_order(
    lines: list[bytes], pieces: int, distinct: bool, skipped: int, kept: int | None, run: int
) -> None:
    text = b"".join(line + b"\n" for line in lines)
    wanted = sorted(set(lines) if distinct else lines)[skipped:]
    with Lines(distinct=distinct, skipped=skipped, kept=kept, run=run) as sorting:
        for start in range(0, len(text), pieces):
            sorting.write(text[start : start + pieces])
        assert list(sorting) == (wanted if kept is None else wanted[:kept])


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { { SELECTREDUCED?o{ ?s ?p ?o }LIMIT3 } }",
        "SELECT ?o{ ?s ?p ?o }LIMIT2OFFSET1",
        "SELECT ?o{ ?s ?p ?o }LIMIT2VALUES ?p { :p }",
        "SELECT ?p{ ?s ?p ?o }GROUP BY?p HAVINGSAMPLE(?o)",
        "CONSTRUCTWHERE{ ?s ?p ?o }LIMIT1",
        "DESCRIBE:s1",
    ],
)
def test_words_without_blanks_between_tell_as_little(stores: list[ox.Store], query: str) -> None:
    assert len({answer(store, query) for store in stores}) == 1


@pytest.mark.parametrize("text", ["", "SELECT", "SELECT * {", "} SELECT {", "SELECT * { ?s ?p 'o } LIMIT 1", "LIMIT"])
def test_what_is_no_query_is_left_for_the_parser_to_refuse(stores: list[ox.Store], text: str) -> None:
    with pytest.raises(SyntaxError):
        answer(stores[0], text)


def test_order_a_query_asks_for_stays(stores: list[ox.Store]) -> None:
    query = "SELECT ?o { ?s ?p ?o FILTER isLiteral(?o) } ORDER BY DESC(STR(?o))"
    rows = answer(stores[0], query, results="csv").split()[1:]
    assert rows == sorted(rows, reverse=True)


XSD = "http://www.w3.org/2001/XMLSchema#"
MIXED = {
    "date": lambda draw: f"2026-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}",
    "string": lambda draw: str(draw.randint(0, 999)),
    "integer": lambda draw: str(draw.randint(0, 99)),
    "decimal": lambda draw: f"{draw.random():.3f}",
    "boolean": lambda draw: "true",
    "yearMonthDuration": lambda draw: f"P{draw.randint(1, 9)}M",
    "dayTimeDuration": lambda draw: f"P{draw.randint(1, 99)}D",
}
SORTED = [
    "SELECT ?o { ?s ?p ?o } ORDER BY ?o",
    "SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o) ?s LIMIT 2900",
    "SELECT ?o { ?s ?p ?o } ORDER BY STRLEN(?x) $o",
    "SELECT ?o { { SELECT ?o { ?s ?p ?o } LIMIT 2900 } }",
    "SELECT ?p (GROUP_CONCAT(?o) AS ?o) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p",
    "SELECT (SAMPLE(?o) AS ?o) { ?s ?p ?o }",
]


@pytest.fixture(scope="module")
def mixed() -> ox.Store:
    """A store of values of many types, which its own order finds no order in."""
    draw, made = random.Random(1), ox.Store()
    for number in range(3000):
        kind = draw.choice([*MIXED, "iri", "lang"])
        value: ox.Literal | ox.NamedNode = ox.NamedNode(f"{EX}{number % 50}")
        if kind == "lang":
            value = ox.Literal(str(number % 70), language="de")
        elif kind != "iri":
            value = ox.Literal(MIXED[kind](draw), datatype=ox.NamedNode(XSD + kind))
        made.add(ox.Quad(ox.NamedNode(f"{EX}s{number}"), ox.NamedNode(f"{EX}p"), value, GRAPHS[0]))
    return made


@pytest.mark.parametrize("query", SORTED)
def test_values_of_many_types_are_sorted(mixed: ox.Store, query: str) -> None:
    assert answer(mixed, query, results="csv").count(b"\n") > 1


def test_values_of_many_types_stand_by_kind_and_in_the_order_of_theirs(mixed: ox.Store) -> None:
    rows = answer(mixed, "SELECT ?o { ?s ?p ?o } ORDER BY ?o").decode().splitlines()[1:]
    kinds = [kind for kind, _ in itertools.groupby(rows, lambda row: _kind(row))]
    assert kinds[:2] == ["iri", "number"]
    assert len(kinds) == len(set(kinds)) == len(MIXED) + 1
    numbers = [float(row.split('"')[1] if '"' in row else row) for row in rows if _kind(row) == "number"]
    assert numbers == sorted(numbers)
    days = [int(row[2:].split("D")[0]) for row in rows if _kind(row).endswith("dayTimeDuration>")]
    assert days == sorted(days)


def _kind(row: str) -> str:
    if row.startswith("<"):
        return "iri"
    if row[0].isdigit():
        return "number"
    return row.rpartition('"')[2]
