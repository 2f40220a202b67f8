"""All ways in which a fact follows, and the lowest proof among them."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import Graph, URIRef

from augenblick.model.errors import NotFound
from augenblick.reason import FactBase, Reasoner, RuleSet, derivations, load_rule, lowest, prove

X = "http://x/"
RULES = [
    "CONSTRUCT { ?x :kin ?y } WHERE { ?x :a ?z . ?z :b ?y }",
    "CONSTRUCT { ?x :kin ?y } WHERE { ?x :c ?y }",
    "CONSTRUCT { ?y :kin ?x } WHERE { ?x :kin ?y }",
    "CONSTRUCT { ?x :c ?y } WHERE { ?x :d ?z . ?z :e ?y }",
    "CONSTRUCT { ?x :goal ?y } WHERE { ?x :long ?y }",
    "CONSTRUCT { ?x :long ?y } WHERE { ?x :c ?y . FILTER NOT EXISTS { ?x :never ?y } }",
    "CONSTRUCT { ?x :goal ?y } WHERE { ?x :short ?y }",
]
DATA = """@prefix : <http://x/> .
:m :a :z1, :z2 ; :d :u . :z1 :b :n . :z2 :b :n . :u :e :n . :m :short :n .
"""


@pytest.fixture
def run() -> tuple[FactBase, RuleSet]:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data=DATA, format="turtle"), name="told")
    rules = RuleSet(tuple(load_rule(f"PREFIX : <{X}> {text}", origin=f"r{n}") for n, text in enumerate(RULES)))
    Reasoner(facts, rules).run()
    return facts, rules


def terms(s: str, p: str, o: str) -> tuple[URIRef, URIRef, URIRef]:
    return URIRef(X + s), URIRef(X + p), URIRef(X + o)


def test_derivations_of_a_fact_name_every_rule_and_solution_once(run: tuple[FactBase, RuleSet]) -> None:
    found = derivations(*run, *terms("m", "kin", "n"))
    ways = [(each.rule.name.split(":")[0], len(each.premises)) for each in found.proofs if each.rule]
    assert sorted(ways) == [("r0", 2), ("r0", 2), ("r1", 1)]
    assert found.complete


def test_derivations_leave_out_what_goes_through_the_fact_itself(run: tuple[FactBase, RuleSet]) -> None:
    found = derivations(*run, *terms("n", "kin", "m"))
    assert [each.rule.name.split(":")[0] for each in found.proofs if each.rule] == ["r2"]


def test_derivations_of_a_stated_fact_name_its_graph(run: tuple[FactBase, RuleSet]) -> None:
    found = derivations(*run, *terms("m", "short", "n"))
    assert [(each.rule, each.graph) for each in found.proofs] == [(None, "told")]


def test_derivations_beyond_the_limit_are_told_to_be_incomplete(run: tuple[FactBase, RuleSet]) -> None:
    assert not derivations(*run, *terms("m", "kin", "n"), most=2).complete
    assert not derivations(*run, *terms("m", "kin", "n"), seconds=-1.0).complete


def test_derivations_of_no_fact_raise_not_found(run: tuple[FactBase, RuleSet]) -> None:
    with pytest.raises(NotFound):
        derivations(*run, *terms("m", "kin", "m"))


def test_lowest_proof_is_lower_than_that_of_the_rule_that_was_first(run: tuple[FactBase, RuleSet]) -> None:
    goal = terms("m", "goal", "n")
    assert prove(*run, *goal).height in (1, 3)
    found = lowest(*run, *goal)
    assert found.height == 1
    assert found.rule is not None
    assert found.rule.name.startswith("r6")


def test_lowest_proof_without_time_is_the_recorded_one(run: tuple[FactBase, RuleSet]) -> None:
    goal = terms("m", "goal", "n")
    assert lowest(*run, *goal, seconds=-1.0) == prove(*run, *goal)
