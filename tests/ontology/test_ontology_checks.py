"""Planted faults are found, named and hinted at; the ontology as it stands has none."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import OWL, RDFS, URIRef

from augenblick.content import check_consistency, check_profile, check_references, check_terms, owl_api
from augenblick.content.check import check
from augenblick.content.sources import Sources, short
from augenblick.model.errors import BadOntology, ToolMissing
from augenblick.model.terms import AUG

Plant = Callable[..., Sources]

GOOD = """
aug:Thing a owl:Class ; rdfs:label "Ding"@de, "thing"@en ; skos:definition "Etwas."@de, "Something."@en .
aug:Other a owl:Class ; rdfs:label "Anderes"@de, "other"@en ; skos:definition "Etwas."@de, "Something."@en ;
  owl:disjointWith aug:Thing .
aug:rel a owl:ObjectProperty ; rdfs:label "hat"@de, "has"@en ; skos:definition "Etwas."@de, "Something."@en .
"""


def found(findings: object) -> list[str]:
    return [str(finding) for finding in findings]  # type: ignore[attr-defined]


def test_check_of_the_ontology_finds_nothing(ontology: Path, root: Path) -> None:
    report = check(ontology, alongside=[root / "shapes", root / "queries"])
    assert report.ok, report.text()
    assert report.reasoner_seconds is not None


def test_ontology_declares_every_term_of_the_contract(root: Path, sources: Sources) -> None:
    contract = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = {AUG + name for name in re.findall(r"\baug:(\w+)", contract)}
    assert len(named) > 150
    assert sorted(named - sources.declared.keys()) == []


def test_ontology_keeps_accepted_and_excluded_findings_out_of_the_candidates(sources: Sources) -> None:
    # the rules negate across these classes: an axiom that leads back would leave them without strata
    leads_back = {
        (short(str(s)), short(str(p)))
        for p in (RDFS.subClassOf, RDFS.domain, RDFS.range, OWL.equivalentClass)
        for s in sources.union.subjects(p, URIRef(AUG + "Candidate"))
    }
    assert leads_back == set()


def test_check_of_an_empty_folder_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(BadOntology, match="name the ontology folder"):
        check(tmp_path)


def test_check_reports_every_kind_of_fault_at_once(planted: Plant) -> None:
    sources = planted(
        GOOD + "aug:Bad a owl:Class ; rdfs:subClassOf aug:Thing, aug:Other, [ owl:oneOf ( aug:thing ) ] ."
    )
    # `aug:thing` is a typo, a one-of on the right is not RL, the class is empty and has no words
    report = check(sources.folder)
    assert {finding.kind for finding in report.findings} == {
        "label", "definition", "profile", "reference", "unsatisfiable",
    }  # fmt: skip
    assert "1 files" in report.text()


def test_terms_without_words_are_named_per_language(planted: Plant) -> None:
    sources = planted(GOOD + 'aug:Mute a owl:Class ; rdfs:label "stumm"@de, "mute"@en ; skos:definition "X."@de .')
    assert found(check_terms.findings(sources)) == [
        "test.ttl: aug:Mute: has no definition in “en” (say skos:definition once with @en)"
    ]


def test_terms_said_twice_are_found(planted: Plant) -> None:
    sources = planted(GOOD + 'aug:Thing rdfs:label "Sache"@de .')
    assert found(check_terms.findings(sources)) == [
        "test.ttl: aug:Thing: has more than one label in “de” (say rdfs:label once with @de)"
    ]


def test_terms_of_signals_and_patterns_need_what_they_need(planted: Plant) -> None:
    statements = """aug:EvidencePattern a owl:Class . aug:Kind a owl:Class ; rdfs:subClassOf aug:EvidencePattern .
      aug:Signal a owl:Class . signal:s a aug:Signal ; rdfs:label "S"@de, "S"@en . moment:m1 a aug:Kind ."""
    kinds = {(f.term, f.kind) for f in check_terms.findings(planted(statements))}
    assert {k for t, k in kinds if t == "signal:s"} == {"definition"}
    assert {k for t, k in kinds if t == "moment:m1"} == {"label"}


def test_file_without_header_is_found(planted: Plant) -> None:
    sources = planted(
        GOOD, bare__ttl="<https://w3id.org/augenblick/moment/x> a <http://www.w3.org/2002/07/owl#Thing> ."
    )
    assert found(check_terms.findings(sources)) == ["bare.ttl: owl:Ontology: is stated 0 times (state it once)"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "aug:Thing rdfs:subClassOf [ a owl:Restriction ; owl:onProperty aug:rel ; owl:someValuesFrom aug:Other ] .",
            "owl:someValuesFrom is not in OWL 2 RL as superclass",
        ),
        (
            "aug:Thing rdfs:subClassOf [ owl:unionOf ( aug:Other aug:Thing ) ] .",
            "owl:unionOf is not in OWL 2 RL as super",
        ),
        (
            "aug:Thing owl:equivalentClass [ owl:unionOf ( aug:Other ) ] .",
            "owl:unionOf is not in OWL 2 RL as equivalent class",
        ),
        (
            "aug:Thing rdfs:subClassOf [ owl:onProperty aug:rel ; owl:maxCardinality 2 ] .",
            "a maximum of 2 is not in OWL 2 RL",
        ),
        (
            "aug:Thing rdfs:subClassOf [ owl:onProperty aug:rel ; owl:minCardinality 1 ] .",
            "owl:minCardinality is not in OWL 2 RL",
        ),
        (
            "[ owl:complementOf aug:Other ] rdfs:subClassOf aug:Thing .",
            "owl:complementOf is not in OWL 2 RL as subclass",
        ),
        ("aug:rel a owl:ReflexiveProperty .", "reflexive properties are not in OWL 2 RL"),
        ("owl:Thing rdfs:subClassOf aug:Thing .", "owl:Thing is not in OWL 2 RL as subclass"),
        ("aug:Thing owl:disjointUnionOf ( aug:Other ) .", "disjoint unions are not in OWL 2 RL"),
        ("aug:on a owl:DatatypeProperty ; rdfs:range xsd:date .", "xsd:date is no datatype of OWL 2 RL as range"),
        ("aug:rel a owl:DatatypeProperty .", "is both owl:ObjectProperty and owl:DatatypeProperty"),
        ("aug:rel a owl:TransitiveProperty, owl:AsymmetricProperty .", "is owl:AsymmetricProperty although it follows"),
        (
            "aug:rel a owl:IrreflexiveProperty . aug:sub a owl:ObjectProperty ; rdfs:subPropertyOf aug:rel ; "
            "owl:propertyChainAxiom ( aug:rel aug:rel ) .",
            "is owl:IrreflexiveProperty although it follows",
        ),
    ],
)
def test_profile_of_an_axiom_outside_rl_is_named_with_the_reason(planted: Plant, statement: str, reason: str) -> None:
    findings = found(check_profile.findings(planted(GOOD + statement)))
    assert len(findings) == 1
    assert reason in findings[0]
    assert findings[0].startswith("test.ttl: ")


@pytest.mark.parametrize(
    "statement",
    [
        "[ owl:onProperty aug:rel ; owl:someValuesFrom aug:Other ] rdfs:subClassOf aug:Thing .",
        "[ owl:unionOf ( aug:Other [ owl:intersectionOf ( aug:Thing aug:Other ) ] ) ] rdfs:subClassOf aug:Thing .",
        "aug:Thing rdfs:subClassOf [ owl:onProperty aug:rel ; owl:allValuesFrom aug:Other ], "
        "[ owl:onProperty aug:rel ; owl:maxCardinality 1 ], [ owl:complementOf aug:Other ] .",
        "aug:rel a owl:SymmetricProperty, owl:IrreflexiveProperty, owl:FunctionalProperty ; rdfs:range aug:Thing .",
        "aug:sub a owl:ObjectProperty ; rdfs:subPropertyOf aug:rel ; owl:propertyChainAxiom ( aug:rel aug:rel ) .",
        "aug:name a owl:DatatypeProperty ; rdfs:range xsd:string .",
    ],
)
def test_profile_of_an_axiom_inside_rl_is_accepted(planted: Plant, statement: str) -> None:
    assert found(check_profile.findings(planted(GOOD + statement))) == []


def test_references_of_a_typo_are_answered_with_the_likeliest_name(planted: Plant) -> None:
    sources = planted(GOOD + "aug:Sub rdfs:subClassOf aug:Thnig . aug:Sub a owl:Class .")
    assert found(check_references.findings(sources)) == [
        "test.ttl: aug:Thnig: is not declared anywhere (did you mean aug:Thing?)"
    ]


def test_references_in_rules_are_checked_but_not_in_comments_and_strings(planted: Plant) -> None:
    rule = """# aug:Commented
PREFIX a: <https://w3id.org/augenblick/ontology#>
CONSTRUCT { ?x a:rell ?y } WHERE { ?x a:rel/^aug:rel ?y ; a aug:Thing . # aug:Commented too
  BIND("aug:Quoted" AS ?z) FILTER(?x < ?y && ?y > <https://w3id.org/augenblick/ontology#Othr>) }"""
    assert found(check_references.findings(planted(GOOD, rule__rq=rule))) == [
        "rule.rq: aug:Othr: is not declared anywhere (did you mean aug:Other?)",
        "rule.rq: aug:rell: is not declared anywhere (did you mean aug:rel?)",
    ]


def test_references_in_shapes_alongside_are_checked_with_their_sparql(planted: Plant, tmp_path: Path) -> None:
    sources = planted(GOOD)
    shapes = tmp_path / "shapes"
    shapes.mkdir()
    (shapes / "party.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix aug: <https://w3id.org/augenblick/ontology#> .
        aug:ThingShape a sh:NodeShape ; sh:targetClass aug:Thing ;
          sh:sparql [ sh:select "SELECT $this WHERE { $this aug:relation ?x . ?x aug:rel $this }" ] .""",
        encoding="utf-8",
    )
    assert [f.where + " " + f.term for f in check_references.findings(sources, [shapes])] == [
        "shapes/party.ttl aug:relation"
    ]


def test_consistency_of_a_class_in_two_exclusive_ones_names_it_by_its_label(planted: Plant) -> None:
    sources = planted(
        GOOD + 'aug:Both a owl:Class ; rdfs:label "beides"@de, "both"@en ; rdfs:subClassOf aug:Thing, aug:Other .'
    )
    assert found(check_consistency.classify(sources).findings) == [
        "test.ttl: aug:Both “both”: can never have an instance: it is “aug:Other” and “aug:Thing”, which exclude each "
        "other (it is said to be two things that exclude each other)"
    ]


def test_consistency_of_a_property_that_nothing_can_have_is_found(planted: Plant) -> None:
    sources = planted(GOOD + "aug:rel rdfs:domain aug:Thing, aug:Other .")
    assert [f.term for f in check_consistency.classify(sources).findings] == ["aug:rel “has”"]


def test_consistency_of_an_individual_in_two_exclusive_classes_is_a_contradiction(planted: Plant) -> None:
    sources = planted(GOOD + "aug:it a aug:Thing, aug:Other .")
    assert [f.kind for f in check_consistency.classify(sources).findings] == ["inconsistent"]


def test_consistency_beyond_the_time_limit_is_a_missing_tool(sources: Sources) -> None:
    with pytest.raises(ToolMissing, match="not done after"):
        check_consistency.classify(sources, limit=0.01)


def test_consistency_without_java_is_a_missing_tool(planted: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owl_api.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ToolMissing, match="pip install owlready2"):
        check_consistency.classify(planted(GOOD))
