"""Log-odds (natural logarithm), in which evidence adds up, and what they say in probability."""

from __future__ import annotations

from math import exp


def probability(log_odds: float) -> float:
    """Return the probability between 0 and 1 that log-odds stand for."""
    return 1 / (1 + exp(-log_odds))
