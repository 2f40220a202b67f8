"""Queries whose answers come in an order that tells nothing of where things lie.

Oxigraph reads graph after graph, and in which graph a thing lies depends on classes and consents the caller may not
know of. So every order that is not the query's own, and every choice it makes (LIMIT, SAMPLE, ties), would tell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from augenblick.publish.query import LEXEMES

_TOKEN = re.compile(rf"(?:{LEXEMES})|[?$]\w+|[\w.-]*:(?:[\w.:%-]|\\.)*|\w+|[{{}}()]", re.DOTALL)
_CUTS = frozenset({"LIMIT", "OFFSET"})
_CHOOSING = frozenset({"GROUP_CONCAT", "SAMPLE", "MIN", "MAX", "SUM", "AVG"})
"""Aggregates whose value may depend on the order in which they see things: of equal numbers too, and of rounding."""
_HEADS = frozenset({"SELECT", "CONSTRUCT", "DESCRIBE"})


@dataclass(frozen=True)
class _Token:
    text: str
    start: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.text[0].isalpha() else ""

    @property
    def variable(self) -> str | None:
        return f"?{self.text[1:]}" if self.text[0] in "?$" else None


@dataclass(frozen=True)
class _Level:
    """A query or subquery by places among the tokens: its head, the braces of its group, where its modifiers end."""

    head: int
    opens: int
    closes: int
    end: int


def in_order(sparql: str) -> str:
    """Return a query that gives what the query does, each choice and order being one of the terms alone.

    What is no query that can be read is returned as it is.
    """
    tokens = [_Token(found[0], found.start()) for found in _TOKEN.finditer(sparql) if found[0][0] != "#"]
    changes: list[tuple[int, int, str]] = []
    for level in _levels(tokens):  # the outer before the inner: of two changes at one place the inner's stands first
        changes += _ordered(sparql, tokens, level)
    for start, end, text in sorted(changes, key=lambda change: change[0], reverse=True):
        sparql = sparql[:start] + text + sparql[end:]
    return sparql


def describes(sparql: str) -> bool:
    """Say whether a query asks for descriptions, whose triples no order of the query's reaches."""
    words = (token.word for token in map(_first, _TOKEN.finditer(sparql)) if token.text[0] != "#")
    return next((word for word in words if word in {*_HEADS, "ASK"}), "") == "DESCRIBE"


def _first(found: re.Match[str]) -> _Token:
    return _Token(found[0], found.start())


def _levels(tokens: Sequence[_Token]) -> Iterator[_Level]:
    for place, token in enumerate(tokens):
        if token.word not in _HEADS:
            continue
        opens = _group(tokens, place)
        if opens is not None and (closes := _closing(tokens, opens)) is not None:
            yield _Level(place, opens, closes, _end(tokens, closes))


def _group(tokens: Sequence[_Token], head: int) -> int | None:
    """Return where the group of a query begins: of CONSTRUCT behind its template, unless that is the group itself."""
    place, depth = head + 1, 0
    while place < len(tokens):
        text = tokens[place].text
        depth += (text == "(") - (text == ")")
        if text == "}":
            return None
        if text == "{" and depth > 0:  # EXISTS in an expression
            place = _closing(tokens, place) or len(tokens)
        elif text == "{":
            template = tokens[head].word == "CONSTRUCT" and place == head + 1
            if not template:
                return place
            head, place = place, _closing(tokens, place) or len(tokens)
        place += 1
    return None


def _closing(tokens: Sequence[_Token], opens: int) -> int | None:
    depth = 0
    for place in range(opens, len(tokens)):
        depth += (tokens[place].text == "{") - (tokens[place].text == "}")
        if depth == 0:
            return place
    return None


def _end(tokens: Sequence[_Token], closes: int) -> int:
    """Return where the modifiers behind a group end: with the group around it, or with the text."""
    place = closes + 1
    while place < len(tokens) and tokens[place].text != "}":
        place = (_closing(tokens, place) or len(tokens)) if tokens[place].text == "{" else place
        place += 1
    return min(place, len(tokens))


def _ordered(sparql: str, tokens: Sequence[_Token], level: _Level) -> Iterator[tuple[int, int, str]]:
    """Yield what is to be put in place of what, by start and end in the text."""
    head, tail = tokens[level.head : level.opens], tokens[level.closes + 1 : level.end]
    yield from ((t.start, t.start + len(t.text), "DISTINCT") for t in head if t.word == "REDUCED")
    body = _variables(tokens[level.opens : level.closes])
    if _CHOOSING & {t.word for t in (*head, *tail)}:
        opened, closed = tokens[level.opens].start, tokens[level.closes].start
        yield opened + 1, opened + 1, " { SELECT * {"
        yield closed, closed, f"}} {_keys(body, ordered=False)} }} "
    cut = any(t.word in _CUTS for t in _flat(tail))
    if level.head == next(i for i, t in enumerate(tokens) if t.word in _HEADS) or cut:
        ordered = any(t.word == "ORDER" for t in _flat(tail))
        place = next((t.start for t in _flat(tail) if t.word in _CUTS or t.word == "VALUES"), None)
        if place is None:
            place = tokens[level.end].start if level.end < len(tokens) else len(sparql)
        if keys := _keys(_projected(head) or body, ordered=ordered):
            yield place, place, f"\n{keys}\n"


def _keys(variables: Sequence[str], *, ordered: bool) -> str:
    said = " ".join(f"{each} STR({each}) STR(DATATYPE({each}))" for each in variables)
    return said if ordered or not said else f"ORDER BY {said}"


def _projected(head: Sequence[_Token]) -> list[str]:
    """Return the variables a SELECT names; none for `*` and for what is no SELECT."""
    if head[0].word != "SELECT":
        return []
    found, depth = [], 0
    for before, token in pairwise(head):
        depth += (token.text == "(") - (token.text == ")")
        if token.variable and (depth == 0 or (depth == 1 and before.word == "AS")):
            found.append(token.variable)
    return found


def _variables(tokens: Sequence[_Token]) -> list[str]:
    return list(dict.fromkeys(token.variable for token in tokens if token.variable))


def _flat(tokens: Sequence[_Token]) -> Iterator[_Token]:
    """Yield the tokens outside all braces and parentheses."""
    depth = 0
    for token in tokens:
        depth -= token.text in "})"
        if depth == 0:
            yield token
        depth += token.text in "{("
