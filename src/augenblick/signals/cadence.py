"""How often something is paid, told from the days between payments."""

from __future__ import annotations

from typing import NamedTuple


class Cadence(NamedTuple):
    """A class of rhythm: gaps from `shortest` to `longest` days belong to it, `usual` where none was seen yet.

    After `stale` days without a payment the rhythm is broken off; `share` is the quantile of gaps that must not
    be longer than `longest`. Short rhythms ask for more, so that a bonus between two salaries makes no week.
    """

    shortest: int
    longest: int
    usual: int
    stale: int
    share: float


CADENCES = (
    Cadence(4, 10, 7, 10, 0.8),
    Cadence(11, 20, 14, 20, 0.8),
    Cadence(21, 45, 30, 40, 0.5),
    Cadence(46, 135, 91, 115, 0.5),
    Cadence(136, 270, 182, 215, 0.5),
    Cadence(271, 400, 365, 430, 0.5),
)
"""Weekly, fortnightly, monthly, quarterly, half-yearly, yearly: seen as 6–8, 13–15, 27–35, 85–100, 170–195 and
355–375 days on German accounts, with weekends, bank holidays and single missed payments allowed for."""

SPLIT = 1.6
"""Gaps beyond this multiple of `stale` end a series; the next payment starts another one."""


def class_sql(gaps: str) -> str:
    """Return SQL for the index in `CADENCES` (from 0) of a column of gaps in days, aggregated; NULL without gaps."""
    counted = f"FILTER (WHERE {gaps} >= {CADENCES[0].shortest})"
    cases = " ".join(
        f"WHEN quantile_disc({gaps}, {cadence.share}) {counted} <= {cadence.longest} THEN {index}"
        for index, cadence in enumerate(CADENCES[:-1])
    )
    return f"CASE WHEN count({gaps}) {counted} = 0 THEN NULL {cases} ELSE {len(CADENCES) - 1} END"


def days_sql(gaps: str, index: str) -> str:
    """Return SQL for the usual number of days of a class, the median of the gaps that are not too short for it."""
    shortest = _pick(index, [cadence.shortest for cadence in CADENCES])
    usual = _pick(index, [cadence.usual for cadence in CADENCES])
    return f"coalesce(quantile_disc({gaps}, 0.5) FILTER (WHERE {gaps} >= {shortest}), {usual})"


def split_sql(index: str) -> str:
    """Return SQL for the longest gap within a series of a class; yearly where the class is not known."""
    limits = [int(SPLIT * cadence.stale) for cadence in CADENCES]
    return f"coalesce({_pick(index, limits)}, {limits[-1]})"


def _pick(index: str, values: list[int]) -> str:
    return f"list_extract({values}, {index} + 1)"
