"""The reconciliation of relations on a few families made up for it: what is found, and with which proof."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from augenblick.publish.library import load_library
from augenblick.publish.query import PREFIXES, with_parameters

ROOT = Path(__file__).resolve().parents[2]
QUERY = load_library(ROOT / "queries")["reconciliation"]
HEAD = (
    "@prefix aug: <https://w3id.org/augenblick/ontology#> . @prefix : <https://bank.example/id/customer/> . "
    "@prefix moment: <https://w3id.org/augenblick/moment/> . "
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . aug:thisRun aug:asOf '2026-06-30'^^xsd:date . "
    ":a aug:customerId 'a' . :b aug:customerId 'b' . :c aug:customerId 'c' . "
)
PARTNERS = ":r a aug:Relation ; aug:relationKind aug:hasPartner ; aug:relationSubject :a ; aug:relationObject :b . "
DIVORCE = (
    ":a aug:hasPartner :b . :m aug:momentType moment:divorce ; aug:person :a ; aug:occurredTo '2026-03-01'^^xsd:date ; "
)
GUARDED = ":k a aug:Account ; aug:accountId 'k' ; aug:ownedBy :a ; aug:guardedBy :b . "
PRESUMED = (
    ":p a aug:PresumedRelation ; aug:presumedOf :a ; aug:presumedRelative :b ; aug:presumedKind aug:hasPartner ; "
    "aug:logOdds 1.5 ; aug:restsOnClue :l, :n . :l aug:bySign aug:PartnersShareAccount ; aug:restsOn :k . "
    ":n aug:bySign aug:PartnersSameAddress ; aug:restsOn :b . :k aug:accountId 'k' . "
)
UNNAMED = (
    ":p a aug:PresumedRelation, aug:UsableRelation ; aug:presumedOf :a ; aug:presumedRelative :x ; aug:logOdds 4.2 ; "
    "aug:presumedKind aug:hasChild ; aug:restsOn :s . :x a aug:UnnamedRelative . :s aug:payerName 'Familienkasse' ; "
    "aug:bookings 6 ; aug:firstOn '2026-01-05'^^xsd:date ; aug:lastOn '2026-06-05'^^xsd:date . "
)


@pytest.fixture(scope="module")
def words() -> list[bytes]:
    """The shared terms with their labels, as they lie in every published graph."""
    return [path.read_bytes() for path in sorted((ROOT / "ontology/core").glob("*.ttl"))]


def told(words: list[bytes], facts: str, lang: str = "en", customer: str = "*") -> list[dict[str, str]]:
    """Return the rows of the report on these facts."""
    store = Store()
    for file in words:
        store.load(input=file, format=RdfFormat.TURTLE)
    store.load(input=HEAD + facts, format=RdfFormat.TURTLE)
    text = with_parameters(QUERY.text, QUERY.values({"lang": lang, "customer": customer}))
    found = store.query(text, prefixes=PREFIXES)
    names = [variable.value for variable in found.variables]  # type: ignore[union-attr]
    return [{n: row[n].value for n in names if row[n] is not None} for row in found]  # type: ignore[misc, union-attr, index]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("", []),
        (":a aug:hasPartner :b . " + PARTNERS, []),
        (":a aug:hasPartner :b, :c .", [("contradicted", "a", "b"), ("contradicted", "a", "c")]),
        (":a aug:hasPartner :b ; aug:hasSibling :b .", [("contradicted", "a", "b")]),
        (":a aug:hasPartner :b . :b aug:deathDate '2026-01-01'^^xsd:date .", [("expired", "a", "b")]),
        (PARTNERS + DIVORCE + "aug:state 'confirmed' .", [("expired", "a", "b")]),
        (PARTNERS + DIVORCE + "aug:state 'tentative' .", []),
        (PARTNERS + DIVORCE + "aug:state 'confirmed' . :r aug:validFrom '2026-05-01'^^xsd:date .", []),
        (PARTNERS + ":r aug:validTo '2026-06-29'^^xsd:date .", [("expired", "a", "b")]),
        (PARTNERS + ":r aug:validTo '2026-06-30'^^xsd:date .", []),
        (GUARDED + ":a aug:birthDate '2008-06-30'^^xsd:date .", [("expired", "a", "b")]),
        (GUARDED + ":a aug:birthDate '2008-07-01'^^xsd:date .", []),
        (":a aug:hasGuardian :b ; aug:birthDate '2008-06-30'^^xsd:date .", [("expired", "a", "b")]),
        (PRESUMED, [("missing", "a", "b")] * 3),
        (UNNAMED, [("missing", "a", "")]),
    ],
)
def test_findings_are_exactly_those_the_facts_show(
    words: list[bytes], facts: str, expected: list[tuple[str, str, str]]
) -> None:
    assert [(row["finding"], row["customer"], row["relative"]) for row in told(words, facts)] == expected


def test_prior_and_signs_of_a_missing_relation_add_up_to_its_weight(words: list[bytes]) -> None:
    rows = told(words, PRESUMED)
    assert sum(float(row["signWeight"]) for row in rows) == pytest.approx(float(rows[0]["weight"]))
    assert {row["shown"] for row in rows} == {"account k", "master data of b", ""}
    assert {row["used"] for row in rows} == {"false"}


def test_child_who_is_no_customer_is_told_by_the_payments_that_show_it(words: list[bytes]) -> None:
    (row,) = told(words, UNNAMED)
    assert (row["used"], row["shown"]) == ("true", "6 bookings, 2026-01-05 – 2026-06-05: Familienkasse")


def test_one_customers_findings_are_told_in_the_language_asked_for(words: list[bytes]) -> None:
    assert told(words, PRESUMED, customer="b") == []
    assert "Paare" in " ".join(row["reason"] for row in told(words, PRESUMED, "de", "a"))
