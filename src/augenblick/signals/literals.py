"""Literals of which every text that a pattern matches holds at least one, blanks aside.

Read from the pattern's structure as by Cox, *Regular Expression Matching with a Trigram Index* (2012): what a
pattern matches exactly is kept as a set of strings while the set is small; where it grows or a part may be
anything, the strings so far become what is needed at the least, and the most telling of these sets is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from augenblick.signals.pattern import Piece, pieces

DIGIT = "\N{REPLACEMENT CHARACTER}"
"""Stands for any digit in a literal."""

BORDER = "\N{SYMBOL FOR START OF HEADING}"
"""Stands in a literal for the border of a word, or of the text."""

BLANK = "\N{SYMBOL FOR SPACE}"
"""Stands in a literal where a pattern has blanks, or may have."""

MOST = 300
"""So many strings a set may hold before it is cut off."""

_BLANKS = (" ", "\t", r"\s", r"\t")
_ZERO_WIDTH = (r"\B", r"\A", r"\z")
_PLAIN_GROUP = re.compile(r"\(\?(?:[imsU]*(?:-[imsU]+)?:?|P?<\w+>)$")
_EXACTLY = re.compile(r"\{\d+\}")
_LONGEST = 20


class _Unreadable(Exception):
    """A construct that is not understood: nothing can be said of the pattern."""


@dataclass(frozen=True)
class _Part:
    """Of what a part of a pattern matches: all of it (`exact`), or how it opens, and strings of which it holds one."""

    exact: frozenset[str] | None = None
    opening: frozenset[str] = frozenset([""])
    needed: frozenset[str] | None = None
    others: tuple[frozenset[str], ...] = ()
    """Further sets of strings of which it holds one each."""

    @property
    def sought(self) -> frozenset[str] | None:
        return _telling(set_ for set_ in (self.exact, self.opening, self.needed) if set_ is not None)

    @property
    def alternatives(self) -> tuple[frozenset[str], ...]:
        """All sets of which one is enough to seek, the most telling first."""
        sets = [set_ for set_ in (self.sought, *self.others) if set_ is not None]
        return tuple(dict.fromkeys(_shortest(set_) for set_ in sets if _tells(set_)))


_NOTHING = _Part(exact=frozenset([""]))
_BORDER = _Part(exact=frozenset([BORDER]))
_BLANK = _Part(exact=frozenset([BLANK]))
_ANYTHING = _Part()


@cache
def needed_literals(pattern: str) -> tuple[frozenset[str], ...]:
    """Return sets of strings; each match of an RE2 pattern holds one of each set once its blanks are dropped.

    There is none where the pattern may match without any letter, or has a construct not known here. The most
    telling set comes first.
    """
    parts = list(pieces(pattern))
    try:
        part, rest = _choice(parts, 0)
    except _Unreadable:
        return ()
    return part.alternatives if rest == len(parts) else ()


def _choice(parts: list[Piece], at: int) -> tuple[_Part, int]:
    """Read alternatives up to a closing bracket or the end."""
    branches = []
    while True:
        branch, at = _sequence(parts, at)
        branches.append(branch)
        if at == len(parts) or parts[at] != ("letter", "|"):
            return _either(branches), at
        at += 1


def _either(branches: list[_Part]) -> _Part:
    if len(branches) == 1:
        return branches[0]
    exact = _union(branch.exact for branch in branches)
    return _Part(exact=exact) if exact is not None else _Part(needed=_union(branch.sought for branch in branches))


def _union(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    chosen = list(sets)
    known = [strings for strings in chosen if strings is not None]
    united = frozenset[str]().union(*known)
    return united if len(known) == len(chosen) and len(united) <= MOST else None


def _sequence(parts: list[Piece], at: int) -> tuple[_Part, int]:
    """Read what follows one another up to `|`, a closing bracket or the end."""
    run = frozenset([""])
    found: list[frozenset[str]] = []
    whole = True
    while at < len(parts) and parts[at] not in (("letter", "|"), ("letter", ")")):
        part, at = _repeated(parts, at)
        longer = _joined(run, part.exact)
        if longer is not None:
            run = longer
            continue
        whole = False
        opened = _joined(run, part.opening)
        found += [run if opened is None else opened, *([part.sought] if part.sought is not None else [])]
        run = frozenset([""])
    sets = [*found, run]
    return (_Part(exact=run) if whole else _Part(needed=_telling(sets), others=tuple(filter(_tells, sets)))), at


def _joined(before: frozenset[str], after: frozenset[str] | None) -> frozenset[str] | None:
    if after is None or len(before) * len(after) > MOST:
        return None
    return frozenset(a + b for a, b in product(before, after))


def _repeated(parts: list[Piece], at: int) -> tuple[_Part, int]:
    """Read one part with the repetitions that follow it."""
    part, at = _single(parts, at)
    while at < len(parts) and parts[at][0] == "times":
        part = _times(part, parts[at][1])
        at += 1
    return part, at


def _times(part: _Part, times: str) -> _Part:
    if part in (_NOTHING, _BLANK):
        return part
    if part == _BORDER:
        return part if _least(times) else _NOTHING
    if times[0] == "?":
        return _Part(exact=part.exact | {""}) if part.exact is not None else _ANYTHING
    least = _least(times)
    if least == 0 or part.exact is None or len(part.exact) > 1 or least > _LONGEST:
        return _Part(needed=part.sought) if least else _ANYTHING
    opening = frozenset(text * least for text in part.exact)
    return _Part(exact=opening) if _EXACTLY.match(times) else _Part(opening=opening)


def _least(times: str) -> int:
    """Return how often a repetition repeats at the least."""
    counted = re.match(r"\{(\d+)", times)
    return int(counted[1]) if counted else int(times[0] == "+")


def _single(parts: list[Piece], at: int) -> tuple[_Part, int]:
    kind, text = parts[at]
    if kind == "group" or (kind, text) == ("letter", "("):
        return _group(parts, at)
    if kind == "letter":
        return _letter(text), at + 1
    if kind == "escape":
        return _escape(text), at + 1
    if kind == "set":
        return _set(text), at + 1
    raise _Unreadable


def _group(parts: list[Piece], at: int) -> tuple[_Part, int]:
    kind, text = parts[at]
    if kind == "group" and not _PLAIN_GROUP.match(text):
        raise _Unreadable
    inner, at = _choice(parts, at + 1)
    if at == len(parts):
        raise _Unreadable
    return inner, at + 1


def _letter(text: str) -> _Part:
    if text in "^$":
        return _BORDER
    if text in _BLANKS:
        return _BLANK
    return _ANYTHING if text == "." or text.isspace() else _Part(exact=frozenset([text]))


def _escape(text: str) -> _Part:
    if text == r"\b":
        return _BORDER
    if text in _BLANKS:
        return _BLANK
    if text in _ZERO_WIDTH:
        return _NOTHING
    if text in (r"\Q", r"\E", r"\C"):
        raise _Unreadable
    if text == r"\d":
        return _Part(exact=frozenset([DIGIT]))
    bare = text[1:]
    return _Part(exact=frozenset([bare])) if len(bare) == 1 and not bare.isalnum() and not bare.isspace() else _ANYTHING


def _set(text: str) -> _Part:
    r"""Read a class of single characters; with ranges, negations or classes inside (but `\d`) it may be anything."""
    body = text[1:-1]
    strings: set[str] = set()
    for match in re.finditer(r"0-9|\\.|.", body, re.DOTALL):
        member = match.group()
        inner = _Part(exact=frozenset([DIGIT])) if member == "0-9" else _member(member, match.start(), len(body))
        if inner.exact is None or body.startswith(("^", "]", "[")):
            return _ANYTHING
        strings |= inner.exact
    return _Part(exact=frozenset(strings)) if strings else _ANYTHING


def _member(member: str, start: int, length: int) -> _Part:
    if member == "-" and start not in (0, length - 1):
        return _ANYTHING
    if member in (r"\b", r"\B", r"\A", r"\z", "["):
        return _ANYTHING
    if member in "^$.|()*+?":
        return _Part(exact=frozenset([member]))
    return _escape(member) if member.startswith("\\") else _letter(member)


def _telling(sets: Iterable[frozenset[str]]) -> frozenset[str] | None:
    """Return the set whose shortest string is longest, of those without an empty one; without what it implies."""
    useful = [_shortest(strings) for strings in sets if _tells(strings)]
    return max(useful, key=lambda s: (min(map(len, s)), -len(s), sorted(s)), default=None)


def _tells(strings: frozenset[str]) -> bool:
    return bool(strings) and all(string.strip(BORDER + BLANK) for string in strings)


@lru_cache(maxsize=10_000)
def _shortest(strings: frozenset[str]) -> frozenset[str]:
    """Return the strings that hold no other of the set."""
    kept: list[str] = []
    lengths: dict[int, list[str]] = {}
    for string in strings:
        lengths.setdefault(len(string), []).append(string)
    for length in sorted(lengths):
        # Strings of one length hold one another only where they are equal.
        kept += [a for a in lengths[length] if not any(b in a for b in kept)] if kept else lengths[length]
    return frozenset(kept)
