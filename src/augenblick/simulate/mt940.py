"""German MT940 as text. Source: DFÜ agreement of the Deutsche Kreditwirtschaft, annex 3, MT940."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from augenblick.model.statement import Balance, Booking
    from augenblick.simulate.sheets import Sheet

_LINE = 65
_PIECE = 27
_PURPOSE_NUMBERS = (*range(20, 30), *range(60, 64))
_REFERENCE = 16
_RETURNED = frozenset({"108", "109", "159", "160"})
_DIRECT_DEBIT = frozenset({"104", "105", "108", "109"})
_SEPARATOR = re.compile(r"\?(?=\d)")
_TAG_LIKE = re.compile(r":(?:\d{2}[A-Z]?|NS|9\d\d):|-(?:\}|XXX)?\s*$|\{")
_SLASHES = re.compile(r"/{2,}")
_EPOCH = date(1980, 1, 1)


def message(sheet: Sheet, number: int) -> str:
    """One message (:20: to :62F:) of a statement; `number` is its number where the statement has none."""
    reference, _, page = sheet.statement_id.partition("/")
    opening, closing = _balances(sheet)
    lines = [
        f":20:{_plain(reference)[:_REFERENCE] or 'STARTUMSE'}",
        f":25:{sheet.account.id}",
        f":28C:{page or f'{number:05}/001'}",
        f":60F:{opening}",
    ]
    for booking in sheet.bookings:
        lines += [_statement_line(booking), *_wrapped(":86:", _information(booking))]
    return "\n".join([*lines, f":62F:{closing}", "-", ""])


def _balances(sheet: Sheet) -> tuple[str, str]:
    """Opening and closing balance; what is missing is reckoned from the other, or from zero."""
    known: dict[str, Balance] = {balance.kind: balance for balance in reversed(sheet.balances)}
    total = sum((booking.amount for booking in sheet.bookings), Decimal(0))
    opening, closing = known.get("OPBD"), known.get("CLBD")
    first = min((booking.booking_date for booking in sheet.bookings), default=_EPOCH)
    last = max((booking.booking_date for booking in sheet.bookings), default=_EPOCH)
    start = opening.amount if opening else (closing.amount - total if closing else Decimal(0))
    currencies = [each.currency for each in sheet.balances] + [each.currency for each in sheet.bookings]
    unit = currencies[0] if currencies else sheet.account.currency or "EUR"
    return (
        _balance(start, opening.on if opening else first, unit),
        _balance(closing.amount if closing else start + total, closing.on if closing else last, unit),
    )


def _balance(amount: Decimal, day: date, unit: str) -> str:
    return f"{'D' if amount < 0 else 'C'}{day:%y%m%d}{unit}{_comma(amount)}"


def _statement_line(booking: Booking) -> str:
    value = booking.value_date or booking.booking_date
    mark = "C" if booking.amount > 0 else "D"
    if booking.reversal and booking.gvc not in _RETURNED:
        mark = "RD" if booking.amount > 0 else "RC"
    kind = booking.proprietary_code or ""
    kind = kind if re.fullmatch(r"[A-Z][A-Z0-9]{3}", kind) else "NTRF"
    bank = f"//{_plain(booking.bank_reference)[:_REFERENCE]}" if booking.bank_reference else ""
    customer = _SLASHES.sub("/", _plain(booking.customer_reference))[:_REFERENCE].rstrip("/") or "NONREF"
    return (
        f":61:{value:%y%m%d}{booking.booking_date:%m%d}{mark}{booking.currency[-1]}"
        f"{_comma(booking.amount)}{kind}{customer}{bank}"
    )


def _information(booking: Booking) -> str:
    """Field 86: GVC, then sub-fields; the purpose is cut where sub-field 63 ends."""
    name = _plain(booking.counterparty_name or "")
    parts = [
        (0, _plain(booking.booking_text or "")[:_PIECE]),
        (10, _plain(booking.primanota or "")[:10]),
        *zip(_PURPOSE_NUMBERS, _purpose(booking), strict=False),
        (30, _plain(booking.counterparty_bic or "")),
        (31, _plain(booking.counterparty_iban or booking.counterparty_account_other or "")),
        (32, name[:_PIECE]),
        (33, name[_PIECE : 2 * _PIECE]),
        (34, (booking.return_reason or "") if booking.reversal else ""),
    ]
    return (booking.gvc or "000") + ("".join(f"?{number:02}{text}" for number, text in parts if text) or "?00")


def _purpose(booking: Booking) -> list[str]:
    """SEPA fields, each beginning a sub-field, in pieces; the free text gives way when there is too little room."""
    tags = [
        ("EREF", booking.end_to_end_id),
        ("MREF", booking.mandate_id),
        ("CRED", booking.creditor_id),
        ("PURP", booking.purpose_code),
    ]
    before = [piece for tag, text in tags if text for piece in _pieces(f"{tag}+{_plain(text)}")]
    other = _pieces(f"{_party_tag(booking)}+{_plain(booking.ultimate_party)}") if booking.ultimate_party else []
    text = _plain(booking.purpose or "")
    free = _pieces(f"SVWZ+{text}" if before or other else text) if text else []
    return [*before, *free[: len(_PURPOSE_NUMBERS) - len(before) - len(other)], *other]


def _party_tag(booking: Booking) -> str:
    sent = booking.amount < 0 and booking.gvc not in _DIRECT_DEBIT and not booking.creditor_id
    return "ABWE" if sent else "ABWA"


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def _wrapped(tag: str, text: str) -> list[str]:
    """The field in lines of 65 characters, none of which begins like another field."""
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)] or [""]
    inner = [f".{line[1:]}" if _TAG_LIKE.match(line) else line for line in lines[1:]]
    return [f"{tag}{lines[0]}", *inner]


def _plain(text: str | None) -> str:
    """The text without line breaks, control characters and what would begin a sub-field."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text or "")
    return _SEPARATOR.sub(".", printable)


def _comma(amount: Decimal) -> str:
    whole, _, fraction = f"{abs(amount):f}".partition(".")
    return f"{whole},{fraction}"
