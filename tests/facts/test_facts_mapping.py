"""Which triples the bank's rows and the evidence become."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from given_content import GivenContent
from rdflib import Graph

from augenblick.content.model import Signal
from augenblick.facts import load, needed_signals

CUSTOMER = "customer/anna%20m"


def test_customer_row_becomes_strings_and_dates_death_after_as_of_untold(facts):
    told = facts.of(CUSTOMER)
    assert {("type", "Customer"), ("customerId", '"anna m"'), ("givenName", '"Anna"')} <= told
    assert ("birthDate", '"1990-02-03"^^date') in told
    assert not [entry for entry in told if entry[0] == "deathDate"]
    assert ("deathDate", '"2026-06-30"^^date') in facts.of("customer/bert")


def test_kinship_holds_for_relations_valid_on_the_day_only(facts):
    kin = {entry for entry in facts.of(CUSTOMER) if entry[0].startswith("has")}
    assert kin == {("hasChild", "customer/kim")}


def test_every_relation_row_becomes_a_relation(facts):
    relations = [facts.of(relation) for relation in facts.subjects("Relation")]
    assert len(relations) == 3
    assert {("relationSubject", CUSTOMER), ("relationObject", "customer/bert"), ("relationKind", "hasPartner"),
            ("validTo", '"2026-06-29"^^date'), ("type", "Relation")} in relations  # fmt: skip


def test_changes_are_counted_per_customer_in_time_and_later_ones_untold(facts):
    assert facts.subjects("MasterDataChange") == {"change/bert/1", "change/bert/2"}
    assert ("newValue", '"Gera"') in facts.of("change/bert/2")


def test_account_knows_holders_and_bookings_but_not_its_later_end(facts):
    assert facts.of("account/a1") == {
        ("type", "Account"), ("accountId", '"a1"'), ("accountKind", '"giro"'), ("currency", '"EUR"'),
        ("openedOn", '"2019-01-01"^^date'), ("ownedBy", CUSTOMER), ("guardedBy", "customer/bert"),
        ("firstBookingOn", '"2026-01-01"^^date'), ("lastBookingOn", '"2026-06-05"^^date'),
    }  # fmt: skip
    assert facts.of("account/a2") == set()


def test_contract_amount_is_a_decimal(facts):
    assert ("amount", '"1200.5"^^decimal') in facts.of("contract/k1")


def test_interaction_until_the_end_of_the_day_is_told(facts):
    assert facts.subjects("Interaction") == {"interaction/i1"}


def test_consent_lies_in_its_own_graph(facts):
    rows = facts.connection.execute(f"SELECT DISTINCT p FROM ({facts.base.quads_sql(names=['consent'])})").fetchall()
    assert len(rows) == 6
    assert facts.counts["consent"]["Consent"] == 1


def test_declaration_names_the_moment_type(facts):
    [declaration] = facts.subjects("Declaration")
    assert ("declaredMoment", "https://w3id.org/augenblick/moment/some-moment") in facts.of(declaration)
    assert ("declaredBy", '"adviser"') in facts.of(declaration)


def test_run_tells_its_date_and_the_first_booking(facts):
    rows = facts.connection.execute(
        f"SELECT o FROM ({facts.base.quads_sql()}) WHERE s LIKE '%thisRun>' AND p NOT LIKE '%#type>' ORDER BY o"
    ).fetchall()
    assert [o[:12] for (o,) in rows] == ['"2026-01-01"', '"2026-06-30"']


def test_occurrences_asked_for_and_those_at_the_ends_of_series_become_facts(facts):
    booked = {o for occurrence in facts.subjects("Occurrence") for p, o in facts.of(occurrence) if p == "booking"}
    assert booked == {"booking/p1", "booking/p5", "booking/g1"}
    assert facts.subjects("Booking") == booked


def test_series_carries_spans_counts_and_its_ends(facts):
    [series] = facts.subjects("Series")
    told = dict(facts.of(series))
    assert told["cadence"] == '"P30D"^^dayTimeDuration'
    assert told["bookings"] == '"5"^^integer'
    assert told["level"] == '"2000"^^decimal'
    assert told["history"] == '"PT0S"^^dayTimeDuration'
    assert told["person"] == CUSTOMER
    assert {told["firstOccurrence"], told["lastOccurrence"]} <= facts.subjects("Occurrence")


def test_loading_twice_gives_the_same_facts(facts, content):
    before = set(facts.connection.execute(facts.base.quads_sql()).fetchall())
    load(facts.base, facts.connection, as_of=date(2026, 6, 30), content=content)
    assert set(facts.connection.execute(facts.base.quads_sql()).fetchall()) == before


def test_condition_that_also_looks_at_series_needs_no_occurrences_of_recurring_signals(tmp_path):
    recurring, single = Signal(iri="https://x/signal/a", recurring=True), Signal(iri="https://x/signal/b")
    texts = ("?p aug:unlessSignal ?s . ?x a aug:Occurrence", "?p aug:unlessSignal ?s . ?x a aug:Series")
    rules = []
    for number, text in enumerate(texts):
        rules.append(tmp_path / f"{number}.rq")
        rules[-1].write_text(text)
    pattern = SimpleNamespace(kind="K", parameters={"unlessSignal": (recurring.iri, single.iri)})
    content = GivenContent(
        signals=(recurring, single), moments=(SimpleNamespace(patterns=(pattern,)),), shapes=Graph(), core_rules=(),
        pattern_rules=(), condition_rules=tuple(rules), moment_rules=(),
    )  # fmt: skip
    assert needed_signals(content) == {single.iri}
