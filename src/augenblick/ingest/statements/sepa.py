"""The fields that German banks pack into remittance text: `EREF+…MREF+…CRED+…SVWZ+…ABWA+…`.

Source: DFÜ agreement of the Deutsche Kreditwirtschaft, annex 3 (camt.05x and MT940, field 86). Some banks
write `EREF: …` with colon and blank instead, with the free text first. A text arrives here rejoined: pieces
that were full are glued, a newline stands where a piece ended early (see `rejoin`).
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from augenblick.model.pieces import PIECE_WIDTH

from .iban import iban

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = "EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|PURP|IBAN|BIC"
_PLUS = re.compile(rf"({_NAMES})\+|(?:^|(?<=\n))(MTLG):")
_COLON = re.compile(rf"(?:^|(?<=\s))({_NAMES}): ?")
_IN_PIECES = re.compile(rf"(?:.{{{PIECE_WIDTH}}} ){{3,}}.{{1,{PIECE_WIDTH}}}")
"""Three blanks each behind so many characters are no chance; fewer may be those of the payer."""
_BLANKS = re.compile(r"\s+")
_REFERENCES = frozenset({"EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "PURP", "IBAN", "BIC"})
_COLON_PROOF = frozenset({"EREF", "KREF", "MREF", "CRED"})
_NO_REFERENCE = frozenset(
    {"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NOTAVAILABLE", "EREF", "KREF", "PREF", "MARF"}
)

Fields = dict[str, str]
"""Fields of a booking by name; only those that are there."""


def rejoin(pieces: Sequence[str], width: int) -> str:
    """One text from sub-fields or blocks that were cut at `width` characters without regard for words.

    A piece as long as the cut goes on in the next one; a shorter one ends its line (newline). A bank that
    cuts wider shows it by its longest piece.
    """
    cut = max([width, *map(len, pieces)])
    ends = ["" if len(piece) == cut else "\n" for piece in pieces]
    return "".join(piece + end for piece, end in zip(pieces, ends, strict=True)).rstrip("\n")


def clean(text: str) -> str:
    """The text with runs of white space and control characters as one blank."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())


def reference(text: str | None) -> str | None:
    """The reference, or None for what banks write when there is none (NONREF, NOTPROVIDED; EREF: "look there")."""
    if not text:
        return None
    found = clean(text)
    return None if not found or found.upper() in _NO_REFERENCE else found


def split(text: str) -> Fields:
    """The fields packed into a remittance text; one without any becomes the `purpose` as a whole.

    Keys: purpose, end_to_end_id, customer_reference, mandate_id, creditor_id, originator (ABWA), recipient
    (ABWE), counterparty_iban, counterparty_bic, purpose_code, instructed (OAMT). The first of equal tags wins.
    Fields that a bank put into camt as it had them in MT940, blanks between the pieces, are joined first.
    """
    if "+" not in text and ":" not in text:
        purpose = clean(text)
        return {"purpose": purpose} if purpose else {}
    if "+" in text and _IN_PIECES.fullmatch(text):
        text = re.sub(rf"(.{{{PIECE_WIDTH}}}) ", r"\1", text)
    marks = list(_PLUS.finditer(text)) or _colon_marks(text)
    values: dict[str, str] = {}
    free = [text[: marks[0].start()] if marks else text]
    for mark, following in itertools.zip_longest(marks, marks[1:]):
        name = mark[mark.lastindex or 0]
        value = text[mark.end() : following.start() if following else len(text)]
        if name in _REFERENCES:
            value, _, rest = value.partition("\n")
            free.append(rest)
        if name in ("SVWZ", "MTLG"):
            free.append(value)
        elif clean(value):
            values.setdefault(name, value)
    return _named(values, clean(" ".join(free)))


def _colon_marks(text: str) -> list[re.Match[str]]:
    marks = list(_COLON.finditer(text))
    names = {mark[1] for mark in marks}
    if names & _COLON_PROOF or {"IBAN", "BIC"} <= names:
        return marks
    return []


def _named(values: dict[str, str], purpose: str) -> Fields:
    fields = {
        "purpose": purpose,
        "end_to_end_id": reference(values.get("EREF")),
        "customer_reference": reference(values.get("KREF")),
        "mandate_id": reference(values.get("MREF")),
        "creditor_id": _compact(values.get("CRED")),
        "originator": reference(values.get("ABWA")),
        "recipient": reference(values.get("ABWE")),
        "counterparty_iban": iban(_compact(values.get("IBAN"))),
        "counterparty_bic": _compact(values.get("BIC")),
        "purpose_code": _compact(values.get("PURP")),
        "instructed": reference(values.get("OAMT")),
    }
    return {name: value for name, value in fields.items() if value}


def _compact(text: str | None) -> str | None:
    return _BLANKS.sub("", text) if text else None
