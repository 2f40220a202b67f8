"""Seeded chance for single decisions, one die per family so that families do not depend on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import NormalDist
from typing import TypeVar

import numpy as np

T = TypeVar("T")
_BELL = NormalDist()
_BATCH = 512


def generator(*seeds: int) -> np.random.Generator:
    """A PCG64 stream of its own for each sequence of seeds."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(seeds))))


class Dice:
    """Decisions drawn from one PCG64 stream; the same seeds give the same decisions."""

    def __init__(self, *seeds: int) -> None:
        self._generator = generator(*seeds)
        self._drawn: list[float] = []

    def unit(self) -> float:
        """A number in [0, 1)."""
        if not self._drawn:
            self._drawn = self._generator.random(_BATCH).tolist()
        return self._drawn.pop()

    def chance(self, probability: float) -> bool:
        """True with the probability."""
        return self.unit() < probability

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self.unit() * (most - least + 1))

    def amount(self, least: float, most: float, step: float = 0.01) -> float:
        """An amount between two, in steps of `step` euros."""
        return round(round((least + self.unit() * (most - least)) / step) * step, 2)

    def bell(self, mean: float, spread: float) -> float:
        """A normally distributed number."""
        return mean + spread * _BELL.inv_cdf(min(max(self.unit(), 1e-6), 1 - 1e-6))

    def pick(self, things: Sequence[T]) -> T:
        """One of the things, each as likely."""
        return things[int(self.unit() * len(things))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of the keys, by weight."""
        left = self.unit() * sum(weights.values())
        for thing, weight in weights.items():
            left -= weight
            if left < 0:
                return thing
        return next(reversed(list(weights)))

    def day(self, first: date, last: date) -> date:
        """A day between two, both included; `first` if the span is empty."""
        return first + timedelta(days=self.whole(0, max(0, (last - first).days)))
