"""GRAPH, EXISTS as a value, and blank nodes in templates."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import BNode, Graph, URIRef

from augenblick.model.errors import NotStratified
from augenblick.reason import FactBase, Reasoner, RuleSet, load_rule, prove

P = "PREFIX : <http://x/>\n"


def facts_in(**graphs: str) -> FactBase:
    facts = FactBase(duckdb.connect())
    for name, turtle in graphs.items():
        facts.add_graph(Graph().parse(data=f"@prefix : <http://x/> . {turtle}", format="turtle"), name=name)
    return facts


def rows(facts: FactBase, query: str) -> list[tuple[str | None, ...]]:
    return sorted(
        (
            tuple(None if v is None else v.removeprefix("http://x/") for v in row)
            for row in facts.select(P + query).fetchall()
        ),
        key=str,
    )


def test_graph_with_a_name_reads_that_graph_only() -> None:
    facts = facts_in(one=":a :p :b .", two=":a :p :b, :c .")
    assert rows(facts, "SELECT ?o { GRAPH <one> { :a :p ?o } }") == [("b",)]
    assert rows(facts, "SELECT ?o { GRAPH <none> { :a :p ?o } }") == []


def test_graph_with_a_variable_binds_the_name_once_per_graph() -> None:
    facts = facts_in(one=":a :p :b .", two=":a :p :b . :b :p :c .")
    assert rows(facts, "SELECT ?g ?o { GRAPH ?g { :a :p ?o } }") == [("one", "b"), ("two", "b")]
    assert rows(facts, "SELECT ?g { GRAPH ?g { :a :p/:p :c } }") == [("two",)]
    assert rows(facts, "SELECT ?o { :a :p ?o }") == [("b",)]


def test_path_in_a_graph_does_not_leave_it() -> None:
    facts = facts_in(one=":a :p :b .", two=":b :p :c .")
    assert rows(facts, "SELECT ?o { GRAPH <one> { :a :p+ ?o } }") == [("b",)]
    assert rows(facts, "SELECT ?o { :a :p+ ?o }") == [("b",), ("c",)]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("?y = :c || EXISTS { ?x :q :yes }", ["a", "b"]),
        ("?y = :c && !(EXISTS { ?x :q :yes } || ?x = :c)", ["b"]),
        ("IF(NOT EXISTS { ?x :q ?z FILTER(?z != ?y) }, ?y = :c, false)", ["b"]),
    ],
)
def test_exists_inside_an_expression_is_its_value(test: str, expected: list[str]) -> None:
    facts = facts_in(one=":a :p :b ; :q :yes . :b :p :c . :c :p :d .")
    assert [row[0] for row in rows(facts, f"SELECT ?x {{ ?x :p ?y FILTER({test}) }}")] == expected


def test_exists_can_be_bound() -> None:
    facts = facts_in(one=":a :p 1 . :b :p 2 . :b :q 3 .")
    assert rows(facts, "SELECT ?x ?e { ?x :p ?y BIND(EXISTS { ?x :q ?z } AS ?e) }") == [("a", "false"), ("b", "true")]


def test_exists_filters_an_optional() -> None:
    facts = facts_in(one=":a :p :b . :b :p :c . :b :q :r .")
    query = "SELECT ?x ?z { ?x :p ?y OPTIONAL { ?y :p ?z FILTER EXISTS { ?y :q ?w } FILTER(?x != ?z) } }"
    assert rows(facts, query) == [("a", "c"), ("b", None)]


def test_rule_that_needs_the_value_of_exists_of_its_own_head_is_refused() -> None:
    rule = load_rule(P + "CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y FILTER(?y = 1 || !EXISTS { ?x :p ?y }) }")
    with pytest.raises(NotStratified):
        Reasoner(FactBase(duckdb.connect()), RuleSet((rule,)))


def test_blank_node_of_a_template_is_made_per_solution_and_the_same_every_time() -> None:
    rule = load_rule(P + "CONSTRUCT { ?x :has _:b . _:b :of ?y } WHERE { ?x :p ?y }", origin="mint")
    found = []
    for turtle in (":a :p :b, :c .", ":a :p :c . :a :p :b ."):
        facts = facts_in(one=turtle)
        Reasoner(facts, RuleSet((rule,))).run()
        found.append(sorted(facts.select(P + "SELECT ?b ?y { :a :has ?b . ?b :of ?y }").terms(), key=str))
    assert found[0] == found[1]
    assert len({row[0] for row in found[0]}) == 2
    assert all(isinstance(row[0], BNode) for row in found[0])


def test_proof_of_a_fact_from_a_named_graph_names_it() -> None:
    facts = facts_in(one=":a :p :b .", two=":a :p :c .")
    rules = RuleSet((load_rule(P + "CONSTRUCT { ?x :r ?y } WHERE { GRAPH <two> { ?x :p ?y } }", origin="r"),))
    Reasoner(facts, rules).run()
    proof = prove(facts, rules, URIRef("http://x/a"), URIRef("http://x/r"), URIRef("http://x/c"))
    assert [(leaf.o, leaf.graph) for leaf in proof.leaves()] == [(URIRef("http://x/c"), "two")]
