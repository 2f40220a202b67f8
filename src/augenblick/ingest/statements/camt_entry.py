"""One camt entry (`Ntry`) → the values of its bookings.

An entry with several payments (`TxDtls`) becomes one booking each if their amounts add up to the entry's
in its currency; otherwise it stays one booking with what all payments have in common. Versions differ in
where a party's name stands (`Cdtr/Nm`, `Cdtr/Pty/Nm`, `Cdtr/Agt/FinInstnId/Nm`) and in small wrappers; all
are looked up by path. Source: ISO 20022 camt.052/053/054 versions 1–8, DFÜ agreement annex 3.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import sepa
from .amounts import Malformed, currency, decimal_amount, iso_date
from .iban import iban, is_creditor_id
from .message_xml import leaves

if TYPE_CHECKING:
    from datetime import date

    from lxml import etree

Leaves = dict[str, list[str]]
Values = dict[str, Any]

_BLOCK_WIDTH = 140
_GVC = re.compile(r"[A-Z][A-Z0-9]{3}\+(\d{3})(?:\+|$)", re.ASCII)
_BARE_GVC = re.compile(r"(\d{3})(?:\+|$)", re.ASCII)
_GERMAN_ISSUERS = frozenset({"DK", "ZKA"})
_RETURNED = frozenset({"108", "109", "159", "160"})
_STATUS = {"BOOK": "BOOK", "PDNG": "PDNG", "FUTR": "PDNG", "INFO": "INFO"}
_SIGNS = {"CRDT": 1, "DBIT": -1}
_REFERENCES = {
    "end_to_end_id": ("Refs/EndToEndId",),
    "mandate_id": ("Refs/MndtId",),
    "bank_reference": ("Refs/AcctSvcrRef",),
    "message_id": ("Refs/MsgId",),
    "payment_information_id": ("Refs/PmtInfId",),
    "instruction_id": ("Refs/InstrId",),
    "network_id": ("Refs/TxId", "Refs/ClrSysRef", "Refs/MktInfrstrctrTxId"),
    "uetr": ("Refs/UETR",),
}


def entry(element: etree._Element) -> tuple[Leaves, list[Leaves]]:
    """An entry's own leaves and those of each of its payments."""
    payments = [leaves(payment) for payment in element.iter("{*}TxDtls")]
    return leaves(element, skip="TxDtls"), payments


def bookings(own: Leaves, payments: list[Leaves], account_iban: str | None, fallback: date | None) -> list[Values]:
    """The values of the entry's bookings, without what the statement knows. Raises Malformed."""
    base = entry_values(own, fallback)
    if len(payments) > 1:
        amounts = _split(payments, base)
        details = [payment_values(each, base, own, account_iban) for each in payments]
        if amounts is None:
            return [{**base, **_in_common(details), "batch": len(payments)}]
        return [
            {**base, **detail, "amount": amount, "detail": number}
            for number, (detail, amount) in enumerate(zip(details, amounts, strict=True), 1)
        ]
    return [{**base, **payment_values(payments[0] if payments else {}, base, own, account_iban)}]


def entry_values(own: Leaves, fallback: date | None) -> Values:
    """What stands at the entry itself: amount, dates, status, codes, bank's reference. Raises Malformed."""
    indicator = _first(own, "CdtDbtInd")
    if indicator not in _SIGNS:
        raise Malformed("CdtDbtInd", "neither CRDT nor DBIT")
    status = _first(own, "Sts", "Sts/Cd")
    if status not in _STATUS and not _first(own, "Sts/Prtry"):
        raise Malformed("Sts", "none of BOOK, PDNG, INFO, FUTR")
    value = _date(own, "ValDt")
    booked = _date(own, "BookgDt") or value or fallback
    if booked is None:
        raise Malformed("BookgDt", "neither booking nor value date", "the bank must give one of them")
    return {
        "amount": decimal_amount(_first(own, "Amt"), "Amt") * _SIGNS[indicator],
        "currency": currency(_first(own, "Amt@Ccy"), "Amt@Ccy"),
        "status": _STATUS.get(status or "", "INFO"),
        "booking_date": booked,
        "value_date": value,
        "reversal": _first(own, "RvslInd") in ("true", "1"),
        "bank_reference": sepa.reference(_first(own, "AcctSvcrRef")),
        "customer_reference": sepa.reference(_first(own, "NtryRef")),
        "booking_text": _clean(_first(own, "AddtlNtryInf")),
        "message_id": _first(own, "NtryDtls/Btch/MsgId", "Btch/MsgId"),
        "payment_information_id": _first(own, "NtryDtls/Btch/PmtInfId", "Btch/PmtInfId"),
        "charges": _charges(own),
        **_codes(own),
    }


def payment_values(payment: Leaves, base: Values, own: Leaves, account_iban: str | None) -> Values:
    """What stands at one payment: references, parties, remittance, codes, return; only what is there."""
    texts = sepa.split(sepa.rejoin(payment.get("RmtInf/Ustrd", []), _BLOCK_WIDTH))
    codes = {name: value for name, value in _codes(payment).items() if value}
    returned = any(path.startswith("RtrInf") for path in payment)
    reversal = base["reversal"] or returned or codes.get("gvc", base["gvc"]) in _RETURNED
    credit = base["amount"] > 0
    values: Values = {
        **_references(payment, texts),
        **_remittance(payment, texts),
        **_counterparty(
            payment, _side(payment, credit, bool(base["reversal"] or returned), account_iban), texts, credit
        ),
        **codes,
        **_instructed(payment, str(base["currency"])),
        "purpose_code": _first(payment, "Purp/Cd", "Purp/Prtry") or texts.get("purpose_code"),
        "mcc": _mcc(payment) or _mcc(own),
        "additional_info": _clean(_first(payment, "AddtlTxInf")),
        "return_reason": _first(payment, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd"),
        "charges": _charges(payment),
    }
    return {"reversal": reversal, **{name: value for name, value in values.items() if value is not None}}


def _split(payments: list[Leaves], base: Values) -> list[Decimal] | None:
    """The signed amounts of the payments if they add up to the entry's, else None."""
    sign = 1 if base["amount"] > 0 else -1
    found = [_payment_amount(payment, str(base["currency"])) for payment in payments]
    amounts = [amount for amount in found if amount is not None]
    if len(amounts) < len(payments):
        return None
    own_signs = [_SIGNS.get(_first(payment, "CdtDbtInd") or "", sign) for payment in payments]
    for signs in (own_signs, [sign] * len(payments)):
        signed = [amount * each for amount, each in zip(amounts, signs, strict=True)]
        if sum(signed) == base["amount"]:
            return signed
    return None


def _payment_amount(payment: Leaves, unit: str) -> Decimal | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        if _first(payment, path) and _first(payment, f"{path}@Ccy") == unit:
            return decimal_amount(_first(payment, path), path)
    return None


def _in_common(details: list[Values]) -> Values:
    first, *others = details
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def _references(payment: Leaves, texts: sepa.Fields) -> Values:
    given = {name: sepa.reference(_first(payment, *paths)) for name, paths in _REFERENCES.items()}
    return {
        **given,
        "end_to_end_id": given["end_to_end_id"] or texts.get("end_to_end_id"),
        "mandate_id": given["mandate_id"] or texts.get("mandate_id"),
        "customer_reference": texts.get("customer_reference"),
        "creditor_id": _creditor_id(payment) or texts.get("creditor_id"),
    }


def _remittance(payment: Leaves, texts: sepa.Fields) -> Values:
    """Free text, then the structured blocks' additional text; the creditor's reference if there is no text."""
    structured = payment.get("RmtInf/Strd/CdtrRefInf/Ref", []) + payment.get("RmtInf/Strd/CdtrRefInf/CdtrRef", [])
    said = [texts.get("purpose", ""), *payment.get("RmtInf/Strd/AddtlRmtInf", [])]
    purpose = sepa.clean(" ".join(said)) or sepa.clean(" ".join(structured))
    return {"purpose": purpose or None, "creditor_reference": _clean(" ".join(structured))}


def _side(payment: Leaves, credit: bool, turned: bool, account_iban: str | None) -> str:
    """Whether the other party is the debtor or the creditor.

    A returned payment keeps the parties of the original, so its direction says the opposite; an IBAN that
    is the account's own settles it.
    """
    debtor, creditor = (_iban(payment, side) for side in ("Dbtr", "Cdtr"))
    if account_iban and debtor != creditor and account_iban in (debtor, creditor):
        return "Cdtr" if debtor == account_iban else "Dbtr"
    return "Dbtr" if credit is not turned else "Cdtr"


def _counterparty(payment: Leaves, side: str, texts: sepa.Fields, credit: bool) -> Values:
    other_side = "Cdtr" if side == "Dbtr" else "Dbtr"
    account = f"RltdPties/{side}Acct/Id"
    agent = f"RltdAgts/{side}Agt/FinInstnId"
    in_text = (texts.get("originator"), texts.get("recipient"))
    return {
        "counterparty_name": _name(payment, side),
        "counterparty_iban": _iban(payment, side) or texts.get("counterparty_iban"),
        "counterparty_account_other": _first(
            payment, f"{account}/Othr/Id", f"{account}/PrtryAcct/Id", f"{account}/BBAN"
        ),
        "counterparty_bic": _first(payment, f"{agent}/BICFI", f"{agent}/BIC") or texts.get("counterparty_bic"),
        "ultimate_party": _name(payment, f"Ultmt{side}")
        or _name(payment, f"Ultmt{other_side}")
        or (in_text[0] or in_text[1] if credit or "creditor_id" in texts else in_text[1] or in_text[0]),
    }


def _name(payment: Leaves, party: str) -> str | None:
    path = f"RltdPties/{party}"
    return _clean(_first(payment, f"{path}/Nm", f"{path}/Pty/Nm", f"{path}/Agt/FinInstnId/Nm"))


def _iban(payment: Leaves, side: str) -> str | None:
    return iban(_first(payment, f"RltdPties/{side}Acct/Id/IBAN"))


def _creditor_id(payment: Leaves) -> str | None:
    """The SEPA creditor identifier among the creditor's identifications."""
    paths = [f"RltdPties/Cdtr/{pty}Id/{kind}/Othr" for pty in ("", "Pty/") for kind in ("PrvtId", "OrgId")]
    for path in paths:
        for number in payment.get(f"{path}/Id", []):
            if is_creditor_id(number) or "SEPA" in payment.get(f"{path}/SchmeNm/Prtry", []):
                return number
    return None


def _codes(found: Leaves) -> Values:
    domain = [_first(found, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    own = _first(found, "BkTxCd/Prtry/Cd")
    german = _first(found, "BkTxCd/Prtry/Issr") in _GERMAN_ISSUERS
    gvc = own and (_GVC.match(own) or (_BARE_GVC.match(own) if german else None))
    return {
        "btc": "-".join(part for part in domain if part) or None,
        "gvc": gvc[1] if gvc else None,
        "proprietary_code": own,
    }


def _instructed(payment: Leaves, unit: str) -> Values:
    for path in ("AmtDtls/InstdAmt/Amt", "Amt"):
        amount, other = _first(payment, path), _first(payment, f"{path}@Ccy")
        if amount and other and (other != unit or path != "Amt"):
            return {
                "instructed_amount": decimal_amount(amount, path),
                "instructed_currency": currency(other, f"{path}@Ccy"),
            }
    return {}


def _charges(found: Leaves) -> Decimal | None:
    total = _first(found, "Chrgs/TtlChrgsAndTaxAmt")
    if total:
        return decimal_amount(total, "Chrgs/TtlChrgsAndTaxAmt")
    single = found.get("Chrgs/Rcrd/Amt", []) or found.get("Chrgs/Amt", [])
    return sum((decimal_amount(each, "Chrgs/Amt") for each in single), Decimal(0)) if single else None


def _mcc(found: Leaves) -> str | None:
    named = (texts[0] for path, texts in found.items() if path.endswith(("MrchntCtgyCd", "CardTx/Tx/Indv/TxCtgy")))
    return next((text for text in named if re.fullmatch(r"[0-9]{4}", text)), None)


def _date(own: Leaves, name: str) -> date | None:
    text = _first(own, f"{name}/Dt", f"{name}/DtTm")
    return iso_date(text, name) if text else None


def _first(found: Leaves, *paths: str) -> str | None:
    for path in paths:
        if texts := found.get(path):
            return texts[0]
    return None


def _clean(text: str | None) -> str | None:
    return (sepa.clean(text) or None) if text else None
