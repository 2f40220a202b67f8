"""Every shape for the facts: it fires on what it is for, and not on the near miss."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import SH, Graph, URIRef

from augenblick.validate import read_shapes
from augenblick.validate.results import results
from augenblick.validate.shapes import shapes_graph

SHAPES = Path(__file__).resolve().parents[2] / "shapes" / "data"
PREFIXES = """
@prefix : <https://bank.example/id/> . @prefix aug: <https://w3id.org/augenblick/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
aug:thisRun aug:asOf "2026-06-30"^^xsd:date .
:anna a aug:Customer . :ben a aug:Customer . :cem a aug:Customer .
"""


def day(text: str) -> str:
    return f'"{text}"^^xsd:date'


CASES = {
    "parent-younger": (
        f":anna aug:hasChild :ben ; aug:birthDate {day('1990-01-01')} . :ben aug:birthDate {day('1990-01-01')} .",
        f":anna aug:hasChild :ben ; aug:birthDate {day('1990-01-01')} . :ben aug:birthDate {day('2010-01-01')} .",
    ),
    "parent-under-twelve": (
        f":ben aug:hasParent :anna ; aug:birthDate {day('2001-12-31')} . :anna aug:birthDate {day('1990-01-01')} .",
        f":ben aug:hasParent :anna ; aug:birthDate {day('2002-01-01')} . :anna aug:birthDate {day('1990-01-01')} .",
    ),
    "parenthood-cycle": (
        ":anna aug:hasChild :ben . :ben aug:hasChild :cem . :anna aug:hasParent :cem .",
        ":anna aug:hasChild :ben . :ben aug:hasChild :cem . :cem aug:hasParent :anna .",
    ),
    "grandparent-under-twenty-four": (
        f":anna aug:hasGrandchild :ben ; aug:birthDate {day('1990-01-01')} . :ben aug:birthDate {day('2013-12-31')} .",
        f":anna aug:hasGrandchild :ben ; aug:birthDate {day('1990-01-01')} . :ben aug:birthDate {day('2014-01-01')} .",
    ),
    "kin-of-oneself": (":anna aug:hasPartner :anna .", ":anna aug:hasPartner :ben ."),
    "kin-unknown": (":anna aug:hasChild :nobody .", ":anna aug:hasChild :ben ."),
    "partner-and-child": (
        ":anna aug:hasPartner :ben . :ben aug:hasParent :anna .",
        ":anna aug:hasPartner :ben . :cem aug:hasParent :anna , :ben .",
    ),
    "partner-under-sixteen": (
        f":anna aug:hasPartner :ben . :ben aug:birthDate {day('2010-07-01')} .",
        f":anna aug:hasPartner :ben . :ben aug:birthDate {day('2010-06-30')} .",
    ),
    "partners-several": (":anna aug:hasPartner :ben , :cem .", ":anna aug:hasPartner :ben ."),
    "death-before-birth": (
        f":anna aug:birthDate {day('1990-01-02')} ; aug:deathDate {day('1990-01-01')} .",
        f":anna aug:birthDate {day('1990-01-01')} ; aug:deathDate {day('1990-01-01')} .",
    ),
    "birth-in-future": (f":anna aug:birthDate {day('2026-07-01')} .", f":anna aug:birthDate {day('2026-06-30')} ."),
    "death-in-future": (f":anna aug:deathDate {day('2026-07-01')} .", f":anna aug:deathDate {day('2026-06-30')} ."),
    "age-over-125": (
        f":anna aug:birthDate {day('1901-06-29')} .",
        f":anna aug:birthDate {day('1901-06-30')} ."
        f":ben aug:birthDate {day('1880-01-01')} ; aug:deathDate {day('1950-01-01')} .",
    ),
    "customer-before-birth": (
        f":anna aug:birthDate {day('1990-01-02')} ; aug:customerSince {day('1990-01-01')} .",
        f":anna aug:birthDate {day('1990-01-02')} ; aug:customerSince {day('1990-01-02')} .",
    ),
    "birth-date-twice": (
        f":anna aug:birthDate {day('1990-01-02')} , {day('1990-01-01')} .",
        f":anna aug:birthDate {day('1990-01-02')} . :ben aug:birthDate {day('1990-01-01')} .",
    ),
    "death-date-twice": (
        f":anna aug:deathDate {day('1990-01-02')} , {day('1990-01-01')} .",
        f":anna aug:deathDate {day('1990-01-02')} .",
    ),
    "civil-status-twice": (':anna aug:civilStatus "a" , "b" .', ':anna aug:civilStatus "a" .'),
    "postal-code-twice": (':anna aug:postalCode "a" , "b" .', ':anna aug:postalCode "a" .'),
    "birth-date-not-a-date": (':anna aug:birthDate "1990" .', f":anna aug:birthDate {day('1990-01-01')} ."),
    "account-without-owner": (
        ":a a aug:Account ; aug:authorisedFor :anna .",
        ":a a aug:Account ; aug:ownedBy :anna .",
    ),
    "account-holder-unknown": (
        ":a a aug:Account ; aug:ownedBy :nobody .",
        ":a a aug:Account ; aug:ownedBy :anna ; aug:coOwnedBy :ben .",
    ),
    "account-closed-before-opened": (
        f":a a aug:Account ; aug:openedOn {day('2020-01-02')} ; aug:closedOn {day('2020-01-01')} .",
        f":a a aug:Account ; aug:openedOn {day('2020-01-01')} ; aug:closedOn {day('2020-01-01')} .",
    ),
    "booking-before-opening": (
        f":a a aug:Account ; aug:openedOn {day('2020-01-02')} ; aug:firstBookingOn {day('2020-01-01')} .",
        f":a a aug:Account ; aug:openedOn {day('2020-01-01')} ; aug:firstBookingOn {day('2020-01-01')} .",
    ),
    "booking-after-closing": (
        f":a a aug:Account ; aug:lastBookingOn {day('2020-01-02')} ; aug:closedOn {day('2020-01-01')} .",
        f":a a aug:Account ; aug:lastBookingOn {day('2020-01-01')} ; aug:closedOn {day('2020-01-01')} .",
    ),
    "account-currency": (':a a aug:Account ; aug:currency "Euro" .', ':a a aug:Account ; aug:currency "EUR" .'),
    "contract-closed-before-opened": (
        f":k a aug:Contract ; aug:openedOn {day('2020-01-02')} ; aug:closedOn {day('2020-01-01')} .",
        f":k a aug:Contract ; aug:openedOn {day('2020-01-01')} .",
    ),
    "contract-without-holder": (":k a aug:Contract .", ":k a aug:Contract ; aug:holder :anna ."),
    "contract-holder-unknown": (":k a aug:Contract ; aug:holder :x .", ":k a aug:Contract ; aug:holder :anna ."),
    "relation-ends-before-start": (
        f":r a aug:Relation ; aug:validFrom {day('2020-01-02')} ; aug:validTo {day('2020-01-01')} .",
        f":r a aug:Relation ; aug:validFrom {day('2020-01-02')} ; aug:validTo {day('2020-01-02')} .",
    ),
    "relation-incomplete": (
        ":r a aug:Relation ; aug:relationSubject :anna .",
        ":r a aug:Relation ; aug:relationSubject :anna ; aug:relationObject :ben .",
    ),
    "consent-ends-before-start": (
        f":c a aug:Consent ; aug:validFrom {day('2020-01-02')} ; aug:validTo {day('2020-01-01')} .",
        f":c a aug:Consent ; aug:validFrom {day('2020-01-02')} .",
    ),
    "consent-without-person": (":c a aug:Consent .", ":c a aug:Consent ; aug:person :anna ."),
    "consent-status": (
        ':c a aug:Consent ; aug:consentStatus "maybe" .',
        ':c a aug:Consent ; aug:consentStatus "given" .',
    ),
}


@pytest.fixture(scope="module")
def compiled():
    return {str(shape.shape).rsplit("/", 1)[-1]: shape for shape in read_shapes(SHAPES)}


def test_data_shapes_are_all_tried_here(compiled):
    assert set(compiled) == set(CASES)


@pytest.mark.parametrize("slug", CASES)
def test_data_shape_fires_on_its_fault_and_not_on_the_near_miss(slug, compiled, on_oxigraph):
    fault, near = (Graph().parse(data=PREFIXES + text, format="turtle") for text in CASES[slug])
    assert list(results([compiled[slug]], on_oxigraph(fault)))
    assert not list(results([compiled[slug]], on_oxigraph(near)))


@pytest.mark.parametrize("slug", CASES)
def test_data_shape_has_name_and_message_in_both_languages(slug):
    graph, _ = shapes_graph(SHAPES)
    shape = URIRef(f"https://w3id.org/augenblick/shape/{slug}")
    for term in (SH.name, SH.message):
        assert {literal.language for literal in graph.objects(shape, term)} == {"de", "en"}


def test_message_names_the_people_and_leaves_no_slot_open(compiled, on_oxigraph):
    graph = Graph().parse(data=PREFIXES + CASES["parent-younger"][0], format="turtle")
    (found,) = results([compiled["parent-younger"]], on_oxigraph(graph))
    assert found.message("en") == "anna is recorded as a parent of ben but was not born before the child."
    assert found.message("de") == "anna ist als Elternteil von ben erfasst, aber nicht vor dem Kind geboren."
