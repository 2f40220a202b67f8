"""A policy that is not whole keeps the gate shut and says what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rdflib import DCTERMS, RDF, Graph, Literal, URIRef

from augenblick.content import Content
from augenblick.content.entry import AUG
from augenblick.model.errors import BadPolicy
from augenblick.policy import check, read_policy

RULE = URIRef("https://w3id.org/augenblick/policy#advice-ordinary")


@pytest.fixture
def content(shipped: Content) -> Content:
    graph = Graph()
    for triple in shipped.graph:
        graph.add(triple)
    return replace(shipped, graph=graph)


@pytest.mark.parametrize("predicate", ["grantedTo", "forPurpose", "onLegalClass", "needsConsent", "unlessObjected"])
def test_policy_that_names_an_unknown_term_is_refused(content: Content, predicate: str) -> None:
    content.graph.add((RULE, AUG[predicate], AUG.Advertisement))
    with pytest.raises(BadPolicy, match="Advertisement"):
        read_policy(content)


def test_policy_with_a_mistyped_condition_is_refused_rather_than_read_without_it(content: Content) -> None:
    content.graph.add((RULE, AUG.needConsent, AUG.Advertising))
    with pytest.raises(BadPolicy, match="needConsent") as raised:
        read_policy(content)
    assert raised.value.hint == "did you mean `needsConsent`?"


@pytest.mark.parametrize("predicate", ["grantedTo", "forPurpose", "onLegalClass", "reason"])
def test_policy_rule_without_a_part_is_refused(content: Content, predicate: str) -> None:
    content.graph.remove((RULE, AUG[predicate], None))
    with pytest.raises(BadPolicy, match=predicate):
        read_policy(content)


def test_policy_rule_without_a_legal_source_is_refused(content: Content) -> None:
    content.graph.remove((RULE, DCTERMS.source, None))
    with pytest.raises(BadPolicy, match="source"):
        read_policy(content)


def test_policy_with_two_rules_for_one_combination_is_refused(content: Content) -> None:
    content.graph.add((RULE, AUG.grantedTo, AUG.OperatorRole))
    content.graph.add((RULE, AUG.forPurpose, AUG.Operation))
    with pytest.raises(BadPolicy, match="contradicts"):
        read_policy(content)


def test_policy_rule_that_permits_and_forbids_is_refused(content: Content) -> None:
    content.graph.add((RULE, RDF.type, AUG.Prohibition))
    with pytest.raises(BadPolicy, match="Permission and aug:Prohibition"):
        read_policy(content)


def test_policy_with_one_code_for_two_roles_is_refused(content: Content) -> None:
    content.graph.set((AUG.CrmRole, AUG.code, Literal("adviser")))
    with pytest.raises(BadPolicy, match="adviser"):
        read_policy(content)


def test_check_of_the_shipped_policy_finds_nothing(shipped: Content) -> None:
    assert list(check.findings(shipped)) == []


def test_check_tells_what_is_wrong_with_the_policy(content: Content) -> None:
    content.graph.remove((RULE, DCTERMS.source, None))
    (found,) = check.findings(content)
    assert (found.term, found.kind) == ("AB501", "policy")
    assert found.hint


def test_check_refuses_a_criminal_moment_that_is_inferred(shipped: Content) -> None:
    inferred = next(m for m in shipped.moments if {p.kind for p in m.patterns} - {"Declared"})
    changed = replace(shipped, moments=(replace(inferred, legal_class="Criminal"),))
    found = [f for f in check.findings(changed) if "GDPR 10" in f.message]
    assert {f.term for f in found} == {p.iri for p in inferred.patterns if p.kind != "Declared"}


def test_check_refuses_a_criminal_moment_that_counts_without_the_consents_of_the_policy(shipped: Content) -> None:
    found = next(m for m in shipped.moments if m.legal_class == "Criminal")
    (pattern,) = found.patterns
    for asked in ((), ("advertising",), (*pattern.parameters["onlyIfPurpose"], "analysis")):
        changed = replace(pattern, parameters={**pattern.parameters, "onlyIfPurpose": asked})
        (finding,) = check.findings(replace(shipped, moments=(replace(found, patterns=(changed,)),)))
        assert finding.term == pattern.iri
        assert "criminal_data" in finding.hint
