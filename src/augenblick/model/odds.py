"""Log-odds (natural logarithm), in which evidence adds up, and what they say in probability."""

from __future__ import annotations

from math import exp


def probability(log_odds: float) -> float:
    """Return the probability between 0 and 1 that log-odds stand for."""
    return 1 / (1 + exp(-log_odds))


def probability_sql(log_odds: str) -> str:
    """Return SQL for the probability that a sum of log-odds stands for.

    The sum is rounded to nine places: binary fractions add up to slightly other sums in another order of rows.
    """
    return f"1 / (1 + exp(-round({log_odds}, 9)))"
