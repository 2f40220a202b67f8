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


def codes_of(kind: dict[str, Any]) -> Codes:
    """The codes of a kind of booking from `wordings.yaml` or `spending.yaml`."""
    gvc, btc, purpose_code, mcc = stock("wordings")["codes"][kind["codes"]]
    return Codes(gvc, btc, purpose_code, kind.get("mcc", mcc))


def compose(
    dice: Dice, kind_name: str, naming: bool = False, /, *, party: str | None = None, iban: str = "",
    ultimate: str = "", **words: str,
) -> Line:  # fmt: skip
    """A line of a kind of `wordings.yaml`: one of its texts, filled; its own party unless one is given.

    `naming` prefers a text that names the person, as payers do for accounts of several owners.
    """
    kind = stock("wordings")["kinds"][kind_name]
    filled = defaultdict(str, words)
    filled.setdefault("ref", str(dice.whole(100_000, 99_999_999)))
    if party is None:
        party = dice.pick(kind["parties"]).format_map(filled)
    named = [text for text in kind["texts"] if "{person}" in text] if naming else []
    pieces, tokens = split_text(dice.pick(named or kind["texts"]).format_map(filled))
    codes = codes_of(kind)
    debit = kind["codes"].startswith("debit")
    card = kind["codes"] in ("card", "cash", "card_debit")
    mandate = f"{dice.pick(('M', 'MREF-', 'SEPA', ''))}{dice.whole(10_000, 9_999_999):08d}" if debit else ""
    creditor = str(kind.get("creditor", creditor_identifier(party))) if debit else ""
    account = "" if card else iban or (iban_of(party) if party else "")
    return Line(party, account, creditor, mandate, ultimate, *codes, pieces, tokens)
