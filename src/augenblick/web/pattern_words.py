"""What a search pattern finds, in the words it looks for: `KITA|FAM(ILIEN)?KASSE` are KITA, FAMILIENKASSE, FAMKASSE.

Told roughly, for reading: where the exact form matters the expression itself stands beside it.
"""

from __future__ import annotations

import re
from itertools import product

MOST = 4
"""More ways to go on than these are not told one by one."""
ANY = "…"
MORE = "\0"
"""Stands for further ways until the words are tidied."""
NUMBER = "\1"
"""Stands for digits until the words are tidied."""
_TOKEN = re.compile(
    r"\\[bBAzZ]|[\^$]|(?P<class>\[\^?(?:\\.|[^\]])+\])|\\(?P<escape>.)|(?P<any>\.)|(?P<open>\((?:\?:|\?i\))?)"
    r"|(?P<close>\))|(?P<bar>\|)|(?P<times>[?*+]|\{\d*,?\d*\})|(?P<char>.)",
    re.DOTALL,
)
_SEPARATORS = frozenset(" -.:/,_")


def finds(pattern: str, number: str = "‹0–9›") -> tuple[str, ...]:
    """Return the words a pattern looks for, one entry for each alternative it has at its outermost.

    `number` stands where it looks for digits.
    """
    ways, _ = _alternatives(list(_TOKEN.finditer(pattern)), 0, outermost=True)
    return tuple(dict.fromkeys(filter(None, (_tidy(way, number) for way in ways))))


def _tidy(way: str, number: str) -> str:
    """Return words with one sign between two of them, and further ways marked."""
    parted = re.sub(f"{ANY}[{ANY} ]*", f" {ANY} ", way)
    counted = re.sub(rf"({NUMBER}/)+{NUMBER}", NUMBER, re.sub(rf"\d*{NUMBER}[\d{NUMBER}]*", NUMBER, parted))
    return re.sub(r"[ .:-]{2,}", " ", counted).replace(MORE, f"/{ANY}").replace(NUMBER, number).strip()


def _alternatives(tokens: list[re.Match[str]], at: int, *, outermost: bool = False) -> tuple[list[str], int]:
    """Return the ways from a place to the end of its group, and where that is."""
    found: list[str] = []
    pieces: list[list[str]] = []
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token["close"]:
            break
        if token["bar"]:
            found += _joined(pieces)
            pieces = []
        elif token["open"]:
            inner, at = _alternatives(tokens, at)
            pieces.append(inner if len(inner) <= MOST else ["/".join(inner[:MOST]) + MORE])
        elif token["times"]:
            if pieces:
                pieces[-1] = _repeated(pieces[-1], token["times"])
        else:
            pieces.append([_one(token)])
    found += _joined(pieces)
    return (found if outermost else list(dict.fromkeys(found))), at


def _joined(pieces: list[list[str]]) -> list[str]:
    """Return every way through the pieces, or where these are many, the first of each that is optional."""
    ways = 1
    for piece in pieces:
        ways *= len(piece)
    if ways > MOST:
        pieces = [[piece[0]] if "" in piece else ["/".join(piece)] for piece in pieces]
    return ["".join(way) for way in product(*pieces)]


def _repeated(piece: list[str], times: str) -> list[str]:
    if piece in ([ANY], [NUMBER]):
        return piece
    optional = times in ("?", "*") or times.startswith(("{0", "{,"))
    if not optional or set("".join(piece)) <= _SEPARATORS:
        return piece
    return [*piece, ""]


def _one(token: re.Match[str]) -> str:
    """Return what stands for one character: itself, a number, a separator, or that it is open."""
    if token["char"]:
        return token["char"]
    if token["any"]:
        return ANY
    if escape := token["escape"]:
        return {"d": NUMBER, "s": " "}.get(escape, ANY if escape in "wWSD" else escape)
    if within := token["class"]:
        members = within[1:-1].replace("\\", "")
        if within == "[0-9]" or re.fullmatch(r"[\d-]+", members):
            return NUMBER
        return members[0] if set(members) <= _SEPARATORS else ANY
    return ""
