"""What an evaluation says: scores per moment, what was false, what was missed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class MomentScore:
    """One moment type: counts, shares (None where nothing was found or to be found) and median delay in days.

    `truths` are the detectable ones; `unlabelled` are found moments whose truth could not have been seen.
    """

    moment: str
    truths: int
    found: int
    hits: int
    false: int
    unlabelled: int
    median_delay: float | None
    traps: int
    trap_hits: int

    @property
    def precision(self) -> float | None:
        """Share of the found that are true."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def recall(self) -> float | None:
        """Share of the detectable truths that were found."""
        return self.hits / self.truths if self.truths else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        total = 2 * self.hits + self.false + (self.truths - self.hits)
        return 2 * self.hits / total if self.truths else None


@dataclass(frozen=True)
class FormScore:
    """How many of one form's detectable truths were found."""

    moment: str
    form: str | None
    truths: int
    hits: int


@dataclass(frozen=True)
class TrapScore:
    """How many traps of a kind led to a false moment."""

    moment: str
    trap: str
    traps: int
    hits: int


@dataclass(frozen=True)
class Band:
    """Moments whose confidence lies in [low, high): how many, how sure on average, which share is true."""

    low: float
    high: float
    moments: int
    confidence: float
    true_share: float


@dataclass(frozen=True)
class FalseAlarm:
    """A moment that did not happen; `traps` are the labelled traps it walked into, `patterns` what it rests on."""

    moment_id: str
    customer_id: str
    moment: str
    occurred_from: date
    occurred_to: date
    detected_on: date
    confidence: float
    traps: tuple[str, ...]
    patterns: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """The traps, or where none was laid, the evidence patterns that brought it about."""
        return ", ".join(self.traps or self.patterns) or "unknown"


@dataclass(frozen=True)
class Cause:
    """What brought about how many false alarms of a moment; `rate` per 1,000 customers and year, if that is known."""

    moment: str
    cause: str
    alarms: int
    rate: float | None


@dataclass(frozen=True)
class Missed:
    """A detectable truth that was not found."""

    customer_id: str
    moment: str
    occurred_on: date
    visible_from: date
    form: str | None


@dataclass(frozen=True)
class EvaluationReport:
    """How right a run was; `unknown` counts truths of moments the content does not have."""

    as_of: date
    tolerance: int
    customers: int
    moments: tuple[MomentScore, ...]
    forms: tuple[FormScore, ...]
    traps: tuple[TrapScore, ...]
    bands: tuple[Band, ...]
    false_alarms: tuple[FalseAlarm, ...]
    missed: tuple[Missed, ...]
    unknown: dict[str, int]
    years: float | None = None

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 of the moments that had something to be found."""
        values = [score.f1 for score in self.moments if score.f1 is not None]
        return sum(values) / len(values) if values else None

    @property
    def trap_rate(self) -> float | None:
        """Share of the traps that led to a false moment."""
        traps = sum(score.traps for score in self.moments)
        return sum(score.trap_hits for score in self.moments) / traps if traps else None

    def alarm_rate(self, alarms: int) -> float | None:
        """So many false alarms, per 1,000 customers and year of bookings (None without bookings)."""
        known = self.years and self.customers
        return 1000 * alarms / (self.customers * self.years) if known and self.years else None

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The false alarms by moment and cause, the most frequent first."""
        counts = Counter((alarm.moment, alarm.cause) for alarm in self.false_alarms)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Cause(moment, cause, n, self.alarm_rate(n)) for (moment, cause), n in ordered)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        plain = asdict(self)
        for row, score in zip(plain["moments"], self.moments, strict=True):
            row |= {"precision": score.precision, "recall": score.recall, "f1": score.f1}
        return plain | {
            "macro_f1": self.macro_f1,
            "trap_rate": self.trap_rate,
            "false_alarms_per_1000_customer_years": self.alarm_rate(len(self.false_alarms)),
            "causes": [asdict(cause) for cause in self.causes],
        }
