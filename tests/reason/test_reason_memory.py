"""Rules over facts in memory derive what they derive over tables, or say that they cannot."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from rdflib import XSD, BNode, Graph, Literal, Namespace
from test_reason_change import FEW, LAYERED, Edit, Triple, fact_base, quads, streams
from test_reason_equality import BODIES, PREFIXES

from augenblick.reason import MemoryFacts, MemoryReasoner, RuleSet, TooWide, load_rule

X = Namespace("http://x/")
LIMITED = {name for name in BODIES if name.startswith(("path-star", "path-optional", "path-negated", "graph"))}
"""Bodies that are answered from tables only."""
ONE = settings(FEW, max_examples=1)
PLAIN_SHARE = 0.6
"""So many of all kinds of bodies at least are solved in memory."""


def in_memory(facts: set[Triple], rules: RuleSet) -> tuple[MemoryFacts, MemoryReasoner]:
    base = MemoryFacts(duckdb.connect())
    base.add_graph(graph_of(facts), name="facts")
    return base, MemoryReasoner(base, rules)


def graph_of(facts: set[Triple]) -> Graph:
    graph = Graph()
    for triple in facts:
        graph.add(triple)
    return graph


def held(base: MemoryFacts) -> set[tuple[str, str, str, str]]:
    names = {code: name for name, code in base.graphs().items()}
    return {
        (names[code], base.term(s).n3(), base.term(p).n3(), base.term(o).n3())
        for (_, s, o), p, mask in base.everything()
        for code in names
        if mask >> code & 1
    }


@pytest.fixture(scope="module")
def bodies() -> list[RuleSet]:
    """Return a rule set of one rule for each kind of body."""
    named = {name: body for name, body in sorted(BODIES.items()) if name not in LIMITED}
    named["variable-predicate"] += " FILTER(STRSTARTS(STR(?p), 'http://x/'))"
    rules = [f"CONSTRUCT {{ ?x <http://made/{i}> ?z }} WHERE {{ {body} }}" for i, body in enumerate(named.values())]
    return [RuleSet((load_rule(PREFIXES + rule, origin=name),)) for rule, name in zip(rules, named, strict=True)]


@ONE
@given(stream=streams(edits=1))
def test_each_kind_of_body_gives_in_memory_what_it_gives_over_tables(
    bodies: list[RuleSet], stream: tuple[set[Triple], list[Edit]]
) -> None:
    facts, solved = stream[0], 0
    table, _ = fact_base(facts, sum(bodies, RuleSet()))
    wanted = made(quads(table))
    for number, rules in enumerate(bodies):
        base, reasoner = in_memory(facts, rules)
        try:
            reasoner.run()
        except TooWide:
            continue
        solved += 1
        head = f"<http://made/{number}>"
        assert made(held(base)) == {each for each in wanted if each[1] == head}, rules.rules[0].name
    assert solved >= PLAIN_SHARE * len(bodies)


def test_words_found_in_texts_are_in_memory_those_found_over_tables() -> None:
    body = """?note x:text ?text ; x:by ?who . ?need x:word ?word . FILTER(CONTAINS(LCASE(?text), ?word))
              BIND(IRI(CONCAT(STR(?note), "/", MD5(STR(?need)))) AS ?seen)"""
    rule = f"PREFIX x: <http://x/> CONSTRUCT {{ ?seen x:from ?who ; x:of ?need }} WHERE {{ {body} }}"
    rules = RuleSet((load_rule(rule, origin="words"),))
    texts = {"n1": "A House", "n2": "a car", "n3": "A house and a car", "n4": "a house"}
    facts = {(X[note], X.text, Literal(text)) for note, text in texts.items()}
    facts |= {(X[note], X.by, X[who]) for note in texts for who in ("anna", "ben")}
    facts |= {(X[need], X.word, Literal(word)) for need, word in (("home", "house"), ("way", "car"), ("home", "flat"))}
    base, reasoner = in_memory(facts, rules)
    reasoner.run()
    table, _ = fact_base(facts, rules)
    assert made(held(base)) == made(quads(table)) != set()


@pytest.mark.parametrize("summed", ["?v", "DISTINCT ?v"])
def test_sums_in_memory_are_those_over_tables(summed: str) -> None:
    body = f"SELECT ?x (SUM({summed}) AS ?z) {{ ?x x:of ?y . ?y x:worth ?v }} GROUP BY ?x"
    rule = f"CONSTRUCT {{ ?x x:sum ?z }} WHERE {{ {body} }}"
    rules = RuleSet((load_rule(f"PREFIX x: <http://x/>\n{rule}", origin="sum"),))
    facts = {(X.a, X.of, X[name]) for name in "bcd"} | {(X.e, X.of, X.f)}
    worth = {"b": "0.25", "c": "-1.5", "d": "0.250"}
    facts |= {(X[name], X.worth, Literal(text, datatype=XSD.decimal)) for name, text in worth.items()}
    facts |= {(X.f, X.worth, Literal(value)) for value in (3, 4)}
    base, reasoner = in_memory(facts, rules)
    reasoner.run()
    table, _ = fact_base(facts, rules)
    assert made(held(base)) == made(quads(table)) != set()


def test_sum_of_what_is_no_number_is_left_to_tables() -> None:
    rule = "CONSTRUCT { x:all x:sum ?z } WHERE { SELECT (SUM(?v) AS ?z) { ?y x:worth ?v } }"
    rules = RuleSet((load_rule(f"PREFIX x: <http://x/>\n{rule}", origin="sum"),))
    _, reasoner = in_memory({(X.b, X.worth, Literal("much"))}, rules)
    with pytest.raises(TooWide):
        reasoner.run()


def made(found: set[tuple[str, str, str, str]]) -> set[tuple[str, str, str]]:
    return {(s, p, table_term(o)) for g, s, p, o in found if g == "inferred"}


def table_term(written: str) -> str:
    """Return a term as it is compared: rdflib writes some literals in another form than N-Quads."""
    return written.split("^^")[0]


@FEW
@given(stream=streams(edits=4))
def test_facts_that_come_bit_by_bit_and_are_taken_back_equal_a_run_from_the_beginning(
    stream: tuple[set[Triple], list[Edit]],
) -> None:
    rules = RuleSet(tuple(load_rule(PREFIXES + rule, origin=f"layered{i}") for i, rule in enumerate(LAYERED)))
    told, edits = stream
    told = {triple for triple in told if not any(isinstance(term, BNode) for term in triple)}
    base, reasoner = in_memory(told, rules)
    reasoner.run()
    base.settle()
    reasoner.back(0)
    begun = held(base)
    for added, _ in edits:
        told |= added
        base.add_graph(graph_of(added), name="facts")
        reasoner.run()
    assert {q[:3] for q in held(base)} == {q[:3] for q in quads(fact_base(told, rules)[0])}
    base.back(0)
    assert held(base) == begun


def test_numbers_of_graphs_rules_and_steps_are_not_looked_up_as_terms() -> None:
    base = MemoryFacts(duckdb.connect())
    for text in "abcd":
        base.id(Literal(text))  # so that no IRI has the number of a graph
    base.add_graph(graph_of({(X.s, X.p, X.o)}), name="facts")
    rows = base.connection.execute(f"SELECT s, p, o FROM ({base.facts_sql()})").fetchall()
    assert [tuple(base.term(each) for each in row) for row in rows] == [(X.s, X.p, X.o)]


def test_rows_of_several_selects_are_the_same_in_memory_and_over_tables() -> None:
    facts = {(X.a, X.p, X.b), (X.a, X.q, X.b), (X.c, X.q, X.d)}
    selects = [f"SELECT ?s ?o {{ ?s <http://x/{name}> ?o }}" for name in ("p", "q")]
    memory, _ = in_memory(facts, RuleSet())
    both = []
    for base in (memory, fact_base(facts, RuleSet())[0]):
        rows = base.connection.execute(f"SELECT s, o FROM ({base.union_sql(*selects)})").fetchall()
        both.append(sorted((str(base.term(s)), str(base.term(o))) for s, o in rows))
    assert both[0] == both[1] == [("http://x/a", "http://x/b")] * 2 + [("http://x/c", "http://x/d")]
