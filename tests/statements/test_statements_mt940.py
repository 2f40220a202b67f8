"""What an MT940 entry means: marks, dates, the many shapes of :86:, several messages in a file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from augenblick.ingest.statements import Booking, Statement, owner_information, read_statement, sepa, sniff


def message(*fields: str, opening: str = "C260101EUR100,00", account: str = "DE02120300000000202051") -> str:
    lines = [":20:STARTUMSE", f":25:{account}", ":28C:1/1", f":60F:{opening}", *fields, ":62F:C260131EUR0,00", "-", ""]
    return "\r\n".join(lines)


@pytest.fixture
def read(tmp_path: Path):
    def reader(text: str, encoding: str = "utf-8") -> Statement:
        path = tmp_path / "statement.sta"
        path.write_bytes(text.encode(encoding))
        return read_statement(path)

    return reader


def one(statement: Statement) -> Booking:
    assert statement.rejects == []
    (booking,) = statement.entries
    return booking


@pytest.mark.parametrize(
    ("mark", "amount", "reversal", "status"),
    [
        ("C", "6.00", False, "BOOK"),
        ("D", "-6.00", False, "BOOK"),
        ("RC", "-6.00", True, "BOOK"),
        ("RD", "6.00", True, "BOOK"),
        ("EC", "6.00", False, "PDNG"),
        ("ED", "-6.00", False, "PDNG"),
    ],
)
def test_mark_gives_sign_reversal_and_status(read, mark: str, amount: str, reversal: bool, status: str) -> None:
    for funds in ("", "R"):
        booking = one(read(message(f":61:2601150115{mark}{funds}6,00NTRFNONREF")))
        assert (booking.amount, booking.reversal, booking.status) == (Decimal(amount), reversal, status)


@pytest.mark.parametrize(
    ("value", "entry", "booked"),
    [("251231", "0102", date(2026, 1, 2)), ("260102", "1230", date(2025, 12, 30)), ("260115", "", date(2026, 1, 15))],
)
def test_entry_date_falls_in_the_year_nearest_to_the_value_date(read, value: str, entry: str, booked: date) -> None:
    assert one(read(message(f":61:{value}{entry}C6,00NTRFNONREF"))).booking_date == booked


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (":61:2601C6,00NTRFNONREF", ":61:"),
        (":61:261315C6,00NTRFNONREF", "value_date"),
        (":61:2601150199C6,00NTRFNONREF", "booking_date"),
        (":61:260115C6NTRFNONREF", "amount"),
        (":61:260115C6,123456NTRFNONREF", "amount"),
        (":61:", ":61:"),
    ],
)
def test_line_that_cannot_be_read_is_a_reject_and_the_rest_goes_on(read, line: str, field: str) -> None:
    statement = read(message(":61:260115C1,00NTRFNONREF", line, ":86:lost", ":61:260115C3,00NTRFNONREF", ":86:kept"))
    assert [(reject.entry, reject.field, reject.line) for reject in statement.rejects] == [(2, field, 6)]
    assert [(each.entry, each.amount, each.purpose) for each in statement.entries] == [
        (1, Decimal(1), None),
        (3, Decimal(3), "kept"),
    ]


def test_sub_fields_cut_within_words_and_tags_are_glued(read) -> None:
    packed = (
        "EREF+LG-2026-01-000000012345678MREF+ABCDEFGHIJKLMNOPCRED+DE98ZZZ09999999999"
        "SVWZ+Lohn/Gehalt Januar 2026 Personalnummer 4711ABWA+Werft Süd AG"
    )
    pieces = [packed[start : start + 27] for start in range(0, len(packed), 27)]
    assert any(piece.endswith("CR") for piece in pieces)
    purpose = "".join(f"?{number}{piece}" for number, piece in enumerate(pieces, 20))
    party = "?30BYLADEM1001?31DE75512108001245126199?32Lohnbuero Nord Gesellschaft?33 mbH?34997"
    text = f"153?00LOHN  GEHALT?109251{purpose}{party}"
    lines = [text[start : start + 65] for start in range(0, len(text), 65)]
    booking = one(read(message(":61:2601150115CR2500,00NTRFNONREF", ":86:" + "\r\n".join(lines))))
    assert booking.gvc == "153"
    assert booking.booking_text == "LOHN GEHALT"
    assert booking.end_to_end_id == "LG-2026-01-000000012345678"
    assert booking.mandate_id == "ABCDEFGHIJKLMNOP"
    assert booking.creditor_id == "DE98ZZZ09999999999"
    assert booking.purpose == "Lohn/Gehalt Januar 2026 Personalnummer 4711"
    assert booking.ultimate_party == "Werft Süd AG"
    assert booking.counterparty_name == "Lohnbuero Nord Gesellschaft mbH"
    assert booking.counterparty_iban == "DE75512108001245126199"


def test_short_sub_field_ends_its_line(read) -> None:
    booking = one(read(message(":61:260115C6,00NTRFNONREF", ":86:166?20Miete?21Januar?22Wohnung 7")))
    assert booking.purpose == "Miete Januar Wohnung 7"


def test_sub_fields_60_to_63_continue_the_purpose(read) -> None:
    pieces = "".join(f"?{number}{'x' * 26}{number % 10}" for number in range(20, 30)) + "?60Ende"
    booking = one(read(message(":61:260115C6,00NTRFNONREF", f":86:166{pieces}")))
    assert (booking.purpose or "").endswith("9Ende")


def test_question_mark_in_the_text_is_no_sub_field(read) -> None:
    booking = one(read(message(":61:260115C6,00NTRFNONREF", ":86:166?20Wann? Um?99 Uhr?21oder")))
    assert booking.purpose == "Wann? Um?99 Uhr oder"


def test_reference_ends_where_its_short_sub_field_ends(read) -> None:
    booking = one(read(message(":61:260115C6,00NTRFNONREF", ":86:166?20EREF+4711?21Rechnung 12?22vom Januar")))
    assert booking.end_to_end_id == "4711"
    assert booking.purpose == "Rechnung 12 vom Januar"


@pytest.mark.parametrize(
    ("mark", "gvc", "tags", "party"),
    [
        ("C", "153", "ABWA+Employer?22ABWE+Child", "Employer"),
        ("D", "116", "ABWA+Myself?22ABWE+Landlord", "Landlord"),
        ("D", "105", "ABWA+Insurer?22ABWE+Myself", "Insurer"),
    ],
)
def test_ultimate_party_is_that_of_the_other_side(read, mark: str, gvc: str, tags: str, party: str) -> None:
    booking = one(read(message(f":61:260115{mark}6,00NTRFNONREF", f":86:{gvc}?20SVWZ+Text?21{tags}")))
    assert booking.ultimate_party == party


def test_returned_debit_is_marked_with_its_reason(read) -> None:
    booking = one(read(message(":61:260115C6,00NRTINONREF", ":86:109?00RUECKLASTSCHRIFT?20SVWZ+Strom?34914")))
    assert booking.reversal
    assert booking.return_reason == "914"


def test_code_before_text_of_a_foreign_bank_is_no_gvc(read) -> None:
    lines = (":61:260115C6,00NTRFNONREF", ":86:153?00Wyplata?20Test")
    foreign = one(read(message(*lines, account="PL61109010140000071219812874")))
    assert (foreign.gvc, foreign.booking_text) == (None, "Wyplata")
    assert one(read(message(*lines))).gvc == "153"


def test_swift_code_words_are_taken_apart(read) -> None:
    text = ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL20INGB0001234567/BIC/INGBNL2A/NAME/J DE\r\n VRIES/REMI/HUUR/EREF/A-1"
    booking = one(read(message(":61:260115C6,00NTRFNONREF", text)))
    assert booking.counterparty_iban == "NL20INGB0001234567"
    assert booking.counterparty_name == "J DE VRIES"
    assert (booking.purpose, booking.end_to_end_id) == ("HUUR", "A-1")


def test_messages_of_several_accounts_are_kept_apart(read, tmp_path: Path) -> None:
    second = message(":61:260116D2,00NTRFNONREF", account="10020030/1234567", opening="D260101CHF5,00")
    statement = read(message(":61:260115C6,00NTRFNONREF") + second.replace("C260131EUR", "D260131CHF"))
    assert [(each.account_iban, each.account_id_other, each.currency) for each in statement.entries] == [
        ("DE02120300000000202051", None, "EUR"),
        (None, "10020030/1234567", "CHF"),
    ]
    assert sniff(tmp_path / "statement.sta") == "mt940"


def test_closing_balance_that_does_not_follow_is_a_warning(read) -> None:
    statement = read(message(":61:260115C6,00NTRFNONREF"))
    assert statement.warnings == ["line 6: closing balance differs from opening balance and entries by -106.00"]


def test_statement_without_its_closing_balance_among_others_is_a_reject(read) -> None:
    first = message(":61:260115C6,00NTRFNONREF").replace(":62F:C260131EUR0,00\r\n-\r\n", "")
    statement = read(first + message(":61:260116C7,00NTRFNONREF"))
    assert [reject.field for reject in statement.rejects] == [":62F:"]
    assert len(statement.entries) == 2


def test_interim_report_in_swift_blocks_gives_pending_entries(read) -> None:
    body = ":20:INTERIM\n:25:DE02120300000000202051\n:28C:1/1\n:34F:EUR0,00\n:13D:2601151200+0100\n"
    head = "{1:F01BANKDEFFAXXX0000000000}{2:I942BANKDEFFXXXXN}{4:\n"
    statement = read(f"{head}{body}:61:260115C6,00NTRFNONREF\n:86:166?20Text\n-}}")
    assert statement.version == "MT942"
    assert one(statement).status == "PDNG"
    assert one(statement).purpose == "Text"


def test_windows_umlauts_are_read_with_a_warning(read) -> None:
    statement = read(message(":61:260115C6,00NTRFNONREF", ":86:166?20Größe?32Müller"), "cp1252")
    assert one(statement).counterparty_name == "Müller"
    assert any("cp1252" in warning for warning in statement.warnings)


def test_line_ends_of_any_kind_give_the_same_bookings(read) -> None:
    text = message(":61:260115C6,00NTRFNONREF", ":86:166?20Miete?32Erika Muster")
    assert read(text).entries == read(text.replace("\r\n", "\n")).entries == read(text.replace("\r\n", "\r")).entries


def test_amount_that_no_contract_column_holds_is_rejected(read) -> None:
    statement = read(message(":61:260115C99999999999999,00NTRFNONREF"))
    assert [reject.field for reject in statement.rejects] == ["amount"]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Miete Januar", {"purpose": "Miete Januar"}),
        ("SVWZ+Miete", {"purpose": "Miete"}),
        ("EREF+NOTPROVIDEDSVWZ+Miete", {"purpose": "Miete"}),
        (
            "Strom EREF: 4711 MREF: M-1 CRED: DE98ZZZ09999999999 IBAN: DE75512108001245126199 BIC: BYLADEM1001",
            {
                "purpose": "Strom",
                "end_to_end_id": "4711",
                "mandate_id": "M-1",
                "creditor_id": "DE98ZZZ09999999999",
                "counterparty_iban": "DE75512108001245126199",
                "counterparty_bic": "BYLADEM1001",
            },
        ),
        ("Bitte an IBAN: folgt", {"purpose": "Bitte an IBAN: folgt"}),
        (
            "MREF+A\nCRED+DE98ZZZ09999999999\nBeitrag",
            {"mandate_id": "A", "creditor_id": "DE98ZZZ09999999999", "purpose": "Beitrag"},
        ),
        ("", {}),
    ],
)
def test_sepa_fields_are_split_from_remittance_text(text: str, fields: dict[str, str]) -> None:
    assert sepa.split(text) == fields


def test_pieces_wider_than_27_show_the_banks_own_cut() -> None:
    assert sepa.rejoin(["x" * 35, "yy", "z"], 27) == "x" * 35 + "yy\nz"


def test_free_lines_go_on_only_when_full() -> None:
    lines = ["a" * 65, "b" * 10, "c"]
    assert owner_information.rejoin_lines(lines) == "a" * 65 + "b" * 10 + "\nc"
