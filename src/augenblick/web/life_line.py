"""A life as a line: moments where they happened, in as many rows as their names need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WIDTH = 1000.0
MARGIN = 24.0
ROW = 26.0
TOP = 30.0
LETTER = 7.1
"""About how wide a letter is, in the picture's units."""
BEFORE = timedelta(days=365)
AFTER = timedelta(days=180)


@dataclass(frozen=True)
class Mark:
    """One moment: the stretch it may have happened in, and its name beside it."""

    x: float
    width: float
    y: float
    label_x: float
    anchor: str
    label: str
    confidence: float
    tense: str
    moment: dict[str, Any]


@dataclass(frozen=True)
class LifeLine:
    """The picture: marks, where years begin, where today is."""

    height: float
    today: float
    years: tuple[tuple[float, int], ...]
    marks: tuple[Mark, ...]
    width: float = WIDTH


def life_line(moments: Sequence[dict[str, Any]], as_of: date) -> LifeLine:
    """Return the picture of moments as the dossier tells them."""
    days = [date.fromisoformat(m[end]) for m in moments for end in ("occurred_from", "occurred_to")]
    first, last = min([as_of - BEFORE, *days]), max([as_of + AFTER, *days])

    def place(day: date) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN) * ((day - first).days / max(1, (last - first).days))

    free: list[float] = []
    marks = tuple(
        _mark(moment, place, free, as_of) for moment in sorted(moments, key=lambda m: (m["occurred_from"], m["type"]))
    )
    years = tuple((place(date(y, 1, 1)), y) for y in range(first.year + 1, last.year + 1))
    return LifeLine(TOP + ROW * max(1, len(free)) + 8, place(as_of), years, marks)


def _mark(moment: dict[str, Any], place: Any, free: list[float], as_of: date) -> Mark:
    """Return the moment's mark in the first row that is free there; `free` is where each row is free from."""
    since, until = (date.fromisoformat(moment[end]) for end in ("occurred_from", "occurred_to"))
    x, width = place(since), max(10.0, place(until) - place(since))
    room = len(moment["label"]) * LETTER + 16
    leftward = x + width + room > WIDTH
    begin, end = (x - room, x + width) if leftward else (x, x + width + room)
    row = next((n for n, from_ in enumerate(free) if from_ <= begin), len(free))
    free[row : row + 1] = [end]
    return Mark(
        x=round(x, 1),
        width=round(width, 1),
        y=TOP + ROW * row,
        label_x=round(x - 6 if leftward else x + width + 6, 1),
        anchor="end" if leftward else "start",
        label=moment["label"],
        confidence=moment["confidence"],
        tense="expected" if since > as_of else ("past" if moment["state"] in ("expired", "dismissed") else "present"),
        moment=moment,
    )
