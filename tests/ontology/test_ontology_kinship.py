"""What follows from recorded family relations, by the axioms and the two rules; closed here by hand, naively."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace
from rdflib.collection import Collection

AUG = Namespace("https://w3id.org/augenblick/ontology#")
FAMILY = Namespace("https://bank.example/id/customer/")


@pytest.fixture(scope="module")
def kinship(ontology: Path) -> Graph:
    return Graph().parse(ontology / "core" / "kinship.ttl")


@pytest.fixture(scope="module")
def rules(ontology: Path) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted((ontology / "core" / "rules").glob("*.rq"))]


def closed(kinship: Graph, rules: list[str], recorded: str) -> Graph:
    """Close `recorded` ("anna hasChild ben, …") under inverse, symmetry, chains, subproperties and the rules."""
    facts = Graph()
    for statement in recorded.split(","):
        subject, relation, value = statement.split()
        facts.add((FAMILY[subject], AUG[relation], FAMILY[value]))
    while True:
        before = len(facts)
        for prop, other in kinship.subject_objects(OWL.inverseOf):
            facts += [(o, other, s) for s, o in facts.subject_objects(prop)]
            facts += [(o, prop, s) for s, o in facts.subject_objects(other)]
        for prop in kinship.subjects(RDF.type, OWL.SymmetricProperty):
            facts += [(o, prop, s) for s, o in facts.subject_objects(prop)]
        for prop, other in kinship.subject_objects(RDFS.subPropertyOf):
            facts += [(s, other, o) for s, o in facts.subject_objects(prop)]
        for prop, chain in kinship.subject_objects(OWL.propertyChainAxiom):
            first, second = Collection(kinship, chain)
            facts += [(s, prop, o) for s, m in facts.subject_objects(first) for o in facts.objects(m, second)]
        for rule in rules:
            facts += list(facts.query(rule))
        if len(facts) == before:
            return facts


def relations(facts: Graph, subject: str, value: str) -> set[str]:
    found = facts.predicates(FAMILY[subject], FAMILY[value])
    return {str(p).removeprefix(str(AUG)) for p in found} - {"isKinOf"}


THREE_GENERATIONS = (
    "olga hasChild paul, olga hasChild rita, paul hasPartner mia, paul hasChild tom, mia hasChild tom, "
    "rita hasChild lea, tom hasChild zoe, tom hasPartner eva, mia hasParent kurt, mia hasSibling jan"
)


@pytest.mark.parametrize(
    ("subject", "value", "expected"),
    [
        ("tom", "paul", "hasParent"),
        ("mia", "paul", "hasPartner"),
        ("olga", "tom", "hasGrandchild"),
        ("tom", "olga", "hasGrandparent"),
        ("olga", "zoe", "hasGreatGrandchild"),
        ("zoe", "olga", "hasGreatGrandparent"),
        ("paul", "rita", "hasSibling"),
        ("tom", "rita", "hasAuntOrUncle"),
        ("tom", "jan", "hasAuntOrUncle"),
        ("rita", "tom", "hasNephewOrNiece"),
        ("tom", "lea", "hasCousin"),
        ("lea", "tom", "hasCousin"),
        ("paul", "kurt", "hasParentInLaw"),
        ("kurt", "paul", "hasChildInLaw"),
        ("paul", "jan", "hasSiblingInLaw"),
        ("mia", "rita", "hasSiblingInLaw"),
        ("rita", "mia", "hasSiblingInLaw"),
        ("eva", "zoe", "hasStepChild"),
    ],
)
def test_kinship_of_three_generations_has_exactly_the_expected_relation(
    kinship: Graph, rules: list[str], subject: str, value: str, expected: str
) -> None:
    assert relations(closed(kinship, rules, THREE_GENERATIONS), subject, value) == {expected}


def test_kinship_of_any_family_makes_nobody_their_own_kin(kinship: Graph, rules: list[str]) -> None:
    facts = closed(kinship, rules, THREE_GENERATIONS)
    assert not [(s, p) for s, p, o in facts if s == o]


def test_kinship_of_a_partners_child_is_step_and_nothing_else(kinship: Graph, rules: list[str]) -> None:
    facts = closed(kinship, rules, "ann hasPartner bob, bob hasChild kim, ann hasChild lou, gerd hasChild ann")
    assert relations(facts, "ann", "kim") == {"hasStepChild"}
    assert relations(facts, "kim", "ann") == {"hasStepParent"}
    assert relations(facts, "kim", "lou") == set()
    assert relations(facts, "gerd", "kim") == set()


def test_kinship_of_a_common_child_is_not_step(kinship: Graph, rules: list[str]) -> None:
    facts = closed(kinship, rules, "ann hasPartner bob, bob hasChild kim, kim hasParent ann")
    assert relations(facts, "ann", "kim") == {"hasChild"}


def test_kinship_of_half_siblings_is_sibling(kinship: Graph, rules: list[str]) -> None:
    facts = closed(kinship, rules, "bob hasChild kim, bob hasChild lou, ann hasChild kim, eva hasChild lou")
    assert relations(facts, "kim", "lou") == {"hasSibling"}


def test_kinship_of_a_grandchild_recorded_without_the_child_between_still_holds(
    kinship: Graph, rules: list[str]
) -> None:
    facts = closed(kinship, rules, "olga hasGrandchild tom, tom hasChild zoe, uwe hasChild olga")
    assert relations(facts, "tom", "olga") == {"hasGrandparent"}
    assert relations(facts, "olga", "zoe") == {"hasGreatGrandchild"}
    assert relations(facts, "uwe", "tom") == {"hasGreatGrandchild"}


def test_guardian_and_employer_are_no_kin(kinship: Graph, rules: list[str]) -> None:
    facts = closed(kinship, rules, "kim hasGuardian vera, boss employs kim")
    assert relations(facts, "vera", "kim") == {"hasWard"}
    assert relations(facts, "kim", "boss") == {"isEmployedBy"}
    assert not list(facts.subject_objects(AUG.isKinOf))
