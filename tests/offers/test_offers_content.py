"""The conditions of the shipped products compile, and judge a small family without an error."""

from __future__ import annotations

from datetime import date

import pytest
from rdflib import Graph

from augenblick.content import load_content
from augenblick.moments import create_tables
from augenblick.offers import dialogue, evaluate
from augenblick.reason import FactBase
from augenblick.store import in_memory

BASE = "https://bank.example/id/"
FACTS = """
@prefix : <https://bank.example/id/customer/> . @prefix aug: <https://w3id.org/augenblick/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
aug:thisRun aug:asOf "2026-06-30"^^xsd:date .
:anna a aug:Customer ; aug:customerId "anna" ; aug:birthDate "1960-01-01"^^xsd:date .
"""


@pytest.fixture(scope="module")
def content():
    return load_content()


def test_shipped_products_are_judged_for_every_moment_type(content):
    connection = in_memory()
    create_tables(connection)
    facts = FactBase(connection)
    facts.add_graph(Graph().parse(data=FACTS, format="turtle"), name="facts")
    facts.add_graph(content.graph, name="ontology")
    for moment in content.moments:
        connection.execute(
            "INSERT INTO moments.moments BY NAME SELECT $id AS moment_id, 'anna' AS customer_id, $type AS moment_type, "
            "$slug AS slug, DATE '2026-06-01' AS occurred_from, DATE '2026-06-01' AS occurred_to, 0.9 AS confidence, "
            "DATE '2026-12-31' AS valid_until, 'confirmed' AS state",
            {"id": f"{BASE}moment/anna/{moment.slug}/2026-06-01", "type": moment.iri, "slug": moment.slug},
        )
    report = evaluate(connection, facts, content, as_of=date(2026, 6, 30))
    assert report.candidates == sum(len(moment.products) for moment in content.moments)
    unsaid = connection.execute(
        "SELECT count(*) FROM offers.verdicts WHERE len(reasons_de) = 0 OR len(reasons_en) = 0 "
        "OR list_contains(list_transform(reasons_de, lambda r: contains(r, ' verletzt ')), true)"
    ).fetchall()
    assert unsaid == [(0,)]


def test_every_moment_type_has_a_dialogue_in_both_languages(content):
    for moment in content.moments:
        german, english = dialogue(content, moment.slug, "de"), dialogue(content, moment.slug, "en")
        assert german is not None
        assert english is not None
        assert german.words != english.words
