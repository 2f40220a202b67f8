"""How quickly the service answers, read off the figures that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from prometheus_client import Counter, Histogram

NINETY_FIFTH = 0.95


@dataclass
class Pace:
    """How often something was done and how many seconds it took; `buckets` count those within so many seconds."""

    name: str
    count: int = 0
    total: float = 0.0
    buckets: dict[float, int] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Return the seconds it takes on average."""
        return self.total / self.count if self.count else 0.0

    def within(self, share: float) -> float | None:
        """Return within how many seconds that share was done (a bucket's bound); None beyond the last bound."""
        bounds = sorted(bound for bound, count in self.buckets.items() if count >= share * self.count)
        return bounds[0] if bounds and bounds[0] != inf else None

    @property
    def slowest_twentieth(self) -> float | None:
        """Return within how many seconds 95 in 100 were done; None where it is more than is told apart."""
        return self.within(NINETY_FIFTH)


def paces(histogram: Histogram, label: str) -> list[Pace]:
    """Return what a histogram tells of each value of a label, that on which most time was spent first."""
    found: dict[str, Pace] = {}
    for metric in histogram.collect():
        for sample in metric.samples:
            pace = found.setdefault(sample.labels[label], Pace(sample.labels[label]))
            if sample.name.endswith("_bucket"):
                pace.buckets[float(sample.labels["le"])] = int(sample.value)
            elif sample.name.endswith("_count"):
                pace.count = int(sample.value)
            elif sample.name.endswith("_sum"):
                pace.total = sample.value
    return sorted((each for each in found.values() if each.count), key=lambda each: each.total, reverse=True)


def outcomes(counter: Counter) -> dict[str, int]:
    """Return how often a counter's outcomes were, the most frequent first."""
    samples: Iterable[tuple[str, int]] = (
        (sample.labels["outcome"], int(sample.value))
        for metric in counter.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )
    return dict(sorted(samples, key=lambda each: each[1], reverse=True))
