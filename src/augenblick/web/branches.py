"""A large family in words: by generation, the children of each couple together, partners side by side."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from augenblick.web.generations import Person, Tie

NEAR = 2
"""Branches with somebody at most so many relations away from the customer stand open."""
FEW = 60
"""In a family of no more all branches do."""


@dataclass(frozen=True)
class Branch:
    """The children of one couple, each with partners; without `parents`, those of whom none is known.

    Where but the grandparents are known, these stand in `parents` and `kin` is "grandchild".
    """

    kin: str
    parents: tuple[Person, ...]
    households: tuple[tuple[Person, ...], ...]
    opened: bool

    @property
    def size(self) -> int:
        """How many persons it has."""
        return sum(map(len, self.households))


@dataclass(frozen=True)
class Generation:
    """One row; `number` counts from the customer's, younger ones upwards."""

    number: int
    branches: tuple[Branch, ...]

    @property
    def size(self) -> int:
        """How many persons it has."""
        return sum(branch.size for branch in self.branches)


def branches(people: dict[str, Person], ties: set[Tie]) -> list[Generation]:
    """Return everybody who has a place in the picture, eldest generation first, in each row from left to right."""
    elder: dict[str, dict[str, set[str]]] = {kin: defaultdict(set) for kin in ("child", "grandchild")}
    partners: dict[str, set[str]] = defaultdict(set)
    for a, b, kind in ties:
        if kind in elder:
            elder[kind][b].add(a)
        elif kind == "partner" and people[a].generation == people[b].generation:
            partners[a].add(b)
            partners[b].add(a)
    parents = {key: elder["child"][key] or elder["grandchild"][key] for key in people}
    rows: dict[int, dict[tuple[str, ...], list[tuple[Person, ...]]]] = defaultdict(lambda: defaultdict(list))
    for household in _households(people, parents, partners):
        first = household[0].key
        of = sorted(parents[first], key=lambda key: people[key].x)
        kin = "grandchild" if of and not elder["child"][first] else "child"
        rows[household[0].generation][kin, *of].append(household)
    few = len(people) <= FEW
    return [
        Generation(
            number,
            tuple(
                Branch(kin, tuple(people[key] for key in of), tuple(all_of), few or _near(all_of))
                for (kin, *of), all_of in rows[number].items()
            ),
        )
        for number in sorted(rows)
    ]


def _households(
    people: dict[str, Person], parents: dict[str, set[str]], partners: dict[str, set[str]]
) -> list[tuple[Person, ...]]:
    """Return persons with their partners, who of them has known parents first."""
    found: list[tuple[Person, ...]] = []
    told: set[str] = set()
    in_order = sorted(people.values(), key=lambda person: (not parents[person.key], person.x))
    for person in in_order:
        if person.key not in told:
            beside = sorted(partners[person.key] - told, key=lambda key: people[key].x)
            told |= {person.key, *beside}
            found.append((person, *(people[key] for key in beside)))
    return sorted(found, key=lambda household: household[0].x)


def _near(households: list[tuple[Person, ...]]) -> bool:
    return any(person.steps <= NEAR for household in households for person in household)
