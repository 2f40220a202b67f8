"""A family as a picture: one row for each generation, partners side by side, lines to the children.

Of a family too wide for a page the nearest are drawn; everybody stands in rows by generation and parents below.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from augenblick.web.branches import Generation, branches
from augenblick.web.generations import BOX, HEIGHT, MARGIN, Person, Tie, placed

MOST = 200
STEPS = 5
"""How many relations away from the customer a person may be."""
WIDEST = 1192.0
"""A picture wider than the page shows the nearest only."""
_DOWN = {"child": 1, "grandchild": 2, "parent": -1, "grandparent": -2, "partner": 0, "sibling": 0}
"""Generations from a person to the one the word names."""
_OPPOSITE = {"child": "parent", "parent": "child", "grandchild": "grandparent", "grandparent": "grandchild"}

Relative = dict[str, Any]


@dataclass
class Family:
    """The picture: boxes and the lines between them (kind, path); `people` is everybody, drawn or not.

    `rows` tells everybody by generation where not all are drawn.
    """

    people: list[Person] = field(default_factory=list)
    drawn: list[Person] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0
    cut: bool = False
    rows: list[Generation] = field(default_factory=list)

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
    people, ties, presumed, cut, rounds = _gathered(customer, relations_of)
    everybody = _drawn(people, ties, presumed)
    everybody.cut = cut
    if everybody.width <= WIDEST:
        return everybody
    near = _nearest_that_fit(people, ties, presumed, rounds)
    return replace(near, people=everybody.people, cut=cut, rows=branches(people, ties))


def _drawn(people: dict[str, Person], ties: set[Tie], presumed: set[Tie]) -> Family:
    lines = placed(people, ties, presumed)
    width = max(person.x for person in people.values()) + BOX + MARGIN
    height = max(person.y for person in people.values()) + HEIGHT + MARGIN
    return Family(list(people.values()), list(people.values()), lines, width, height)


def _nearest_that_fit(people: dict[str, Person], ties: set[Tie], presumed: set[Tie], rounds: list[int]) -> Family:
    """Return the picture of as many as fit on a page, the nearest first; at least those related to the customer."""
    keys = list(people)
    drawn: Family | None = None
    for many in rounds:
        some = {key: replace(people[key]) for key in keys[:many]}
        there = {tie for tie in ties if tie[0] in some and tie[1] in some}
        wider = _drawn(some, there, presumed)
        if drawn is not None and wider.width > WIDEST:
            break
        drawn = wider
    assert drawn is not None  # noqa: S101 - the customer is there
    return drawn


def _gathered(
    customer: str, relations_of: Callable[[str], Iterable[Relative]]
) -> tuple[dict[str, Person], set[Tie], set[Tie], bool, list[int]]:
    """Return the persons at most so many steps away, nearest first, how they are tied, and which ties are presumed.

    Then whether there are more, and how many there were each time one person's relatives had been added. The unnamed
    children of partners are taken for the same ones.
    """
    people = {customer: Person(customer, customer, 0, 0)}
    recorded: set[Tie] = set()
    presumed: set[Tie] = set()
    waiting = deque([customer])
    cut = False
    rounds: list[int] = []
    unnamed: dict[str, list[str]] = {}
    while waiting:
        here = people[waiting.popleft()]
        related = [(_word(each), each) for each in relations_of(here.key)]
        beside = next((unnamed[p] for w, r in related if w == "partner" and (p := r["customer_id"]) in unnamed), [])
        for number, (word, relative) in enumerate(related):
            if word not in _DOWN:
                continue
            other = relative["customer_id"] or f"{here.key}\n{number}"
            if word == "child" and not relative["customer_id"]:
                own = unnamed.setdefault(here.key, [])
                other = beside[len(own)] if len(own) < len(beside) else other
                own.append(other)
            if other not in people:
                if len(people) >= MOST:
                    cut = True
                    continue
                generation = here.generation + _DOWN[word]
                people[other] = _person(other, relative, generation, here.steps + 1)
                if relative["customer_id"] and here.steps + 1 < STEPS:
                    waiting.append(other)
            (presumed if relative.get("presumed") else recorded).add(_tie(here.key, other, word))
        rounds.append(len(people))
    return people, _nearest(recorded | presumed), presumed - recorded, cut, list(dict.fromkeys(rounds))


def _person(key: str, relative: Relative, generation: int, steps: int) -> Person:
    presumed, stranger = bool(relative.get("presumed")), bool(relative.get("stranger"))
    return Person(key, relative["customer_id"], generation, steps, presumed, stranger)


def _word(relative: Relative) -> str:
    """Return what a relative is to the person asked about."""
    return relative["relation"] if relative["of"] == "other" else _inverse(relative["relation"])


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
