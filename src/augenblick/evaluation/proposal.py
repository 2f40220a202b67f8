"""A proposal of weights: old and new, why, and what would change; nothing is changed by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from augenblick.content.model import Content, MomentType, Words
from augenblick.evaluation.fitting import PRIOR, Floats, confidences, fit, unseen_confidences
from augenblick.evaluation.verdicts import Verdict

BORDERS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)
FEWEST = 10
"""Verdicts on a moment below which nothing is proposed for it."""
WORTH = 0.1
"""A smaller change of a weight (log-odds) is not proposed: it moves a confidence by 2.5 points at most."""
_WHY = Words(
    "{n} Urteile dazu, {true} wahr; nach den jetzigen Gewichten wären {expected:.1f} zu erwarten.",
    "{n} verdicts with it, {true} true; by the present weights {expected:.1f} would be expected.",
)


@dataclass(frozen=True)
class WeightProposal:
    """One weight (or, without a pattern, the moment's prior), in natural log-odds, with its reason."""

    moment: str
    pattern: str | None
    old: float
    new: float
    verdicts: int
    true: int
    why: Words

    @property
    def changed(self) -> bool:
        """Whether the change is worth proposing."""
        return abs(self.new - self.old) >= WORTH


@dataclass(frozen=True)
class Quality:
    """How the verdicts would be met by a set of weights.

    `precision`: share true of the cases from the tentative threshold on; `recall`: share of the true ones that are
    among them; `error`: mean squared error of the confidence (Brier, Monthly Weather Review 78, 1950).
    """

    precision: float | None
    recall: float | None
    error: float


@dataclass(frozen=True)
class MomentProposal:
    """What is proposed for one moment type; `after` is measured on cases the weights were not fitted to."""

    moment: str
    verdicts: int
    weights: tuple[WeightProposal, ...]
    before: Quality
    after: Quality


@dataclass(frozen=True)
class Reliability:
    """Cases whose confidence lies in [low, high): how many, how sure on average, which share is true."""

    low: float
    high: float
    cases: int
    confidence: float
    true_share: float


@dataclass(frozen=True)
class Proposal:
    """Weights proposed from verdicts, and how reliable confidences are with the present and the new ones.

    `too_few` counts the verdicts on moments for which there were not enough.
    """

    moments: tuple[MomentProposal, ...]
    before: tuple[Reliability, ...]
    after: tuple[Reliability, ...]
    too_few: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the proposal as plain data."""
        return asdict(self)


def propose(verdicts: Iterable[Verdict], content: Content) -> Proposal:
    """Return what the verdicts speak for, moment by moment; `fitting` says how it is estimated."""
    judged: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        judged[verdict.moment_type].append(verdict)
    enough = [m for m in content.moments if len(judged[m.iri]) >= FEWEST]
    fitted = [(_Fitted.of(moment, judged[moment.iri])) for moment in enough]
    few = {m.slug: len(judged[m.iri]) for m in content.moments if 0 < len(judged[m.iri]) < FEWEST}
    return Proposal(
        tuple(one.proposal() for one in fitted),
        _reliability([(one.before, one.true) for one in fitted]),
        _reliability([(one.after, one.true) for one in fitted]),
        few,
    )


@dataclass(frozen=True)
class _Fitted:
    moment: MomentType
    verdicts: Sequence[Verdict]
    old: dict[str, float]
    new: dict[str, float]
    before: Floats
    after: Floats
    true: Floats

    @staticmethod
    def of(moment: MomentType, verdicts: Sequence[Verdict]) -> _Fitted:
        seen = frozenset().union(*(verdict.patterns for verdict in verdicts))
        old = {PRIOR: float(moment.prior)} | {p.iri: float(p.weight) for p in moment.patterns if p.iri in seen}
        true = np.array([verdict.true for verdict in verdicts], dtype=float)
        sure = (confidences(verdicts, old), unseen_confidences(verdicts, old))
        return _Fitted(moment, verdicts, old, fit(verdicts, old), *sure, true)

    def proposal(self) -> MomentProposal:
        weights = tuple(self._weight(name) for name in self.old)
        shown = float(self.moment.tentative_from)
        qualities = (_quality(sure, self.true, shown) for sure in (self.before, self.after))
        return MomentProposal(self.moment.slug, len(self.verdicts), weights, *qualities)

    def _weight(self, name: str) -> WeightProposal:
        own = np.array([name == PRIOR or name in verdict.patterns for verdict in self.verdicts])
        true, expected = int(self.true[own].sum()), float(self.before[own].sum())
        counts = {"n": int(own.sum()), "true": true, "expected": expected}
        why = Words(_WHY.de.format(**counts), _WHY.en.format(**counts))
        old, new = round(self.old[name], 2), round(self.new[name], 2)
        return WeightProposal(self.moment.slug, name or None, old, new, int(own.sum()), true, why)


def _quality(sure: Floats, true: Floats, shown_from: float) -> Quality:
    shown = sure >= shown_from
    hits = float(true[shown].sum())
    precision = hits / float(shown.sum()) if shown.any() else None
    recall = hits / float(true.sum()) if true.any() else None
    return Quality(precision, recall, float(((sure - true) ** 2).mean()))


def _reliability(pairs: Sequence[tuple[Floats, Floats]]) -> tuple[Reliability, ...]:
    if not pairs:
        return ()
    sure, true = (np.concatenate(column) for column in zip(*pairs, strict=True))
    bands = []
    for low, high in pairwise(BORDERS):
        own = (sure >= low) & (sure < high)
        if own.any():
            share = float(true[own].mean())
            bands.append(Reliability(low, high, int(own.sum()), float(sure[own].mean()), share))
    return tuple(bands)
