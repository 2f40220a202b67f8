"""An expert's regular expression, in the two forms that match the two forms of text."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def plain_pattern(pattern: str) -> str:
    """Return the pattern for plain text: letters upper case, umlauts written out, all else untouched."""
    return "".join(_plain_piece(kind, text, timed) for kind, text, timed in _followed(list(_pieces(pattern))))


def folded_pattern(pattern: str) -> str:
    r"""Return the pattern for folded text: blanks dropped, written-out umlauts folded.

    `\b` stays, so a pattern that insists on a word's border matches folded text only at borders other than
    blanks: `\bPARK\b` never meets the middle of a word.
    """
    pieces = _without_blanks(list(_pieces(plain_pattern(pattern))))
    return "".join(text for _, text in _fold(pieces))


def unanchored(pattern: str) -> str:
    """Return the pattern without `^` and `$`: it matches whatever the pattern matches, and more."""
    return "".join(text for kind, text in _pieces(pattern) if (kind, text) not in (("letter", "^"), ("letter", "$")))


def _pieces(pattern: str) -> Iterator[Piece]:
    for match in _PIECE.finditer(pattern):
        yield str(match.lastgroup), match.group()


def _followed(pieces: list[Piece]) -> Iterator[tuple[str, str, bool]]:
    """Yield each piece and whether a repetition follows it."""
    for index, (kind, text) in enumerate(pieces):
        timed = index + 1 < len(pieces) and pieces[index + 1][0] == "times"
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


def _without_blanks(pieces: list[Piece]) -> list[Piece]:
    result: list[Piece] = []
    dropped = False
    for kind, text in pieces:
        if kind == "times" and dropped:
            continue
        dropped = text in (" ", "\\s", "\\t", "\t") and kind in ("letter", "escape")
        if dropped:
            continue
        if kind == "set" and not text.startswith("[^") and _BLANKS_IN_SET.search(text):
            bare = _BLANKS_IN_SET.sub("", text)
            dropped = bare == "[]"
            # The blank was one way to match; without blanks that way is to match nothing.
            result += [] if dropped else [("group", "(?:"), ("set", bare), ("letter", ")"), ("times", "?")]
            if not dropped:
                result = _keep_repetition(result)
            continue
        result.append((kind, text))
    return result


def _keep_repetition(pieces: list[Piece]) -> list[Piece]:
    """Wrap the optional class once more, so that a repetition written behind it still applies to it."""
    return [*pieces[:-4], ("group", "(?:"), *pieces[-4:], ("letter", ")")]


def _fold(pieces: list[Piece]) -> list[Piece]:
    result: list[Piece] = []
    for index, (kind, text) in enumerate(pieces):
        timed = index + 1 < len(pieces) and pieces[index + 1][0] == "times"
        before = result[-1] if result else ("", "")
        pair = before[1] + text
        written = kind == "letter" and before[0] == "letter" and any(pair == spelled for spelled, _ in FOLDS)
        if not (written and not timed):
            result.append((kind, text))
    return result
