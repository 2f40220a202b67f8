"""A cheap first look at bookings as the bank wrote them: all that may carry a signal, and some more.

To bring a text into plain form costs many times what one look at it does, and most bookings carry nothing. The
look seeks the literals that the signals' patterns need (`literals`) in the raw text without blanks. It takes any
digit for any other, so that one look does for all bookings that differ in digits only (`wording`). The look lets
every booking pass of which the raw text alone does not tell: with letters or blanks other than the usual, or with
sub-fields between which the plain text may close a gap. Of words up to four letters it does not see those that stand
in two pieces of a cut text: such are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import duckdb

from augenblick.content.model import Signal
from augenblick.signals.booking import creditor, creditor_sql
from augenblick.signals.condition import ACCOUNTS, code_sql, has_booking_keys, listed, quoted
from augenblick.signals.literals import BLANK, BORDER, DIGIT, needed_literals
from augenblick.signals.pattern import folded_pattern, plain_pattern
from augenblick.signals.text import LEADS, TAG, TAG_NAMES, plain
from augenblick.signals.wording import GLUED, RAW, WRITTEN

_SHORT = 4
"""Literals up to so many letters are sought with the borders of the word they are; others tell enough alone."""
_SAMPLE = 500
_MANY = 10_000
_LONGEST = 5000
"""So many signs a pattern of literals may have; beyond about 10,000 RE2's automaton no longer fits."""
_KNOWN = "ÄÖÜäöüß"
_OUTSIDE = "[^A-Za-z_]"
"""What may stand beside a word; unlike RE2's `\\b` it lets an umlaut be a word's last letter, or a number be glued."""
_BEFORE = f"(?:^|{_OUTSIDE}|{'|'.join(LEADS)})"
_AFTER = f"(?:$|{_OUTSIDE}|[A-Za-z][A-Za-z]?[0-9])"
"""What else may be glued to a word (`text.with_readings_sql`)."""
_UNUSUAL = rf"[\t\n\f\r]|[^\x00-\x7F{_KNOWN}]"
_VOWELS = {"A": "[AÄ]E*", "O": "[OÖ]E*", "U": "[UÜ]E*"}

_OPENED = rf"^(?:{'|'.join(TAG_NAMES)})\+"
_EMPTY = rf"(?:S ?V ?W ?Z ?\+|\bSVWZ: ) *(?:{TAG}|$)"
_GAPPED = (
    f"(contains(purpose, '+') OR contains(purpose, ': ')) AND regexp_matches(purpose, '{TAG}') AND NOT ("
    f"contains(purpose, 'SVWZ+') AND regexp_matches(purpose, '{_OPENED}') AND NOT regexp_matches(purpose, '{_EMPTY}'))"
)
"""Where text before the first tag and the purpose proper are joined, or tags become blanks between what they part."""

_DOUBTFUL = f"regexp_matches({RAW}, {quoted(_UNUSUAL)}) OR ({_GAPPED})"
"""Where the raw text does not tell what the plain text holds."""


class Rarity:
    """How many bookings of a sample hold a literal: what is rare is worth looking for."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        plain_texts = [re.sub("[0-9]", DIGIT, _skeleton(plain(text))) for text in texts]
        self._bare = [text.replace(" ", "") for text in plain_texts]
        self._words = [BORDER + re.sub(rf"[^A-Z{DIGIT}]+", BORDER, text) + BORDER for text in plain_texts]
        self._all_bare, self._all_words = "\n".join(self._bare), "\n".join(self._words)
        self._known: dict[str, int] = {}

    def rarest(self, alternatives: Sequence[frozenset[str]]) -> frozenset[str]:
        """Return the set of which the fewest bookings hold a string; the first of equal ones."""
        if len(alternatives) == 1:
            return alternatives[0]
        return min(alternatives, key=lambda strings: sum(map(self._holders, strings)))

    def _holders(self, literal: str) -> int:
        if literal not in self._known:
            short = _bordered(literal)
            sought = re.sub("[0-9]", DIGIT, _skeleton(literal if short else _bare(literal)).replace(BLANK, ""))
            texts, all_texts = (self._words, self._all_words) if short else (self._bare, self._all_bare)
            self._known[literal] = sum(sought in text for text in texts) if sought in all_texts else 0
        return self._known[literal]


UNKNOWN = Rarity()
"""Where nothing is known of how rare literals are."""


def sample(connection: duckdb.DuckDBPyConnection, bookings: str) -> Rarity:
    """Return how rare literals are in a sample of a table's bookings; `UNKNOWN` where there are too few to bother."""
    [(many,)] = connection.execute(f"SELECT count(*) FROM {bookings}").fetchall()
    if many < _MANY:
        return UNKNOWN
    rows = connection.execute(f"SELECT {WRITTEN} FROM {bookings} USING SAMPLE {_SAMPLE} ROWS").fetchall()
    return Rarity(text for (text,) in rows)


def with_raw_sql(source: str) -> str:
    """Return SQL for the bookings of `source` with what `look_sql` looks at: `written`, `raw`, `glued`, `doubtful`."""
    return f"SELECT *, {WRITTEN} AS written, {RAW} AS raw, {GLUED} AS glued, {_DOUBTFUL} AS doubtful FROM {source}"


def look_sql(signals: Iterable[Signal], rarity: Rarity = UNKNOWN) -> str:
    """Return SQL over rows of `with_raw_sql` that holds for every booking that may carry one of the signals.

    To look for literals costs the same however intricate a pattern is; most signals' patterns are never tried.
    """
    return _look_sql(tuple(signals), rarity)


def possible(
    connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], source: str, accounts: str = ACCOUNTS
) -> list[bool]:
    """Return of each signal whether `look_sql` holds for any booking of a table or subquery of few bookings.

    `accounts` is where accounts at the bank that are the other side are looked up.

    The same look by the same expressions. They are tried here, where each is compiled once in a process: DuckDB does
    so for every statement, which takes longer than to try them on hundreds of bookings.
    """
    ways = [(_look((s,), "debit", UNKNOWN), _look((s,), "credit", UNKNOWN)) for s in signals]
    tests = list(dict.fromkeys(code for way in ways for look in way if look for code in look.codes))
    listed = ", ".join(f"coalesce({test}, false)" for test in tests)
    rows = connection.execute(
        f"SELECT coalesce(amount > 0, false), coalesce(doubtful, false), coalesce(raw, ''), coalesce(written, ''), "
        f"[{listed}]::BOOLEAN[] FROM ({with_raw_sql(source)})".replace(ACCOUNTS, accounts)
    ).fetchall()
    given = [
        _Seen(
            credit, doubtful, {"raw": raw, "written": written}, {t for t, met in zip(tests, held, strict=True) if met}
        )
        for credit, doubtful, raw, written, held in rows
    ]
    return [any(_sees(way[seen.credit], seen) for seen in given) for way in ways]


@dataclass(frozen=True)
class _Seen:
    """A booking as it is looked at: which conditions in SQL it meets, and its texts."""

    credit: bool
    doubtful: bool
    texts: dict[str, str]
    met: set[str]


def _sees(look: _Look | None, seen: _Seen) -> bool:
    if look is None or (seen.doubtful and look.patterns) or not seen.met.isdisjoint(look.codes):
        return True
    return any(_compiled(pattern).search(seen.texts[column]) for column, pattern in look.patterns)


@lru_cache(maxsize=5000)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return an RE2 of literals for Python, which means the same by it in text that is not doubtful."""
    return re.compile(pattern)


@dataclass(frozen=True)
class _Look:
    """What a booking is looked at for: conditions in SQL, and expressions sought in the columns `raw` and `written`."""

    codes: tuple[str, ...]
    patterns: tuple[tuple[str, str], ...]

    def sql(self) -> str:
        looks = [*self.codes, *(f"regexp_matches({column}, {quoted(found)})" for column, found in self.patterns)]
        if self.patterns:
            looks.append("doubtful")
        return " OR ".join(f"coalesce({look}, false)" for look in dict.fromkeys(looks)) or "false"


@lru_cache(maxsize=1000)
def _look_sql(signals: tuple[Signal, ...], rarity: Rarity) -> str:
    credits_, debits = (
        "true" if look is None else look.sql()
        for look in (_look(signals, "credit", rarity), _look(signals, "debit", rarity))
    )
    return credits_ if credits_ == debits else f"CASE WHEN amount > 0 THEN {credits_} ELSE {debits} END"


@lru_cache(maxsize=1000)
def _look(signals: tuple[Signal, ...], way: str, rarity: Rarity) -> _Look | None:
    """Return what bookings that go one way are looked at for; None where every one may carry a signal."""
    some = [signal for signal in signals if has_booking_keys(signal) and signal.direction in (way, None, "")]
    codes = [key for signal in some for key in (code_sql(signal), _creditor(signal)) if key]
    literals = _sought(some, rarity)
    if literals is None:
        return None
    words = {literal for literal in literals if _bordered(literal)}
    patterns = [("raw", pattern) for pattern in _patterns(literals - words)]
    if words:
        patterns += [("written", _words_pattern(words, " *")), ("raw", _words_pattern(words, ""))]
    return _Look(tuple(codes), tuple(patterns))


def _creditor(signal: Signal) -> str:
    identifiers = list(map(creditor, signal.creditor_ids))
    if not identifiers:
        return ""
    own = "|".join(re.escape(identifier[4:]) for identifier in identifiers)
    glued = f"coalesce(regexp_matches(glued, {quoted(f'(?i:{own})')}), false)"
    return f"{creditor_sql('creditor_id')} IN {listed(identifiers)} OR {glued}"


def _sought(signals: Iterable[Signal], rarity: Rarity) -> set[str] | None:
    """Return what the raw text of a booking holds one of if its text makes it carry a signal."""
    sought: set[str] = set()
    for signal in signals:
        for pattern in (*signal.text_patterns, *signal.counterparty_patterns):
            for form in (plain_pattern(pattern), folded_pattern(pattern)):
                alternatives = needed_literals(form)
                if not alternatives:
                    return None
                sought |= rarity.rarest([frozenset(map(_trimmed, strings)) for strings in alternatives])
    return None if "" in sought else {text if _bordered(text) else _bare(text) for text in sought}


def _trimmed(literal: str) -> str:
    """Return the literal without blanks at its ends: what stands beside a blank stands at a border."""
    bare = literal.strip(BLANK + BORDER)
    before, after = literal.partition(bare)[0], literal.rpartition(bare)[2]
    return (BORDER if BORDER in before else "") + bare + (BORDER if BORDER in after else "")


def _bordered(literal: str) -> bool:
    """Tell whether a literal is short and has the border of a word where a letter begins or ends it."""
    bare = _bare(literal)
    return len(bare) <= _SHORT and bool(_opens_word(literal) or _opens_word(literal[::-1]))


def _opens_word(literal: str) -> bool:
    return literal[0] == BORDER and len(literal) > 1 and _letter(literal[1])


def _bare(literal: str) -> str:
    return literal.replace(BORDER, "").replace(BLANK, "")


def _letter(sign: str) -> bool:
    return sign == DIGIT or sign.isalnum()


def _skeleton(literal: str) -> str:
    return re.sub("(?<=[AOU])E+", "", literal)


def _patterns(literals: Iterable[str]) -> list[str]:
    """Return RE2s of all that may stand in raw text for the literals: several, each small enough for RE2 to be fast.

    RE2 runs an expression as an automaton while its states fit into a fixed memory, and slowly by far beyond that.
    """
    skeletons = set(map(_skeleton, literals))
    shortest = sorted(a for a in skeletons if not any(part in skeletons for part in _inside(a)))
    patterns, room = [""], _LONGEST
    for loose in map(_loose, shortest):
        if room < 0:
            patterns, room = [*patterns, ""], _LONGEST
        patterns[-1] += f"|{loose}" if patterns[-1] else loose
        room -= len(loose) + 1
    return [f"(?i:{pattern})" for pattern in patterns if pattern]


def _inside(literal: str) -> Iterator[str]:
    """Yield what stands within a literal and is shorter."""
    size = len(literal)
    return (literal[i:j] for i in range(size) for j in range(i + 1, size + 1) if j - i < size)


def _words_pattern(literals: Iterable[str], blank: str) -> str:
    """Return an RE2 of all that may stand in raw text for short words, `blank` being what stands for blanks in them.

    A match of plain text stands in the text as written, its letters together; one of folded text has no blanks at
    the word's borders, so it stands in the text without blanks.
    """
    words: dict[tuple[str, str], set[str]] = {}
    for literal in literals:
        before = _BEFORE if _opens_word(literal) else ""
        after = _AFTER if _opens_word(literal[::-1]) else ""
        parts = _skeleton(literal.replace(BORDER, "")).split(BLANK)
        words.setdefault((before, after), set()).add(blank.join(map(_loose, parts)))
    ways = sorted((*borders, "|".join(sorted(each))) for borders, each in words.items())
    return "|".join(f"(?i:{before}(?:{either}){after})" for before, after, either in ways)


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
    if piece == DIGIT or piece.isdigit():
        return r"\d"
    return _VOWELS.get(piece, re.escape(piece))
