"""An explanation as data: the waterfall of weights, and under each weight what it rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from augenblick.content.model import Words


@dataclass(frozen=True)
class Source:
    """One row of a bank file: the table it went to, the file and line it came from, its values."""

    table: str
    file: str
    line: int
    row: dict[str, Any]


@dataclass(frozen=True)
class Premise:
    """One thing an indication rests on: rows of the bank's data, or another person's moment.

    `rules` are the labels of the axioms and rules that lead from the rows to the fact (empty for a recorded fact).
    """

    fact: Words
    sources: tuple[Source, ...] = ()
    rules: tuple[str, ...] = ()
    moment: Explanation | None = None


@dataclass(frozen=True)
class Contribution:
    """One step of the waterfall: a pattern that was seen, its weight (natural log-odds) and what it rests on.

    `counted` is False where the same pattern was seen again: a pattern counts once.
    """

    pattern: str
    label: Words
    reason: Words
    weight: float
    observed_on: date
    counted: bool
    premises: tuple[Premise, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Why a moment is believed: prior and contributions add up to the log-odds of `confidence`."""

    moment_id: str
    customer_id: str
    slug: str
    label: Words
    occurred_from: date
    occurred_to: date
    detected_on: date
    valid_until: date
    confidence: float
    state: str
    prior: float
    contributions: tuple[Contribution, ...] = field(default=())
    version: str = ""
    """The published version of the content that it follows from; empty for the shipped one."""
    withheld: Words | None = None
    """Says that indications from other persons' data are not shown, if there are any; stands there in either case."""

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data."""
        return asdict(self)
