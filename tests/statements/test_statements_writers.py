"""What the writers of camt.053 and MT940 put into a file, the readers take out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augenblick.ingest.statements import Account, Balance, Booking, Statement, read_statement
from augenblick.simulate.statements import write_camt053, write_mt940

IBAN = "DE02120300000000202051"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÄÖÜäöüßé0123456789"
WORD = st.text(LETTERS + ".,-/&()':;<>\"", min_size=1, max_size=34).filter(
    lambda word: "//" not in word and not word.endswith(":")
)
NUMBER = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=16).filter(
    lambda text: text not in {"NONREF", "NOREF", "NOTPROVIDED", "NOTAVAILABLE", "EREF", "KREF", "PREF", "MARF"}
)
CENTS = st.integers(1, 10**11).map(lambda cents: Decimal(cents) / 100)
DAYS = st.dates(date(1990, 1, 1), date(2069, 12, 31))


def words(longest: int) -> st.SearchStrategy[str]:
    texts = st.lists(WORD, min_size=1, max_size=20).map(" ".join)
    return texts.map(lambda text: text[:longest].strip()).filter(bool)


@st.composite
def bookings(draw: st.DrawFn, name: int, purpose: int) -> Booking:
    day = draw(DAYS)
    amount = draw(CENTS) * draw(st.sampled_from([1, -1]))
    direct_debit = draw(st.booleans())
    return Booking(
        entry=0,
        amount=amount,
        currency="EUR",
        booking_date=day,
        value_date=day + timedelta(days=draw(st.integers(-5, 5))),
        counterparty_name=draw(st.none() | words(name)),
        counterparty_iban=draw(st.sampled_from([None, "DE75512108001245126199", "FR1420041010050500013M02606"])),
        counterparty_bic=draw(st.sampled_from([None, "BYLADEM1001"])),
        creditor_id=draw(st.just("DE98ZZZ09999999999")) if direct_debit else None,
        mandate_id=draw(NUMBER) if direct_debit else None,
        end_to_end_id=draw(st.none() | NUMBER),
        purpose=draw(st.none() | words(purpose)),
        purpose_code=draw(st.sampled_from([None, "SALA", "RENT"])),
        gvc=draw(st.sampled_from(["105", "166", "116", "153"])),
        ultimate_party=draw(st.none() | words(35)),
        account_iban=IBAN,
        statement_id="AUSZUG/1",
        reversal=draw(st.booleans()),
        booking_text=draw(st.none() | words(27)),
        bank_reference=draw(st.none() | NUMBER),
        customer_reference=draw(st.none() | NUMBER),
    )


def sheet(found: list[Booking]) -> Statement:
    entries = [replace(booking, entry=number) for number, booking in enumerate(found, 1)]
    total = sum((booking.amount for booking in entries), Decimal(0))
    opening = Balance("OPBD", Decimal("100.00"), "EUR", date(2026, 1, 1), "AUSZUG/1", IBAN)
    closing = Balance("CLBD", Decimal("100.00") + total, "EUR", date(2026, 1, 31), "AUSZUG/1", IBAN)
    return Statement("camt", accounts=[Account(IBAN, currency="EUR")], entries=entries, balances=[opening, closing])


def come_back(content: bytes, folder: Path) -> Statement:
    path = folder / "statement"
    path.write_bytes(content)
    return read_statement(path)


def bare(booking: Booking) -> Booking:
    """The booking without what only the file's layout says."""
    return replace(booking, line=None, proprietary_code=None, statement_id=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@given(st.lists(bookings(name=140, purpose=600), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_bookings_written_as_camt053_come_back_the_same(folder: Path, found: list[Booking]) -> None:
    statement = sheet(found)
    read = come_back(write_camt053(statement), folder)
    assert (read.rejects, read.warnings) == ([], [])
    assert list(map(bare, read.entries)) == list(map(bare, statement.entries))
    assert read.balances == statement.balances


@given(st.lists(bookings(name=54, purpose=160), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_bookings_written_as_german_mt940_come_back_the_same(folder: Path, found: list[Booking]) -> None:
    statement = sheet(found)
    read = come_back(write_mt940(statement), folder)
    assert (read.rejects, read.warnings) == ([], [])
    assert list(map(bare, read.entries)) == list(map(bare, statement.entries))
    assert read.balances == statement.balances


def test_purpose_too_long_for_mt940_is_cut_and_leaves_other_fields_whole(tmp_path: Path) -> None:
    booking = replace(
        plain(), end_to_end_id="E2E-1", ultimate_party="Erika Muster", purpose="Wort " * 200, creditor_id=None
    )
    (read,) = come_back(write_mt940(sheet([booking])), tmp_path).entries
    assert read.end_to_end_id == "E2E-1"
    assert read.ultimate_party == "Erika Muster"
    assert read.purpose
    assert booking.purpose.startswith(read.purpose)
    assert 300 < len(read.purpose) < 14 * 27


def test_batch_written_as_camt053_is_one_entry_with_its_payments(tmp_path: Path) -> None:
    batch = [replace(plain(), entry=1, detail=number, amount=Decimal(number)) for number in (1, 2, 3)]
    statement = replace(sheet(batch), entries=batch, balances=[])
    content = write_camt053(statement)
    assert content.count(b"<Ntry>") == 1
    read = come_back(content, tmp_path)
    assert [(each.entry, each.detail, each.amount) for each in read.entries] == [
        (1, 1, Decimal(1)),
        (1, 2, Decimal(2)),
        (1, 3, Decimal(3)),
    ]


def test_statement_without_bookings_is_written_with_its_balances(tmp_path: Path) -> None:
    statement = replace(sheet([]), statement_ids=["AUSZUG/1"])
    for write in (write_camt053, write_mt940):
        read = come_back(write(statement), tmp_path)
        assert read.entries == []
        assert read.balances == statement.balances


def plain() -> Booking:
    return Booking(
        entry=1,
        amount=Decimal("-12.50"),
        currency="EUR",
        booking_date=date(2026, 1, 15),
        account_iban=IBAN,
        statement_id="AUSZUG/1",
        gvc="116",
    )


def test_slashes_in_a_reference_do_not_begin_the_banks_own(tmp_path: Path) -> None:
    booking = replace(plain(), customer_reference="A///B/", bank_reference="C")
    (read,) = come_back(write_mt940(sheet([booking])), tmp_path).entries
    assert (read.customer_reference, read.bank_reference) == ("A/B", "C")


def test_text_that_looks_like_a_field_stays_text(tmp_path: Path) -> None:
    purpose = "x" * 44 + " :61:2601150115CR6,00NTRFNONREF"
    booking = replace(plain(), purpose=purpose)
    read = come_back(write_mt940(sheet([booking])), tmp_path)
    assert [len(read.entries), len(read.rejects)] == [1, 0]
