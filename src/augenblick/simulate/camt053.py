"""A camt.053.001.08 message as text. Source: ISO 20022 schema camt.053.001.08, DFÜ agreement annex 3."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal

    from augenblick.model.statement import Balance, Booking
    from augenblick.simulate.sheets import Sheet

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_BLOCK = 140
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RETURN_CODE = re.compile(r"[A-Z]{2}[0-9]{2}")


def message(sheets: list[Sheet]) -> str:
    """The whole message; its date is the last day that its balances or bookings name."""
    days = [day for sheet in sheets for day in _days(sheet)]
    created = f"{max(days)}T23:59:59" if days else "1970-01-01T00:00:00"
    name = sheets[0].statement_id or "STATEMENT"
    header = _tag("GrpHdr", _text("MsgId", name, 35), _tag("CreDtTm", created))
    body = "".join(_statement(sheet, created) for sheet in sheets)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}">' + (
        f"<BkToCstmrStmt>{header}{body}</BkToCstmrStmt></Document>\n"
    )


def _days(sheet: Sheet) -> Iterator[date]:
    yield from (booking.booking_date for booking in sheet.bookings)
    yield from (balance.on for balance in sheet.balances)


def _statement(sheet: Sheet, created: str) -> str:
    account = sheet.account
    number = _text("IBAN", account.iban) or _tag("Othr", _text("Id", account.other, 34))
    entries = groupby(sheet.bookings, lambda each: (each.entry, each.detail > 0))
    return (
        "\n<Stmt>"
        + (_text("Id", sheet.statement_id, 35) or "<Id>1</Id>")
        + _tag("CreDtTm", created)
        + _tag("Acct", _tag("Id", number), _text("Ccy", account.currency), _owner(account.owner))
        + "".join(map(_balance, sheet.balances))
        + "".join(_entry(list(bookings)) for _, bookings in entries)
        + "</Stmt>"
    )


def _owner(name: str | None) -> str:
    return _tag("Ownr", _text("Nm", name, 140)) if name else ""


def _balance(balance: Balance) -> str:
    kind = _tag("Tp", _tag("CdOrPrtry", _text("Cd", balance.kind)))
    day = _tag("Dt", _tag("Dt", balance.on.isoformat()))
    return _tag("Bal", kind, _amount(balance.amount, balance.currency), _direction(balance.amount), day)


def _entry(bookings: list[Booking]) -> str:
    """One `Ntry`; several bookings are the payments of a batch."""
    first = bookings[0]
    total = sum((booking.amount for booking in bookings[1:]), first.amount)
    return "\n" + _tag(
        "Ntry",
        _text("NtryRef", first.customer_reference, 35),
        _amount(total, first.currency),
        _direction(total),
        "<RvslInd>true</RvslInd>" if first.reversal else "",
        _tag("Sts", _text("Cd", first.status)),
        _day("BookgDt", first.booking_date),
        _day("ValDt", first.value_date),
        _text("AcctSvcrRef", first.bank_reference, 35),
        _code(first),
        _tag("NtryDtls", *(_payment(booking) for booking in bookings)),
        _text("AddtlNtryInf", first.booking_text, 500),
    )


def _payment(booking: Booking) -> str:
    return _tag(
        "TxDtls",
        _references(booking),
        _amount(booking.amount, booking.currency),
        _direction(booking.amount),
        _instructed(booking),
        _code(booking),
        _charges(booking),
        _parties(booking),
        _agents(booking),
        _tag("Purp", _text("Cd", booking.purpose_code, 4)),
        _remittance(booking),
        _return(booking),
        _tag("CardTx", _tag("Tx", _tag("Indv", _text("TxCtgy", booking.mcc, 4)))),
        _text("AddtlTxInf", booking.additional_info, 500),
    )


def _references(booking: Booking) -> str:
    return _tag(
        "Refs",
        _text("MsgId", booking.message_id, 35),
        _text("PmtInfId", booking.payment_information_id, 35),
        _text("InstrId", booking.instruction_id, 35),
        _text("EndToEndId", booking.end_to_end_id, 35),
        _text("UETR", booking.uetr, 36),
        _text("TxId", booking.network_id, 35),
        _text("MndtId", booking.mandate_id, 35),
    )


def _instructed(booking: Booking) -> str:
    if booking.instructed_amount is None:
        return ""
    amount = _amount(booking.instructed_amount, booking.instructed_currency or booking.currency)
    return _tag("AmtDtls", _tag("InstdAmt", amount))


def _code(booking: Booking) -> str:
    domain = ""
    parts = (booking.btc or "").split("-")
    if len(parts) == 3:
        family = _tag("Fmly", _text("Cd", parts[1]), _text("SubFmlyCd", parts[2]))
        domain = _tag("Domn", _text("Cd", parts[0]), family)
    own = booking.proprietary_code
    german = booking.gvc and not (own and f"+{booking.gvc}" in own)
    code = _text("Cd", f"NTRF+{booking.gvc}" if german else own, 35)
    return _tag("BkTxCd", domain, _tag("Prtry", code, "<Issr>DK</Issr>" if code and booking.gvc else ""))


def _charges(booking: Booking) -> str:
    if booking.charges is None:
        return ""
    return _tag("Chrgs", f'<TtlChrgsAndTaxAmt Ccy="{booking.currency}">{booking.charges:f}</TtlChrgsAndTaxAmt>')


def _sides(booking: Booking) -> tuple[str, str]:
    """The other party's side and the account's own; a returned payment keeps the sides of the original."""
    credit = booking.amount > 0
    return ("Dbtr", "Cdtr") if credit is not booking.reversal else ("Cdtr", "Dbtr")


def _parties(booking: Booking) -> str:
    other, own = _sides(booking)
    account = _text("IBAN", booking.counterparty_iban) or _tag(
        "Othr", _text("Id", booking.counterparty_account_other, 34)
    )
    found = {
        other: _party(other, booking.counterparty_name, booking.creditor_id),
        own: _party(own, None, booking.creditor_id),
        f"{other}Acct": _tag(f"{other}Acct", _tag("Id", account)),
        f"{own}Acct": _tag(f"{own}Acct", _tag("Id", _text("IBAN", booking.account_iban))),
        f"Ultmt{other}": _party(f"Ultmt{other}", booking.ultimate_party, None),
    }
    order = ("Dbtr", "DbtrAcct", "UltmtDbtr", "Cdtr", "CdtrAcct", "UltmtCdtr")
    return _tag("RltdPties", *(found.get(name, "") for name in order))


def _party(side: str, name: str | None, creditor_id: str | None) -> str:
    identity = ""
    if creditor_id and side == "Cdtr":
        number = _tag("Othr", _text("Id", creditor_id, 35), "<SchmeNm><Prtry>SEPA</Prtry></SchmeNm>")
        identity = _tag("Id", _tag("PrvtId", number))
    return _tag(side, _tag("Pty", _text("Nm", name, 140), identity))


def _agents(booking: Booking) -> str:
    agent = _tag("FinInstnId", _text("BICFI", booking.counterparty_bic))
    return _tag("RltdAgts", _tag(f"{_sides(booking)[0]}Agt", agent))


def _remittance(booking: Booking) -> str:
    purpose = booking.purpose or ""
    blocks = [purpose[start : start + _BLOCK] for start in range(0, len(purpose), _BLOCK)]
    reference = _tag("CdtrRefInf", _text("Ref", booking.creditor_reference, 35))
    return _tag("RmtInf", *(_text("Ustrd", block) for block in blocks), _tag("Strd", reference))


def _return(booking: Booking) -> str:
    reason = booking.return_reason
    name = "Cd" if reason and _RETURN_CODE.fullmatch(reason) else "Prtry"
    return _tag("RtrInf", _tag("Rsn", _text(name, reason, 35)))


def _amount(amount: Decimal, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{abs(amount):f}</Amt>'


def _direction(amount: Decimal) -> str:
    return "<CdtDbtInd>DBIT</CdtDbtInd>" if amount < 0 else "<CdtDbtInd>CRDT</CdtDbtInd>"


def _day(name: str, day: date | None) -> str:
    return _tag(name, _tag("Dt", day.isoformat())) if day else ""


def _text(name: str, text: str | None, length: int | None = None) -> str:
    return _tag(name, escape(_ILLEGAL.sub(" ", text)[:length])) if text else ""


def _tag(name: str, *content: str) -> str:
    inside = "".join(content)
    return f"<{name}>{inside}</{name}>" if inside else ""
