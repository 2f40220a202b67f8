"""Field :86:, "information to account owner": what the payment was for, in the many ways banks write it.

- German and Polish: three digits (the GVC), then sub-fields `?00` … `?63` (or with `>`, `<`, `^`, `~`, `@`);
- SWIFT code words `/EREF/…/NAME/…/REMI/…` (Dutch banks);
- free lines (Scandinavian banks, older Dutch ones);
- the old German `:NS:` field with two digits before each line.

Physical lines are cut at 65 characters without regard for words, some banks counting the `:86:` in;
sub-fields at 27. What was cut is glued, what ended early gets a blank.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from augenblick.model.pieces import PIECE_WIDTH

from . import sepa
from .iban import iban

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE_WIDTH = 65
TAG_WIDTH = 4
_STRUCTURED = re.compile(r"\s{0,2}(\d{3})\s?([?><^~@|])(?=\d{2})", re.ASCII)
_CODE_WORD = re.compile(
    r"/(EREF|BENM|ORDP|NAME|REMI|IBAN|BIC|CSID|MARF|TRTP|TRCD|PREF|RTRN|ISDT|ULTD|ULTB|ULTC|PURP|CREF|SVCL|ADDR|ID)/"
)
_NUMBER = r"(00|10|2\d|3\d|6[0-3]|7[0-3])"  # others are no sub-fields but text with a question mark
_PURPOSE = frozenset({*range(20, 30), *range(60, 64)})
_SINGLE = frozenset({0, 10, 30, 31, 34, 38})
_NS_PURPOSE = frozenset(range(1, 15))
_ACCOUNT = re.compile(r"[0-9A-Z]{3,34}", re.ASCII)


def read(lines: Sequence[str]) -> sepa.Fields:
    """The fields of one :86: from its physical lines.

    Keys as in `sepa.split`, and gvc, booking_text, primanota, counterparty_name, counterparty_account_other,
    return_reason, additional_info.
    """
    structured = _STRUCTURED.match(lines[0]) if lines else None
    if structured:
        return _sub_fields(_unwrap(lines, structured[2]), structured[1], structured[2])
    if lines and _CODE_WORD.match(lines[0].strip()):
        return _code_words(_unwrap(lines, "/"))
    return sepa.split(rejoin_lines(lines))


def rejoin_lines(lines: Sequence[str]) -> str:
    """Free lines as one text: full lines go on in the next, shorter ones end (newline)."""
    widths = [len(line) for line in lines]
    full = LINE_WIDTH if LINE_WIDTH in widths[1:] or LINE_WIDTH in widths[:1] else 0
    text = ""
    for number, line in enumerate(lines):
        counted = len(line) + (TAG_WIDTH if number == 0 and len(line) == LINE_WIDTH - TAG_WIDTH else 0)
        text += line + ("" if full and counted == full else "\n")
    return text.rstrip("\n")


def _unwrap(lines: Sequence[str], separator: str) -> str:
    """A structured field as one line; where a bank trimmed a blank off a wrapped line, it is put back."""
    full = {LINE_WIDTH, LINE_WIDTH - TAG_WIDTH}
    wrapped = any(len(line) == LINE_WIDTH for line in lines)
    text = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        trimmed = wrapped and len(line) not in full and following and not following.startswith(separator)
        text += line + (" " if trimmed and not line.endswith(" ") else "")
    return text


def _sub_fields(text: str, code: str, separator: str) -> sepa.Fields:
    pieces = _number_after(separator).split(text)
    numbered = [(int(number), value) for number, value in zip(pieces[1::2], pieces[2::2], strict=True)]
    purpose = [value for number, value in numbered if number in _PURPOSE]
    fields = sepa.split(sepa.rejoin(purpose, PIECE_WIDTH))
    single = {number: sepa.clean(value) for number, value in reversed(numbered) if number in _SINGLE}
    _put(fields, "gvc", code)
    _put(fields, "booking_text", single.get(0))
    _put(fields, "primanota", single.get(10))
    _put(fields, "counterparty_bic", single.get(30))
    _account(fields, single.get(31))
    _account(fields, single.get(38))
    name = [value for number, value in numbered if number in (32, 33)]
    _put(fields, "counterparty_name", sepa.rejoin(name, PIECE_WIDTH))
    _put(fields, "return_reason", single.get(34))
    rest = [value for number, value in numbered if number in (70, 71, 72, 73)]
    _put(fields, "additional_info", sepa.rejoin(rest, PIECE_WIDTH))
    return fields


@cache
def _number_after(separator: str) -> re.Pattern[str]:
    """The pattern of a sub-field's number behind its separator, of which there are seven."""
    return re.compile(re.escape(separator) + _NUMBER)


def _code_words(text: str) -> sepa.Fields:
    parts = _CODE_WORD.split(text)
    words: dict[str, str] = {}
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        if value.strip("/ "):
            words.setdefault(name, sepa.clean(value))
    fields: sepa.Fields = {}
    _put(fields, "purpose", words.get("REMI"))
    _put(fields, "end_to_end_id", sepa.reference(words.get("EREF")))
    _put(fields, "mandate_id", sepa.reference(words.get("MARF")))
    _put(fields, "creditor_id", words.get("CSID"))
    _put(fields, "counterparty_name", words.get("NAME") or words.get("BENM") or words.get("ORDP"))
    _put(fields, "counterparty_bic", words.get("BIC"))
    _put(fields, "booking_text", words.get("TRTP"))
    _put(fields, "purpose_code", words.get("PURP"))
    _put(fields, "return_reason", words.get("RTRN"))
    _put(fields, "originator", words.get("ULTD"))
    _put(fields, "recipient", words.get("ULTB") or words.get("ULTC"))
    _put(fields, "creditor_reference", words.get("CREF"))
    _account(fields, words.get("IBAN"))
    return fields


def read_ns(lines: Sequence[str]) -> sepa.Fields:
    """The fields of an old German `:NS:` field: two digits, then text, on each line."""
    numbered = [(int(line[:2]), line[2:]) for line in lines if re.match(r"\d{2}", line)]
    purpose = [value for number, value in numbered if number in _NS_PURPOSE]
    fields = sepa.split(sepa.rejoin(purpose, PIECE_WIDTH))
    single = dict(numbered)
    name = [value for number, value in numbered if number in (15, 16)]
    _put(fields, "counterparty_name", sepa.clean(sepa.rejoin(name, PIECE_WIDTH)))
    _put(fields, "booking_text", single.get(17))
    _put(fields, "primanota", single.get(18))
    _put(fields, "counterparty_bic", single.get(33))
    _account(fields, single.get(34))
    return fields


def _account(fields: sepa.Fields, text: str | None) -> None:
    """Note the counterparty's account as an IBAN if it is one, else as the bank's own number."""
    compact = (text or "").replace(" ", "")
    if found := iban(compact):
        fields.setdefault("counterparty_iban", found)
    elif _ACCOUNT.fullmatch(compact):
        fields.setdefault("counterparty_account_other", compact)


def _put(fields: sepa.Fields, name: str, value: str | None) -> None:
    if value and (trimmed := sepa.clean(value)):
        fields[name] = trimmed
