"""Axioms without a rule are named with the file and line they stand at."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph

from augenblick.reason import owl_rules, turtle_places

HEAD = """@prefix : <http://x/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

"""


@pytest.mark.parametrize(
    ("axiom", "said"),
    [
        (":A rdfs:subClassOf [ owl:unionOf ( :B :C ) ] .", "SubClassOf(A (unionOf [B C])): unionOf on the right"),
        (":p rdfs:domain [ owl:onProperty :q ; owl:minCardinality 2 ] .", "Domain(p (minCardinality 2, onProperty q))"),
        (":p a owl:ReflexiveProperty .", "Reflexive(p): outside OWL 2 RL"),
        (":A owl:hasKey () .", "HasKey(A ): a key of no property"),
        (":A owl:subClassOf :B .", "subClassOf: no term of OWL 2"),
        (":D rdfs:subClassOf [ owl:onProperty :p ; owl:cardinality 1 ] .", "cardinality on the right"),
        (
            ":p rdfs:range [ a rdfs:Datatype ; owl:onDatatype :d ; owl:withRestrictions () ] .",
            "a data range outside OWL 2 RL",
        ),
    ],
)  # fmt: skip
def test_axiom_without_rule_is_named_with_file_and_line(tmp_path: Path, axiom: str, said: str) -> None:
    file = tmp_path / "family.ttl"
    file.write_text(HEAD + ":Z a owl:Class .\n" + axiom + "\n", encoding="utf-8")
    graph = Graph().parse(file)
    found = owl_rules(graph, origin="o", places=turtle_places([file], relative_to=tmp_path)).not_covered
    assert any(line.startswith("family.ttl:6: ") and said in line for line in found), found


def test_axiom_without_rule_is_named_without_a_place_where_there_is_none() -> None:
    graph = Graph().parse(data=HEAD + ":p a owl:ReflexiveProperty .", format="turtle")
    assert owl_rules(graph, origin="o").not_covered[0].startswith("Reflexive(p)")
