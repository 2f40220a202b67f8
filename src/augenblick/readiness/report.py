"""The report on a bank's readiness, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from augenblick.content.model import Words
from augenblick.readiness.inputs import Input


@dataclass(frozen=True)
class InputState:
    """How well one input is filled: rows that have it of all rows of its table, customers it is there for."""

    of: Input
    rows: int | None
    total: int | None
    customers: int
    present: bool

    @property
    def name(self) -> str:
        """How the input is written."""
        return self.of.name

    @property
    def share(self) -> float | None:
        """Share of the table's rows that have it; None where rows do not tell (kinship, history)."""
        return self.rows / self.total if self.rows is not None and self.total else None


@dataclass(frozen=True)
class Unlock:
    """What one further input, delivered for everybody, would add: pairs of customer and moment, and where."""

    name: str
    customers: int
    moments: tuple[str, ...]


@dataclass(frozen=True)
class MomentReadiness:
    """One moment: for how many customers its evidence can suffice, on which inputs, and what would add most.

    `patterns` that could fire for anybody, of `of_patterns`; `declared`: whether it can be declared in these data.
    """

    slug: str
    label: Words
    customers: int
    patterns: int
    of_patterns: int
    declared: bool
    present: tuple[str, ...]
    missing: tuple[str, ...]
    unlock: Unlock | None


@dataclass(frozen=True)
class ReadinessReport:
    """How ready a bank's data are: each moment, each input, and the inputs that would add most, best first."""

    as_of: date
    customers: int
    moments: tuple[MomentReadiness, ...]
    inputs: tuple[InputState, ...]
    unlocks: tuple[Unlock, ...]

    def in_steps(self, step: int) -> ReadinessReport:
        """Return the report with all figures rounded down to multiples of `step`: no figure tells of one person."""

        def down(number: int | None) -> int | None:
            return None if number is None else number // step * step

        def unlocking(unlock: Unlock | None) -> Unlock | None:
            return replace(unlock, customers=unlock.customers // step * step) if unlock else None

        inputs = (
            replace(i, rows=down(i.rows), total=down(i.total), customers=i.customers // step * step)
            for i in self.inputs
        )
        moments = (replace(m, customers=m.customers // step * step, unlock=unlocking(m.unlock)) for m in self.moments)
        unlocks = [replace(u, customers=u.customers // step * step) for u in self.unlocks]
        return replace(
            self,
            customers=self.customers // step * step,
            moments=tuple(moments),
            inputs=tuple(inputs),
            unlocks=tuple(sorted(unlocks, key=lambda unlock: (-unlock.customers, unlock.name))),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        plain = asdict(self)
        for row, state in zip(plain["inputs"], self.inputs, strict=True):
            del row["of"]
            row |= {"name": state.name, "share": state.share}
        return plain | {"as_of": self.as_of.isoformat()}
