"""Returns in statements: the booking each one takes back is found, and with it goes the evidence."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from ingest_bank import Bank

from augenblick.content.model import Signal
from augenblick.signals import detect

IBAN = "DE89370400440532013000"
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{flag}<Sts>BOOK</Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><BkTxCd>{code}</BkTxCd>
<NtryDtls><TxDtls>{refs}<RltdPties>{parties}</RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf>{reason}</TxDtls></NtryDtls>
</Ntry>"""
FLAG = "<RvslInd>true</RvslInd>"
REASON = "<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>"
DIRECT_DEBIT = "<Domn><Cd>PMNT</Cd><Fmly><Cd>RDDT</Cd><SubFmlyCd>ESDD</SubFmlyCd></Fmly></Domn>"
PAY = Signal(iri="test:pay", text_patterns=(r"ABO",))
RESOLVED = """SELECT r.booking_date, o.booking_date FROM bank.transactions r
JOIN bank.transactions o ON o.transaction_id = r.reversal_of ORDER BY ALL"""


def _camt(*entries: str) -> str:
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>m</MsgId><CreDtTm>2026-06-30T00:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>s</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{''.join(entries)}</Stmt>"
        "</BkToCstmrStmt></Document>"
    )


def _debit(day: str, *, amount: str = "9.99", creditor: str = "Funkhaus", reference: str = "") -> str:
    refs = f"<Refs><EndToEndId>{reference}</EndToEndId></Refs>" if reference else ""
    parties = f"<Cdtr><Nm>{creditor}</Nm></Cdtr>"
    return ENTRY.format(
        amount=amount, sign="DBIT", flag="", day=day, code="", refs=refs, parties=parties, text=f"Abo {day}", reason=""
    )


def _return(
    day: str,
    *,
    amount: str = "9.99",
    creditor: str = "Funkhaus",
    flag: str = FLAG,
    reason: str = "",
    code: str = "",
    reference: str = "",
) -> str:
    refs = f"<Refs><EndToEndId>{reference}</EndToEndId></Refs>" if reference else ""
    parties = f"<Cdtr><Nm>{creditor}</Nm></Cdtr>"
    return ENTRY.format(
        amount=amount, sign="CRDT", flag=flag, day=day, code=code, refs=refs, parties=parties, text="Abo", reason=reason
    )


def _mt940(*lines: str) -> str:
    return f":20:X\r\n:25:{IBAN}\r\n:28C:1/1\r\n:60F:C260101EUR0,00\r\n{''.join(lines)}:62F:C260630EUR0,00\r\n-\r\n"


def _mt940_line(mark: str, day: str, *, gvc: str = "005", text: str = "Abo", name: str = "Funkhaus") -> str:
    short = day[2:].replace("-", "")
    return f":61:{short}{short[2:]}{mark}9,99NMSCNONREF\r\n:86:{gvc}?20{text}?32{name}\r\n"


def _resolved(bank: Bank) -> list[tuple[str, str]]:
    return [(str(back), str(original)) for back, original in bank.rows(RESOLVED)]


def _evidence(bank: Bank) -> list[str]:
    detect(bank.connection, [PAY], as_of=date(2026, 6, 30))
    return [str(day) for (day,) in bank.rows("SELECT occurred_on FROM evidence.occurrences ORDER BY ALL")]


@pytest.mark.parametrize(
    "back",
    [
        _return("2026-04-15"),
        _return("2026-04-15", flag="", reason=REASON),
        _return("2026-04-15", code=DIRECT_DEBIT),
        _return("2026-04-15", flag="", code="<Prtry><Cd>NRTI+109</Cd><Issr>DK</Issr></Prtry>"),
    ],
    ids=["flag", "reason", "flag beside another code", "code"],
)
def test_return_in_camt_names_its_booking_and_takes_the_evidence_back(small_bank: Bank, back: str) -> None:
    small_bank.write("a.xml", _camt(_debit("2026-03-10"), _debit("2026-04-10"), back))
    small_bank.load()
    assert _resolved(small_bank) == [("2026-04-15", "2026-04-10")]
    assert _evidence(small_bank) == ["2026-03-10"]


@pytest.mark.parametrize(("mark", "gvc"), [("RD", "005"), ("C", "109"), ("C", "159")])
def test_return_in_mt940_names_its_booking_and_takes_the_evidence_back(small_bank: Bank, mark: str, gvc: str) -> None:
    small_bank.write(
        "a.sta", _mt940(_mt940_line("D", "2026-04-10", text="Abo April"), _mt940_line(mark, "2026-04-15", gvc=gvc))
    )
    small_bank.load()
    assert _resolved(small_bank) == [("2026-04-15", "2026-04-10")]
    assert _evidence(small_bank) == []


def test_recalled_credit_in_mt940_takes_the_credit_back(small_bank: Bank) -> None:
    small_bank.write("a.sta", _mt940(_mt940_line("C", "2026-04-10"), _mt940_line("RC", "2026-04-15")))
    small_bank.load()
    assert small_bank.rows("SELECT amount < 0, btc FROM bank.transactions WHERE reversal_of IS NOT NULL") == [
        (True, "PMNT-RCDT-RRTN")
    ]
    assert _evidence(small_bank) == []


@pytest.mark.parametrize(
    ("back", "code"),
    [
        (_return("2026-04-15"), "PMNT-ICDT-RRTN"),
        (_return("2026-04-15", code=DIRECT_DEBIT), "PMNT-RDDT-UPDD"),
        (_return("2026-04-15", code="<Prtry><Cd>NRTI+109</Cd><Issr>DK</Issr></Prtry>"), None),
    ],
    ids=["transfer", "direct debit", "coded already"],
)
def test_return_known_by_its_flag_alone_gets_the_code_of_a_return(
    small_bank: Bank, back: str, code: str | None
) -> None:
    small_bank.write("a.xml", _camt(back))
    small_bank.load()
    assert small_bank.rows("SELECT btc FROM bank.transactions") == [(code,)]


@pytest.mark.parametrize(
    "back",
    [
        _return("2026-06-15"),
        _return("2026-04-15", amount="9.98"),
        _return("2026-04-15", creditor="Andere"),
        _return("2026-04-09"),
    ],
    ids=["too late", "another amount", "another party", "before it"],
)
def test_return_that_fits_no_booking_stays_open_and_is_no_evidence(small_bank: Bank, back: str) -> None:
    small_bank.write("a.xml", _camt(_debit("2026-04-10"), back))
    small_bank.load()
    assert _resolved(small_bank) == []
    assert _evidence(small_bank) == ["2026-04-10"]


def test_return_after_sixty_three_days_still_finds_its_booking(small_bank: Bank) -> None:
    small_bank.write("a.xml", _camt(_debit("2026-04-10"), _return("2026-06-12")))
    small_bank.load()
    assert _resolved(small_bank) == [("2026-06-12", "2026-04-10")]


def test_reference_wins_over_nearness(small_bank: Bank) -> None:
    entries = [_debit("2026-03-10", reference="E3"), _debit("2026-04-10", reference="E4")]
    small_bank.write("a.xml", _camt(*entries, _return("2026-04-15", reference="E3")))
    small_bank.load()
    assert _resolved(small_bank) == [("2026-04-15", "2026-03-10")]


def test_two_returns_take_back_two_bookings(small_bank: Bank) -> None:
    debits = [_debit(f"2026-04-{day}") for day in ("08", "09", "10")]
    small_bank.write("a.xml", _camt(*debits, _return("2026-04-15"), _return("2026-04-16")))
    small_bank.load()
    assert _resolved(small_bank) == [("2026-04-15", "2026-04-10"), ("2026-04-16", "2026-04-09")]
    assert _evidence(small_bank) == ["2026-04-08"]


def test_many_equal_returns_of_one_day_take_back_a_booking_each(small_bank: Bank) -> None:
    lines = [_mt940_line("D", "2026-04-10")] * 150 + [_mt940_line("RD", "2026-04-15")] * 140
    small_bank.write("a.sta", _mt940(*lines))
    small_bank.load()
    assert small_bank.rows("SELECT count(reversal_of), count(DISTINCT reversal_of) FROM bank.transactions") == [
        (140, 140)
    ]
    assert len(_evidence(small_bank)) == 10


def test_return_a_month_later_takes_back_what_was_evidence(small_bank: Bank) -> None:
    small_bank.write("april.xml", _camt(_debit("2026-04-10")))
    small_bank.load()
    assert _evidence(small_bank) == ["2026-04-10"]
    small_bank.write("may.xml", _camt(_return("2026-05-12")))
    small_bank.load()
    assert _resolved(small_bank) == [("2026-05-12", "2026-04-10")]
    assert _evidence(small_bank) == []


@pytest.mark.parametrize("order", list(permutations(["april", "may", "late"])), ids="-".join)
def test_returns_are_resolved_alike_whatever_the_order_of_files(small_bank: Bank, order: tuple[str, ...]) -> None:
    parts = {
        "april": _camt(_debit("2026-04-10"), _return("2026-04-20")),
        "may": _camt(_debit("2026-05-10"), _return("2026-05-12")),
        "late": _camt(_debit("2026-04-18"), _return("2026-05-13")),
    }
    for name in order:
        small_bank.write(f"{name}.xml", parts[name])
        small_bank.load()
    assert _resolved(small_bank) == [
        ("2026-04-20", "2026-04-18"),
        ("2026-05-12", "2026-05-10"),
        ("2026-05-13", "2026-04-10"),
    ]


def test_overlapping_statement_changes_no_resolved_return(small_bank: Bank) -> None:
    small_bank.write("a.xml", _camt(_debit("2026-04-10"), _return("2026-04-15")))
    small_bank.load()
    small_bank.write("b.xml", _camt(_debit("2026-04-10"), _return("2026-04-15"), _debit("2026-04-16")))
    report = small_bank.load()
    assert (report.unchanged, small_bank.rejects()) == (2, [])
    assert _resolved(small_bank) == [("2026-04-15", "2026-04-10")]


def test_booking_that_a_table_says_was_returned_is_not_returned_again(small_bank: Bank) -> None:
    header = "transaction_id,account_id,booking_date,amount,currency,counterparty_name,purpose,reversal_of\n"
    rows = "x1,a1,2026-04-10,-9.99,EUR,Funkhaus,Abo,\nx2,a1,2026-04-13,9.99,EUR,Funkhaus,Abo,x1\n"
    small_bank.write("transactions.csv", header + rows)
    small_bank.write("a.xml", _camt(_return("2026-04-15")))
    small_bank.load()
    assert _resolved(small_bank) == [("2026-04-13", "2026-04-10")]
    assert small_bank.load().loaded == 0
    assert small_bank.rejects() == []
