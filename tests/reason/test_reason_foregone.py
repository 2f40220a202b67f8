"""Ranges that the kinds of terms already meet cost no query; those they do not are still found."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import Graph

from augenblick.reason import FactBase, Reasoner, owl_rules

HEAD = """@prefix : <http://x/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.mark.parametrize(
    ("datatype", "values", "asked", "contradictions"),
    [
        ("xsd:string", '"a", "b"', 0, 0),
        ("xsd:integer", "1, 2", 0, 0),
        ("xsd:decimal", "1, 2.5", 0, 0),
        ("xsd:date", '"2020-01-01"^^xsd:date', 0, 0),
        ("xsd:boolean", "true", 0, 0),
        ("xsd:string", '"a", "b"@en', 1, 1),
        ("xsd:integer", "1, 2.5", 1, 1),
        ("xsd:integer", "1, 2.0", 1, 0),
        ("xsd:date", '"2020-01-01"^^xsd:date, "soon"', 1, 1),
        ("xsd:byte", "1, 300", 1, 1),
        ("xsd:string", ":iri", 0, 0),
        ("xsd:integer", '"x"^^xsd:integer', 1, 1),
    ],
)
def test_range_is_asked_only_where_kinds_leave_it_open(
    datatype: str, values: str, asked: int, contradictions: int
) -> None:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data=f"{HEAD}:s :p {values} .", format="turtle"), name="facts")
    axioms = Graph().parse(data=f"{HEAD}:p rdfs:range {datatype} .", format="turtle")
    report = Reasoner(facts, owl_rules(axioms, origin="o")).run()
    rules = {each.rule.origin.axiom or "": each for each in report.rules}
    assert next(each.evaluations for name, each in rules.items() if name.startswith("Range")) == asked
    assert report.contradictions == contradictions
