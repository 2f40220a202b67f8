"""Simulated bookings look like German statements: days, rates, volume, codes, returns."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from augenblick.simulate.bankdays import add_months, booked_on, closed_days, easter
from augenblick.simulate.masterdata import eighteenth


def test_bookings_volume_per_adult_and_month_is_a_households(town):
    adults = "SELECT count(*) FROM customers WHERE birth_date <= DATE '2007-06-30' OR birth_date IS NULL"
    per_month = town.one("SELECT count(*) / 24.0 FROM transactions") / town.one(adults)
    assert 18 <= per_month <= 32


def test_bookings_lie_in_the_window_on_bank_days(town):
    days = [day for (day,) in town.rows("SELECT DISTINCT booking_date FROM transactions")]
    assert min(days) >= date(2024, 7, 1)
    assert max(days) <= date(2026, 6, 30)
    assert [day for day in days if day.weekday() >= 5 or day in closed_days(day.year)] == []


@pytest.mark.parametrize(("year", "rate"), [(2024, 250), (2025, 255), (2026, 259)])
def test_bookings_child_benefit_follows_the_rate_of_the_year(town, year, rate):
    paid = f"""
        SELECT DISTINCT amount FROM transactions
        WHERE regexp_matches(upper(purpose), 'KG\\d{{6}}FK\\d{{6}} \\d{{4}}') AND NOT purpose ILIKE '%nachzahlung%'
          AND reversal_of IS NULL
          AND transaction_id NOT IN (SELECT reversal_of FROM transactions WHERE reversal_of IS NOT NULL)
          AND amount > 0 AND year(booking_date) = {year}"""
    amounts = {int(amount) for (amount,) in town.rows(paid)}
    assert rate in amounts
    assert {amount % rate for amount in amounts} == {0}


def test_bookings_returns_take_back_the_whole_amount_later(town):
    pairs = town.rows("""
        SELECT a.amount + b.amount, a.account_id = b.account_id, b.booking_date - a.booking_date
        FROM transactions b JOIN transactions a ON a.transaction_id = b.reversal_of""")
    assert len(pairs) > 20
    assert {total for total, _, _ in pairs} == {0}
    assert {same for _, same, _ in pairs} == {True}
    assert min(days for _, _, days in pairs) >= 1


def test_bookings_come_in_several_styles(town):
    def count(where: str) -> int:
        return int(town.one(f"SELECT count(*) FROM transactions WHERE {where}"))

    assert count("purpose LIKE '%CRED+DE%SVWZ+%'") > 1000
    assert count("gvc IS NULL AND mcc IS NULL") > 1000
    assert count("purpose = upper(purpose) AND purpose LIKE '%AE%'") > 100
    assert count("regexp_matches(purpose, '^[^ ]{27} ')") > 100
    assert count("ultimate_party IS NOT NULL AND gvc = '153'") > 50


@pytest.mark.parametrize("code", ["SALA", "PENS", "BECH", "BENE", "CBFF", "STDY", "CHAR", "RENT", "INPC", "SSBE"])
def test_bookings_carry_the_purpose_codes_of_german_banks(town, code):
    assert town.one(f"SELECT count(*) FROM transactions WHERE purpose_code = '{code}'") > 0


def test_bookings_have_no_unfilled_wording(town):
    for column in ("purpose", "counterparty_name", "ultimate_party"):
        left = f"SELECT {column} FROM transactions WHERE regexp_matches({column}, '[<>{{}}]')"
        assert town.rows(left) == []


def test_easter_agrees_with_the_holidays_library():
    for year in range(2000, 2040):
        german = holidays.country_holidays("DE", years=year)
        assert easter(year) - timedelta(days=2) in german, year
        assert set(german) - closed_days(year) == set() or year == 2017  # 2017: Reformation Day everywhere


def test_booked_on_a_weekend_moves_to_the_next_or_the_last_bank_day():
    assert booked_on(date(2026, 5, 1)) == date(2026, 5, 4)
    assert booked_on(date(2026, 5, 31), forward=False) == date(2026, 5, 29)
    assert booked_on(date(2026, 4, 6)) == date(2026, 4, 7)
    assert booked_on(date(2026, 4, 7)) == date(2026, 4, 7)


def test_add_months_stays_inside_the_month():
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 7, 1), -24) == date(2024, 7, 1)


def test_eighteenth_birthday_of_a_leap_day_child_is_the_first_of_march():
    assert eighteenth(date(2008, 2, 29)) == date(2026, 3, 1)
    assert eighteenth(date(2008, 2, 28)) == date(2026, 2, 28)
