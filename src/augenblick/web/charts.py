"""Charts as pictures of lines and rectangles; the numbers stand in a table beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT, LEFT, BELOW = 720.0, 180.0, 36.0, 20.0
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """One rectangle: what it stands for, how many, and where."""

    label: date
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """Bars over time, the lines that help to read them, and where months begin."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, int], ...]
    months: tuple[tuple[float, date], ...]
    width: float = WIDTH
    height: float = HEIGHT


def weekly(counts: Mapping[date, int], first: date, last: date) -> list[tuple[date, int]]:
    """Return the sums of the days' counts by week, each named by its Monday, without gaps."""
    monday = first - timedelta(days=first.weekday())
    found: list[tuple[date, int]] = []
    while monday <= last:
        found.append((monday, sum(counts.get(monday + timedelta(days=n), 0) for n in range(7))))
        monday += timedelta(days=7)
    return found


def bars(weeks: Sequence[tuple[date, int]]) -> Chart:
    """Return the chart of counts by week."""
    most = max((count for _, count in weeks), default=0)
    step = _step(most)
    top = max(step, -(-most // step) * step)
    room, floor = WIDTH - LEFT, HEIGHT - BELOW
    wide = room / max(1, len(weeks))

    def height(count: int) -> float:
        return round((floor - 8) * count / top, 1)

    drawn = tuple(
        Bar(day, n, round(LEFT + wide * (i + 0.12), 1), round(floor - height(n), 1), round(wide * 0.76, 1), height(n))
        for i, (day, n) in enumerate(weeks)
    )
    lines = tuple((round(floor - height(n), 1), n) for n in range(0, top + 1, step))
    begins = [i for i, (day, _) in enumerate(weeks) if i and day.month != weeks[i - 1][0].month]
    months = tuple((round(LEFT + wide * i, 1), weeks[i][0]) for i in begins)
    return Chart(drawn, lines, months)


def spark(counts: Sequence[int], width: float = 120.0, height: float = 20.0) -> str:
    """Return the points of a small line through the counts."""
    most = max(counts, default=0) or 1
    step = width / max(1, len(counts) - 1)
    return " ".join(f"{n * step:.1f},{height - 1 - (height - 2) * count / most:.1f}" for n, count in enumerate(counts))


def _step(most: int) -> int:
    """Return the distance of lines, of which about four are drawn: 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for each in STEPS:
            if each * power * 4 >= most:
                return each * power
        power *= 10
