"""What an update did: rows taken, and which moments appeared, changed or vanished."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import duckdb

from augenblick.ingest import LoadReport
from augenblick.publish import PublishReport

Kind = Literal["appeared", "changed", "vanished"]


@dataclass(frozen=True)
class MomentChange:
    """One moment before and after; state and confidence are None where there was, or is, none.

    A moment that was published and lost its evidence stays on record as voided: it has vanished.
    """

    moment_id: str
    customer_id: str
    moment_type: str
    kind: Kind
    old_state: str | None
    new_state: str | None
    old_confidence: float | None
    new_confidence: float | None


@dataclass
class UpdateReport:
    """What became of the rows, and what followed from them."""

    load: LoadReport
    moments: list[MomentChange] = field(default_factory=list)
    quads_added: int = 0
    quads_removed: int = 0
    snapshot: int | None = None
    """The snapshot that shows the outcome; None when nothing changed."""
    recomputed: bool = False
    """Whether everything was derived anew, for want of a smaller part that is closed in itself."""
    seconds: dict[str, float] = field(default_factory=dict)

    def published(self, report: PublishReport | None) -> None:
        """Note what was published, if anything was."""
        if report is not None:
            self.snapshot = report.snapshot
            self.quads_added, self.quads_removed = report.added, report.removed

    @property
    def customers(self) -> list[str]:
        """The customers whose moments are others now."""
        return sorted({change.customer_id for change in self.moments})

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "load": self.load.to_dict(),
            "moments": [asdict(change) for change in self.moments],
            "quads": {"added": self.quads_added, "removed": self.quads_removed},
            "snapshot": self.snapshot,
            "recomputed": self.recomputed,
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
        }


Moments = dict[str, tuple[Any, ...]]
"""Per moment: customer, type, state, confidence, and all else that is told of it."""

_MOMENTS = (
    "SELECT moment_id, customer_id, moment_type, state, round(confidence, 4), occurred_from, occurred_to, "
    "detected_on, valid_until FROM moments.moments"
)


def moments_of(connection: duckdb.DuckDBPyConnection, customers: Iterable[str] | None = None) -> Moments:
    """Return the moments of the last run by their ids, of all customers or of those named."""
    if customers is None:
        rows = connection.execute(_MOMENTS).fetchall()
    else:
        only = f"{_MOMENTS} WHERE customer_id IN (SELECT unnest(?::VARCHAR[]))"
        rows = connection.execute(only, [list(customers)]).fetchall()
    return {row[0]: row[1:] for row in rows}


def changes(before: Moments, after: Moments) -> Iterator[MomentChange]:
    """Yield what became of each moment that is not as it was, by its id."""
    for moment in sorted(before.keys() | after.keys()):
        old, new = before.get(moment), after.get(moment)
        kind = _kind(old, new)
        told = new or old
        if kind is not None and told is not None:
            yield MomentChange(moment, told[0], told[1], kind, *_both(old, new, 2), *_both(old, new, 3))


def _kind(old: tuple[Any, ...] | None, new: tuple[Any, ...] | None) -> Kind | None:
    was, is_ = (row is not None and row[2] != "voided" for row in (old, new))
    if was and is_:
        return "changed" if old != new else None
    if was:
        return "vanished"
    return "appeared" if is_ else None


def _both(old: tuple[Any, ...] | None, new: tuple[Any, ...] | None, place: int) -> tuple[Any, Any]:
    return (old[place] if old else None, new[place] if new else None)
