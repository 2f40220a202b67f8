"""Lines: everything about a standing payment's bookings but account, date and amount."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, NamedTuple

from augenblick.simulate.checkdigits import creditor_identifier, iban_of
from augenblick.simulate.dice import Dice
from augenblick.simulate.stock import stock

_TOKEN = re.compile(r"<([A-Z./]+)>")
_SLOTS = 3
_WORD = re.compile(r"[^\W\d_]{7,}")
_BY_HAND = frozenset({"transfer", "standing", "standing_in", "standing_rent", "standing_alimony", "transfer_study"})
_WRITINGS = {"as it is": 0.66, "capitals": 0.16, "double": 0.08, "bare": 0.04, "cut": 0.06}
_SLIPS = {"right": 0.93, "swapped": 0.02, "left out": 0.025, "small": 0.025}
_DOUBLE = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_BARE = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U", "ß": "ss"})
#: Tokens that `purposes` renders from the date of a booking; TIME, NNNN and NNNNNN are random.
DATE_TOKENS = (
    "MM", "YYYY", "MMYY", "MM.YY", "MM.YYYY", "MM/YYYY", "MONTH", "DD.MM", "DD.MM.YYYY", "DDMMYY", "ISO",
    "SPAN", "YEARSPAN", "DAYBEFORE",
)  # fmt: skip


class Line(NamedTuple):
    """Fields as in the contract's `transactions`; `pieces` and `tokens` alternate to give the purpose."""

    counterparty_name: str
    counterparty_iban: str
    creditor_id: str
    mandate_id: str
    ultimate_party: str
    gvc: str
    btc: str
    purpose_code: str
    mcc: str
    pieces: tuple[str, ...]
    tokens: tuple[str, ...]


class Codes(NamedTuple):
    """What a bank says about the kind of a booking."""

    gvc: str
    btc: str
    purpose_code: str
    mcc: str


def split_text(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fixed pieces (four) and the tokens (three, empty where unused) of a wording."""
    parts = _TOKEN.split(text)
    pieces, tokens = parts[0::2], parts[1::2]
    pad = _SLOTS - len(tokens)
    return tuple(pieces + [""] * pad), tuple(tokens + [""] * pad)


def codes_of(kind: dict[str, Any], name: str = "") -> Codes:
    """The codes of a kind of booking from `wordings/` or `spending.yaml`; `name` chooses where it has several."""
    gvc, btc, purpose_code, mcc = stock("codes")[name or kind["codes"]]
    return Codes(gvc, btc, purpose_code, kind.get("mcc", mcc))


def compose(
    dice: Dice, kind_name: str, naming: bool = False, /, *, party: str | None = None, iban: str = "",
    ultimate: str = "", **words: str,
) -> Line:  # fmt: skip
    """A line of a kind of `wordings/`: one of its texts, filled; its own party unless one is given.

    `naming` prefers a text that names the person, as payers do for accounts of several owners.
    """
    kind = stock("wordings")[kind_name]
    code = kind["codes"] if isinstance(kind["codes"], str) else dice.pick(kind["codes"])
    filled = defaultdict(str, words)
    filled.setdefault("ref", str(dice.whole(100_000, 99_999_999)))
    if party is None:
        party = dice.pick(kind["parties"]).format_map(filled)
    named = [text for text in kind["texts"] if "{person}" in text] if naming else []
    text = dice.pick(named or kind["texts"]).format_map(filled)
    pieces, tokens = split_text(mistyped(dice, text) if code in _BY_HAND else text)
    codes = codes_of(kind, code)
    debit = code.startswith("debit")
    card = code in ("card", "cash", "card_debit", "card_abroad", "fee")
    mandate = f"{dice.pick(('M', 'MREF-', 'SEPA', ''))}{dice.whole(10_000, 9_999_999):08d}" if debit else ""
    creditor = str(kind.get("creditor", creditor_identifier(party))) if debit else ""
    account = "" if card else iban or (iban_of(party) if party else "")
    return Line(spelled(dice, party), account, creditor, mandate, ultimate, *codes, pieces, tokens)


def spelled(dice: Dice, name: str) -> str:
    """A name as some bank's counterparty field shows it: mostly as it is, else in capitals, without umlauts, cut."""
    way = dice.weighted(_WRITINGS)
    if way == "capitals":
        return name.translate(_DOUBLE).upper()
    if way == "double":
        return name.translate(_DOUBLE)
    if way == "bare":
        return name.translate(_BARE)
    if way == "cut":
        return name[:27].rstrip()
    return name


def mistyped(dice: Dice, text: str) -> str:
    """A text somebody typed: now and then two letters are swapped, one is left out, or all is small."""
    way = dice.weighted(_SLIPS)
    words = [found for found in _WORD.finditer(text) if "<" not in text[max(0, found.start() - 1) : found.start()]]
    if way == "right" or not words:
        return text
    if way == "small":
        return "".join(part if part.startswith("<") else part.lower() for part in re.split(r"(<[A-Z./]+>)", text))
    word = dice.pick(words)
    place = dice.whole(word.start() + 2, word.end() - 3)
    if way == "swapped":
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + text[place + 1 :]
