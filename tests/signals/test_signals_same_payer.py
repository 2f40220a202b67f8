"""What one payer pays again carries what another booking of theirs says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from augenblick.content.model import Signal

IBAN = "DE02100100100006820101"


@pytest.fixture
def held(pay: Signal) -> Signal:
    return replace(pay, carried_by_payer=True, except_patterns=("SPESEN",))


@pytest.fixture
def training(pay: Signal) -> Signal:
    return Signal(iri="test:training", text_patterns=("AZUBI",), direction="credit", carried_by_payer=True)


def test_payment_of_the_same_payer_and_amount_carries_the_signal_unsaid(bank, held):
    bank.book("2026-01-30", 2000, "Nordlicht", "Lohn", counterparty_iban=IBAN)
    bank.book("2026-02-27", 2100, "Nordlicht GmbH", "Abrechnung Februar", counterparty_iban=IBAN)
    bank.book("2026-03-30", 2000, "Nordlicht", "Abrechnung März")
    bank.detect(held)
    assert bank.carried() == [("t0001", "pay"), ("t0002", "pay"), ("t0003", "pay")]


@pytest.mark.parametrize(
    "booking",
    [
        ("2026-02-27", 900, "Nordlicht", "Abrechnung"),
        ("2026-02-27", -2000, "Nordlicht", "Abrechnung"),
        ("2026-02-27", 2000, "Südlicht", "Abrechnung"),
        ("2026-02-27", 2000, "Nordlicht", "Spesen"),
        ("2026-06-27", 2100, "Nordlicht", "Abrechnung"),
        ("2026-02-27", 2000, "Nordlicht", "[geschwärzt]"),
    ],
    ids=["amount", "direction", "payer", "exception", "alike-and-too-late", "blacked-out"],
)
def test_payment_unlike_the_one_that_says_it_carries_nothing(bank, held, booking):
    bank.book("2026-01-30", 2000, "Nordlicht", "Lohn")
    bank.book(*booking)
    bank.detect(held)
    assert bank.carried() == [("t0001", "pay")]


def test_signal_without_the_statement_is_carried_by_what_says_it_only(bank, pay):
    bank.book("2026-01-30", 2000, "Nordlicht", "Lohn")
    bank.book("2026-02-27", 2000, "Nordlicht", "Abrechnung")
    bank.detect(pay)
    assert bank.carried() == [("t0001", "pay")]


def test_returned_payment_carries_nothing(bank, held):
    bank.book("2026-01-30", 2000, "Nordlicht", "Lohn")
    paid = bank.book("2026-02-27", 2000, "Nordlicht", "Abrechnung")
    bank.book("2026-03-01", -2000, "Nordlicht", "Rückruf", reversal_of=paid)
    bank.detect(held)
    assert bank.carried() == [("t0001", "pay")]


def test_more_specific_signal_of_the_payer_wins(bank, held, training):
    bank.book("2026-01-30", 900, "Nordlicht", "Lohn")
    bank.book("2026-02-27", 900, "Nordlicht", "Azubi Februar")
    bank.book("2026-03-30", 2000, "Nordlicht", "Lohn")
    bank.detect(replace(held, unless_carries=(training.iri,)), training)
    assert bank.carried() == [("t0001", "training"), ("t0002", "training"), ("t0003", "pay")]


def test_signal_that_gives_way_to_nothing_is_not_overruled(bank, held):
    other = Signal(iri="test:grant", text_patterns=("ZUSCHUSS",), direction="credit")
    bank.book("2026-01-30", 2000, "Nordlicht", "Lohn")
    bank.book("2026-02-27", 2000, "Nordlicht", "Zuschuss")
    bank.detect(held, other)
    assert bank.carried() == [("t0001", "pay"), ("t0002", "grant")]


def test_what_is_found_so_tells_of_the_next(bank, held):
    bank.book("2025-06-30", 1800, "Nordlicht", "Abrechnung")
    bank.book("2025-09-30", 2000, "Nordlicht", "Abrechnung")
    bank.book("2026-01-30", 2000, "Nordlicht", "Lohn")
    bank.detect(held)
    assert bank.carried() == [("t0001", "pay"), ("t0002", "pay"), ("t0003", "pay")]


class Watched:
    """A connection that counts the statements that read all bookings."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.passes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *more: Any) -> duckdb.DuckDBPyConnection:
        self.passes += "bank.transactions" in sql
        return self._connection.execute(sql, *more)


def test_bookings_are_not_all_read_again_for_each_that_tells_of_the_next(bank, held):
    passes = []
    bank.connection = Watched(bank.connection)
    bank.book("2023-12-30", 2000, "Nordlicht", "Lohn")
    for number, day in enumerate(("2024-03-30", "2024-06-30", "2024-09-30", "2024-12-30", "2025-03-30", "2025-06-30")):
        bank.book(day, 2000 + 200 * (number + 1), "Nordlicht", "Abrechnung")
        before = bank.connection.passes
        bank.detect(held)
        assert len(bank.carried()) == number + 2
        passes.append(bank.connection.passes - before)
    assert len(set(passes)) == 1
