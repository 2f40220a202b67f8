"""Phases: where a customer stands with a need, from their interactions."""

from __future__ import annotations

from datetime import date

import pyoxigraph as ox
import pytest
from content_plain_line import AUG, PREFIX, bank, facts

from augenblick import pipeline
from augenblick.content import Content
from augenblick.content.cases import Tables
from augenblick.ingest import contract
from augenblick.signals import detect

DAY = date(2026, 6, 30)
HOME = "https://w3id.org/augenblick/moment/relocation#protect-the-home"
SEEN = """SELECT ?customer ?need ?phase ?on ?latest WHERE {
  ?o a aug:PhaseObservation ; aug:person ?customer ; aug:forNeed ?need ; aug:inPhase ?phase ; aug:observedOn ?on .
  OPTIONAL { ?o a aug:LatestPhase . BIND(true AS ?latest) } }"""


def contact(who: str, day: str, kind: str, topic: str | None) -> dict[str, object]:
    named = f"{who}-{day}-{kind}"
    return {"interaction_id": named, "customer_id": who, "occurred_at": f"{day} 10:00:00", "channel": "web",
            "kind": kind, "topic": topic}  # fmt: skip


CONTACTS = [
    contact("anna", "2026-03-01", "search", "Hausratversicherung Vergleich"),
    contact("anna", "2026-03-05", "quote", "home_contents"),
    contact("anna", "2026-04-01", "first_use", "Hausrat App"),
    contact("anna", "2026-04-20", "referral", "Hausrat empfohlen"),
    contact("ben", "2026-03-01", "calculator", "HAUSRAT"),
    contact("ben", "2026-03-02", "search", None),
    contact("cara", "2026-03-01", "search", "Mutterschutz Schwangerschaft"),
]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return {"customers": [{"customer_id": n} for n in ("anna", "ben", "cara")], "interactions": CONTACTS}


@pytest.fixture(scope="module")
def seen(content: Content, tables: Tables) -> set[tuple[str, str, str, str, bool]]:
    """Customer, need, phase, day and whether it is the latest, as the whole line derives them."""
    _, fact_base = pipeline.detect_in(bank(tables), content, as_of=DAY)
    return {_row(row) for row in fact_base.select(PREFIX + SEEN, origin="test").terms()}


def _row(row) -> tuple[str, str, str, str, bool]:
    customer, need, phase, on, latest = row
    return _name(customer), str(need), _name(phase), str(on), latest is not None


def _name(term: object) -> str:
    return str(term).replace("#", "/").rsplit("/", 1)[-1]


def phases(seen, customer: str, *, latest: bool) -> set[tuple[str, str]]:
    return {(phase, on) for who, need, phase, on, last in seen if who == customer and need == HOME and last >= latest}


def test_phases_follow_the_customer_from_search_to_recommendation(seen):
    assert phases(seen, "anna", latest=False) == {
        ("ZeroMomentOfTruth", "2026-03-01"), ("Exploration", "2026-03-01"),
        ("FirstMomentOfTruth", "2026-03-05"), ("Evaluation", "2026-03-05"),
        ("SecondMomentOfTruth", "2026-04-01"), ("Experience", "2026-04-01"),
        ("ThirdMomentOfTruth", "2026-04-20"), ("Experience", "2026-04-20"),
    }  # fmt: skip


def test_latest_phase_is_one_moment_of_truth_and_one_mode(seen):
    assert phases(seen, "anna", latest=True) == {("ThirdMomentOfTruth", "2026-04-20"), ("Experience", "2026-04-20")}
    assert phases(seen, "ben", latest=True) == {("ZeroMomentOfTruth", "2026-03-01"), ("Exploration", "2026-03-01")}


def test_interaction_without_topic_or_on_a_protected_need_shows_no_phase(seen):
    assert not [row for row in seen if row[0] == "cara"]
    assert {on for who, _, _, on, _ in seen if who == "ben"} == {"2026-03-01"}


def test_no_need_of_a_protected_moment_has_topic_words(content: Content):
    protected = {n.iri for m in content.moments if m.legal_class in ("SpecialCategory", "Criminal") for n in m.needs}
    worded = {str(s) for s, p, _ in content.graph if str(p) == f"{AUG}topicWord"}
    assert worded
    assert not worded & protected
    assert worded <= {n.iri for m in content.moments for n in m.needs}


def test_every_kind_of_interaction_points_to_a_phase(content: Content):
    (table,) = [t for t in contract().tables if t.name == "interactions"]
    (kind,) = [f for f in table.fields if f.name == "kind"]
    known = {str(o) for s, p, o in content.graph if str(p) == f"{AUG}interactionKind" and "#Sign" in str(s)}
    assert known == set(kind.codes) - {"other"}


def test_phases_evaluated_plainly_are_the_same(content: Content, tables: Tables, seen):
    connection = bank(tables)
    detect(connection, content.signals, as_of=DAY)
    store = ox.Store()
    store.load(content.graph.serialize(format="nt").encode(), format=ox.RdfFormat.N_TRIPLES)
    store.extend(facts(connection, DAY))
    for stem in ("phase-observations", "latest-moment-of-truth", "latest-mode"):
        (rule,) = [path for path in content.core_rules if path.stem == stem]
        store.extend([ox.Quad(t.subject, t.predicate, t.object) for t in store.query(rule.read_text(encoding="utf-8"))])
    rows = store.query(PREFIX + SEEN)
    found = {
        (_name(r["customer"].value), r["need"].value, _name(r["phase"].value), r["on"].value, r["latest"] is not None)
        for r in rows
    }
    assert found == seen
