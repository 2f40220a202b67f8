"""A family as a picture: one row for each generation, partners side by side, lines to the children."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

BOX, HEIGHT, GAP, RISE, MARGIN = 148.0, 46.0, 20.0, 54.0, 10.0
MOST = 200
STEPS = 3
"""How many relations away from the customer a person may be."""
SWEEPS = 4
_DOWN = {"child": 1, "grandchild": 2, "parent": -1, "grandparent": -2, "partner": 0, "sibling": 0}
"""Generations from a person to the one the word names."""
_OPPOSITE = {"child": "parent", "parent": "child", "grandchild": "grandparent", "grandparent": "grandchild"}

Relative = dict[str, Any]


@dataclass
class Person:
    """One box. Whoever has not agreed to be told of is there without a name; `customer` is None then.

    Of a `stranger` the bank knows only that there must be somebody; of who is `presumed` no relation is recorded.
    """

    key: str
    customer: str | None
    generation: int
    steps: int
    presumed: bool = False
    stranger: bool = False
    x: float = 0.0
    y: float = 0.0


@dataclass
class Family:
    """The picture: boxes and the lines between them (kind, path)."""

    people: list[Person] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0
    cut: bool = False

    @property
    def withheld(self) -> int:
        """How many persons stay unnamed."""
        return sum(person.customer is None and not person.stranger for person in self.people)

    @property
    def presumed(self) -> int:
        """How many persons are there by presumption only."""
        return sum(person.presumed for person in self.people)


def family(customer: str, relations_of: Callable[[str], Iterable[Relative]]) -> Family:
    """Return the picture of a customer's family; `relations_of` gives the relations the reader may see of a person."""
    people, ties, presumed, cut = _gathered(customer, relations_of)
    rows = _rows(people, ties)
    _place(rows)
    top = min(rows)
    for person in people.values():
        person.y = MARGIN + (person.generation - top) * (HEIGHT + RISE)
    lines = [_line(kind, people[a], people[b], (a, b, kind) in presumed) for a, b, kind in sorted(ties)]
    width = max(person.x for person in people.values()) + BOX + MARGIN
    height = max(person.y for person in people.values()) + HEIGHT + MARGIN
    return Family(list(people.values()), lines, width, height, cut)


Tie = tuple[str, str, str]
"""Elder or left person, younger or right person, kind: child, grandchild, partner, sibling."""


def _gathered(
    customer: str, relations_of: Callable[[str], Iterable[Relative]]
) -> tuple[dict[str, Person], set[Tie], set[Tie], bool]:
    """Return the persons at most so many steps away, how they are tied, and which ties are presumed, nearest first."""
    people = {customer: Person(customer, customer, 0, 0)}
    recorded: set[Tie] = set()
    presumed: set[Tie] = set()
    waiting = deque([customer])
    cut = False
    while waiting:
        here = people[waiting.popleft()]
        for number, relative in enumerate(relations_of(here.key)):
            word = relative["relation"] if relative["of"] == "other" else _inverse(relative["relation"])
            if word not in _DOWN:
                continue
            other = relative["customer_id"] or f"{here.key}\n{number}"
            if other not in people:
                if len(people) >= MOST:
                    cut = True
                    continue
                generation = here.generation + _DOWN[word]
                people[other] = _person(other, relative, generation, here.steps + 1)
                if relative["customer_id"] and here.steps + 1 < STEPS:
                    waiting.append(other)
            (presumed if relative.get("presumed") else recorded).add(_tie(here.key, other, word))
    return people, _nearest(recorded | presumed), presumed - recorded, cut


def _person(key: str, relative: Relative, generation: int, steps: int) -> Person:
    presumed, stranger = bool(relative.get("presumed")), bool(relative.get("stranger"))
    return Person(key, relative["customer_id"], generation, steps, presumed, stranger)


def _inverse(word: str) -> str:
    return _OPPOSITE.get(word, word)


def _tie(here: str, other: str, word: str) -> Tie:
    if word in ("parent", "grandparent"):
        return other, here, _inverse(word)
    if word in ("partner", "sibling"):
        first, second = sorted((here, other))
        return first, second, word
    return here, other, word


def _nearest(ties: set[Tie]) -> set[Tie]:
    """Leave out what nearer ties tell: siblings with a common parent, grandchildren over a child."""
    parents: dict[str, set[str]] = {}
    for elder, younger, kind in ties:
        if kind == "child":
            parents.setdefault(younger, set()).add(elder)
    none: set[str] = set()

    def told(first: str, second: str, kind: str) -> bool:
        if kind == "sibling":
            return bool(parents.get(first, none) & parents.get(second, none))
        return kind == "grandchild" and any(first in parents.get(p, none) for p in parents.get(second, none))

    return {tie for tie in ties if not told(*tie)}


def _rows(people: dict[str, Person], ties: set[Tie]) -> dict[int, list[Person]]:
    """Return each generation in an order with few crossings: everybody near the middle of those above and below."""
    rows: dict[int, list[Person]] = {}
    for person in people.values():
        rows.setdefault(person.generation, []).append(person)
    beside: dict[str, set[str]] = {key: set() for key in people}
    for a, b, _ in ties:
        beside[a].add(b)
        beside[b].add(a)
    at = {person.key: float(n) for row in rows.values() for n, person in enumerate(row)}
    for sweep in range(SWEEPS):
        for generation in sorted(rows, reverse=bool(sweep % 2)):
            row = rows[generation]
            row.sort(key=lambda p: fmean([at[p.key], *(at[key] for key in beside[p.key])]))
            _couples(row, ties)
            at |= {person.key: n - len(row) / 2 for n, person in enumerate(row)}
    return rows


def _couples(row: list[Person], ties: set[Tie]) -> None:
    """Bring partners side by side."""
    places = {person.key: person for person in row}
    for a, b, kind in sorted(ties):
        if kind == "partner" and a in places and b in places:
            row.remove(places[b])
            row.insert(row.index(places[a]) + 1, places[b])


def _place(rows: dict[int, list[Person]]) -> None:
    widest = max(len(row) for row in rows.values())
    for row in rows.values():
        left = MARGIN + (widest - len(row)) * (BOX + GAP) / 2
        for number, person in enumerate(row):
            person.x = left + number * (BOX + GAP)


def _line(kind: str, first: Person, second: Person, presumed: bool) -> tuple[str, str]:
    """Return the line between two boxes as an SVG path, with its kind."""
    kind = f"{kind} presumed" if presumed else kind
    if first.generation == second.generation:
        left, right = sorted((first, second), key=lambda p: p.x)
        if right.x - left.x <= BOX + GAP + 1:
            y = left.y + HEIGHT / 2
            return kind, f"M{left.x + BOX:g} {y:g}H{right.x:g}"
        a, b, top = left.x + BOX / 2, right.x + BOX / 2, left.y - 12
        return kind, f"M{a:g} {left.y:g}V{top:g}H{b:g}V{right.y:g}"
    upper, lower = sorted((first, second), key=lambda p: p.generation)
    middle = lower.y - RISE / 2
    return kind, f"M{upper.x + BOX / 2:g} {upper.y + HEIGHT:g}V{middle:g}H{lower.x + BOX / 2:g}V{lower.y:g}"
