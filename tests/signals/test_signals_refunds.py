"""What was paid back in full by who was paid carries no evidence."""

from __future__ import annotations

import pytest

from augenblick.content.model import Signal

JOURNEY = Signal(iri="test:journey", text_patterns=("REISE",), direction="debit")


def test_payment_refunded_in_full_by_who_was_paid_carries_nothing(bank):
    bank.book("2026-02-04", -1326, "Musterreisen", "Reise 4711")
    bank.book("2026-05-18", 1326, "Musterreisen", "Stornierung, Rückerstattung")
    bank.detect(JOURNEY)
    assert bank.carried() == []


@pytest.mark.parametrize(
    "booking",
    [
        ("2026-02-18", 1300, "Musterreisen", "Erstattung"),
        ("2026-02-18", 1326, "Arbeitgeber AG", "Erstattung"),
        ("2026-02-18", 1326, "Musterreisen", "Danke"),
        ("2026-01-18", 1326, "Musterreisen", "Erstattung"),
    ],
    ids=["in-part", "by-another", "not-called-so", "before"],
)
def test_payment_with_another_credit_keeps_its_signal(bank, booking):
    bank.book("2026-02-04", -1326, "Musterreisen", "Reise 4711")
    bank.book(*booking)
    bank.detect(JOURNEY)
    assert bank.carried() == [("t0001", "journey")]
