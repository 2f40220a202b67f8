"""camt samples of many versions and banks, held against what the Genkgo PHP library read from them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from augenblick.ingest.statements import Booking, Statement, camt_entry, read_statement
from augenblick.model.errors import UnreadableFile

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "statements" / "camt"
FILES = sorted(path for path in SAMPLES.glob("*.xml") if path.with_suffix(".json").exists())
MINOR_UNITS = {"JPY": 0}

pytestmark = pytest.mark.skipif(not FILES, reason="the camt samples (../shared beside the checkout) are not here")


def expected(path: Path) -> dict[str, Any]:
    return json.loads(path.with_suffix(".json").read_text("utf-8"))


def money(found: dict[str, Any] | None) -> tuple[Decimal, str] | None:
    if not found:
        return None
    unit = found["getCurrency"]["getCode"]
    return Decimal(found["getAmount"]).scaleb(-MINOR_UNITS.get(unit, 2)), unit


def day(found: dict[str, Any] | None) -> date | None:
    return date.fromisoformat(found["0"][:10]) if found else None


def details(entry: dict[str, Any]) -> list[dict[str, Any]]:
    found = entry["getTransactionDetails"] or []
    return [entry["getTransactionDetail"] if each == "__RECURSIVITY__" else each for each in found]


def domain(found: dict[str, Any] | None) -> str | None:
    inner = (found or {}).get("getDomain")
    return inner and "-".join([inner["getCode"], inner["getFamily"]["getCode"], inner["getFamily"]["getSubFamilyCode"]])


def entries_of(path: Path) -> list[tuple[camt_entry.Leaves, list[camt_entry.Leaves]]]:
    """The entries that the reference dumped: of several statements only the last one's."""
    statement = etree.parse(path).xpath("//*[local-name()='Stmt' or local-name()='Rpt' or local-name()='Ntfctn']")[-1]
    return [camt_entry.entry(element) for element in statement.iter("{*}Ntry")]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> tuple[Path, Statement]:
    return request.param, read_statement(request.param)


def test_sample_of_any_version_gives_every_entry_once(sample: tuple[Path, Statement]) -> None:
    path, statement = sample
    assert statement.rejects == []
    found = {booking.entry for booking in statement.entries if booking.statement_id == statement.statement_ids[-1]}
    assert len(found) == len(expected(path)["getEntries"])
    assert {booking.entry for booking in statement.entries} == set(range(1, max(found, default=0) + 1))


def test_sample_entry_values_equal_the_reference(sample: tuple[Path, Statement]) -> None:
    path, _ = sample
    for (own, _), wanted in zip(entries_of(path), expected(path)["getEntries"], strict=True):
        found = camt_entry.entry_values(own, date(1999, 1, 1))
        assert (found["amount"], found["currency"]) == money(wanted["getAmount"])
        assert found["status"] == wanted["getStatus"]
        assert found["reversal"] is wanted["getReversalIndicator"]
        assert found["value_date"] == day(wanted["getValueDate"])
        if wanted["getBookingDate"]:
            assert found["booking_date"] == day(wanted["getBookingDate"])
        assert found["bank_reference"] == wanted["getAccountServicerReference"]
        assert found["customer_reference"] == wanted["getReference"]
        assert (found["booking_text"] or "") == wanted["getAdditionalInfo"]
        assert found["btc"] == domain(wanted["getBankTransactionCode"])
        proprietary = (wanted["getBankTransactionCode"] or {}).get("getProprietary")
        assert found["proprietary_code"] == (proprietary and proprietary["getCode"])
        assert found["charges"] == charges(wanted)
        if "v1" not in path.stem:  # the reference does not know version 1's place for it
            assert found["payment_information_id"] == wanted["getBatchPaymentId"]


def charges(found: dict[str, Any]) -> Decimal | None:
    amount = money((found["getCharges"] or {}).get("getTotalChargesAndTaxAmount"))
    return amount and amount[0]


def test_sample_payment_references_equal_the_reference(sample: tuple[Path, Statement]) -> None:
    names = {
        "getEndToEndId": "end_to_end_id",
        "getMandateId": "mandate_id",
        "getMessageId": "message_id",
        "getPaymentInformationId": "payment_information_id",
        "getInstructionId": "instruction_id",
        "getTransactionId": "network_id",
        "getUuidEndToEndReference": "uetr",
        "getAccountServicerReference": "bank_reference",
    }
    for found, wanted, _ in payments(sample[0]):
        references = wanted["getReference"] or {}
        for theirs, ours in names.items():
            assert found.get(ours) == references.get(theirs), theirs


def payments(path: Path) -> list[tuple[camt_entry.Values, dict[str, Any], bool]]:
    found = []
    for (own, parts), wanted in zip(entries_of(path), expected(path)["getEntries"], strict=True):
        base = camt_entry.entry_values(own, date(1999, 1, 1))
        for part, detail in zip(parts, details(wanted), strict=True):
            values = camt_entry.payment_values(part, {**base, "reversal": False}, own, None)
            found.append((values, detail, base["amount"] > 0))
    return found


def test_sample_parties_equal_the_reference(sample: tuple[Path, Statement]) -> None:
    for found, wanted, credit in payments(sample[0]):
        parties = {
            party["getRelatedPartyType"]["__CLASS__"].rpartition("\\")[2]: party
            for party in wanted["getRelatedParties"] or []
        }
        other = parties.get("Debtor" if credit else "Creditor")
        assert found.get("counterparty_name") == (other and other["getRelatedPartyType"]["getName"])
        account = (other or {}).get("getAccount") or {}
        ours = found.get("counterparty_iban") or found.get("counterparty_account_other")
        assert ours == account.get("getIdentification")
        ultimate = parties.get("UltimateDebtor" if credit else "UltimateCreditor")
        assert found.get("ultimate_party") == (ultimate and ultimate["getRelatedPartyType"]["getName"])


def test_sample_agents_equal_the_reference(sample: tuple[Path, Statement]) -> None:
    for found, wanted, credit in payments(sample[0]):
        agents = [
            wanted["getRelatedAgent"] if each == "__RECURSIVITY__" else each for each in wanted["getRelatedAgents"]
        ]
        bics = {
            each["getRelatedAgentType"]["__CLASS__"].rpartition("\\")[2]: each["getRelatedAgentType"]["getBIC"]
            for each in agents
        }
        assert found.get("counterparty_bic") == (bics.get("DebtorAgent" if credit else "CreditorAgent") or None)


def test_sample_remittance_equals_the_reference(sample: tuple[Path, Statement]) -> None:
    for found, wanted, _ in payments(sample[0]):
        remittance = wanted["getRemittanceInformation"] or {}
        free = blocks(remittance, "getUnstructured")
        structured = blocks(remittance, "getStructured")
        references = [reference(each, remittance)["getRef"] for each in structured if reference(each, remittance)]
        texts = [each["getMessage"] for each in free]
        texts += [each["getAdditionalRemittanceInformation"] for each in structured]
        purpose = " ".join(text for text in texts if text) or " ".join(references)
        assert found.get("purpose") == (" ".join(purpose.split()) or None)
        assert found.get("creditor_reference") == (" ".join(references) or None)


def blocks(remittance: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = remittance.get(f"{kind}Blocks") or []
    return [remittance[f"{kind}Block"] if each == "__RECURSIVITY__" else each for each in found]


def reference(block: dict[str, Any], remittance: dict[str, Any]) -> dict[str, Any] | None:
    found = block["getCreditorReferenceInformation"]
    return remittance["getCreditorReferenceInformation"] if found == "__RECURSIVITY__" else found


def test_sample_accounts_and_balances_equal_the_reference(sample: tuple[Path, Statement]) -> None:
    path, statement = sample
    records = records_of(expected(path))
    ids = [record["getId"] for record in records]
    assert statement.statement_ids[-len(ids) :] == ids
    assert statement.accounts[-1].id == records[-1]["getAccount"]["getIdentification"]
    wanted = [balance for record in records for balance in record.get("getBalances") or []]
    balances = [balance for balance in statement.balances if balance.statement_id in ids]
    assert [(each.amount, each.currency) for each in balances] == [money(each["getAmount"]) for each in wanted]
    assert [each.on for each in balances] == [day(each["getDate"]) for each in wanted]


def records_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a message; one that its entries mention is only marked in the list."""
    mentioned = {
        entry["getRecord"]["getId"]: entry["getRecord"]
        for entry in message["getEntries"]
        if isinstance(entry["getRecord"], dict)
    }
    found = [each for each in message["getRecords"] if isinstance(each, dict)]
    return found or list(mentioned.values())


def test_half_year_of_a_german_account_adds_up() -> None:
    statement = read_statement(SAMPLES / "sparda-camt052.xml")
    opening, closing = statement.balances
    assert len(statement.entries) == 150
    assert statement.rejects == []
    assert statement.warnings == []
    assert opening.amount + sum(booking.amount for booking in statement.entries) == closing.amount
    assert all(booking.gvc for booking in statement.entries)


def test_german_remittance_text_cut_at_140_gives_whole_identifiers() -> None:
    statement = read_statement(SAMPLES / "sparda-camt052.xml")
    by_mandate: dict[str | None, Booking] = {booking.mandate_id: booking for booking in statement.entries}
    telephone = by_mandate["DE000201000200000000000000004777911"]
    assert telephone.creditor_id == "DE93ZZZ00000078611"
    insurance = by_mandate["MM021414009"]
    assert insurance.ultimate_party == "HUK-COBURG VVAG"
    debits = [booking for booking in statement.entries if booking.gvc == "105" and booking.mandate_id]
    assert all(booking.creditor_id and booking.counterparty_iban for booking in debits)


def test_message_without_statement_is_a_clear_error() -> None:
    with pytest.raises(UnreadableFile, match="holds no statement"):
        read_statement(SAMPLES / "camt053.v2.wrong.xml")
