"""The products' conditions, compiled and judged over a few facts: what keeps an offer back, and its reason."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import SH

from augenblick.content import Content
from augenblick.model.terms import AUG
from augenblick.validate import Compiler

OFFER = "x:offer a aug:OfferCandidate ; aug:person x:anna ; aug:moment x:m ; aug:product"
HEAD = """@prefix aug: <https://w3id.org/augenblick/ontology#> . @prefix x: <https://bank.example/id/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix moment: <https://w3id.org/augenblick/moment/> .
@prefix product: <https://w3id.org/augenblick/product/> . @prefix signal: <https://w3id.org/augenblick/signal/> .
aug:thisRun aug:asOf "2026-06-30"^^xsd:date .
x:m a aug:Moment ; aug:person x:anna ; aug:occurredFrom "2026-05-01"^^xsd:date ; aug:occurredTo "2026-05-01"^^xsd:date .
x:anna a aug:Customer .
"""
ADULT = 'x:anna aug:birthDate "1990-01-01"^^xsd:date .'
CONSENT = (
    'x:c a aug:Consent ; aug:person x:anna ; aug:purpose "advertising" ; aug:consentStatus "given" ; '
    'aug:validFrom "2025-01-01"^^xsd:date .'
)
WITHDRAWN = CONSENT.replace("x:c", "x:w").replace("given", "withdrawn").replace("2025", "2026")
REFUSED_BEFORE = CONSENT.replace("x:c", "x:w").replace("given", "refused").replace("2025", "2024")
CUSHION = 'x:s a aug:Account ; aug:accountKind "savings" ; aug:ownedBy x:anna .'
CHILD_AGREES = "x:anna aug:hasChild x:b ." + CONSENT.replace("x:anna", "x:b").replace("advertising", "advice")
HELD = 'x:k a aug:Contract ; aug:holder x:anna ; aug:contractProduct "child_savings" .'
PARTNER_HOLDS = "x:anna aug:hasPartner x:b ." + HELD.replace("x:anna", "x:b")
RENT = 'x:r a aug:Series ; aug:signal signal:rent ; aug:person x:anna ; aug:lastOn "2026-06-01"^^xsd:date .'
YOUTH = 'x:y a aug:Account ; aug:accountKind "youth" ; aug:guardedBy x:anna ; aug:openedOn "2026-05-20"^^xsd:date .'
LOAN = 'x:l a aug:Account ; aug:accountKind "loan" ; aug:ownedBy x:anna .'

NO_CONSENT = "There is no consent to advertising on file."
WAS_WITHDRAWN = "Consent to advertising was withdrawn or refused."
SILENCE = "In the first six weeks after a bereavement we offer nothing."
NO_CUSHION = "There is no savings account yet as an emergency cushion."
NO_JOB = "After the loss of a job we help and sell nothing, no credit above all."
BEREAVED = "In the year after a bereavement we sell nothing, no credit above all."
TENANT = "The person rents; the conversion would be the landlord's affair."


def born(day: str) -> str:
    return f'x:anna aug:birthDate "{day}"^^xsd:date .'


def ends(thing: str, how: str, day: str) -> str:
    return f'{thing} aug:{how} "{day}"^^xsd:date .'


def moment(kind: str, day: str) -> str:
    return (
        f'x:o a aug:Moment ; aug:person x:anna ; aug:momentType moment:{kind} ; aug:state "confirmed" ; '
        f'aug:occurredTo "{day}"^^xsd:date .'
    )


def reasons(content: Content, product: str, layer: str, facts: str) -> set[str]:
    """Return the English reasons why the layer's conditions are not met; empty if they are."""
    chosen = content.product(product)
    assert chosen is not None
    store = ox.Store()
    codes = " ".join(f'<{chosen.iri}> aug:contractCode "{code}" .' for code in chosen.contract_codes)
    store.load(f"{HEAD}{facts} {OFFER} <{chosen.iri}> . {codes}".encode(), format=ox.RdfFormat.TURTLE)
    compiler = Compiler(content.graph)
    scope = f"?focus <{AUG}product> <{chosen.iri}> ."
    conditions = [compiler.compile(URIRef(shape), scope) for shape in chosen.layers[layer]]
    return {c.messages["en"] for condition in conditions for c in condition.constraints if any(store.query(c.select))}


@pytest.mark.parametrize(
    ("product", "layer", "facts", "reason"),
    [
        ("child-savings", "eligible", ADULT, None),
        ("child-savings", "eligible", "", "The birth date is not known."),
        ("child-savings", "eligible", born("2008-07-01"), "The person is not yet eighteen."),
        ("child-savings", "eligible", born("2008-06-30"), None),
        ("child-savings", "eligible", ADULT + ends("x:anna", "deathDate", "2026-01-01"), "The person has died."),
        ("child-savings", "contact", CONSENT, None),
        ("child-savings", "contact", "", NO_CONSENT),
        ("child-savings", "contact", CONSENT + ends("x:c", "validTo", "2026-06-29"), NO_CONSENT),
        ("child-savings", "contact", CONSENT + ends("x:c", "validTo", "2026-06-30"), None),
        ("child-savings", "contact", CONSENT + WITHDRAWN, WAS_WITHDRAWN),
        ("child-savings", "contact", CONSENT + REFUSED_BEFORE, None),
        ("child-savings", "contact", CONSENT + moment("partner-death", "2026-05-19"), SILENCE),
        ("child-savings", "contact", CONSENT + moment("partner-death", "2026-05-18"), None),
        ("child-savings", "suitable", moment("job-loss", "2026-05-01"), NO_JOB),
        ("child-savings", "applicable", HELD, "The person already holds the product."),
        ("child-savings", "applicable", HELD + ends("x:k", "closedOn", "2025-01-01"), None),
        ("child-savings", "applicable", PARTNER_HOLDS, "The household already holds the product."),
        ("junior-depot", "suitable", "", NO_CUSHION),
        ("junior-depot", "suitable", CUSHION, None),
        ("junior-depot", "suitable", CUSHION + ends("x:s", "closedOn", "2026-01-01"), NO_CUSHION),
        ("grandchild-depot", "suitable", CUSHION, "The grandchild's parents have not agreed yet."),
        ("grandchild-depot", "suitable", CUSHION + CHILD_AGREES, None),
        ("barrier-free-loan", "suitable", moment("partner-death", "2026-01-01"), BEREAVED),
        ("barrier-free-loan", "suitable", RENT, TENANT),
        ("instalment-pause", "applicable", "", "There is no running loan whose instalments could rest."),
        ("instalment-pause", "applicable", LOAN, None),
        ("childrens-account", "applicable", YOUTH, "There is an account for the child already."),
        ("rental-deposit-guarantee", "applicable", "", "Nothing shows that the person rents."),
        ("rental-deposit-guarantee", "applicable", RENT, None),
        ("eighteen-plus-card", "eligible", born("2000-06-29"), "The card is for people up to twenty-five."),
        ("eighteen-plus-card", "eligible", born("2000-06-30"), None),
        ("pension-drawdown", "eligible", ADULT, "The drawdown plan starts at fifty-five."),
        ("bereavement-desk", "contact", moment("partner-death", "2026-06-29"), None),
        ("estate-service", "contact", moment("partner-death", "2026-06-29"), SILENCE),
    ],
)
def test_condition_keeps_an_offer_back_with_its_reason(
    content: Content, product: str, layer: str, facts: str, reason: str | None
) -> None:
    assert reasons(content, product, layer, facts) == ({reason} if reason else set())


def test_every_condition_has_its_reason_in_both_languages(content: Content) -> None:
    for product in content.products:
        for shapes in product.layers.values():
            for shape in shapes:
                parts = [
                    *content.graph.objects(URIRef(shape), SH.property),
                    *content.graph.objects(URIRef(shape), SH.sparql),
                ]
                assert parts, shape
                for part in parts:
                    languages = {m.language for m in content.graph.objects(part, SH.message) if isinstance(m, Literal)}
                    assert languages == {"de", "en"}, shape
