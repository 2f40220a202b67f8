"""Weights as a waterfall: from the prior, step by step, to the confidence."""

from __future__ import annotations

from dataclasses import dataclass

from augenblick.explain.model import Contribution, Explanation

WIDTH = 100.0


@dataclass(frozen=True)
class Step:
    """One bar: from where to where the log-odds go, in hundredths of the picture's width."""

    x: float
    width: float
    kind: str
    weight: float
    contribution: Contribution | None = None


@dataclass(frozen=True)
class Waterfall:
    """The bars; `even` is where the confidence is one half."""

    steps: tuple[Step, ...]
    again: tuple[Contribution, ...]
    even: float
    total: float


def waterfall(explanation: Explanation) -> Waterfall:
    """Return the bars of an explanation: prior, what counted, and the sum."""
    counted = [c for c in explanation.contributions if c.counted]
    levels = [0.0, explanation.prior]
    for contribution in counted:
        levels.append(levels[-1] + contribution.weight)
    low, high = min(levels), max(levels)
    scale = WIDTH / ((high - low) or 1.0)

    def bar(start: float, end: float, kind: str, contribution: Contribution | None = None) -> Step:
        x, width = (min(start, end) - low) * scale, abs(end - start) * scale
        return Step(round(x, 2), round(max(width, 0.8), 2), kind, end - start, contribution)

    steps = [bar(0.0, explanation.prior, "prior")]
    for contribution, start, end in zip(counted, levels[1:], levels[2:], strict=False):
        steps.append(bar(start, end, "for" if end >= start else "against", contribution))
    steps.append(bar(0.0, levels[-1], "sum"))
    again = tuple(c for c in explanation.contributions if not c.counted)
    return Waterfall(tuple(steps), again, round(-low * scale, 2), levels[-1])


def waterfalls(*explanations: Explanation) -> dict[str, Waterfall]:
    """Return the bars of explanations and of those they rest on, by moment."""
    found: dict[str, Waterfall] = {}
    for each in explanations:
        below = [p.moment for c in each.contributions for p in c.premises if p.moment is not None]
        found |= {each.moment_id: waterfall(each), **waterfalls(*below)}
    return found
