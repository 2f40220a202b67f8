"""Validation of a fact base: what is found, what is taken out before reasoning, and what stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph, URIRef

from augenblick.reason import FactBase
from augenblick.store import in_memory
from augenblick.validate import read_shapes, run

SHAPES = Path(__file__).resolve().parents[2] / "shapes" / "data"
AUG = "https://w3id.org/augenblick/ontology#"
PREFIXES = """
@prefix : <https://bank.example/id/> . @prefix aug: <https://w3id.org/augenblick/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
aug:thisRun aug:asOf "2026-06-30"^^xsd:date .
:anna a aug:Customer . :ben a aug:Customer . :cem a aug:Customer . :dora a aug:Customer .
"""


@pytest.fixture(scope="module")
def shapes():
    return read_shapes(SHAPES)


def fact_base(text: str) -> FactBase:
    facts = FactBase(in_memory())
    facts.add_graph(Graph().parse(data=PREFIXES + text, format="turtle"), name="facts")
    return facts


def edges(facts: FactBase, predicate: str) -> set[tuple[str, ...]]:
    rows = facts.select(f"SELECT ?s ?o WHERE {{ ?s <{AUG}{predicate}> ?o }}").fetchall()
    return {tuple(str(term).rsplit("/", 1)[-1] for term in row) for row in rows}


def kept(report) -> list[str]:
    return [fact.text() for fact in report.kept_out]


def test_clean_facts_conform_and_lose_nothing(shapes):
    facts = fact_base(":anna aug:hasChild :ben .")
    report = run(facts, shapes)
    assert report.conforms
    assert report.kept_out == ()
    assert edges(facts, "hasChild") == {("anna", "ben")}


def test_cycle_in_parenthood_keeps_out_every_fact_of_the_cycle_and_no_other(shapes):
    facts = fact_base(
        ":anna aug:hasChild :ben . :ben aug:hasChild :cem . :anna aug:hasParent :cem . :cem aug:hasChild :dora ."
    )
    report = run(facts, shapes)
    assert report.counts() == {"https://w3id.org/augenblick/shape/parenthood-cycle": 3}
    assert kept(report) == ["anna hasChild ben", "anna hasParent cem", "ben hasChild cem"]
    assert edges(facts, "hasChild") == {("cem", "dora")}
    assert edges(facts, "hasParent") == set()


def test_parent_younger_than_child_keeps_out_parenthood_and_the_row_that_states_it(shapes):
    facts = fact_base(
        """:anna aug:hasChild :ben ; aug:birthDate "2010-01-01"^^xsd:date . :ben aug:birthDate "1990-01-01"^^xsd:date .
        :r a aug:Relation ; aug:relationSubject :anna ; aug:relationKind aug:hasChild ; aug:relationObject :ben .
        :q a aug:Relation ; aug:relationSubject :anna ; aug:relationKind aug:hasChild ; aug:relationObject :cem ."""
    )
    report = run(facts, shapes)
    assert "anna hasChild ben" in kept(report)
    assert [row[0] for row in facts.select(f"SELECT ?r WHERE {{ ?r a <{AUG}Relation> }}").fetchall()] == [
        "https://bank.example/id/q"
    ]
    assert edges(facts, "birthDate") == {("anna", "2010-01-01"), ("ben", "1990-01-01")}


def test_account_without_owner_is_kept_out_whole(shapes):
    facts = fact_base(':a a aug:Account ; aug:accountKind "giro" ; aug:authorisedFor :anna .')
    report = run(facts, shapes)
    assert sorted(kept(report)) == ["a accountKind giro", "a authorisedFor anna", "a type Account"]
    assert not facts.select(f"ASK {{ ?a a <{AUG}Account> }}")
    assert facts.select(f"ASK {{ <https://bank.example/id/anna> a <{AUG}Customer> }}")


def test_two_birth_dates_are_both_kept_out(shapes):
    facts = fact_base(':anna aug:birthDate "1990-01-01"^^xsd:date , "1991-01-01"^^xsd:date .')
    report = run(facts, shapes)
    assert len(report.kept_out) == 2
    assert edges(facts, "birthDate") == set()


def test_warning_that_keeps_nothing_out_leaves_the_facts(shapes):
    facts = fact_base(":anna aug:hasPartner :ben , :cem .")
    report = run(facts, shapes)
    assert report.worst() == "Warning"
    assert report.kept_out == ()
    assert edges(facts, "hasPartner") == {("anna", "ben"), ("anna", "cem")}


def test_report_is_the_same_whatever_the_order_of_shapes(shapes):
    text = """:anna aug:hasChild :anna , :ben . :ben aug:hasChild :anna ; aug:birthDate "2030-01-01"^^xsd:date ;
      aug:deathDate "1990-01-01"^^xsd:date . :a a aug:Account ; aug:currency "Euro" ."""
    there, back = (run(fact_base(text), order) for order in (shapes, shapes[::-1]))
    assert there.to_dict() == back.to_dict()
    assert there.text("de") == back.text("de")


def test_kept_out_fact_names_every_shape_it_broke(shapes):
    report = run(fact_base(":anna aug:hasChild :anna ."), shapes)
    (fact,) = report.kept_out
    assert fact.fact == tuple(
        URIRef(f) for f in ("https://bank.example/id/anna", f"{AUG}hasChild", "https://bank.example/id/anna")
    )
    assert [shape.rsplit("/", 1)[-1] for shape in fact.shapes] == ["kin-of-oneself", "parenthood-cycle"]
