"""What a camt entry means: batches, returns, parties, codes, encodings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from augenblick.ingest.statements import Booking, Statement, read_statement, sniff, to_table
from augenblick.model.errors import UnreadableFile

OWN = "DE02120300000000202051"
OTHER = "DE75512108001245126199"


def message(*entries: str, namespace: str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", head: str = "") -> str:
    return (
        f'<Document xmlns="{namespace}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>7</Id>'
        f"<CreDtTm>2026-01-31T23:00:00+01:00</CreDtTm><Acct><Id><IBAN>{OWN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{head}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


def entry(
    details: str = "", *, amount: str = "12.50", mark: str = "CRDT", extra: str = "", status: str = "BOOK"
) -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{extra}<Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt><Dt>2026-01-15</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def party(side: str, name: str, iban: str) -> str:
    return f"<{side}><Pty><Nm>{name}</Nm></Pty></{side}><{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct>"


def payment(amount: str, currency: str = "EUR", mark: str = "CRDT") -> str:
    return f'<TxDtls><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd></TxDtls>'


@pytest.fixture
def read(tmp_path: Path):
    def reader(text: str, encoding: str = "utf-8") -> Statement:
        path = tmp_path / "statement.xml"
        path.write_bytes(text.encode(encoding))
        return read_statement(path)

    return reader


def one(statement: Statement) -> Booking:
    assert statement.rejects == []
    (booking,) = statement.entries
    return booking


def test_debit_entry_gives_a_negative_amount(read) -> None:
    assert one(read(message(entry(mark="DBIT")))).amount == Decimal("-12.50")


def test_batch_whose_payments_add_up_gives_a_booking_each(read) -> None:
    statement = read(message(entry(payment("5.00") + payment("7.50"))))
    assert [(each.entry, each.detail, each.amount) for each in statement.entries] == [
        (1, 1, Decimal("5.00")),
        (1, 2, Decimal("7.50")),
    ]


def test_batch_with_a_counter_booking_adds_up_by_each_direction(read) -> None:
    statement = read(message(entry(payment("15.00") + payment("2.50", mark="DBIT"))))
    assert [each.amount for each in statement.entries] == [Decimal("15.00"), Decimal("-2.50")]


@pytest.mark.parametrize("second", [payment("7.51"), payment("7.50", "CHF"), "<TxDtls/>"])
def test_batch_that_does_not_add_up_stays_one_booking_with_a_warning(read, second: str) -> None:
    statement = read(message(entry(payment("5.00") + second)))
    assert one(statement).amount == Decimal("12.50")
    assert any("do not add up" in warning for warning in statement.warnings)


def test_batch_kept_as_one_booking_has_only_what_all_payments_share(read) -> None:
    details = "".join(
        f"<TxDtls><Refs><MndtId>{mandate}</MndtId></Refs><Purp><Cd>SALA</Cd></Purp></TxDtls>" for mandate in "AB"
    )
    booking = one(read(message(entry(details))))
    assert booking.purpose_code == "SALA"
    assert booking.mandate_id is None


def test_credit_names_the_debtor_and_the_ultimate_debtor(read) -> None:
    details = (
        f"<TxDtls><RltdPties>{party('Dbtr', 'Lohnbüro Nord', OTHER)}"
        f"<UltmtDbtr><Pty><Nm>Werft Süd</Nm></Pty></UltmtDbtr>{party('Cdtr', 'Erika Muster', OWN)}</RltdPties></TxDtls>"
    )
    booking = one(read(message(entry(details))))
    assert (booking.counterparty_name, booking.counterparty_iban) == ("Lohnbüro Nord", OTHER)
    assert booking.ultimate_party == "Werft Süd"


def test_returned_debit_still_names_the_creditor_of_the_original(read) -> None:
    details = (
        "<TxDtls><RltdPties><Dbtr><Pty><Nm>Erika Muster</Nm></Pty></Dbtr><Cdtr><Pty><Nm>Stadtwerke</Nm></Pty></Cdtr>"
        "</RltdPties><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>"
    )
    booking = one(read(message(entry(details, mark="CRDT"))))
    assert booking.counterparty_name == "Stadtwerke"
    assert booking.reversal
    assert booking.return_reason == "AC04"


def test_reversal_indicator_marks_the_booking(read) -> None:
    assert one(read(message(entry(extra="<RvslInd>true</RvslInd>")))).reversal
    assert not one(read(message(entry(extra="<RvslInd>false</RvslInd>")))).reversal


def test_german_return_code_marks_the_booking(read) -> None:
    code = "<TxDtls><BkTxCd><Prtry><Cd>NRTI+109+00931</Cd><Issr>DK</Issr></Prtry></BkTxCd></TxDtls>"
    booking = one(read(message(entry(code))))
    assert booking.gvc == "109"
    assert booking.reversal


def test_own_iban_decides_which_party_is_the_other(read) -> None:
    parties = party("Dbtr", "Erika Muster", OWN) + party("Cdtr", "Sparplan", OTHER)
    details = f"<TxDtls><RltdPties>{parties}</RltdPties></TxDtls>"
    assert one(read(message(entry(details, mark="CRDT")))).counterparty_name == "Sparplan"


def test_codes_come_from_domain_issuer_and_purpose(read) -> None:
    details = (
        "<TxDtls><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>SALA</SubFmlyCd></Fmly></Domn>"
        "<Prtry><Cd>NTRF+153+00931</Cd><Issr>DK</Issr></Prtry></BkTxCd><Purp><Cd>SALA</Cd></Purp>"
        "<CardTx><Tx><Indv><TxCtgy>5641</TxCtgy></Indv></Tx></CardTx></TxDtls>"
    )
    booking = one(read(message(entry(details))))
    assert (booking.btc, booking.gvc, booking.purpose_code, booking.mcc) == ("PMNT-RCDT-SALA", "153", "SALA", "5641")


def test_creditor_identifier_is_told_from_other_identifications(read) -> None:
    def creditor(number: str, scheme: str = "") -> str:
        return f"<Othr><Id>{number}</Id>{scheme}</Othr>"

    both = creditor("455454654") + creditor("DE98ZZZ09999999999")
    details = f"<TxDtls><RltdPties><Cdtr><Pty><Id><PrvtId>{both}</PrvtId></Id></Pty></Cdtr></RltdPties></TxDtls>"
    assert one(read(message(entry(details, mark="DBIT")))).creditor_id == "DE98ZZZ09999999999"


def test_remittance_cut_at_140_characters_is_glued(read) -> None:
    first = ("KFZ-STEUER FUER B XX 137 FUER DIE ZEIT VOM " * 4)[:140]
    details = f"<TxDtls><RmtInf><Ustrd>{first}</Ustrd><Ustrd>09.10.2026</Ustrd></RmtInf></TxDtls>"
    assert one(read(message(entry(details)))).purpose == first + "09.10.2026"


def test_remittance_in_short_blocks_is_joined_with_blanks(read) -> None:
    details = "<TxDtls><RmtInf><Ustrd>Miete</Ustrd><Ustrd>Januar</Ustrd></RmtInf></TxDtls>"
    assert one(read(message(entry(details)))).purpose == "Miete Januar"


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (entry(amount="12,50"), "Amt"),
        (entry(amount="-1.00"), "Amt"),
        (entry(amount="1.000001"), "Amt"),
        (entry(amount="99999999999999.00"), "Amt"),
        (entry(mark="PLUS"), "CdtDbtInd"),
        (entry(status="MAYBE"), "Sts"),
        (entry().replace("2026-01-15", "2026-02-30"), "BookgDt"),
        (entry().replace('"EUR"', '"euro"'), "Amt@Ccy"),
    ],
)
def test_entry_that_cannot_be_read_is_a_reject_and_the_rest_goes_on(read, bad: str, field: str) -> None:
    statement = read(message(entry(amount="1.00"), bad, entry(amount="3.00")))
    assert [(reject.entry, reject.field) for reject in statement.rejects] == [(2, field)]
    assert [(each.entry, each.amount) for each in statement.entries] == [(1, Decimal(1)), (3, Decimal(3))]
    assert all(reject.reason and reject.hint for reject in statement.rejects)


def test_entry_without_any_date_takes_the_messages_and_says_so(read) -> None:
    statement = read(message(entry().replace("<BookgDt><Dt>2026-01-15</Dt></BookgDt>", "")))
    assert one(statement).booking_date == date(2026, 1, 31)
    assert any("without booking date" in warning for warning in statement.warnings)


def test_pending_entry_keeps_its_status_and_stays_out_of_the_sum(read) -> None:
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<Dt><Dt>2026-01-31</Dt></Dt></Bal>"
        for kind, amount in (("OPBD", "10.00"), ("CLBD", "22.50"))
    )
    statement = read(message(entry(), entry(amount="99.00", status="PDNG"), head=balances))
    assert [each.status for each in statement.entries] == ["BOOK", "PDNG"]
    assert statement.warnings == []


def test_closing_balance_that_does_not_follow_is_a_warning(read) -> None:
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<Dt><Dt>2026-01-31</Dt></Dt></Bal>"
        for kind in ("OPBD", "CLBD")
    )
    statement = read(message(entry(), head=balances))
    assert statement.warnings == ["statement 7: closing balance differs from opening and entries by -12.50"]


UMLAUT = entry(
    f"<TxDtls><RltdPties>{party('Dbtr', 'Müller & Söhne'.replace('&', '&amp;'), OTHER)}</RltdPties></TxDtls>"
)


@pytest.mark.parametrize(
    ("declared", "actual", "warned"),
    [
        ("UTF-8", "utf-8", False),
        ("UTF-8", "utf-8-sig", False),
        ("UTF-8", "cp1252", True),
        ("UTF-8", "utf-16", False),
        ("UTF-16", "utf-16", False),
        ("UTF-16", "utf-8", False),
        ("ISO-8859-1", "latin-1", False),
        ("ISO-8859-15", "iso8859-15", False),
        ("nonsense", "cp1252", True),
        (None, "latin-1", True),
    ],
)
def test_encoding_is_found_whatever_the_file_declares(read, declared: str | None, actual: str, warned: bool) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    statement = read(declaration + message(UMLAUT), actual)
    assert one(statement).counterparty_name == "Müller & Söhne"
    assert bool(statement.warnings) is warned
    assert all("read as cp1252" in warning for warning in statement.warnings)


def test_prefixed_namespace_and_envelope_are_read(read) -> None:
    text = message(entry()).replace("xmlns=", "xmlns:c=")
    text = text.replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:")
    assert one(read(f"<Envelope><Header/>{text}</Envelope>")).amount == Decimal("12.50")


def test_message_cut_within_an_entry_is_refused(read) -> None:
    text = message(entry(), entry())
    with pytest.raises(UnreadableFile, match="cut off"):
        read(text[: text.rindex("</Ntry>")])


def test_statement_of_several_accounts_keeps_each_bookings_account(read, tmp_path: Path) -> None:
    second = message(entry()).replace(OWN, OTHER)
    both = message(entry()).replace("</Stmt>", "</Stmt>" + second[second.index("<Stmt>") : second.index("</BkTo")])
    statement = read(both)
    assert [each.account_iban for each in statement.entries] == [OWN, OTHER]
    assert [each.entry for each in statement.entries] == [1, 2]
    assert sniff(tmp_path / "statement.xml") == "camt"


def test_arrow_table_holds_amounts_dates_and_flags_exactly(read) -> None:
    table = to_table(read(message(entry(amount="0.00001"), entry(mark="DBIT"))))
    assert table["amount"].to_pylist() == [Decimal("0.00001"), Decimal("-12.50000")]
    assert table["booking_date"].to_pylist() == [date(2026, 1, 15)] * 2
    assert table["reversal"].to_pylist() == [False, False]
    assert table["account_iban"].to_pylist() == [OWN, OWN]
