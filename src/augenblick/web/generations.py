"""Where persons stand in the picture of a family: a row for each generation, partners side by side, children below.

In each row the order with few crossings is looked for by the middle of those above and below, as in layered drawings;
then everybody is moved as near to these middles as the order and the width of the boxes allow. The lines to the
children of one couple have a height of their own wherever they would run into those of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

BOX, HEIGHT, GAP, RISE, MARGIN = 148.0, 46.0, 20.0, 54.0, 10.0
SWEEPS = 8
TRACK = 8.0
"""How far lines of different couples lie apart."""

Tie = tuple[str, str, str]
"""Elder or left person, younger or right person, kind: child, grandchild, partner, sibling."""


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

    @property
    def middle(self) -> float:
        """Where the middle of the box is."""
        return self.x + BOX / 2


@dataclass(eq=False)
class _Household:
    """Persons of a row who stand together: one, or partners."""

    members: list[Person]
    above: list[Person] = field(default_factory=list)
    below: list[Person] = field(default_factory=list)

    @property
    def width(self) -> float:
        return len(self.members) * (BOX + GAP) - GAP

    @property
    def middle(self) -> float:
        return self.members[0].x + self.width / 2

    def move(self, left: float) -> None:
        for number, person in enumerate(self.members):
            person.x = left + number * (BOX + GAP)


def placed(people: dict[str, Person], ties: set[Tie], presumed: set[Tie]) -> list[tuple[str, str]]:
    """Give every person a place and return the lines between them (kind, SVG path)."""
    rows = _rows(people, ties)
    for row in rows.values():
        _near(row, [float(n) * (BOX + GAP) for n in range(len(row))])
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for generation in sorted(rows, reverse=not down):
            row = rows[generation]
            wanted = {each: _wanted(each.above if down else each.below, each.middle) for each in row}
            if sweep <= SWEEPS // 2:  # the last sorting goes down, so that siblings stand together
                row.sort(key=wanted.__getitem__)
            _near(row, [wanted[each] for each in row])
    left = min(person.x for person in people.values())
    for person in people.values():
        person.x += MARGIN - left
    return _lines(people, ties, presumed, rows)


def _rows(people: dict[str, Person], ties: set[Tie]) -> dict[int, list[_Household]]:
    """Return the households of each generation, each with who is tied to it above and below."""
    of = {key: _Household([person]) for key, person in people.items()}
    for a, b, kind in sorted(ties):
        if kind == "partner" and people[a].generation == people[b].generation and of[a] is not of[b]:
            first, second = of[a], of[b]
            if first.members[0].key == a:
                first.members.reverse()
            if second.members[-1].key == b:
                second.members.reverse()
            first.members += second.members
            of |= dict.fromkeys((each.key for each in second.members), first)
    for a, b, kind in sorted(ties):
        upper, lower = sorted((people[a], people[b]), key=lambda person: person.generation)
        if upper.generation < lower.generation and kind in ("child", "grandchild"):
            of[upper.key].below.append(lower)
            of[lower.key].above.append(upper)
    rows: dict[int, list[_Household]] = defaultdict(list)
    for household in dict.fromkeys(of.values()):
        rows[household.members[0].generation].append(household)
    return rows


def _wanted(tied: Sequence[Person], otherwise: float) -> float:
    return fmean(person.middle for person in tied) if tied else otherwise


def _near(row: Sequence[_Household], wanted: Sequence[float]) -> None:
    """Move a row's households as near to the middles wanted as they come without overlapping, in their order.

    Least squares under an order: neighbours that would overlap are moved as one (pool adjacent violators).
    """
    offsets, right = [], 0.0
    for here, after in zip(row, [*row[1:], None], strict=True):
        offsets.append(right)
        right += here.width + GAP * (1 if after and _siblings(here, after) else 2)
    pools: list[tuple[float, int]] = []
    for household, middle, offset in zip(row, wanted, offsets, strict=True):
        mean, count = middle - household.width / 2 - offset, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    shifts = [mean for mean, count in pools for _ in range(count)]
    for household, shift, offset in zip(row, shifts, offsets, strict=True):
        household.move(shift + offset)


def _siblings(one: _Household, other: _Household) -> bool:
    return any(person in other.above for person in one.above)


def _lines(people: dict[str, Person], ties: set[Tie], presumed: set[Tie], rows: Iterable[int]) -> list[tuple[str, str]]:
    """Give every row its height and return the lines."""
    parents: dict[str, set[str]] = defaultdict(set)
    for a, b, kind in ties:
        if kind == "child":
            parents[b].add(a)
    beginnings = {tie: _begin(people, tie, parents) for tie in ties}
    bars: dict[int, dict[frozenset[str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for tie, (x, _) in beginnings.items():
        lower = people[tie[1]]
        if people[tie[0]].generation < lower.generation:
            bars[lower.generation][_couple(tie, parents)] += [x, lower.middle]
    tracks = {generation: _tracks(each) for generation, each in bars.items()}
    heights: dict[int, float] = {}
    y = MARGIN
    for generation in sorted(rows):
        levels = 1 + max(tracks.get(generation, {}).values(), default=0)
        y += max(RISE, 30 + TRACK * levels) if heights else 0.0
        heights[generation] = y
        y += HEIGHT
    for person in people.values():
        person.y = heights[person.generation]
    lines = []
    for tie in sorted(ties):
        elder, younger = people[tie[0]], people[tie[1]]
        named = f"{tie[2]} presumed" if tie in presumed else tie[2]
        if elder.generation >= younger.generation:
            lines.append((named, _across(elder, younger)))
        else:
            x, down = beginnings[tie]
            level = younger.y - 14 - TRACK * tracks[younger.generation][_couple(tie, parents)]
            lines.append((named, f"M{x:g} {elder.y + down:g}V{level:g}H{younger.middle:g}V{younger.y:g}"))
    return lines


def _couple(tie: Tie, parents: dict[str, set[str]]) -> frozenset[str]:
    """Return whose children the younger one of a tie is, as far as the line tells."""
    return frozenset(parents[tie[1]]) if tie[2] == "child" else frozenset({tie[0], tie[2]})


def _begin(people: dict[str, Person], tie: Tie, parents: dict[str, set[str]]) -> tuple[float, float]:
    """Return where a line to somebody younger begins: between parents who stand together, else below the elder.

    The second number is how far below the top of the elder's box.
    """
    elder = people[tie[0]]
    for other in (people[key] for key in parents[tie[1]] - {tie[0]}):
        beside = other.generation == elder.generation and abs(other.x - elder.x) <= BOX + GAP + 1
        if tie[2] == "child" and beside:
            return (elder.middle + other.middle) / 2, HEIGHT / 2
    return elder.middle, HEIGHT


def _tracks(bars: dict[frozenset[str], list[float]]) -> dict[frozenset[str], int]:
    """Return a level for each couple's line, so that none runs into another's."""
    ends: list[float] = []
    found = {}
    for couple, places in sorted(bars.items(), key=lambda pair: (min(pair[1]), max(pair[1]), sorted(pair[0]))):
        level = next((n for n, end in enumerate(ends) if end < min(places)), len(ends))
        ends[level : level + 1] = [max(places) + GAP / 2]
        found[couple] = level
    return found


def _across(first: Person, second: Person) -> str:
    """Return a line between two of one generation: straight where they stand together, else over the others."""
    left, right = sorted((first, second), key=lambda person: person.x)
    if right.x - left.x <= BOX + GAP + 1:
        return f"M{left.x + BOX:g} {left.y + HEIGHT / 2:g}H{right.x:g}"
    return f"M{left.middle:g} {left.y:g}V{left.y - 8:g}H{right.middle:g}V{right.y:g}"
