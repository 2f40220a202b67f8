"""The report on a bank's readiness, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from augenblick.content.model import Words


@dataclass(frozen=True)
class InputState:
    """How well one input is filled: rows that have it of all rows of its table, customers it is there for."""

    name: str
    rows: int | None
    total: int | None
    customers: int
    present: bool

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

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        plain = asdict(self)
        for row, state in zip(plain["inputs"], self.inputs, strict=True):
            row["share"] = state.share
        return plain | {"as_of": self.as_of.isoformat()}
