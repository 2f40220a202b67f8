"""A cheap first look at bookings as the bank wrote them: all that may carry a signal, and some more.

To bring a text into plain form costs many times what one look at it does, and most bookings carry nothing. The
look seeks the literals that the signals' patterns need (`literals`) in the raw text without blanks. It lets every
booking pass of which the raw text alone does not tell: with letters or blanks other than the usual, or with
sub-fields between which the plain text may close a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from augenblick.content.model import Signal
from augenblick.signals.booking import creditor, creditor_sql
from augenblick.signals.condition import code_sql, has_booking_keys, quoted
from augenblick.signals.literals import DIGIT, needed_literals
from augenblick.signals.pattern import folded_pattern, plain_pattern
from augenblick.signals.text import TAG, TAG_NAMES

_RAW = "replace(concat_ws('|', counterparty_name, ultimate_party, purpose), ' ', '')"
_KNOWN = "ÄÖÜäöüß"
_UNUSUAL = rf"[\t\n\f\r]|[^\x00-\x7F{_KNOWN}]"
_VOWELS = {"A": "[AÄ]E*", "O": "[OÖ]E*", "U": "[UÜ]E*"}

_OPENED = rf"^(?:{'|'.join(TAG_NAMES)})\+"
_EMPTY = rf"(?:S ?V ?W ?Z ?\+|\bSVWZ: ) *(?:{TAG}|$)"
_GAPPED = (
    f"(contains(purpose, '+') OR contains(purpose, ': ')) AND regexp_matches(purpose, '{TAG}') AND NOT ("
    f"contains(purpose, 'SVWZ+') AND regexp_matches(purpose, '{_OPENED}') AND NOT regexp_matches(purpose, '{_EMPTY}'))"
)
"""Where text before the first tag and the purpose proper are joined, or tags become blanks between what they part."""

_DOUBTFUL = f"regexp_matches({_RAW}, {quoted(_UNUSUAL)}) OR ({_GAPPED})"
"""Where the raw text does not tell what the plain text holds."""


def look_sql(signals: Iterable[Signal]) -> str:
    """Return SQL over rows of `bank.transactions` that holds for every booking that may carry one of the signals."""
    return _look_sql(tuple(signals))


@lru_cache(maxsize=4)
def _look_sql(signals: tuple[Signal, ...]) -> str:
    keyed = [signal for signal in signals if has_booking_keys(signal)]
    credits_ = _one_way([s for s in keyed if s.direction != "debit"], _RAW)
    debits = _one_way([s for s in keyed if s.direction != "credit"], _RAW)
    seen = f"CASE WHEN amount > 0 THEN {credits_} ELSE {debits} END"
    return f"({seen}) OR coalesce({_DOUBTFUL}, false)" if "regexp_matches" in seen else seen


def with_raw_sql(source: str) -> str:
    """Return SQL for the bookings of `source` with what `guard_sql` looks at: `raw` and `doubtful`."""
    return f"SELECT *, {_RAW} AS raw, coalesce({_DOUBTFUL}, false) AS doubtful FROM {source}"


def guard_sql(signal: Signal) -> str:
    """Return SQL over rows of `with_raw_sql` that holds where the booking may carry the signal: a cheap look first.

    To look for literals costs the same however intricate a pattern is; most signals' patterns are never tried.
    """
    look = _one_way([signal], "raw")
    return look if look == "true" else f"(doubtful OR {look})"


def _one_way(signals: list[Signal], raw: str) -> str:
    strong = [key for signal in signals for key in (code_sql(signal), _creditor(signal)) if key]
    literals = _sought(signals)
    if literals is None:
        return "true"
    texts = [f"regexp_matches({raw}, {quoted(_pattern(literals))})"] if literals else []
    return " OR ".join(f"coalesce({look}, false)" for look in (*dict.fromkeys(strong), *texts)) or "false"


def _creditor(signal: Signal) -> str:
    identifiers = ", ".join(quoted(creditor(identifier)) for identifier in signal.creditor_ids)
    return f"{creditor_sql('creditor_id')} IN ({identifiers})" if identifiers else ""


def _sought(signals: Iterable[Signal]) -> set[str] | None:
    """Return what the raw text of a booking holds one of if text or a glued identifier make it carry a signal."""
    sought: set[str] = set()
    for signal in signals:
        for pattern in (*signal.text_patterns, *signal.counterparty_patterns):
            for form in (plain_pattern(pattern), folded_pattern(pattern)):
                literals = needed_literals(form)
                if literals is None:
                    return None
                sought |= literals
        sought |= {creditor(identifier)[4:] for identifier in signal.creditor_ids}
    return None if "" in sought else sought


def _pattern(literals: Iterable[str]) -> str:
    skeletons = {re.sub("(?<=[AOU])E+", "", literal) for literal in literals}
    shortest = [a for a in skeletons if not any(b != a and b in a for b in skeletons)]
    return f"(?i:{'|'.join(sorted(_loose(text) for text in shortest))})"


def _loose(skeleton: str) -> str:
    """Return an RE2 of all that may stand in raw text, without blanks, for a literal without its E after A, O, U.

    An umlaut is one letter for two, of which the literal may begin with the second; so is `ß`.
    """
    head = re.match("E*", skeleton)
    opening = "[EÄÖÜ]" + "E*" if head and head.group() else ""
    rest = skeleton[head.end() :] if head else skeleton
    return opening + "".join(_loose_piece(piece) for piece in re.findall("S+|[^S]", rest))


def _loose_piece(piece: str) -> str:
    if piece.startswith("S"):
        return "[Sß]+"
    if piece == DIGIT:
        return r"\d"
    return _VOWELS.get(piece, re.escape(piece))
