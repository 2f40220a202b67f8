"""Which of a customer's statements counts."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from augenblick.policy import Consents
from augenblick.policy.consents import Statement

DAY = date(2026, 6, 1)


def _said(*statements: Statement) -> Consents:
    return Consents(("a", "advertising", statement) for statement in statements)


def test_consents_of_two_days_the_later_wins() -> None:
    early, late = date(2025, 1, 1), date(2025, 2, 1)
    assert _said(Statement(None, False, early), Statement(None, True, late)).given("a", "advertising", DAY)
    withdrawn = _said(Statement(None, True, early), Statement(None, False, late))
    assert not withdrawn.given("a", "advertising", DAY)
    assert withdrawn.objected("a", "advertising", DAY)


def test_consents_of_one_day_the_stricter_wins_in_any_order() -> None:
    both = [Statement(None, True, DAY), Statement("phone", False, DAY)]
    for order in (both, both[::-1]):
        assert not _said(*order).given("a", "advertising", DAY, channel="phone")
        assert _said(*order).given("a", "advertising", DAY, channel="post")


def test_consent_that_ends_before_it_begins_permits_nothing() -> None:
    assert not _said(Statement(None, True, DAY, DAY - timedelta(1))).given("a", "advertising", DAY)


def test_consent_holds_from_its_first_to_its_last_day() -> None:
    consents = _said(Statement(None, True, DAY, DAY + timedelta(9)))
    held = [day for day in range(-2, 13) if consents.given("a", "advertising", DAY + timedelta(day))]
    assert held == list(range(10))


def test_ended_refusal_stands_until_a_later_consent() -> None:
    refused = Statement(None, False, date(2025, 1, 1), date(2025, 3, 1))
    assert _said(refused).objected("a", "advertising", DAY)
    assert not _said(refused, Statement(None, True, DAY)).objected("a", "advertising", DAY)


def test_nothing_said_is_neither_consent_nor_objection() -> None:
    assert not Consents().given("a", "advertising", DAY)
    assert not Consents().objected("a", "advertising", DAY)


STATEMENTS = st.builds(
    Statement,
    st.sampled_from([None, "phone", "post"]),
    st.booleans(),
    st.dates(date(2026, 5, 25), date(2026, 6, 5)),
    st.none() | st.dates(date(2026, 5, 25), date(2026, 6, 5)),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(STATEMENTS, max_size=6), st.sampled_from([None, "phone", "post"]))
def test_withdrawal_of_today_ends_every_consent_whatever_was_said_before(
    said: list[Statement], channel: str | None
) -> None:
    withdrawn = _said(*said, Statement(None, False, DAY))
    assert not withdrawn.given("a", "advertising", DAY, channel=channel)
