"""Amounts, currencies and dates as statements write them.

Each function gives the value or raises `Malformed` with the field and the reason; readers turn that into
a reject. Amounts have at most 13 digits before and 5 after the point: the contract's DECIMAL(18,5).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

_DECIMAL = re.compile(r"\d{1,18}(?:\.\d{0,18})?|\.\d{1,18}", re.ASCII)
_SWIFT_DECIMAL = re.compile(r"\d{1,30},\d{0,15}", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?=$|[TZ+-])", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_CENT_FRACTIONS = 5
_WHOLE_DIGITS = 13


class Malformed(ValueError):
    """A field of an entry that cannot be read: its name, the reason, and how to mend it."""

    def __init__(self, field: str, reason: str, hint: str = "ask the bank for the file again") -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.hint = hint


def decimal_amount(text: str | None, field: str) -> Decimal:
    """The unsigned amount of an ISO 20022 message (decimal point)."""
    if text is None or not _DECIMAL.fullmatch(text):
        raise Malformed(field, "no amount of the form 1234.56", "amounts are unsigned, with a point")
    return _bounded(Decimal(text), field)


def swift_amount(text: str, field: str) -> Decimal:
    """The unsigned amount of a SWIFT message (decimal comma, mandatory)."""
    if not _SWIFT_DECIMAL.fullmatch(text):
        raise Malformed(field, "no amount of the form 1234,56", "SWIFT amounts carry a decimal comma")
    return _bounded(Decimal(text.replace(",", ".")), field)


def _bounded(amount: Decimal, field: str) -> Decimal:
    fraction = amount.normalize().as_tuple().exponent
    if isinstance(fraction, int) and -fraction > _CENT_FRACTIONS:
        raise Malformed(field, "more than five decimal places", "no currency has that many")
    if amount >= 10**_WHOLE_DIGITS:
        raise Malformed(field, "more than thirteen digits before the point", "split the booking")
    return amount


def currency(text: str | None, field: str) -> str:
    """The three-letter ISO 4217 code."""
    if text is None or not _CURRENCY.fullmatch(text):
        raise Malformed(field, "no three-letter currency", "write an ISO 4217 code such as EUR")
    return text


def iso_date(text: str, field: str) -> date:
    """The civil date of an ISO date or date-time, as the bank wrote it (no change of time zone)."""
    match = _ISO_DATE.match(text)
    if not match:
        raise Malformed(field, "no date of the form 2026-06-30", "write an ISO 8601 date")
    return _civil(int(match[1]), int(match[2]), int(match[3]), field)


def swift_date(text: str, field: str) -> date:
    """The date of six digits YYMMDD (80–99 are the 1900s).

    30 and 29 February are no slip: banks that reckon interest in months of thirty days use them as value
    date. They become the last day of February.
    """
    year = int(text[:2])
    return _thirty_day(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6]), field)


def entry_date(month_day: str, near: date, field: str) -> date:
    """The date of four digits MMDD, in the year that brings it nearest to the value date."""
    month, day = int(month_day[:2]), int(month_day[2:])
    near_year = [y for y in (near.year - 1, near.year, near.year + 1) if 1 <= y <= 9999]
    found = [_thirty_day(year, month, day, field) for year in near_year]
    return min(found, key=lambda each: abs(each - near))


def _thirty_day(year: int, month: int, day: int, field: str) -> date:
    if month == 2 and day in (29, 30):
        return date(year, 3, 1) - timedelta(days=1)
    return _civil(year, month, day, field)


def _civil(year: int, month: int, day: int, field: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Malformed(field, f"there is no day {year:04}-{month:02}-{day:02}", "mend the date") from None
