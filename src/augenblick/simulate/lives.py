"""Life events as `data/life/` describes them: who may live them, how often, and the forms in which they show."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from augenblick.simulate.stock import stock

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing an event leaves behind: what it is, so many days after the event, and flags of its table."""

    what: tuple[str, ...]
    after: Span
    amount: Span = (0.0, 0.0)
    flags: frozenset[str] = frozenset()

    @property
    def shows(self) -> bool:
        """Whether somebody who knows the field may tell the event from this (and its like)."""
        return "shows" in self.flags

    def value(self, flag: str, default: str = "") -> str:
        """What follows `flag=` among the flags."""
        found = (each.partition("=")[2] for each in self.flags if each.startswith(f"{flag}="))
        return next(found, default)


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which an event shows; `needs` different shown traces must be there to tell it."""

    name: str
    weight: float
    needs: int
    season: tuple[int, ...]
    conditions: tuple[str, ...]
    pays: tuple[Trace, ...]
    changes: tuple[Trace, ...]
    contacts: tuple[Trace, ...]
    contracts: tuple[Trace, ...]
    accounts: tuple[Trace, ...]
    declarations: tuple[Trace, ...]


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """A life event, or (`is_trap`) something easily taken for one of its moment."""

    name: str
    moment: str
    is_trap: bool
    ages: tuple[int, int]
    conditions: tuple[str, ...]
    chance: float
    times: int
    shared: str
    forms: tuple[Form, ...]
    days: int = field(default=60)


def moment_of(event: str) -> str:
    """The slug of the moment an event of the simulation is, by its name."""
    return _named("moments")[event]


def trapped(trap: str) -> str:
    """The slug of the moment a trap is easily taken for, by its name."""
    return _named("traps")[trap]


@cache
def _named(kind: str) -> dict[str, str]:
    """Moments by the name of an event or, of the kind `traps`, of a trap: those code writes and those of `events`."""
    by_code: dict[str, str] = stock("life")[kind]
    return by_code | {name: event.moment for name, event in events().items() if event.is_trap == (kind == "traps")}


@cache
def events() -> dict[str, LifeEvent]:
    """All events of `data/life/` by name."""
    return {name: _event(name, said) for name, said in stock("life")["events"].items()}


def _event(name: str, said: dict[str, Any]) -> LifeEvent:
    who = said.get("who", [18, 90])
    return LifeEvent(
        name, said.get("moment") or said["trap"], "trap" in said, (who[0], who[1]), tuple(who[2:]), said["chance"],
        said.get("times", 1), said.get("shared", ""), tuple(_form(each, form) for each, form in said["forms"].items()),
        said.get("days", 60),
    )  # fmt: skip


def _form(name: str, said: dict[str, Any]) -> Form:
    def traces(table: str, width: int, amounts: bool = False) -> tuple[Trace, ...]:
        return tuple(_trace(row, width, amounts) for row in said.get(table, ()))

    return Form(
        name, said.get("weight", 1), said.get("needs", 1), tuple(said.get("season", ())),
        tuple(said.get("if", ())), traces("pay", 1, True),
        traces("change", 3), traces("contact", 3), traces("contract", 1, True), traces("account", 1),
        traces("declare", 1),
    )  # fmt: skip


def _trace(row: list[Any], width: int, amounts: bool) -> Trace:
    what, after, rest = row[:width], row[width], row[width + 1 :]
    amount = _span(rest.pop(0)) if amounts and rest else (0.0, 0.0)
    return Trace(tuple("" if part is None else str(part) for part in what), _span(after), amount, frozenset(rest))


def _span(said: str | float) -> Span:
    least, _, most = str(said).partition("..")
    return float(least), float(most or least)
