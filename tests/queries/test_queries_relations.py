"""Which relations are to be checked, on a few families made up for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from augenblick.publish.library import load_library
from augenblick.publish.query import PREFIXES, with_parameters

QUERY = load_library(Path(__file__).resolve().parents[2] / "queries")["relations-to-check"]
HEAD = (
    "@prefix aug: <https://w3id.org/augenblick/ontology#> . @prefix : <https://bank.example/id/customer/> . "
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . aug:thisRun aug:asOf '2026-06-30'^^xsd:date . "
    ":a aug:customerId 'a' . :b aug:customerId 'b' . :c aug:customerId 'c' . "
)
HOME = "aug:street 'Weg 1' ; aug:postalCode '10115' ; aug:familyName 'Novak' ."
GUARDED = ":account a aug:Account ; aug:guardedBy :a ; aug:ownedBy :b . "
PRESUMED = (
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . aug:hasChild rdfs:label 'has child'@en . "
    ":p a aug:PresumedRelation ; aug:presumedOf :a ; aug:presumedKind aug:hasChild ; aug:logOdds 0.5 . "
)


def told(facts: str, lang: str = "en") -> list[tuple[str, str, str, str]]:
    """Return finding, customer, relative and reason on these facts."""
    store = Store()
    store.load(input=HEAD + facts, format=RdfFormat.TURTLE)
    text = with_parameters(QUERY.text, QUERY.values({"lang": lang}))
    found = store.query(text, prefixes=PREFIXES)
    return [tuple(row[n].value for n in ("finding", "customer", "relative", "reason")) for row in found]  # type: ignore[misc, union-attr, index]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (GUARDED, [("missing", "a", "b")]),
        (GUARDED + ":a aug:isKinOf :b .", []),
        (GUARDED + ":b aug:hasGuardian :a .", []),
        (":account a aug:Account ; aug:guardedBy :a ; aug:ownedBy :a .", []),
        (":a aug:sharesAccountWith :b .", [("missing", "a", "b")]),
        (f":a {HOME} :b {HOME}", [("missing", "a", "b"), ("missing", "b", "a")]),
        (f":a {HOME} :b {HOME} :a aug:isKinOf :b . :b aug:isKinOf :a .", []),
        (f":a {HOME} :b {HOME.replace('Weg 1', 'Weg 2')}", []),
        (f":a {HOME} :b {HOME.replace('Novak', 'Kaya')}", []),
        (PRESUMED + ":p aug:presumedRelative :b .", [("presumed", "a", "b")]),
        (PRESUMED + ":p aug:presumedRelative :x . :x a aug:UnnamedRelative .", [("presumed", "a", "(no customer)")]),
        (":a aug:hasPartner :b, :c .", [("contradicted", "a", "b"), ("contradicted", "a", "c")]),
        (":a aug:hasPartner :b .", []),
        (":a aug:hasPartner :b . :b aug:deathDate '2026-01-01'^^xsd:date .", [("expired", "a", "b")]),
        (":b aug:hasGuardian :a ; aug:birthDate '2008-06-30'^^xsd:date .", [("expired", "a", "b")]),
        (":b aug:hasGuardian :a ; aug:birthDate '2008-07-01'^^xsd:date .", []),
        (GUARDED + ":a aug:isKinOf :b . :b aug:birthDate '2008-06-30'^^xsd:date .", [("expired", "a", "b")]),
        (GUARDED + ":a aug:isKinOf :b . :b aug:birthDate '2008-07-01'^^xsd:date .", []),
    ],
)
def test_relations_to_check_are_exactly_those_the_facts_put_in_question(
    facts: str, expected: list[tuple[str, str, str]]
) -> None:
    assert [row[:3] for row in told(facts)] == expected


def test_reasons_are_told_in_the_language_asked_for() -> None:
    ((*_, german),) = told(GUARDED, "de")
    ((*_, english),) = told(GUARDED, "en")
    assert "Konto" in german
    assert "account" in english
