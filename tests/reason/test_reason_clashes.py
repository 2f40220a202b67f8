"""Facts that contradict the ontology are found, with a proof."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import OWL, RDF, Graph, URIRef

from augenblick.reason import FactBase, Reasoner, owl_rules, prove

PREFIXES = """@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def contradicted(axioms: str, data: str) -> set[str]:
    """Return what the facts put into owl:Nothing."""
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data=PREFIXES + data, format="turtle"), name="facts")
    rules = owl_rules(Graph().parse(data=PREFIXES + axioms, format="turtle"), origin="o")
    report = Reasoner(facts, rules).run()
    found = {row[0] for row in facts.select("SELECT ?x { ?x a <http://www.w3.org/2002/07/owl#Nothing> }").fetchall()}
    assert report.contradictions == len(found)
    for each in found:
        assert prove(facts, rules, URIRef(str(each)), RDF.type, OWL.Nothing).rule is not None
    return {str(each).removeprefix("http://x/") for each in found}


@pytest.mark.parametrize(
    ("axioms", "wrong", "right"),
    [
        (":A owl:disjointWith :B .", ":i a :A, :B .", ":i a :A . :j a :B ."),
        (":A rdfs:subClassOf :C . :C owl:disjointWith :B .", ":i a :A, :B .", ":i a :A, :C ."),
        ("[] a owl:AllDisjointClasses ; owl:members (:A :B :C) .", ":i a :B, :C .", ":i a :A ."),
        (":W owl:disjointUnionOf (:A :B) .", ":i a :A, :B .", ":i a :A, :W ."),
        (":A rdfs:subClassOf [ owl:complementOf :B ] .", ":i a :A, :B .", ":i a :B ."),
        (":A rdfs:subClassOf owl:Nothing .", ":i a :A .", ":i a :B ."),
        (":p owl:propertyDisjointWith :q .", ":i :p :k ; :q :k .", ":i :p :k ; :q :l ."),
        ("[] a owl:AllDisjointProperties ; owl:members (:p :q) .", ":i :p :k ; :q :k .", ":k :p :i . :i :q :k ."),
        (":p a owl:AsymmetricProperty .", ":i :p :i .", ":i :p :j . :j :p :k ."),
        (":p a owl:IrreflexiveProperty .", ":i :p :i .", ":i :p :j ."),
        (
            "[] owl:sourceIndividual :i ; owl:assertionProperty :p ; owl:targetIndividual :j .",
            ":i :p :j .",
            ":j :p :i .",
        ),
        ("[] owl:sourceIndividual :i ; owl:assertionProperty :p ; owl:targetValue 5 .", ":i :p 5 .", ":i :p 6 ."),
    ],
)
def test_contradiction_of_an_axiom_is_found_and_nothing_else(axioms: str, wrong: str, right: str) -> None:
    assert contradicted(axioms, wrong) == {"i"}
    assert contradicted(axioms, right) == set()
