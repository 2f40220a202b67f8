"""What evidence is published: what an indication rests on, down to the booking."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import Graph

from augenblick.facts import left_out_sql
from augenblick.reason import QUADS_ORDER, FactBase

EVIDENCE = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
PREFIX : <urn:>
:shown a aug:Series ; aug:firstOccurrence :first ; aug:lastOccurrence :last .
:other a aug:Series ; aug:firstOccurrence :unused .
:first a aug:Occurrence ; aug:booking :b1 .
:last a aug:Occurrence ; aug:booking :b2 .
:unused a aug:Occurrence ; aug:booking :b3 .
:stepped a aug:Occurrence ; aug:booking :b4 .
:single a aug:Occurrence ; aug:booking :b5 .
:step a aug:AmountStep ; aug:atOccurrence :stepped .
:b1 a aug:Booking . :b2 a aug:Booking . :b3 a aug:Booking . :b4 a aug:Booking . :b5 a aug:Booking .
"""
INDICATIONS = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
PREFIX : <urn:>
:i1 a aug:Candidate, aug:Indication ; aug:restsOn :shown .
:i2 a aug:Candidate, aug:Indication ; aug:restsOn :single .
:i3 a aug:Candidate ; aug:restsOn :step .
"""


def left_out(facts: FactBase) -> set[str]:
    rows = facts.connection.execute(f"SELECT id FROM ({left_out_sql(facts)})").fetchall()
    return {str(term).removeprefix("urn:") for term in facts.dictionary.terms(row[0] for row in rows).values()}


@pytest.fixture
def facts() -> FactBase:
    base = FactBase(duckdb.connect())
    base.add_graph(Graph().parse(data=EVIDENCE, format="turtle"), name="evidence")
    return base


def test_published_evidence_without_indications_has_no_occurrence(facts: FactBase) -> None:
    assert left_out(facts) == {"first", "last", "unused", "stepped", "single", "b1", "b2", "b3", "b4", "b5"}


def test_published_evidence_keeps_what_indications_rest_on_down_to_bookings(facts: FactBase) -> None:
    facts.add_graph(Graph().parse(data=INDICATIONS, format="turtle"), name="inferred")
    assert left_out(facts) == {"unused", "b3", "stepped", "b4"}


def test_published_quads_do_not_point_at_what_is_left_out(facts: FactBase) -> None:
    facts.add_graph(Graph().parse(data=INDICATIONS, format="turtle"), name="inferred")
    quads = facts.ordered_quads_sql(without=left_out_sql(facts))
    rows = facts.connection.execute(f"SELECT s, o FROM ({quads})").fetchall()
    assert {"<urn:shown>", "<urn:last>", "<urn:b5>", "<urn:step>"} <= {s for s, _ in rows}
    assert not {"<urn:unused>", "<urn:b3>", "<urn:stepped>"} & {term for row in rows for term in row}


def test_published_quads_with_others_beside_are_numbered_in_the_order_of_their_text(facts: FactBase) -> None:
    beside = (
        "VALUES ('<urn:g>', '<urn:b2>', '<urn:p>', '\"x\"'), ('<urn:g>', '<urn:a>', '<urn:p>', '<urn:b1>'), "
        "('<urn:g>', '<urn:z>', '<urn:p>', '<urn:b1>')"
    )
    quads = facts.ordered_quads_sql(without=left_out_sql(facts), beside=f"SELECT * FROM ({beside}) further(g, s, p, o)")
    rows = facts.connection.execute(f"SELECT s, p, o, g FROM ({quads}) ORDER BY {QUADS_ORDER}").fetchall()
    assert rows == sorted(rows)
    assert {"<urn:a>", "<urn:b2>", "<urn:z>"} <= {row[0] for row in rows}
