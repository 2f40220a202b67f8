# ruff: noqa: E501 (rules and data read better on one line)
"""The fact base: facts go in, are counted, come out again and go away."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import XSD

from augenblick.model.errors import BadParameter, StateError
from augenblick.reason import FactBase, date, decimal, duration_days, integer, iri, lang_string, string, term_ids
from augenblick.reason.terms import Kind, kind_of_id

EX = "http://x/"


@pytest.fixture
def facts() -> FactBase:
    return FactBase(duckdb.connect())


def quads(facts: FactBase) -> set[tuple[str, str, str, str]]:
    return set(facts.connection.execute(facts.quads_sql()).fetchall())


def test_select_of_every_shape_makes_canonical_terms(facts: FactBase) -> None:
    for name, spec, sql in (
        ("born", date(), "DATE '1990-03-04'"),
        ("count", integer(), "41 + 1"),
        ("amount", decimal(), "CAST('259.50' AS DECIMAL(18, 5))"),
        ("fine", decimal(), "CAST('0.1234567' AS DECIMAL(18, 7))"),
        ("span", duration_days(), "45"),
        ("name", string(), "'Zoë \"the\" cat'"),
        ("label", lang_string("de"), "'Käse'"),
    ):
        added = facts.add_select(
            f"SELECT 'a b' AS s, {sql} AS o", name="facts", predicate=EX + name, subject=iri(EX), object=spec
        )
        assert added == 1
    found = {p.removeprefix(f"<{EX}").rstrip(">"): o for _, s, p, o in quads(facts) if s == f"<{EX}a%20b>"}
    xsd = str(XSD)
    assert found == {
        "born": f'"1990-03-04"^^<{xsd}date>',
        "count": f'"42"^^<{xsd}integer>',
        "amount": f'"259.5"^^<{xsd}decimal>',
        "fine": f'"0.1234567"^^<{xsd}decimal>',
        "span": f'"P45D"^^<{xsd}dayTimeDuration>',
        "name": '"Zoë \\"the\\" cat"',
        "label": '"Käse"@de',
    }


def test_rows_with_null_and_doubles_are_passed_over(facts: FactBase) -> None:
    sql = "SELECT * FROM (VALUES ('a', 1), ('a', 1), (NULL, 2), ('b', NULL)) v(s, o)"
    assert facts.add_select(sql, name="g", predicate=EX + "p", subject=iri(EX), object=integer()) == 1
    assert facts.add_select(sql, name="g", predicate=EX + "p", subject=iri(EX), object=integer()) == 0


def test_fact_in_two_graphs_is_one_solution_and_two_quads(facts: FactBase) -> None:
    graph = Graph().parse(data=f"<{EX}a> <{EX}p> <{EX}b> .", format="turtle")
    facts.add_graph(graph, name="one")
    facts.add_graph(graph, name="two")
    assert len(quads(facts)) == 2
    count = facts.select(f"SELECT (COUNT(*) AS ?n) {{ ?s <{EX}p> ?o }}")
    assert count.fetchall() == [("1",)]
    assert facts.remove("one") == 1
    assert {row[0] for row in quads(facts)} == {"two"}


def test_remove_by_select_takes_only_what_it_yields(facts: FactBase) -> None:
    data = f"@prefix : <{EX}> . :a :p :b ; a :C . :b a :C ."
    facts.add_graph(Graph().parse(data=data, format="turtle"), name="facts")
    a = facts.id(URIRef(EX + "a"))
    assert facts.remove("facts", select=f"SELECT s, p, o FROM ({facts.facts_sql()}) WHERE s = {a}") == 2
    assert {(s, o) for _, s, _, o in quads(facts)} == {(f"<{EX}b>", f"<{EX}C>")}


def test_reopened_schema_knows_its_relations(facts: FactBase) -> None:
    facts.add_select("SELECT 'a' AS s", name="facts", klass=EX + "C", subject=iri(EX))
    again = FactBase(facts.connection)
    assert again.relations() == facts.relations()
    assert again.select(f"SELECT ?x {{ ?x a <{EX}C> }}").terms() == [(URIRef(EX + "a"),)]


def test_two_terms_with_one_hash_are_refused(facts: FactBase) -> None:
    term_id = facts.id(URIRef(EX + "a"))
    facts.dictionary.intern([URIRef(EX + "a")])
    with pytest.raises(StateError, match="hash"):
        facts.dictionary.intern_select(f"SELECT {term_id} AS id, 'http://other/' AS lexical, NULL::VARCHAR AS ext")


def test_term_ids_of_texts_that_differ_in_two_places_alike_are_different(facts: FactBase) -> None:
    base = "https://bank.example/id/moment/C000144"
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    terms = [URIRef(f"{base}{customer:02}/holiday/{day}") for customer in range(100) for day in days]
    assert len(set(facts.dictionary.ids(terms))) == len(terms)


def test_select_without_predicate_and_class_is_refused(facts: FactBase) -> None:
    with pytest.raises(BadParameter):
        facts.add_select("SELECT 1 AS s", name="facts", subject=term_ids())


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        (Literal("2020-02-29", datatype=XSD.date), Kind.DATE),
        (Literal("2020-02-30", datatype=XSD.date, normalize=False), Kind.OTHER),
        (Literal("007", datatype=XSD.integer, normalize=False), Kind.NUMBER),
        (Literal("-12", datatype=XSD.integer), Kind.INTEGER),
        (Literal(str(10**30), datatype=XSD.integer), Kind.NUMBER),
        (Literal("1.50", datatype=XSD.decimal, normalize=False), Kind.NUMBER),
        (Literal("-0.5", datatype=XSD.decimal, normalize=False), Kind.DECIMAL),
        (Literal("P1DT2H", datatype=XSD.dayTimeDuration, normalize=False), Kind.DAYS),
        (Literal("P18Y", datatype=XSD.yearMonthDuration, normalize=False), Kind.MONTHS),
        (Literal("x", lang="de"), Kind.LANG),
        (RDF.type, Kind.IRI),
    ],
)
def test_term_goes_to_its_kind_and_comes_back_the_same(facts: FactBase, term: URIRef | Literal, kind: Kind) -> None:
    term_id = facts.dictionary.intern([term])[0]
    assert kind_of_id(term_id) is kind
    back = facts.term(term_id)
    assert back.n3() == term.n3()


def test_inline_ids_keep_the_order_of_their_values(facts: FactBase) -> None:
    numbers = [Literal(text, datatype=XSD.decimal) for text in ("-3.5", "-0.1", "0", "0.00001", "2", "10.25")]
    ids = facts.dictionary.ids(numbers)
    assert ids == sorted(ids)


def test_native_values_come_out_of_ids_in_sql(facts: FactBase) -> None:
    facts.add_select(
        "SELECT 'a' AS s, DATE '2020-02-29' AS o", name="f", predicate=EX + "d", subject=iri(EX), object=date()
    )
    sql = facts.select_sql(f"SELECT ?s ?o {{ ?s <{EX}d> ?o }}")
    row = facts.connection.execute(f"SELECT {facts.lexical_sql('s')}, {facts.value_sql('o', 'date')}, {facts.decode_sql('o')} FROM ({sql})").fetchone()  # fmt: skip
    assert row is not None
    assert (row[0], str(row[1]), row[2]) == (EX + "a", "2020-02-29", f'"2020-02-29"^^<{XSD.date}>')


def test_query_with_bindings_and_ask_answers_for_these(facts: FactBase) -> None:
    facts.add_graph(Graph().parse(data=f"<{EX}a> <{EX}p> 1 . <{EX}b> <{EX}p> 2 .", format="turtle"), name="facts")
    found = facts.select(f"SELECT ?o {{ ?s <{EX}p> ?o }}", bindings={"s": URIRef(EX + "b")})
    assert found.terms() == [(Literal(2),)]
    assert bool(facts.select(f"ASK {{ <{EX}a> <{EX}p> 1 }}"))
    assert not facts.select(f"ASK {{ <{EX}a> <{EX}p> 2 }}")


def test_order_limit_and_offset_cut_the_answer(facts: FactBase) -> None:
    lines = " ".join(f"<{EX}n{i}> <{EX}p> {i} ." for i in range(6))
    facts.add_graph(Graph().parse(data=lines, format="turtle"), name="facts")
    found = facts.select(f"SELECT ?o {{ ?s <{EX}p> ?o }} ORDER BY DESC(?o) LIMIT 2 OFFSET 1")
    assert found.fetchall() == [("4",), ("3",)]


def test_texts_of_ids_are_read_for_every_row_and_column(facts: FactBase) -> None:
    facts.add_select(
        "SELECT * FROM (VALUES ('a', 'Anna'), ('b', 'Anna'), ('c', NULL)) v(s, o)",
        name="g",
        predicate=EX + "named",
        subject=iri(EX),
        object=string(),
    )
    facts.add_select("SELECT 'a' AS s, 'b' AS o", name="g", predicate=EX + "knows", subject=iri(EX), object=iri(EX))
    found = facts.select_sql(f"SELECT ?x ?name ?y {{ ?x <{EX}named> ?name OPTIONAL {{ ?x <{EX}knows> ?y }} }}")
    rows = facts.connection.execute(
        facts.texts_sql(f"{found} UNION ALL {found}", "x", "name", "y", beside="x = y AS same")
    ).fetchall()
    assert sorted(rows, key=str) == sorted(
        [(EX + "a", "Anna", EX + "b", False), (EX + "b", "Anna", None, None)] * 2, key=str
    )
