"""Offers judged on a small bank: made, refused in each layer, with all reasons and why not."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import Graph

from augenblick.content.model import Content, Dialogue, MomentType, Product, Words
from augenblick.model.errors import BadShape, NotFound
from augenblick.moments import create_tables
from augenblick.offers import dialogue, evaluate
from augenblick.reason import FactBase
from augenblick.store import in_memory

BASE = "https://bank.example/id/"
AUG = "https://w3id.org/augenblick/ontology#"
AS_OF = date(2026, 6, 30)
PREFIXES = """
@prefix : <https://bank.example/id/customer/> . @prefix aug: <https://w3id.org/augenblick/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix c: <https://example.org/condition/> .
"""
CONDITIONS = '''
c:terms sh:declare [ sh:prefix "aug" ; sh:namespace "https://w3id.org/augenblick/ontology#"^^xsd:anyURI ] .
c:adult a sh:NodeShape ; sh:name "volljährig"@de , "of age"@en ;
  sh:property [ sh:path ( aug:person aug:birthDate ) ; sh:maxInclusive "2008-06-30"^^xsd:date ;
    sh:message "Erst ab 18 Jahren."@de , "Only from 18 years on."@en ] ;
  sh:property [ sh:path ( aug:person aug:birthDate ) ; sh:minCount 1 ;
    sh:message "Geburtsdatum unbekannt."@de , "Birth date unknown."@en ] .
c:not-held a sh:NodeShape ; sh:sparql [ sh:prefixes c:terms ;
    sh:message "Schon vorhanden."@de , "Held already."@en ;
    sh:select """SELECT $this WHERE { $this aug:person ?p . ?k aug:holder ?p ; aug:contractProduct 'depot' .
      FILTER NOT EXISTS { ?k aug:closedOn ?end } }""" ] .
c:cushion a sh:NodeShape ;
  sh:property [ sh:path ( aug:person [ sh:inversePath aug:ownedBy ] aug:accountKind ) ; sh:hasValue "savings" ;
    sh:message "Kein Notgroschen."@de , "No emergency cushion."@en ] .
c:consent a sh:NodeShape ;
  sh:property [ sh:path ( aug:person [ sh:inversePath aug:person ] ) ;
    sh:qualifiedValueShape [ sh:property [ sh:path aug:consentStatus ; sh:hasValue "given" ] ] ;
    sh:qualifiedMinCount 1 ;
    sh:message "Keine Einwilligung."@de , "No consent."@en ] .
'''
FACTS = """
:anna a aug:Customer ; aug:birthDate "1990-01-01"^^xsd:date .
:ben a aug:Customer ; aug:birthDate "2012-01-01"^^xsd:date .
:cem a aug:Customer .
:anna-savings a aug:Account ; aug:ownedBy :anna ; aug:accountKind "savings" .
:anna-consent a aug:Consent ; aug:person :anna ; aug:consentStatus "given" .
:ben-depot a aug:Contract ; aug:holder :ben ; aug:contractProduct "depot" .
"""
CONDITION = "https://example.org/condition/"
MOMENT = "https://example.org/moment/birth"
DEPOT, ADVICE = "https://example.org/product/depot", "https://example.org/product/advice"


def words(text: str) -> Words:
    return Words(f"{text} (de)", f"{text} (en)")


def product(iri: str, **layers: tuple[str, ...]) -> Product:
    slug = iri.rsplit("/", 1)[-1]
    return Product(
        iri=iri, slug=slug, label=words(slug), definition=words(slug), words=words(slug), contract_codes=(),
        layers={layer: tuple(f"{CONDITION}{name}" for name in names) for layer, names in layers.items()},
        file=Path(f"products/{slug}.ttl"),
    )  # fmt: skip


def moment_type(*dialogues: Dialogue) -> MomentType:
    return MomentType(
        iri=MOMENT, slug="birth", label=words("birth"), definition=words("birth"), example=words("birth"),
        patterns=(), prior=Decimal(0), merge_window=timedelta(90), occurs_once=False, validity=timedelta(365),
        legal_class="Ordinary", content_state="live", tentative_from=Decimal("0.5"), confirmed_from=Decimal("0.9"),
        needs=(), products=(DEPOT, ADVICE), dialogues=dialogues, file=Path("moments/birth/moment.ttl"),
    )  # fmt: skip


def content(*products: Product, dialogues: tuple[Dialogue, ...] = ()) -> Content:
    return Content(
        root=Path(), graph=Graph().parse(data=PREFIXES + CONDITIONS, format="turtle"), shapes=Graph(), signals=(),
        moments=(moment_type(*dialogues),), products=products, core_rules=(), pattern_rules=(), condition_rules=(),
        queries=Path(),
    )  # fmt: skip


FULL = content(
    product(DEPOT, eligible=("adult",), applicable=("not-held",), suitable=("cushion",), contact=("consent",)),
    product(ADVICE),
)


@pytest.fixture
def bank():
    connection = in_memory()
    create_tables(connection)
    for customer, confidence, state, until in (
        ("anna", 0.95, "confirmed", date(2027, 1, 1)),
        ("ben", 0.6, "tentative", AS_OF),
        ("cem", 0.7, "confirmed", None),
        ("dora", 0.9, "dismissed", date(2027, 1, 1)),
        ("emil", 0.9, "confirmed", AS_OF - timedelta(1)),
    ):
        connection.execute(
            "INSERT INTO moments.moments BY NAME "
            "SELECT $id AS moment_id, $customer AS customer_id, $type AS moment_type, 'birth' AS slug, "
            "DATE '2026-03-12' AS occurred_from, DATE '2026-03-12' AS occurred_to, "
            "$until::DATE AS valid_until, $confidence AS confidence, $state AS state",
            {"id": f"{BASE}moment/{customer}/birth/2026-03-12", "customer": customer, "type": MOMENT,
             "until": until, "confidence": confidence, "state": state},
        )  # fmt: skip
    facts = FactBase(connection)
    facts.add_graph(Graph().parse(data=PREFIXES + FACTS, format="turtle"), name="facts")
    return connection, facts


def offers(connection) -> dict[tuple[str, str], tuple]:
    rows = connection.execute(
        "SELECT customer_id, product, eligible, applicable, suitable, contact, verdict, reasons_en, rank "
        "FROM offers.offers"
    ).fetchall()
    return {(row[0], row[1].rsplit("/", 1)[-1]): row[2:] for row in rows}


def test_offer_all_layers_allow_is_made_with_its_reasons(bank):
    connection, facts = bank
    evaluate(connection, facts, FULL, as_of=AS_OF)
    *layers, verdict, reasons, rank = offers(connection)["anna", "depot"]
    assert (layers, verdict, rank) == ([True] * 4, "offered", 1)
    assert reasons == ["Fulfilled: of age.", "All conditions are fulfilled."]


def test_offer_that_fails_names_first_layer_and_all_reasons(bank):
    connection, facts = bank
    evaluate(connection, facts, FULL, as_of=AS_OF)
    assert offers(connection)["ben", "depot"] == (
        *(False, False, False, False),
        "not eligible",
        ["Only from 18 years on.", "Held already.", "No emergency cushion.", "No consent."],
        2,
    )
    assert offers(connection)["cem", "depot"][:6] == (
        *(False, True, False, False),
        "not eligible",
        ["Birth date unknown.", "No emergency cushion.", "No consent."],
    )


def test_product_without_conditions_is_offered_and_says_so(bank):
    connection, facts = bank
    evaluate(connection, facts, FULL, as_of=AS_OF)
    assert offers(connection)["ben", "advice"][4:] == ("offered", ["No condition is set."], 1)


def test_dismissed_and_expired_moments_get_no_offer(bank):
    connection, facts = bank
    report = evaluate(connection, facts, FULL, as_of=AS_OF)
    assert {customer for customer, _ in offers(connection)} == {"anna", "ben", "cem"}
    assert (report.candidates, report.moments, report.made) == (6, 3, 4)


def test_offer_has_its_iri_and_its_verdicts_in_the_graph(bank):
    connection, facts = bank
    evaluate(connection, facts, FULL, as_of=AS_OF)
    offer = f"{BASE}offer/ben/birth/2026-03-12/depot"
    rows = facts.select(
        f"SELECT ?layer ?why WHERE {{ <{offer}> <{AUG}hasVerdict> ?v . ?v <{AUG}inLayer> ?layer ; <{AUG}whyNot> ?why . "
        'FILTER(LANG(?why) = "de") }'
    ).fetchall()
    assert {(layer.rsplit("#")[-1], why) for layer, why in rows} == {
        ("Eligibility", "Erst ab 18 Jahren."),
        ("Applicability", "Schon vorhanden."),
        ("Suitability", "Kein Notgroschen."),
        ("ContactPolicy", "Keine Einwilligung."),
    }
    assert facts.select(f'ASK {{ <{offer}> a <{AUG}OfferCandidate> ; <{AUG}verdict> "not eligible" }}')


def test_second_evaluation_replaces_the_first(bank):
    connection, facts = bank
    first = evaluate(connection, facts, FULL, as_of=AS_OF)
    graph = sorted(connection.execute(facts.quads_sql(names=["offers"])).fetchall())
    assert evaluate(connection, facts, FULL, as_of=AS_OF) == first
    assert sorted(connection.execute(facts.quads_sql(names=["offers"])).fetchall()) == graph


def test_report_text_counts_offers_by_product_and_verdict(bank):
    connection, facts = bank
    report = evaluate(connection, facts, FULL, as_of=AS_OF)
    assert report.text("en") == (
        "6 offer candidates for 3 moments, 4 of them made.\n  advice: 3 made\n  depot: 1 made, 2 not eligible"
    )
    assert report.to_dict()["counts"] == {ADVICE: {"offered": 3}, DEPOT: {"offered": 1, "not eligible": 2}}


def test_condition_that_does_not_exist_is_named_with_its_product(bank):
    connection, facts = bank
    with pytest.raises(BadShape, match=r"depot\.ttl: There is no shape https://example\.org/condition/nothing"):
        evaluate(connection, facts, content(product(DEPOT, eligible=("nothing",))), as_of=AS_OF)


def test_bank_without_moments_gives_an_empty_report():
    connection = in_memory()
    create_tables(connection)
    report = evaluate(connection, FactBase(connection), FULL, as_of=AS_OF)
    assert report.candidates == 0
    assert report.text("en") == "There is no moment for which a product is foreseen."


def test_dialogue_speaks_the_asked_language_and_first_by_iri_wins():
    both = [
        Dialogue(
            iri=f"https://example.org/{name}", channel_order=("branch", "phone"), conducted_by="human",
            tone=words("warm"), hand_over=words("adviser"), words=words("Congratulations"),
            must_not_say=words("product"),
            earliest=timedelta(14), latest=timedelta(90),
        )
        for name in ("b", "a")
    ]  # fmt: skip
    found = dialogue(content(dialogues=tuple(both)), "birth", "de")
    assert found is not None
    assert (found.iri, found.words, found.to_dict()["earliest_days"]) == (
        "https://example.org/a",
        "Congratulations (de)",
        14,
    )
    assert dialogue(FULL, MOMENT, "en") is None


def test_dialogue_of_unknown_moment_type_names_the_known():
    with pytest.raises(NotFound, match="known are: birth"):
        dialogue(FULL, "wedding", "en")
