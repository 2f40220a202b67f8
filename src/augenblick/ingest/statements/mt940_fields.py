"""The fields of an MT940 or MT942 file: tag, lines and where they stand; and the grammar of :61:, :60F:, :25:.

Source: SWIFT Standards MT, category 9; DFÜ agreement of the Deutsche Kreditwirtschaft, annex 3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from augenblick.model.errors import HostileFile

from .amounts import Malformed, currency, entry_date, swift_amount, swift_date
from .encoding import decoded
from .iban import iban, is_valid_iban

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from .encoding import Encoding
    from .limits import Limits

_TAG = re.compile(r":(\d{2}[A-Z]?|NS|9[0-9]{2}):(.*)", re.ASCII | re.DOTALL)
_END = re.compile(r"-(?:\}.*|XXX)?\s*")
_LINE = re.compile(r"\r\n|\r|\n")
_MESSAGE_TYPE = re.compile(r"\{2:[IO](94[0-9])")
_LINE_61 = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>RC|RD|EC|ED|C|D)(?P<funds>[A-Z])?(?P<amount>[\d,]+)"
    r"(?P<kind>[A-Z][A-Z0-9 ]{3})?(?P<references>.*)",
    re.ASCII,
)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})?([\d,]+)\s*", re.ASCII)
_FLOOR = re.compile(r"([A-Z]{3})([CD])?([\d,]+)\s*", re.ASCII)
_CUSTOMER_REFERENCE = 16


@dataclass(slots=True)
class Field:
    """One field: its tag without colons, its lines, and the physical line (from 1) on which it begins."""

    tag: str
    lines: list[str]
    line: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What :61: says. `amount` is signed: a reversed credit (RC) is money leaving, a reversed debit (RD) money coming.

    `expected` marks EC and ED: announced, not booked.
    """

    value_date: date
    booking_date: date
    amount: Decimal
    reversal: bool
    expected: bool
    kind: str | None
    customer_reference: str | None
    bank_reference: str | None
    party: str | None
    supplementary: str


def fields(path: Path, encoding: Encoding, limits: Limits) -> Iterator[Field]:
    """The fields of the file in order; tag `-` ends a message, tag `{` is a SWIFT header block.

    Lines that belong to no field (headings, bank codes between messages) are left out. Raises HostileFile
    for lines or fields beyond the limits.
    """
    current: Field | None = None
    size = 0
    for number, line in enumerate(_lines(path, encoding, limits), 1):
        began = _begin(line, number)
        if began:
            if current:
                yield current
            current, size = began, 0
        elif current and current.tag not in ("-", "{"):
            current.lines.append(line)
        size += len(line) + 1
        if size > limits.entry_bytes:
            raise HostileFile(f"one field takes more than {limits.entry_bytes} bytes", where=path.name)
    if current:
        yield current


def _begin(line: str, number: int) -> Field | None:
    if tag := _TAG.match(line):
        return Field(tag[1], [tag[2]], number)
    if _END.fullmatch(line):
        return Field("-", [], number)
    if line.startswith("{"):
        kind = _MESSAGE_TYPE.search(line)
        return Field("{", [kind[1]] if kind else [], number)
    return None


def _lines(path: Path, encoding: Encoding, limits: Limits) -> Iterator[str]:
    rest = ""
    for piece in decoded(path, encoding):
        *whole, rest = _LINE.split(rest + piece)
        if whole and not whole[-1] and rest == "" and piece.endswith("\r"):
            rest = "\r"
        yield from whole
        if len(rest) > limits.line_bytes:
            raise HostileFile(f"a line of more than {limits.line_bytes} characters", where=path.name)
    if rest:
        yield rest


def statement_line(lines: list[str]) -> StatementLine:
    """The parts of :61:. Raises Malformed with the part that cannot be read."""
    match = _LINE_61.match(lines[0].rstrip())
    if not match:
        raise Malformed(":61:", "not of the form date, mark, amount, type, reference", "see SWIFT MT940, field 61")
    value = swift_date(match["value"], "value_date")
    booked = entry_date(match["entry"], value, "booking_date") if match["entry"] else value
    amount = swift_amount(match["amount"], "amount")
    customer, party, bank = _references(match["references"])
    return StatementLine(
        value_date=value,
        booking_date=booked,
        amount=amount if match["mark"] in ("C", "RD", "EC") else -amount,
        reversal=match["mark"] in ("RC", "RD"),
        expected=match["mark"] in ("EC", "ED"),
        kind=(match["kind"] or "").strip() or None,
        customer_reference=customer,
        bank_reference=bank,
        party=party,
        supplementary=" ".join(lines[1:]),
    )


def _references(text: str) -> tuple[str | None, str | None, str | None]:
    """Customer reference, what follows it beyond its 16 characters (a name, in Dutch files), bank reference."""
    customer, slashes, bank = text.partition("//")
    if slashes:
        return customer.strip() or None, None, bank.strip() or None
    return (
        customer[:_CUSTOMER_REFERENCE].strip() or None,
        customer[_CUSTOMER_REFERENCE:].strip() or None,
        None,
    )


def balance(text: str, known_currency: str | None) -> tuple[Decimal, str, date]:
    """Signed amount, currency and day of a balance field (:60F:, :62F:, :64: …). Raises Malformed."""
    match = _BALANCE.fullmatch(text)
    if not match:
        raise Malformed("balance", "not of the form mark, date, currency, amount", "see SWIFT MT940, field 60")
    amount = swift_amount(match[4], "balance")
    day = swift_date(match[2], "balance date")
    return amount if match[1] == "C" else -amount, currency(match[3] or known_currency, "balance currency"), day


def floor_currency(text: str) -> str | None:
    """The currency of an MT942's floor limit (:34F:), the only place where it is said."""
    match = _FLOOR.fullmatch(text)
    return match[1] if match else None


def account_number(text: str) -> tuple[str | None, str | None]:
    """IBAN and other number of :25: (the second is what is not an IBAN, such as `10020030/1234567`)."""
    compact = text.replace(" ", "").strip()
    if re.fullmatch(r"[A-Z]{3}", compact[-3:]) and is_valid_iban(compact[:-3]):
        compact = compact[:-3]
    found = iban(compact)
    return found, None if found else (text.strip() or None)
