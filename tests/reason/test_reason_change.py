# ruff: noqa: E501 (rules read better on one line)
"""Single facts in and out: what is derived then is what a run from the beginning, and a plain SPARQL engine, derive."""

from __future__ import annotations

import duckdb
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rdflib import Graph, URIRef
from rdflib.term import Node
from test_reason_equality import BODIES, PREFIXES, random_turtle

from augenblick.model.errors import BadParameter
from augenblick.reason import FactBase, Reasoner, RuleSet, load_rule

FRAGMENT = [name for name in BODIES if not name.startswith(("path-star", "path-optional", "path-negated"))]
"""Bodies changes can be followed through; the others are derived anew."""

LAYERED = """
CONSTRUCT { ?x :reaches ?y } WHERE { ?x :p0 ?y }
CONSTRUCT { ?x :reaches ?z } WHERE { ?x :reaches ?y . ?y :p0 ?z }
CONSTRUCT { ?y :kin ?x } WHERE { ?x :kin ?y }
CONSTRUCT { ?x :kin ?y } WHERE { ?x :p1 ?y }
CONSTRUCT { ?x :kin ?z } WHERE { ?x :kin ?y . ?y :p2 ?z . FILTER NOT EXISTS { ?z a :C0 } }
CONSTRUCT { ?x a :Root } WHERE { ?x :reaches ?y FILTER NOT EXISTS { ?w :reaches ?x } }
CONSTRUCT { ?x :far ?n } WHERE { { SELECT ?x (COUNT(?y) AS ?n) { ?x :reaches ?y } GROUP BY ?x } }
CONSTRUCT { ?i a :Mark ; :of ?x ; :at ?y } WHERE { ?x :kin ?y . ?y :v0 ?v . BIND(IRI(CONCAT("http://m/", MD5(STR(?x)))) AS ?i) }
CONSTRUCT { ?i a :Mark ; :of ?x } WHERE { ?x a :Root . BIND(IRI(CONCAT("http://m/", MD5(STR(?x)))) AS ?i) }
CONSTRUCT { ?x a :Lone } WHERE { ?x :v0 ?v OPTIONAL { ?i :of ?x } FILTER(!BOUND(?i)) }
CONSTRUCT { ?x a :Lone } WHERE { ?x a :C1 MINUS { ?i a :Mark ; :of ?x } }
CONSTRUCT { ?x :reaches ?y } WHERE { ?x :p3 ?y }
""".strip().splitlines()
"""Recursion, negation over it, aggregates over it, terms that are made, and several rules for one relation."""


def in_layers(rules: list[str]) -> list[list[str]]:
    """Return the rules so that a plain evaluator may take group by group to the fixpoint."""
    return [[rules[i] for i in group] for group in ((0, 1, 11), (2, 3, 4), (5, 6), (7, 8), (9, 10))]


@pytest.fixture(scope="module")
def bodies() -> RuleSet:
    named = {name: BODIES[name] for name in FRAGMENT}
    named["variable-predicate"] += " FILTER(STRSTARTS(STR(?p), 'http://x/'))"
    heads = [f"CONSTRUCT {{ ?x <http://made/{i}> ?z }} WHERE {{ {body} }}" for i, body in enumerate(named.values())]
    return RuleSet(tuple(load_rule(PREFIXES + rule, origin=name) for rule, name in zip(heads, named, strict=True)))


@pytest.fixture(scope="module")
def layered() -> RuleSet:
    return RuleSet(tuple(load_rule(PREFIXES + rule, origin=f"layered{i}") for i, rule in enumerate(LAYERED)))


Triple = tuple[Node, Node, Node]
Edit = tuple[set[Triple], set[Triple]]


def triples(seed: int) -> list[Triple]:
    return sorted(Graph().parse(data=random_turtle(seed, size=45), format="turtle"), key=str)


@st.composite
def streams(draw: st.DrawFn, edits: int) -> tuple[set[Triple], list[Edit]]:
    """Return facts to begin with and edits: what is added, what is removed."""
    pool = triples(draw(st.integers(0, 10**6)))
    some = st.sets(st.sampled_from(pool), max_size=4)
    return set(draw(st.sets(st.sampled_from(pool), min_size=10))), [(draw(some), draw(some)) for _ in range(edits)]


def fact_base(facts: set[Triple], rules: RuleSet) -> tuple[FactBase, Reasoner]:
    base = FactBase(duckdb.connect(config={"threads": 1}))
    graph = Graph()
    for triple in facts:
        graph.add(triple)
    base.add_graph(graph, name="facts")
    reasoner = Reasoner(base, rules)
    reasoner.run()
    return base, reasoner


def quads(base: FactBase) -> set[tuple[str, str, str, str]]:
    return set(base.connection.execute(base.quads_sql()).fetchall())


def edited(facts: set[Triple], edits: list[Edit], rules: RuleSet) -> tuple[FactBase, set[Triple], int]:
    """Return the fact base after the edits, the facts given in the end, and how often all was derived anew."""
    base, reasoner = fact_base(facts, rules)
    told, anew = set(facts), 0
    for added, removed in edits:
        before = quads(base)
        report = reasoner.apply([(*t, "facts") for t in added], [(*t, "facts") for t in removed])
        told = (told - removed) | added
        anew += report.recomputed
        after = quads(base)
        assert len(report.added()) == len(after - before)
        assert len(report.removed()) == len(before - after)
    return base, told, anew


def plain(facts: set[Triple], rules: list[list[str]]) -> set[str]:
    """Return all triples after Oxigraph took each group of rules to its fixpoint."""
    graph = Graph()
    for triple in facts:
        graph.add(triple)
    store = ox.Store()
    store.load(graph.serialize(format="nt").encode(), format=ox.RdfFormat.N_TRIPLES)
    for group in rules:
        before = -1
        while len(store) > before:
            before = len(store)
            for rule in group:
                store.extend(ox.Quad(*triple) for triple in list(store.query(PREFIXES + rule)))
    return {f"{quad.subject} {quad.predicate} {quad.object}" for quad in store}


FEW = settings(
    max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
)
MANY = settings(FEW, max_examples=60)


@FEW
@given(stream=streams(edits=3))
def test_edits_under_rules_of_all_kinds_equal_a_rebuild(
    bodies: RuleSet, stream: tuple[set[Triple], list[Edit]]
) -> None:
    base, told, anew = edited(*stream, bodies)
    assert anew == 0
    assert quads(base) == quads(fact_base(told, bodies)[0])


@FEW
@given(stream=streams(edits=4))
def test_edits_under_recursion_negation_and_aggregates_equal_rebuild_and_oxigraph(
    layered: RuleSet, stream: tuple[set[Triple], list[Edit]]
) -> None:
    base, told, anew = edited(*stream, layered)
    assert anew == 0
    found = quads(base)
    assert found == quads(fact_base(told, layered)[0])
    assert {f"{s} {p} {o}" for _, s, p, o in found} == plain(told, in_layers(LAYERED))


@pytest.mark.slow
@MANY
@given(stream=streams(edits=5))
def test_many_edits_under_rules_of_all_kinds_equal_a_rebuild(
    bodies: RuleSet, stream: tuple[set[Triple], list[Edit]]
) -> None:
    base, told, _ = edited(*stream, bodies)
    assert quads(base) == quads(fact_base(told, bodies)[0])


@pytest.mark.slow
@MANY
@given(stream=streams(edits=6))
def test_many_edits_under_recursion_negation_and_aggregates_equal_oxigraph(
    layered: RuleSet, stream: tuple[set[Triple], list[Edit]]
) -> None:
    base, told, _ = edited(*stream, layered)
    assert {f"{s} {p} {o}" for _, s, p, o in quads(base)} == plain(told, in_layers(LAYERED))


def node(name: str) -> URIRef:
    return URIRef(f"http://x/{name}")


def test_fact_told_that_was_derived_moves_to_the_graph_it_is_told_in(layered: RuleSet) -> None:
    base, reasoner = fact_base({(node("a"), node("p0"), node("b"))}, layered)
    derived = (node("a"), node("reaches"), node("b"))
    reasoner.apply([(*derived, "facts")])
    assert {g for g, _, p, _ in quads(base) if p == "<http://x/reaches>"} == {"facts"}
    report = reasoner.apply(removed=[(*derived, "facts")])
    assert {g for g, _, p, _ in quads(base) if p == "<http://x/reaches>"} == {"inferred"}
    assert report.added() == {(*derived, "inferred")}


def test_made_term_that_another_rule_says_more_of_meanwhile_stays(layered: RuleSet) -> None:
    before: set[Triple] = {(node("a"), node("p0"), node("b")), (node("a"), node("v0"), node("v"))}
    edit: Edit = ({(node("a"), node("p1"), node("a"))}, {(node("a"), node("p0"), node("b"))})
    base, told, anew = edited(before, [edit], layered)
    assert anew == 0
    assert {f"{s} {p} {o}" for _, s, p, o in quads(base)} == plain(told, in_layers(LAYERED))


def test_made_term_of_which_something_is_not_said_follows_by_the_rule_that_would_have_said_it() -> None:
    made = "BIND(IRI(CONCAT(STR(?x), '/note')) AS ?i)"
    rules = [
        f"CONSTRUCT {{ ?i a :Note ; :of ?x ; :at ?y }} WHERE {{ ?x a :C0 OPTIONAL {{ ?x :p1 ?y }} {made} }}",
        f"CONSTRUCT {{ ?i a :Note ; :of ?x }} WHERE {{ ?x :p0 ?y . {made} }}",
    ]
    kind = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    both: set[Triple] = {(node("a"), kind, node("C0")), (node("a"), node("p0"), node("b"))}
    ruled = RuleSet(tuple(load_rule(PREFIXES + rule, origin=f"note{n}") for n, rule in enumerate(rules)))
    for gone in both:
        base, told, anew = edited(both, [(set(), {gone})], ruled)
        assert anew == 0
        assert {f"{s} {p} {o}" for _, s, p, o in quads(base)} == plain(told, [rules])


def test_change_through_rule_that_cannot_be_followed_is_derived_anew() -> None:
    rule = load_rule(PREFIXES + "CONSTRUCT { ?x :made ?z } WHERE { ?x :p0* ?z . ?z a :C0 }", origin="star")
    base, reasoner = fact_base({(node("a"), node("p0"), node("b"))}, RuleSet((rule,)))
    kind = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    report = reasoner.apply([(node("b"), kind, node("C0"), "facts")])
    assert report.recomputed
    assert (node("a"), node("made"), node("b"), "inferred") in report.added()
    assert len(report.added()) == len([q for q in quads(base) if q[0] == "inferred"]) + 1


def test_change_of_no_rdf_triple_is_refused(layered: RuleSet) -> None:
    from rdflib import Literal

    _, reasoner = fact_base({(node("a"), node("p0"), node("b"))}, layered)
    with pytest.raises(BadParameter):
        reasoner.apply([(Literal("x"), node("p0"), node("b"), "facts")])
