"""Series: rhythm, breaks, payers; steps of their level."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from augenblick.content.model import Signal

SERIES = (
    "SELECT payer, bookings, first_on::VARCHAR, last_on::VARCHAR, cadence_days, level::DOUBLE "
    "FROM evidence.series ORDER BY first_on, payer"
)
STEPS = "SELECT stepped_on::VARCHAR, old_level::DOUBLE, new_level::DOUBLE FROM evidence.steps ORDER BY stepped_on"


def test_monthly_pay_on_banking_days_is_one_series(bank, pay):
    days = ["2025-10-30", "2025-11-28", "2025-12-30", "2026-01-30", "2026-02-27", "2026-03-30"]
    for day in days:
        bank.book(day, 2000, "Nordlicht GmbH", "Gehalt")
    bank.detect(pay)
    assert bank.rows(SERIES) == [("NORDLICHT", 6, "2025-10-30", "2026-03-30", 31, 2000.0)]


def test_thirteenth_salary_neither_breaks_doubles_nor_lifts_the_series(bank, pay, months):
    bank.monthly(months("2025-07", 9), 2000, "Nordlicht GmbH")
    bank.book("2025-11-28", 2000, "Nordlicht GmbH", "Gehalt 13")
    bank.book("2025-12-12", 700, "Nordlicht GmbH", "Lohn Bonus")
    bank.detect(pay)
    assert bank.rows(SERIES) == [("NORDLICHT", 11, "2025-07-28", "2026-03-28", 31, 2000.0)]
    assert bank.rows(STEPS) == []


def test_employers_of_one_first_word_and_other_trades_are_two(bank, pay, months):
    bank.monthly(months("2025-07", 5), 2000, "Hansa Druckerei GmbH")
    bank.monthly(months("2025-12", 4), 2300, "Hansa Verpackungen mbH")
    bank.detect(pay)
    assert [(row[0], row[1]) for row in bank.rows(SERIES)] == [("HANSA DRUCKEREI", 5), ("HANSA VERPACKUNGEN", 4)]


def test_employer_renamed_within_its_group_stays_one_series(bank, pay, months):
    bank.monthly(months("2025-07", 5), 2000, "Niggemeier Anlagenbau GmbH")
    bank.monthly(months("2025-12", 4), 2000, "Niggemeier Industries SE & Co. KG")
    bank.detect(pay)
    assert [row[1] for row in bank.rows(SERIES)] == [9]


def test_two_jobs_are_two_series(bank, pay, months):
    bank.monthly(months("2025-07", 9), 2000, "Nordlicht GmbH")
    bank.monthly(months("2025-09", 7), 450, "Café Süd e.K.", day=5)
    bank.detect(pay)
    assert [(row[0], row[1]) for row in bank.rows(SERIES)] == [("NORDLICHT", 9), ("CAFE SUED", 7)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"party": "Nordlicht Logistik GmbH"}, {"party": "Nordlicht Gruppe SE"}),
        ({"party": "Nordlicht Logistik GmbH"}, {"party": "NORDLICHT LOGISTIK GMBH & CO. KG"}),
        ({"party": "Müller Bau GmbH"}, {"party": "MUELLER BAU HOLDING"}),
        ({"party": "Siemens AG"}, {"party": "Payroll Nord", "ultimate_party": "SIEMENS AG"}),
        ({"party": "Alfa", "counterparty_iban": "DE1"}, {"party": "Zeta", "counterparty_iban": "de 1"}),
        ({"party": "Alfa", "creditor_id": "DE09ZZZ01"}, {"party": "Zeta", "creditor_id": "DE09AAA01"}),
        ({"party": "Meier, Susanne"}, {"party": "Susanne Meier"}),
        ({"party": "Bäcke rei Schneider"}, {"party": "Bäckerei Schneide r"}),
    ],
)
def test_payer_under_a_new_name_or_account_stays_one_series(bank, pay, months, old, new):
    bank.monthly(months("2025-01", 6), 2000, **old)
    bank.monthly(months("2025-07", 6), 2000, **new)
    bank.detect(pay)
    assert len(bank.rows(SERIES)) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"party": "Nordlicht GmbH"}, {"party": "Suedwind GmbH"}),
        ({"party": "Stadtwerke Ulm"}, {"party": "Stadtwerke Gera"}),
        ({"party": "Stadt Köln"}, {"party": "Stadt Bonn"}),
        ({"party": "Müller Bau GmbH"}, {"party": "Müller Transport GmbH"}),
        ({"party": "Thomas Klein"}, {"party": "Thomas Gross"}),
        (
            {"party": "Payroll", "counterparty_iban": "DE1", "ultimate_party": "Alfa"},
            {"party": "Payroll", "counterparty_iban": "DE1", "ultimate_party": "Zeta"},
        ),
    ],
)
def test_payers_that_only_look_related_stay_apart(bank, pay, months, old, new):
    bank.monthly(months("2025-01", 6), 2000, **old)
    bank.monthly(months("2025-07", 6), 2000, **new)
    bank.detect(pay)
    assert len(bank.rows(SERIES)) == 2


def test_one_missed_month_keeps_the_series_two_break_it(bank, pay, months):
    bank.monthly([*months("2025-01", 4), *months("2025-06", 3), *months("2025-11", 2)], 2000, "Nordlicht")
    bank.detect(pay)
    assert [(row[1], row[2]) for row in bank.rows(SERIES)] == [(7, "2025-01-28"), (2, "2025-11-28")]


@pytest.mark.parametrize(("days", "cadence"), [(7, 7), (14, 14), (30, 30), (91, 91), (182, 182), (365, 365)])
def test_cadence_of_regular_payments_is_their_distance(bank, days, cadence):
    signal = Signal(iri="t:x", text_patterns=("BEITRAG",), recurring=True)
    for n in range(5):
        bank.book(str(date(2021, 1, 4) + timedelta(days=days * n)), -40, "Verein", "Beitrag")
    bank.detect(signal)
    rows = bank.rows("SELECT bookings, cadence_days, (next_due - last_on)::INTEGER FROM evidence.series")
    assert rows == [(5, cadence, cadence)]


def test_single_payment_is_a_series_without_cadence(bank, pay):
    bank.book("2026-06-01", 2000, "Nordlicht", "Gehalt")
    bank.detect(pay)
    assert bank.rows("SELECT bookings, cadence_days, next_due FROM evidence.series") == [(1, None, None)]


def test_history_counts_from_the_first_booking_of_the_account(bank, pay, months):
    bank.book("2025-01-01", -5, "Laden", "Brot")
    bank.monthly(months("2026-01", 3), 2000, "Nordlicht", day=1)
    bank.book("2026-06-29", -5, "Laden", "Brot")
    bank.detect(pay)
    assert bank.rows("SELECT history_days, account_last_on::VARCHAR FROM evidence.series") == [(365, "2026-06-29")]


def test_rise_that_lasts_is_one_step(bank, pay, months):
    bank.monthly(months("2025-01", 4), 255, "Kasse")
    bank.monthly(months("2025-05", 4), 259, "Kasse")
    bank.detect(pay)
    assert bank.rows(STEPS) == [("2025-05-28", 255.0, 259.0)]


def test_back_payment_is_no_step_and_the_level_after_it_is(bank, pay, months):
    bank.monthly(months("2025-01", 4), 259, "Kasse")
    bank.monthly(["2025-05"], 1036, "Kasse")
    bank.monthly(months("2025-06", 3), 259, "Kasse")
    bank.monthly(["2025-09"], 1036, "Kasse")
    bank.monthly(months("2025-10", 3), 518, "Kasse")
    bank.detect(pay)
    assert bank.rows(STEPS) == [("2025-10-28", 259.0, 518.0)]


def test_new_level_in_the_last_payment_is_a_step(bank, pay, months):
    bank.monthly(months("2025-01", 4), 259, "Kasse")
    bank.monthly(["2025-05"], 518, "Kasse")
    bank.detect(pay)
    assert bank.rows(STEPS) == [("2025-05-28", 259.0, 518.0)]


def test_first_partial_pay_is_no_step(bank, pay, months):
    bank.monthly(["2025-01"], 900, "Nordlicht")
    bank.monthly(months("2025-02", 4), 2000, "Nordlicht")
    bank.detect(pay)
    assert bank.rows(STEPS) == []


def test_fluctuating_pay_shows_its_rise_once(bank, pay, months):
    for month, amount in zip(months("2025-01", 8), [2990, 3020, 2985, 3010, 3610, 3690, 3580, 3650], strict=True):
        bank.monthly([month], amount, "Nordlicht")
    bank.detect(pay)
    large = [row for row in bank.rows(STEPS) if abs(row[2] - row[1]) > 300]
    assert large == [("2025-05-28", 2990.0, 3610.0)] or large == [("2025-05-28", 3010.0, 3610.0)]


def test_second_part_paid_every_month_is_a_step(bank, pay, months):
    bank.monthly(months("2025-01", 8), 259, "Kasse", day=10)
    bank.monthly(months("2025-05", 4), 250, "Kasse", day=12)
    bank.detect(pay)
    assert bank.rows(STEPS) == [("2025-05-10", 259.0, 509.0)]


def test_debit_levels_are_absolute(bank, months):
    rent = Signal(iri="t:rent", text_patterns=("MIETE",), direction="debit", recurring=True)
    bank.monthly(months("2025-01", 3), -800, "Vermieter", "Miete", day=1)
    bank.monthly(months("2025-04", 3), -900, "Vermieter", "Miete", day=1)
    bank.detect(rent)
    assert bank.rows(STEPS) == [("2025-04-01", 800.0, 900.0)]


PLATE = Signal(
    iri="test:tax",
    text_patterns=(r"\bKFZ-?STEUER\b",),
    key_patterns=(r"\b([A-Z]{1,3}[ -]+[A-Z]{1,2} *[0-9]{1,4})\b",),
    direction="debit",
    recurring=True,
)


def test_keyed_signal_parts_series_by_what_its_pattern_captures(bank):
    creditor = {"creditor_id": "DE09ZZZ00000000001"}
    bank.book("2025-03-10", -120, "Bundeskasse Kiel", "KFZ-STEUER FUER F IL 137 FUER DIE ZEIT", **creditor)
    bank.book("2026-03-10", -120, "Bundeskasse Kiel", "KFZ-Steuer für F-IL 137 für die Zeit vom 10.03.2026", **creditor)
    bank.book("2026-05-04", -88, "Bundeskasse Kiel", "KFZ-STEUER FUER F ZZ 9 FUER DIE ZEIT", **creditor)
    bank.detect(PLATE)
    assert [(row[0], row[1]) for row in bank.rows(SERIES)] == [("FIL137", 2), ("FZZ9", 1)]


def test_keyed_signal_with_a_cut_text_is_known_by_its_mandate(bank):
    bank.book("2025-03-10", -120, "Bundeskasse", "KFZ-STEUER FUER F IL 137", mandate_id="m1")
    bank.book("2026-03-10", -120, "Bundeskasse", "KFZ-STEUER", mandate_id="m1")
    bank.book("2026-05-04", -88, "Bundeskasse", "KFZ-STEUER", mandate_id="m2")
    bank.detect(PLATE)
    assert [(row[0], row[1]) for row in bank.rows(SERIES)] == [("FIL137", 2), ("m2", 1)]
