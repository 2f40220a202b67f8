"""Which bookings carry which signals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from augenblick.content.model import PhraseList, Signal, Words
from augenblick.model.errors import BadOntology
from augenblick.signals.pattern import takes_any_digit


def test_booking_with_code_only_carries_the_signal(bank, pay):
    bank.book("2026-01-30", 2000, "ACME GmbH", "Danke", gvc="153")
    bank.detect(pay)
    assert bank.carried() == [("t0001", "pay")]


def test_booking_with_other_direction_carries_nothing(bank, pay):
    bank.book("2026-01-30", -2000, "ACME GmbH", "Gehalt zurueck", gvc="153")
    bank.detect(pay)
    assert bank.carried() == []


def test_booking_after_as_of_carries_nothing(bank, pay):
    bank.book("2026-07-01", 2000, "ACME GmbH", "Gehalt")
    bank.book("2026-06-30", 2000, "ACME GmbH", "Gehalt")
    bank.detect(pay)
    assert bank.carried() == [("t0002", "pay")]


def test_amount_at_the_bounds_is_inside(bank):
    signal = Signal(iri="t:x", text_patterns=("X",), minimum_amount=Decimal(10), maximum_amount=Decimal(20))
    for amount in (-9.99, -10, 20, 20.01):
        bank.book("2026-01-01", amount, "P", "X")
    bank.detect(signal)
    assert bank.carried() == [("t0002", "x"), ("t0003", "x")]


def test_word_border_in_pattern_keeps_longer_words_out(bank):
    park = Signal(iri="t:park", text_patterns=(r"\bPark\b",))
    keep = Signal(iri="t:keep", text_patterns=(r"Unterhalt([^U]|$)",), except_patterns=("Unterhaltung",))
    bank.book("2026-01-01", -5, "Sparkasse", "Unterhaltungselektronik")
    bank.book("2026-01-02", -5, "Am Park", "Unterhalt Mai")
    bank.detect(park, keep)
    assert bank.carried() == [("t0002", "keep"), ("t0002", "park")]


@pytest.mark.parametrize(
    "text", ["Für Müller", "FUER MUELLER", "fur Muller", "Fu\u0308r M\u00fcl ler", "F UER MUEL LER"]
)
def test_umlaut_in_any_spelling_or_cut_is_found(bank, text):
    bank.book("2026-01-01", -5, "P", text)
    bank.detect(Signal(iri="t:x", text_patterns=("für Müller",)))
    assert bank.carried() == [("t0001", "x")]


def test_word_cut_at_sub_field_is_found_and_excluded_too(bank):
    bank.book("2026-01-01", -5, "P", "Grunderwerb steuer Bescheid")
    bank.book("2026-01-01", -5, "P", "Grunderwerb steuer Er stattung")
    bank.detect(Signal(iri="t:x", text_patterns=("GRUNDERWERBSTEUER",), except_patterns=("ERSTATTUNG",)))
    assert bank.carried() == [("t0001", "x")]


def test_exception_excludes_a_coded_booking(bank):
    signal = Signal(iri="t:x", gvc=("153",), except_patterns=("RENTE",))
    bank.book("2026-01-01", 5, "Renten Service", "RV.RENTE 01", gvc="153")
    bank.detect(signal)
    assert bank.carried() == []


def test_all_keys_asks_for_each_kind_but_for_one_code_of_many(bank):
    signal = Signal(iri="t:x", gvc=("153",), purpose_codes=("SALA",), text_patterns=("LOHN",), all_keys=True)
    bank.book("2026-01-01", 5, "P", "Lohn", gvc="153")
    bank.book("2026-01-02", 5, "P", "Lohn", purpose_code="SALA")
    bank.book("2026-01-03", 5, "P", "Danke", gvc="153")
    bank.book("2026-01-04", 5, "P", "Lohn")
    bank.detect(signal)
    assert bank.carried() == [("t0001", "x"), ("t0002", "x")]


def test_counterparty_pattern_meets_names_only(bank):
    signal = Signal(iri="t:x", counterparty_patterns=("^Familienkasse$",))
    bank.book("2026-01-01", 5, "Familienkasse", "x")
    bank.book("2026-01-02", 5, "Anna", "Familienkasse")
    bank.book("2026-01-03", 5, "Zahlstelle", "x", ultimate_party="FAMILIENKASSE")
    bank.book("2026-01-04", 5, None, "Familienkasse")
    bank.detect(signal)
    assert bank.carried() == [("t0001", "x"), ("t0003", "x")]


def test_creditor_identifier_matches_whatever_its_business_code(bank):
    signal = Signal(iri="t:x", creditor_ids=("DE09ZZZ00000000001",))
    bank.book("2026-01-01", -5, "P", "x", creditor_id="DE09 ABC0 0000 0000 01")
    bank.book("2026-01-02", -5, "P", "EREF+NOTPROVIDED CRED+DE09ZZZ00000000001SVWZ+Beitrag")
    bank.book("2026-01-03", -5, "P", "x", creditor_id="DE09ZZZ00000000002")
    bank.detect(signal)
    assert bank.carried() == [("t0001", "x"), ("t0002", "x")]


def test_glued_sub_fields_give_purpose_and_ultimate_party(bank, pay):
    bank.book("2026-01-01", 5, "Payroll Nord", "EREF+GEHALT1SVWZ+Monat 01ABWA+Siemens AG")
    bank.book("2026-01-02", 5, "Payroll Nord", "EREF+123SVWZ+Lohn Monat 01ABWA+Siemens AG")
    bank.detect(pay)
    assert bank.rows("SELECT transaction_id, payer, payer_name FROM evidence.occurrences") == [
        ("t0002", "SIEMENS", "Siemens AG")
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Lohn 08/2025 / Abw. Auftraggeber: Siemens AG",
        "Abweichender Auftraggeber: Siemens AG / Lohn 08/2025",
        "LOHN 08/2025 ABW. ZAHLER SIEMENS AG",
    ],
)
def test_ultimate_party_written_out_in_words_is_the_payer(bank, pay, said):
    bank.book("2026-01-01", 5, "Payroll Nord", said)
    bank.detect(pay)
    assert bank.rows("SELECT payer FROM evidence.occurrences") == [("SIEMENS",)]


def test_ultimate_party_of_the_own_side_written_out_in_words_is_no_payer(bank, pay):
    bank.book("2026-01-01", 5, "Payroll Nord", "Lohn 08/2025 / Abw. Empfänger: Anna Meier")
    bank.detect(pay)
    assert bank.rows("SELECT payer_name FROM evidence.occurrences") == [("Payroll Nord",)]


def test_ultimate_party_of_outgoing_transfer_is_the_recipient(bank):
    bank.book("2026-01-01", -5, "Verwalter", "SVWZ+Miete ABWA+Anna Meier ABWE+Bert Vogel")
    bank.detect(Signal(iri="t:rent", text_patterns=("MIETE",)))
    assert bank.rows("SELECT payer_name FROM evidence.occurrences") == [("Bert Vogel",)]


def test_less_specific_signal_yields_only_to_one_that_is_carried(bank):
    x = Signal(iri="t:x", text_patterns=("RENTE",), unless_carries=("t:y",))
    y = Signal(iri="t:y", text_patterns=("WITWENRENTE",), unless_carries=("t:z",))
    z = Signal(iri="t:z", text_patterns=("ABFINDUNG",))
    bank.book("2026-01-01", 5, "P", "Rente")
    bank.book("2026-01-02", 5, "P", "Witwenrente")
    bank.book("2026-01-03", 5, "P", "Witwenrente Abfindung")
    bank.detect(x, y, z)
    assert bank.carried() == [("t0001", "x"), ("t0002", "y"), ("t0003", "x"), ("t0003", "z")]


def test_signals_that_exclude_each_other_in_a_circle_are_named(bank):
    x = Signal(iri="t:x", text_patterns=("A",), unless_carries=("t:y",))
    y = Signal(iri="t:y", text_patterns=("B",), unless_carries=("t:x",))
    with pytest.raises(BadOntology, match=r"t:x.*t:y.*t:x"):
        bank.detect(x, y)


def test_pattern_outside_re2_is_named_with_its_signal(bank):
    with pytest.raises(BadOntology, match=r"\(\?=A\).*") as error:
        bank.detect(Signal(iri="t:x", text_patterns=("(?=A)B",)))
    assert error.value.where == "<t:x>"


def test_phrase_list_excludes_what_it_matches_in_notes_and_bookings(bank):
    others = PhraseList(iri="t:l", label=Words("a", "a"), definition=Words("b", "b"), patterns=(r"\bNEIGHBOUR\b",))
    for number, topic in enumerate(("our baby is here", "the neighbour's baby is here")):
        bank.add(
            "interactions", interaction_id=f"i{number}", customer_id="anna", occurred_at="2026-05-01 12:00:00",
            channel="phone", kind="call", topic=topic,
        )  # fmt: skip
        bank.book("2026-05-02", -10, "P", topic)
    bank.detect(Signal(iri="t:x", text_patterns=("BABY",), topic_patterns=("BABY",), except_lists=(others,)))
    assert bank.rows("SELECT coalesce(interaction_id, transaction_id) FROM evidence.occurrences ORDER BY 1") == [
        ("i0",), ("t0001",)
    ]  # fmt: skip


def test_interaction_of_kind_and_topic_becomes_an_occurrence(bank):
    for number, (kind, topic) in enumerate([("search", "Baby Erstausstattung"), ("search", "Auto"), ("call", "Baby")]):
        bank.add(
            "interactions", interaction_id=f"i{number}", customer_id="anna", occurred_at="2026-05-01 12:00:00",
            channel="web", kind=kind, topic=topic,
        )  # fmt: skip
    report = bank.detect(Signal(iri="t:x", interaction_kinds=("search",), topic_patterns=("BABY",)))
    assert bank.rows("SELECT interaction_id, customer_id, transaction_id FROM evidence.occurrences") == [
        ("i0", "anna", None)
    ]
    assert report.interactions == 1


def test_bank_without_bookings_gives_an_empty_report(bank, pay):
    report = bank.detect(pay)
    assert (report.bookings, report.occurrences, report.series, report.steps) == (0, 0, 0, 0)


def test_booking_without_any_text_is_no_trouble(bank, pay):
    bank.book("2026-01-01", 5)
    bank.detect(pay)
    assert bank.carried() == []


@pytest.mark.parametrize(
    "purpose",
    [
        "EREF+R1 MREF+M1 SVWZ+Lohn Mai ABWA+Siemens AG",
        "Lohn SVWZ+Mai EREF+R1",
        "SVWZ+Lohn Mai",
        "E REF+R1SV WZ+Lohn MaiAB WA+Siemens",
        "EREF+R1SVWZ+Lohn MaiAB WA+Gehaltsstelle",
        "EREF: R1 SVWZ: Lohn Mai MREF: Gehalt",
        "SVWZ+Lohn A+B",
    ],
)
def test_purpose_is_what_the_purpose_sub_field_says(bank, purpose):
    inside = Signal(iri="t:in", text_patterns=("LOHN",))
    outside = Signal(iri="t:out", text_patterns=(r"\bR1|M1|GEHALT$",))
    bank.book("2026-01-01", 5, "P", purpose)
    bank.detect(inside, outside)
    assert bank.carried() == [("t0001", "in")]


def test_bookings_that_differ_in_digits_only_are_told_apart_where_a_pattern_names_digits(bank):
    for reference in ("ALG1 77", "ALG2 77", "ALG2 78"):
        bank.book("2026-01-01", 500, "Agentur", reference)
    bank.detect(Signal(iri="t:x", text_patterns=(r"ALG2",)), Signal(iri="t:y", text_patterns=(r"ALG\d 78",)))
    assert bank.carried() == [("t0002", "x"), ("t0003", "x"), ("t0003", "y")]


def test_bookings_that_differ_in_digits_only_are_told_apart_by_their_amounts(bank):
    bank.book("2026-01-01", 500, "Amt", "Kindergeld 1")
    bank.book("2026-01-01", 50, "Amt", "Kindergeld 2")
    bank.detect(Signal(iri="t:x", text_patterns=("KINDERGELD",), minimum_amount=Decimal(100)))
    assert bank.carried() == [("t0001", "x")]


def test_bookings_behind_a_view_carry_what_those_of_a_table_do(bank):
    bank.book("2026-01-01", 500, "Amt", "Kindergeld 1")
    bank.book("2026-01-02", 500, "Amt", "Wohngeld 1")
    bank.connection.execute("ALTER TABLE bank.transactions RENAME TO lying")
    bank.connection.execute("CREATE VIEW bank.transactions AS FROM bank.lying")
    bank.detect(Signal(iri="t:x", text_patterns=("KINDERGELD",)))
    assert bank.carried() == [("t0001", "x")]


@pytest.mark.parametrize(
    ("pattern", "any_digit"),
    [("KG", True), (r"KG ?\d{4,}FK", True), ("[0-9]{2}", True), ("ALG2", False), ("[1-9]", False), (r"\x41", False)],
)
def test_pattern_takes_any_digit_unless_it_names_one(pattern, any_digit):
    assert takes_any_digit(pattern) is any_digit
