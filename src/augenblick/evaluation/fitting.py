"""Weights re-estimated from verdicts, drawn towards the written ones where verdicts are few.

Fellegi and Sunter (A theory for record linkage, JASA 64, 1969) add one log-likelihood ratio per observation to the
prior log-odds. Their two conditional frequencies cannot be counted here: verdicts exist of moments that showed, not of
those that did not. What verdicts do tell is P(true | evidence), whose log-odds are that same sum; so prior
and weights are the coefficients of a logistic regression on the patterns that counted. Selecting cases by
their evidence leaves it unbiased, and patterns that come together are not counted twice.

Each coefficient b has a Gaussian prior around the written value b0 (Gelman and others, A weakly informative default
prior distribution for logistic regression, Ann. Appl. Stat. 2, 2008), so the estimate maximises

    sum over cases of log P(verdict | b)  -  sum over coefficients of (b - b0)^2 / (2 SPREAD^2).

A case carries at most 1/4 of information on a coefficient, so a written value weighs as much as 4 / SPREAD^2 cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from augenblick.evaluation.verdicts import Verdict

SPREAD = 0.7
"""By how much (log-odds, one standard deviation) a written value may be off: it weighs as about eight cases."""
FOLDS = 5
_STEPS, _CLOSE = 50, 1e-9
PRIOR = ""
"""The key of a moment's prior among its weights."""
Floats = NDArray[np.float64]


def fit(verdicts: Sequence[Verdict], written: Mapping[str, float]) -> dict[str, float]:
    """Return the prior (key `PRIOR`) and weights by pattern that fit verdicts of one moment type best.

    `written` are the values that stand in the content, which are kept where nothing speaks against them.
    """
    names = list(written)
    start = np.array([written[name] for name in names])
    seen, true = _matrix(verdicts, names), np.array([v.true for v in verdicts], dtype=float)
    found = start.copy()
    for _ in range(_STEPS):
        sure = logistic(seen @ found)
        slope = seen.T @ (true - sure) - (found - start) / SPREAD**2
        curve = (seen * (sure * (1 - sure))[:, None]).T @ seen + np.eye(len(names)) / SPREAD**2
        step = np.linalg.solve(curve, slope)
        found = found + step / max(1.0, float(np.abs(step).max()))  # no leap past what the curve still tells
        if float(np.abs(step).max()) < _CLOSE:
            break
    return dict(zip(names, map(float, found), strict=True))


def confidences(verdicts: Sequence[Verdict], weights: Mapping[str, float]) -> Floats:
    """Return how sure the weights are of each case."""
    names = list(weights)
    return logistic(_matrix(verdicts, names) @ np.array([weights[name] for name in names]))


def unseen_confidences(verdicts: Sequence[Verdict], written: Mapping[str, float]) -> Floats:
    """Return how sure refitted weights are of cases they were not fitted to: each fifth by the other four."""
    sure = np.empty(len(verdicts))
    for fold in range(FOLDS):
        others = [verdict for n, verdict in enumerate(verdicts) if n % FOLDS != fold]
        own = range(fold, len(verdicts), FOLDS)
        sure[list(own)] = confidences([verdicts[n] for n in own], fit(others, written))
    return sure


def logistic(log_odds: Floats) -> Floats:
    """Return the probabilities of log-odds."""
    return 1 / (1 + np.exp(-log_odds))


def _matrix(verdicts: Sequence[Verdict], names: Sequence[str]) -> Floats:
    rows = [[name == PRIOR or name in verdict.patterns for name in names] for verdict in verdicts]
    return np.array(rows, dtype=float).reshape(len(verdicts), len(names))
