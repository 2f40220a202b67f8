"""The report as text and as data."""

from __future__ import annotations

import json

import pytest
from rdflib import Graph, URIRef

from augenblick.validate import KeptOut, ValidationReport, compile_shapes, results

SHAPES = """
@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
ex:named a sh:PropertyShape ; sh:targetClass ex:Person ; sh:path ex:name ; sh:minCount 1 ;
  sh:name "Name fehlt"@de , "Name missing"@en ;
  sh:message "{$this} hat keinen Namen."@de , "{$this} has no name."@en .
ex:grown a sh:NodeShape ; sh:targetClass ex:Person ; sh:severity sh:Warning ;
  sh:property [ sh:path ex:age ; sh:minInclusive 18 ; sh:severity sh:Warning ] .
"""
DATA = """
@prefix ex: <http://example.org/> .
ex:anna a ex:Person ; ex:age 17 . ex:ben a ex:Person ; ex:age 40 . ex:cem a ex:Person ; ex:name "Cem" .
"""


@pytest.fixture
def report(on_oxigraph) -> ValidationReport:
    select = on_oxigraph(Graph().parse(data=DATA, format="turtle"))
    found = results(compile_shapes(Graph().parse(data=SHAPES, format="turtle")), select)
    fact = tuple(URIRef(f"http://example.org/{name}") for name in ("anna", "knows", "ben"))
    kept = KeptOut(fact, ("http://example.org/named",))
    return ValidationReport(tuple(sorted(found, key=lambda each: each.key)), (kept,))


def test_report_text_in_english_lists_counts_messages_and_what_is_kept_out(report):
    assert report.text("en") == (
        "Violations: 3; shapes broken: 2; facts kept out of reasoning: 1.\n\n"
        "grown (warning, 1)\n"
        "  - anna breaks MinInclusive (age): 17\n\n"
        "Name missing (violation, 2)\n"
        "  - anna has no name.\n"
        "  - ben has no name.\n"
        "  Facts kept out: 1\n"
        "  - kept out: anna knows ben"
    )


def test_report_text_in_german_bounds_its_examples(report):
    text = report.text("de", examples=1)
    assert "Name fehlt (Verstoß, 2)\n  - anna hat keinen Namen.\n  - … und 1 weitere" in text


def test_report_as_dict_is_json_with_every_result(report):
    data = json.loads(json.dumps(report.to_dict()))
    assert data["counts"] == {"http://example.org/grown": 1, "http://example.org/named": 2}
    assert [result["focus"] for result in data["results"]] == [
        "<http://example.org/anna>",
        "<http://example.org/anna>",
        "<http://example.org/ben>",
    ]
    assert data["kept_out"][0]["object"] == "<http://example.org/ben>"
    assert not data["conforms"]


def test_report_of_conforming_data_says_so():
    empty = ValidationReport(())
    assert empty.conforms
    assert empty.text("de") == "Alle Fakten entsprechen den Formen."
    assert empty.worst() is None


def test_worst_severity_is_the_highest_found(report):
    assert report.worst() == "Violation"
