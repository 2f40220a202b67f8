"""Bookings from statements: the account found, each booking once."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingest_bank import Bank

from augenblick.ingest.statements import read_statement

ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><BkTxCd/>
<NtryDtls>{details}</NtryDtls></Ntry>"""
DETAIL = "<TxDtls>{amount}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"


def _camt(*entries: str, iban: str = "DE89370400440532013000") -> str:
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>m</MsgId><CreDtTm>2026-04-30T00:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>s</Id><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>{''.join(entries)}</Stmt>"
        "</BkToCstmrStmt></Document>"
    )


def _entry(amount: str, text: str, day: str = "2026-04-10", status: str = "BOOK") -> str:
    return ENTRY.format(amount=amount, status=status, day=day, details=DETAIL.format(text=text, amount=""))


def _mt940(account: str, *lines: tuple[str, str]) -> str:
    booked = "".join(f":61:2604100410D{amount}NTRFNONREF\r\n:86:105?20{text}\r\n" for amount, text in lines)
    return f":20:X\r\n:25:{account}\r\n:28C:1/1\r\n:60F:C260401EUR100,00\r\n{booked}:62F:C260410EUR0,00\r\n-\r\n"


def test_camt_booking_lands_on_the_account_of_its_iban(small_bank: Bank) -> None:
    small_bank.write("april.xml", _camt(_entry("12.50", "Rent"), _entry("3.00", "Tea")))
    report = small_bank.load()
    rows = small_bank.rows("SELECT account_id, amount, purpose, _line FROM bank.transactions ORDER BY _line")
    assert [(a, float(b), c, d) for a, b, c, d in rows] == [("a1", -12.5, "Rent", 1), ("a1", -3.0, "Tea", 2)]
    assert [(f.kind, f.rows, f.loaded) for f in report.files if f.file == "april.xml"] == [("camt", 2, 2)]


def test_overlapping_statements_load_each_booking_once(small_bank: Bank) -> None:
    small_bank.write("a.xml", _camt(_entry("1.00", "Tea"), _entry("1.00", "Tea"), _entry("2.00", "Rent")))
    small_bank.write("b.xml", _camt(_entry("2.00", "Rent"), _entry("1.00", "Tea"), _entry("1.00", "Tea")))
    report = small_bank.load()
    assert small_bank.rows("SELECT count(*), count(DISTINCT transaction_id) FROM bank.transactions") == [(3, 3)]
    assert report.unchanged == 3
    small_bank.write("c.xml", _camt(_entry("1.00", "Tea"), _entry("1.00", "Tea"), _entry("5.00", "New")))
    small_bank.load()
    assert small_bank.rows("SELECT count(*) FROM bank.transactions") == [(4,)]


def test_same_booking_in_camt_and_mt940_is_one(small_bank: Bank) -> None:
    small_bank.write("a.xml", _camt(_entry("12.50", "Miete April")))
    small_bank.write("b.sta", _mt940("37040044/0532013000", ("12,50", "Miete April"), ("1,00", "Tee")))
    small_bank.load()
    rows = small_bank.rows(
        "SELECT purpose, f.kind FROM bank.transactions t JOIN bank.files f ON f.file_id = t._file ORDER BY 1"
    )
    assert rows == [("Miete April", "camt"), ("Tee", "mt940")]


@pytest.mark.parametrize("account", ["37040044/532013000", "37040044/0532013000EUR", "a1", "DE89370400440532013000"])
def test_mt940_account_is_found_however_it_is_named(small_bank: Bank, account: str) -> None:
    small_bank.write("a.sta", _mt940(account, ("1,00", "Tee")))
    small_bank.load()
    assert small_bank.rows("SELECT account_id FROM bank.transactions") == [("a1",)]


def test_booking_on_an_unknown_account_is_rejected_and_comes_when_the_account_does(small_bank: Bank) -> None:
    small_bank.write("a.xml", _camt(_entry("1.00", "Tea"), iban="DE02120300000000202051"))
    small_bank.load()
    assert small_bank.rejects() == [("a.xml", 1, "account_id", "unknown account")]
    small_bank.write("accounts-2.csv", "account_id,iban,kind,currency\na2,DE02120300000000202051,giro,EUR\n")
    small_bank.load()
    assert small_bank.rejects() == []
    assert small_bank.rows("SELECT account_id, _line FROM bank.transactions") == [("a2", 1)]


def test_announced_entries_wait(small_bank: Bank) -> None:
    small_bank.write("a.xml", _camt(_entry("1.00", "Tea", status="PDNG"), _entry("2.00", "Rent")))
    report = small_bank.load()
    assert small_bank.rows("SELECT purpose FROM bank.transactions") == [("Rent",)]
    assert any("1 announced" in warning.message for warning in report.warnings)


def test_payments_of_a_batch_share_the_entry_number(small_bank: Bank) -> None:
    details = "".join(
        DETAIL.format(amount=f'<Amt Ccy="EUR">{a}</Amt><CdtDbtInd>DBIT</CdtDbtInd>', text=t)
        for a, t in [("1.00", "one"), ("2.00", "two")]
    )
    batch = ENTRY.format(amount="3.00", status="BOOK", day="2026-04-10", details=details)
    late = ENTRY.format(amount="3.00", status="BOOK", day="2036-04-10", details=details)
    small_bank.write("a.xml", _camt(_entry("9.00", "first"), batch, late))
    small_bank.load()
    loaded = small_bank.rows("SELECT _line, purpose FROM bank.transactions ORDER BY ALL")
    assert loaded == [(1, "first"), (2, "one"), (2, "two")]
    assert small_bank.rejects() == [
        ("a.xml", 3, field, "date out of range") for field in ("booking_date", "value_date") for _ in range(2)
    ]


def test_real_half_year_is_loaded_whole_and_once(small_bank: Bank, shared: Path) -> None:
    source = shared / "data" / "statements" / "camt" / "sparda-camt052.xml"
    statement = read_statement(source)
    assert statement.account is not None
    small_bank.write("accounts.csv", f"account_id,iban,kind,currency\na1,{statement.account.iban},giro,EUR\n")
    small_bank.write("one.xml", source.read_bytes())
    small_bank.write("two.xml", source.read_bytes() + b"\n")
    report = small_bank.load()
    booked = [entry for entry in statement.entries if entry.status == "BOOK"]
    assert small_bank.rows("SELECT count(*), sum(amount) FROM bank.transactions") == [
        (len(booked), sum(entry.amount for entry in booked))
    ]
    assert report.unchanged == len(booked)


@pytest.mark.parametrize(
    ("remittance", "elsewhere", "purpose"),
    [
        ("Rent", "<AddtlTxInf>Order</AddtlTxInf>", "Rent"),
        ("", "<AddtlTxInf>Order</AddtlTxInf>", "Order"),
        ("", "", "Standing order"),
    ],
)
def test_purpose_is_what_the_bank_says_nearest_to_it(
    small_bank: Bank, remittance: str, elsewhere: str, purpose: str
) -> None:
    ustrd = f"<RmtInf><Ustrd>{remittance}</Ustrd></RmtInf>" if remittance else ""
    details = f"<TxDtls>{ustrd}{elsewhere}</TxDtls>"
    entry = ENTRY.format(amount="1.00", status="BOOK", day="2026-04-10", details=details)
    small_bank.write("a.xml", _camt(entry.replace("</Ntry>", "<AddtlNtryInf>Standing order</AddtlNtryInf></Ntry>")))
    small_bank.load()
    assert small_bank.rows("SELECT purpose FROM bank.transactions") == [(purpose,)]


@pytest.mark.parametrize(
    ("sample", "purpose", "count"),
    [
        ("camt/sparda-camt052.xml", "Basislastschrift", 7),
        ("camt/camt054.v4.xml", "Order", 1),
        ("mt940/mt940/special-cases/incomplete_tag_61.sta", "Basislastschrift", 1),
        ("mt940/mt940/full/danskebank/MT940_DK_Example.sta", "Rente", 1),
    ],
)
def test_booking_of_a_sample_without_remittance_text_has_the_text_the_bank_gives_elsewhere(
    small_bank: Bank, shared: Path, sample: str, purpose: str, count: int
) -> None:
    source = shared / "data" / "statements" / sample
    accounts = {account.id for account in read_statement(source).accounts}
    rows = "".join(f"s{number},{name},giro,EUR\n" for number, name in enumerate(sorted(accounts)))
    small_bank.write("accounts.csv", f"account_id,iban,kind,currency\n{rows}")
    small_bank.write(source.name, source.read_bytes())
    small_bank.load()
    assert small_bank.rows(f"SELECT count(*) FROM bank.transactions WHERE purpose = '{purpose}'") == [(count,)]
