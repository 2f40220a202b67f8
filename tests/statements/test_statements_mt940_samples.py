"""MT940 and MT942 samples of many banks, held against what another library read from them.

That library keeps to the SWIFT character set (ü becomes u, a tab a point), so texts are compared by their
letters and digits.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from augenblick.ingest.statements import Booking, Statement, read_statement
from augenblick.model.errors import UnknownFormat, UnreadableFile

ROOT = Path(__file__).resolve().parents[3] / "shared" / "data" / "statements" / "mt940"
FILES = sorted(path for path in ROOT.rglob("*.sta") if path.with_suffix(".json").exists())
TAGS = re.compile(r"EREF\+(?:NONREF)?|SVWZ\+|KREF\+|MTLG:")
HOSTILE = ROOT / "mt940" / "special-cases"

pytestmark = pytest.mark.skipif(not FILES, reason="the MT940 samples (../shared beside the checkout) are not here")


def letters(text: str | None) -> str:
    folded = unicodedata.normalize("NFKD", text or "")
    return "".join(sign for sign in folded if sign.isascii() and sign.isalnum())


def meant(reference: str | None) -> str:
    """The reference, but nothing where the bank writes that there is none."""
    return "" if (reference or "").strip() in ("NONREF", "EREF") else letters(reference)


@pytest.fixture(params=FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def sample(request: pytest.FixtureRequest) -> tuple[list[dict[str, Any]], Statement]:
    return json.loads(request.param.with_suffix(".json").read_text("utf-8")), read_statement(request.param)


def pairs(sample: tuple[list[dict[str, Any]], Statement]) -> list[tuple[dict[str, Any], Booking]]:
    wanted = list(chain.from_iterable(message["statement_lines"] for message in sample[0]))
    return list(zip(wanted, sample[1].entries, strict=True))


def signed(found: dict[str, Any], mark: str) -> Decimal:
    return Decimal(found["amount"]) * (1 if found[mark] == "Credit" else -1)


def test_mt940_sample_amounts_and_dates_equal_the_reference(sample: tuple[list[dict[str, Any]], Statement]) -> None:
    for wanted, found in pairs(sample):
        assert found.amount == signed(wanted, "ext_debit_credit_indicator")
        assert found.value_date == date.fromisoformat(wanted["value_date"])
        assert found.booking_date == date.fromisoformat(wanted["entry_date"] or wanted["value_date"])


def test_mt940_sample_references_equal_the_reference(sample: tuple[list[dict[str, Any]], Statement]) -> None:
    for wanted, found in pairs(sample):
        kind = wanted["transaction_type_ident_code"]
        assert (found.proprietary_code or "")[1:] == (kind["NonStandard"] if isinstance(kind, dict) else kind)
        assert letters(found.bank_reference) == meant(wanted["bank_ref"])
        if "KREF+" not in str(wanted["information_to_account_owner"]):
            assert letters(found.customer_reference) == meant(wanted["customer_ref"])


def test_mt940_sample_structured_information_equals_the_reference(
    sample: tuple[list[dict[str, Any]], Statement],
) -> None:
    for wanted, found in pairs(sample):
        information = wanted["information_to_account_owner"]
        if not isinstance(information, dict):
            continue
        assert letters(found.booking_text) == letters(information.get("posting_text"))
        assert letters(found.primanota) == letters(information.get("prima_nota"))
        assert letters(found.counterparty_bic) == letters(information.get("applicant_bin"))
        assert letters(found.counterparty_name) == letters(information.get("applicant_name"))
        assert letters(found.additional_info or "").startswith(letters(information.get("unknown70")))
        account = found.counterparty_account_other or found.counterparty_iban
        assert letters(account) == letters(information.get("applicant_iban"))
        purpose = information.get("purpose", "") + information.get("additional_purpose", "")
        kref = found.customer_reference if "KREF+" in purpose else None
        parts = [letters(part) for part in (found.end_to_end_id, kref, found.purpose)]
        assert sorted("".join(parts)) == sorted(letters(TAGS.sub("", purpose)))
        assert all(part in letters(TAGS.sub("", purpose)) for part in parts)


def test_mt940_sample_free_information_equals_the_reference(sample: tuple[list[dict[str, Any]], Statement]) -> None:
    for wanted, found in pairs(sample):
        information = wanted["information_to_account_owner"]
        if isinstance(information, str) and not information.startswith("/"):
            assert letters(found.purpose) == letters(information)


def test_mt940_sample_balances_equal_the_reference(sample: tuple[list[dict[str, Any]], Statement]) -> None:
    names = ("opening_balance", "closing_balance", "closing_available_balance")
    wanted = [message[name] for message in sample[0] for name in names if message[name]]
    found = [balance for balance in sample[1].balances if balance.kind != "FWAV"]
    assert [each.amount for each in found] == [signed(each, "debit_credit_indicator") for each in wanted]
    assert [each.on.isoformat() for each in found] == [each["date"] for each in wanted]
    assert [each.currency for each in found] == [each["iso_currency_code"] for each in wanted]
    assert {account.id for account in sample[1].accounts} == {message["account_id"] for message in sample[0]}


def test_february_30_as_value_date_is_the_last_of_february() -> None:
    (booking,) = read_statement(HOSTILE / "february_30.sta").entries
    assert booking.value_date == date(2016, 2, 29)
    assert booking.booking_date == date(2016, 3, 1)


def test_statement_line_without_reference_keeps_amount_and_text() -> None:
    (booking,) = read_statement(HOSTILE / "incomplete_tag_61.sta").entries
    assert booking.amount == Decimal("-233.15")
    assert booking.customer_reference is None
    assert booking.counterparty_name == "Finanzamt Muenchen Abteilung Erhebung"


def test_overlong_information_is_taken_with_its_sepa_fields() -> None:
    (booking,) = read_statement(HOSTILE / "overly_long_details.sta").entries
    assert booking.end_to_end_id == "123/123/12345-----L1101234567890123"
    assert booking.creditor_id == "DE99ZZZ00000012345"
    assert booking.ultimate_party == "Finanzamt Sentinel"
    assert booking.mandate_id == "BYA12345678901"


def test_dos_code_page_is_recognised_and_reported() -> None:
    statement = read_statement(HOSTILE / "invalid_utf8.sta")
    assert len(statement.entries) == 7
    assert "összevont" in (statement.entries[0].purpose or "")
    assert any("cp850" in warning for warning in statement.warnings)


@pytest.mark.parametrize("name", ["unknown_tag", "unexpected_tag"])
def test_tag_that_no_statement_has_is_reported_and_passed_over(name: str) -> None:
    statement = read_statement(HOSTILE / f"{name}.sta")
    assert len(statement.entries) == 1
    assert any(":12:" in warning for warning in statement.warnings)


def test_lines_without_any_field_are_an_unknown_format() -> None:
    with pytest.raises(UnknownFormat):
        read_statement(HOSTILE / "invalid_statement.sta")


def test_empty_file_is_unreadable() -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        read_statement(ROOT / "mt942" / "full" / "cmxl" / "mt942_1.sta")


def test_amount_without_comma_rejects_the_entry_and_keeps_the_rest() -> None:
    statement = read_statement(ROOT / "mt940" / "full" / "jejik" / "knab_broken.sta")
    assert [(reject.line, reject.field, reject.entry) for reject in statement.rejects] == [(17, "amount", 3)]
    assert [booking.amount for booking in statement.entries] == [Decimal(500), Decimal(-7260)]


def test_mistyped_86_as_25_is_rejected_and_the_account_kept() -> None:
    statement = read_statement(ROOT / "mt940" / "full" / "betterplace" / "sepa_snippet_broken.sta")
    assert [(reject.line, reject.field) for reject in statement.rejects] == [(6, ":25:")]
    assert [account.id for account in statement.accounts] == ["50880050/0194787400888"]


def test_every_mt942_sample_is_read_or_refused_clearly() -> None:
    entries = {}
    for path in sorted((ROOT / "mt942").rglob("*.sta")):
        if path.stat().st_size:
            entries[path.stem] = len(read_statement(path).entries)
    assert entries == {
        "generic": 2,
        "rabobank": 5,
        "triodos": 2,
        "mt942": entries["mt942"],
        "171011_01234945": 3,
        "long_statement_number": 0,
        "raphaelm": 9,
    }


def test_interim_report_gives_pending_entries_in_the_floor_limits_currency() -> None:
    statement = read_statement(ROOT / "mt942" / "special-cases" / "mt942.sta")
    (booking,) = statement.entries
    assert statement.version == "MT942"
    assert (booking.status, booking.currency, booking.amount) == ("PDNG", "EUR", Decimal("-0.42"))
