"""From facts back to rows."""

from __future__ import annotations

import pytest
from rdflib import URIRef

from augenblick.facts import source

BASE = "https://bank.example/id/"
AUG = "https://w3id.org/augenblick/ontology#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@pytest.fixture
def rows(facts):
    def find(s: str, p: str, o: str) -> list[tuple[str, int | None]]:
        found = source(facts.connection, facts.mappings, URIRef(BASE + s), p if "://" in p else AUG + p, o)
        return [(row.table, row.line) for row in found]

    return find


def test_master_data_fact_leads_to_its_line_and_file(facts):
    [row] = source(facts.connection, facts.mappings, f"{BASE}customer/anna%20m", f"{AUG}birthDate", "1990-02-03")
    assert (row.table, row.file, row.line, row.row["given_name"]) == ("bank.customers", "export.csv", 2, "Anna")


def test_fact_that_no_row_states_has_no_source(rows):
    assert rows("customer/anna%20m", "birthDate", "1990-02-04") == []
    assert rows("customer/anna%20m", "hasChild", f"{BASE}customer/ida") == []
    assert rows("customer/nobody", TYPE, f"{AUG}Customer") == []


def test_kinship_fact_leads_to_the_relation_row_that_states_it(rows):
    assert rows("customer/anna%20m", "hasChild", f"{BASE}customer/kim") == [("bank.relations", 3)]


def test_holder_fact_leads_to_the_holder_row(rows):
    assert rows("account/a1", "guardedBy", f"{BASE}customer/bert") == [("bank.account_holders", 3)]


def test_first_and_last_booking_dates_lead_to_those_bookings_not_to_the_account(rows):
    assert rows("account/a1", "firstBookingOn", "2026-01-01") == [("bank.transactions", 2)]
    assert rows("account/a1", "lastBookingOn", "2026-06-05") == [("bank.transactions", 8)]
    assert rows("account/a1", "firstBookingOn", "2026-06-05") == []
    assert rows("account/a1", "openedOn", "2019-01-01") == [("bank.accounts", 2)]


def test_first_booking_day_of_several_bookings_leads_to_one_of_them(facts, rows):
    facts.connection.execute("BEGIN")
    try:
        facts.connection.execute(
            "INSERT INTO bank.transactions (transaction_id, account_id, booking_date, _file, _line) "
            "VALUES ('a0', 'a1', '2026-01-01', 1, 99), ('z0', 'a1', '2026-06-05', 1, 98), "
            "('b0', 'a2', '2026-01-01', 1, 97), ('later', 'a1', '2026-07-01', 1, 96)"
        )
        assert rows("account/a1", "firstBookingOn", "2026-01-01") == [("bank.transactions", 99)]
        assert rows("account/a1", "lastBookingOn", "2026-06-05") == [("bank.transactions", 98)]
    finally:
        facts.connection.execute("ROLLBACK")


def test_change_fact_leads_to_the_right_change(rows):
    assert rows("change/bert/2", "newValue", "Gera") == [("bank.customer_changes", 2)]


def test_type_of_an_individual_leads_to_its_row(rows):
    assert rows("contract/k1", TYPE, f"{AUG}Contract") == [("bank.contracts", 2)]
    assert rows("contract/k1", "amount", "1200.5") == [("bank.contracts", 2)]


def test_series_fact_leads_to_all_its_bookings(facts, rows):
    [series] = facts.subjects("Series")
    assert rows(series, "cadence", "P30D") == [("bank.transactions", line) for line in range(2, 7)]
    assert rows(series, "history", "PT0S") == [("bank.transactions", line) for line in range(2, 7)]


def test_occurrence_leads_to_its_booking(facts, rows):
    [gift] = [o for o in facts.subjects("Occurrence") if ("booking", "booking/g1") in facts.of(o)]
    assert rows(gift, "occurredOn", "2026-05-05") == [("bank.transactions", 7)]
    assert rows("booking/g1", "purposeText", "Geschenk Kim") == [("bank.transactions", 7)]


def test_every_fact_of_the_bank_has_a_source(facts):
    quads = facts.connection.execute(
        f"SELECT s, p, o FROM ({facts.base.quads_sql()}) WHERE s NOT LIKE '%thisRun>'"
    ).fetchall()
    lost = []
    for s, p, o in quads:
        value = o[1:-1] if o.startswith("<") else o[1:].rsplit('"', 1)[0]
        if not source(facts.connection, facts.mappings, s[1:-1], p[1:-1], value):
            lost.append((s, p, o))
    assert quads
    assert lost == []
