"""A family as a picture: one row for each generation, partners side by side, lines to the children."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from augenblick.web.generations import BOX, HEIGHT, MARGIN, Person, Tie, placed

MOST = 200
STEPS = 3
"""How many relations away from the customer a person may be."""
_DOWN = {"child": 1, "grandchild": 2, "parent": -1, "grandparent": -2, "partner": 0, "sibling": 0}
"""Generations from a person to the one the word names."""
_OPPOSITE = {"child": "parent", "parent": "child", "grandchild": "grandparent", "grandparent": "grandchild"}

Relative = dict[str, Any]


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
    lines = placed(people, ties, presumed)
    width = max(person.x for person in people.values()) + BOX + MARGIN
    height = max(person.y for person in people.values()) + HEIGHT + MARGIN
    return Family(list(people.values()), lines, width, height, cut)


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
