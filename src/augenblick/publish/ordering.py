"""Queries whose answers come in an order that tells nothing of where things lie.

Oxigraph reads graph after graph, and in which graph a thing lies depends on classes and consents the caller may not
know of. So every order that is not the query's own, and every choice it makes (LIMIT, SAMPLE, ties), would tell it.
What is to be sorted in the midst of a query is told in it. The rows of the answer itself, where the query orders them
not, are sorted by the worker as they come (`sorting.py`): it needs little memory for however many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from augenblick.publish.query import LEXEMES

_WORDS = "SELECT CONSTRUCT DESCRIBE ASK DISTINCT REDUCED WHERE FROM NAMED HAVING ORDER BY LIMIT OFFSET VALUES"
_RUN_ON = "|".join([*_WORDS.split(), "GROUP_CONCAT", "GROUP", "SAMPLE"])
"""Words Oxigraph reads though no blank stands behind them."""
_TOKEN = re.compile(rf"(?:{LEXEMES})|[?$]\w+|[\w.-]*:(?:[\w.:%-]|\\.)*|(?i:{_RUN_ON})|[0-9]+|\w+|[{{}}()]", re.DOTALL)
_CUTS = frozenset({"LIMIT", "OFFSET"})
_CHOOSING = frozenset({"GROUP_CONCAT", "SAMPLE", "MIN", "MAX", "SUM", "AVG"})
"""Aggregates whose value may depend on the order in which they see things: of equal numbers too, and of rounding."""
_KIND = (
    '(IF(BOUND({0}), IF(isBlank({0}), "1", IF(isIRI({0}), "2", '
    'IF(isNumeric({0}), "3", CONCAT("4", STR(DATATYPE({0})))))), "0"))'
)
"""Numbers are of one kind, other literals of their datatype's; in the order SPARQL gives to kinds of terms."""
_DIGITS = re.compile("[0-9]{1,18}")
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


_END = _Token(" ", 0)


@dataclass(frozen=True)
class _Level:
    """A query or subquery by places among the tokens: its head, the braces of its group, where its modifiers end."""

    head: int
    opens: int
    closes: int
    end: int


@dataclass(frozen=True)
class Ordered:
    """A query, and what the worker is to do with the rows or triples that it gives."""

    query: str
    unsorted: bool = False
    """The query orders them itself."""
    distinct: bool = False
    """Each counts once."""
    skipped: int = 0
    kept: int | None = None
    """Of those in order, so many are left out, and so many are given at most."""
    whole: bool = False
    """All triples of the graphs looked at are wanted: they can be read without a query."""

    @property
    def task(self) -> dict[str, Any]:
        """The worker's task, as far as it follows from this."""
        return asdict(self)


def in_order(sparql: str) -> Ordered:
    """Return how to get what a query gives, each choice and order being one of the terms alone.

    What is no query that can be read is returned as it is.
    """
    tokens = [_Token(found[0], found.start()) for found in _TOKEN.finditer(sparql) if found[0][0] != "#"]
    levels = list(_levels(tokens))
    outer = levels[0] if levels and levels[0].head == _begins(tokens) else None
    told = _told(tokens, outer)
    changes: list[tuple[int, int, str]] = []
    for level in levels:  # the outer before the inner: of two changes at one place the inner's stands first
        changes += _ordered(sparql, tokens, level, told if level is outer else None)
    for start, end, text in sorted(changes, key=lambda change: change[0], reverse=True):
        sparql = sparql[:start] + text + sparql[end:]
    return replace(told, query=sparql)


def _begins(tokens: Sequence[_Token]) -> int:
    return next((place for place, token in enumerate(tokens) if token.word in {*_HEADS, "ASK"}), -1)


def _told(tokens: Sequence[_Token], outer: _Level | None) -> Ordered:
    """Return what is left to the worker: sorting rows, also to cut them, where the query does not; always triples."""
    if outer is None or tokens[outer.head].word != "SELECT":
        return Ordered("", distinct=True, whole=_whole(tokens[max(_begins(tokens), 0) :]))
    tail = list(_flat(tokens[outer.closes + 1 : outer.end]))
    cuts = {one.word: two.text for one, two in pairwise(tail) if one.word in _CUTS}
    said = [token.word for token in tail]
    understood = all(said.count(word) == 1 and _DIGITS.fullmatch(text) for word, text in cuts.items())
    if "ORDER" in said or not understood:
        return Ordered("", unsorted=True)
    distinct = tokens[outer.head + 1].word in ("DISTINCT", "REDUCED")
    kept = int(cuts["LIMIT"]) if "LIMIT" in cuts else None
    return Ordered("", distinct=distinct, skipped=int(cuts.get("OFFSET", 0)), kept=kept)


def _whole(tokens: Sequence[_Token]) -> bool:
    """Say whether a query, from its head on, asks for all triples as they are."""
    texts = [token.word or token.text for token in tokens]
    if "FROM" in texts:
        place = texts.index("FROM")
        texts[place:] = texts[texts.index("{", place) if "{" in texts[place:] else place :]
    places = [text for text in texts if text[0] in "?$"][:3]
    same = len({text[1:] for text in places}) == 3
    group = ["{", *places, "}"]
    return same and texts in [
        ["CONSTRUCT", *group, *group],
        ["CONSTRUCT", *group, "WHERE", *group],
        ["CONSTRUCT", "WHERE", *group],
        ["CONSTRUCT", *group],
    ]


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


def _ordered(
    sparql: str, tokens: Sequence[_Token], level: _Level, told: Ordered | None
) -> Iterator[tuple[int, int, str]]:
    """Yield what is to be put in place of what, by start and end in the text.

    `told` is, of the query itself, what is left to the worker.
    """
    head, tail = tokens[level.head : level.opens], tokens[level.closes + 1 : level.end]
    rows = told is not None and head[0].word == "SELECT" and not told.unsorted
    first = head[1] if len(head) > 1 else head[0]
    if first.word == "REDUCED" or (rows and first.word == "DISTINCT"):
        yield first.start, first.start + len(first.text), "" if rows else "DISTINCT"
    body = _variables(tokens[level.opens : level.closes])
    if _CHOOSING & {t.word for t in (*head, *tail)}:
        opened, closed = tokens[level.opens].start, tokens[level.closes].start
        yield opened + 1, opened + 1, " { SELECT * {"
        yield closed, closed, f"}} {_keys(body, ordered=False)} }} "
    yield from _of_one_kind(tail)
    cuts = [(one, two) for one, two in pairwise([*_flat(tail), _END]) if one.word in _CUTS]
    if rows:
        yield from ((one.start, two.start + len(two.text), "") for one, two in cuts)
    elif cuts or (told is not None and told.unsorted):
        ordered = any(t.word == "ORDER" for t in _flat(tail))
        place = next((t.start for t in _flat(tail) if t.word in _CUTS or t.word == "VALUES"), None)
        if place is None:
            place = tokens[level.end].start if level.end < len(tokens) else len(sparql)
        if keys := _keys(_projected(head) or body, ordered=ordered):
            yield place, place, f"\n{keys}\n"


def _keys(variables: Sequence[str], *, ordered: bool) -> str:
    """Return what sorts by the terms alone: by their texts, as terms of several types have no order of their own."""
    said = " ".join(f"STR({v}) STR(DATATYPE({v})) LANG({v}) isIRI({v}) {v}" for v in variables)
    return said if ordered or not said else f"ORDER BY {said}"


def _of_one_kind(tail: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield what lets a query's own order compare values of one type only.

    Oxigraph's order of different ones is none, and where sorting finds that out its process dies.
    """
    ordering = False
    flat = list(tail)
    for place, token in enumerate(flat):
        if token.word in {*_CUTS, "VALUES"}:
            ordering = False
        elif token.word == "BY" and flat[place - 1].word == "ORDER":
            ordering = True
        if not ordering:
            continue
        around = [each.text for each in flat[place + 1 : place + 4]]
        if token.word in ("ASC", "DESC") and around[::2] == ["(", ")"] and (named := flat[place + 2].variable):
            yield token.start, token.start, f"{token.word}({_KIND.format(named)}) "
        elif token.variable and flat[place - 1].text != "(" and _depth(flat[:place]) == 0:
            yield token.start, token.start, f"{_KIND.format(token.variable)} "


def _depth(tokens: Sequence[_Token]) -> int:
    return sum((token.text in "({") - (token.text in ")}") for token in tokens)


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
