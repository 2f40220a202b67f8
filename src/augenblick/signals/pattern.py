"""An expert's regular expression, in the two forms that match the two forms of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from augenblick.signals.text import FOLDS, UMLAUTS, plain

_PIECE = re.compile(
    r"""(?P<group>\(\?[A-Za-z<>=!-]*:?(?:(?<=<)\w+>)?)   # (?: (?i) (?P<name>
      | (?P<escape>\\(?:[pP]\{\^?\w+\}|[pP]\w|x\{\w+\}|x\w\w|.))
      | (?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])
      | (?P<times>[*+?]\??|\{\d+(?:,\d*)?\}\??)
      | (?P<letter>.)""",
    re.VERBOSE | re.DOTALL,
)
_BLANKS_IN_SET = re.compile(r"\\s|\\t|[ \t]")

Piece = tuple[str, str]
"""Kind (`group`, `escape`, `set`, `times`, `letter`) and text of a piece of a pattern."""


@cache
def plain_pattern(pattern: str) -> str:
    """Return the pattern for plain text: letters upper case, umlauts written out, all else untouched."""
    return "".join(_plain_piece(kind, text, timed) for kind, text, timed in _followed(list(pieces(pattern))))


@cache
def folded_pattern(pattern: str) -> str:
    r"""Return the pattern for folded text: blanks dropped, written-out umlauts folded.

    `\b` stays, so a pattern that insists on a word's border matches folded text only at borders other than
    blanks: `\bPARK\b` never meets the middle of a word.
    """
    bare = _without_blanks(list(pieces(plain_pattern(pattern))))
    return "".join(text for _, text in _fold(bare))


def pieces(pattern: str) -> Iterator[Piece]:
    """Yield the pieces of a pattern from left to right: kind and text; `(`, `)` and `|` are letters."""
    for match in _PIECE.finditer(pattern):
        yield str(match.lastgroup), match.group()


@cache
def takes_any_digit(pattern: str) -> bool:
    """Tell whether a pattern takes any digit for any other, so that what it matches it matches with others as well."""
    return not any(re.search(r"\d", text.replace("0-9", "")) for kind, text in pieces(pattern) if kind != "times")


def _followed(parts: list[Piece]) -> Iterator[tuple[str, str, bool]]:
    """Yield each piece and whether a repetition follows it."""
    for index, (kind, text) in enumerate(parts):
        timed = index + 1 < len(parts) and parts[index + 1][0] == "times"
        yield kind, text, timed


def _plain_piece(kind: str, text: str, timed: bool) -> str:
    if kind == "set":
        return _plain_set(text)
    if kind != "letter":
        return text
    spelled = text if text in " \t\n" else plain(text)
    return f"(?:{spelled})" if timed and len(spelled) > 1 else spelled


def _plain_set(text: str) -> str:
    """Return a character class in plain form; one that holds umlauts becomes a choice with their spellings."""
    spelled = sorted({plain(c) for c in text if len(plain(c)) > 1})
    letters = re.sub(r"\[:\^?\w+:\]|\\.|[^\W\d_]", _upper_letter, text)
    if not spelled or text.startswith("[^"):
        return letters
    rest = [] if letters in ("[]", "[^]") else [letters]
    return f"(?:{'|'.join(spelled + rest)})"


def _upper_letter(match: re.Match[str]) -> str:
    text = match.group()
    if text[0] in "\\[":
        return text
    return "" if len(plain(text)) > 1 or text in UMLAUTS else plain(text)


def _without_blanks(parts: list[Piece]) -> list[Piece]:
    """Drop what matches blanks, with its repetition; a class that may match a blank may match nothing instead."""
    result: list[Piece] = []
    dropped = False
    for kind, text in parts:
        if kind == "times" and dropped:
            continue
        blank_in_set = kind == "set" and not text.startswith("[^") and _BLANKS_IN_SET.search(text)
        bare = _BLANKS_IN_SET.sub("", text) if blank_in_set else text
        dropped = bare == "[]" or (kind in ("letter", "escape") and text in (" ", "\t", r"\s", r"\t"))
        if not dropped:
            result.append((kind, f"(?:{bare}?)" if blank_in_set else text))
    return result


def _fold(parts: list[Piece]) -> list[Piece]:
    """Drop the E of each written-out umlaut; an E that a repetition follows may be missing anyway."""
    spelled = {written for written, _ in FOLDS}
    result: list[Piece] = []
    before = ""
    for kind, text, timed in _followed(parts):
        if kind == "letter" and before + text in spelled and not timed:
            before = ""
            continue
        before = text if kind == "letter" else ""
        result.append((kind, text))
    return result
