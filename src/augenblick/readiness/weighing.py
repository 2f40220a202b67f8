"""For whom a moment's evidence can suffice, and which one further input would add most.

A moment can work for a customer when its prior and the weights of all patterns whose inputs the customer has reach
the threshold of a tentative moment; negative weights and what a customer declares are left out. It is the best
case: that the evidence can be seen, not that it will be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from math import log

import duckdb

from augenblick.content.model import Content, MomentType, Pattern
from augenblick.readiness.inputs import BOOKINGS, Input, Needs, needs
from augenblick.readiness.presence import MOMENTS, Signature, signatures, states
from augenblick.readiness.report import MomentReadiness, ReadinessReport, Unlock
from augenblick.reason import FactBase

_Parted = Mapping[str, Sequence[Signature]]
"""The customers for each moment (its slug), grouped by what counts for it."""
_DECLARED = "declared_moments"
SHOWN = ("live", "shadow")


@dataclass(frozen=True)
class _Weighed:
    """A moment type with what its patterns need."""

    moment: MomentType
    patterns: tuple[tuple[Pattern, Needs], ...]

    @cached_property
    def inputs(self) -> frozenset[Input]:
        return frozenset(item for _, groups in self.patterns for group in groups for item in group)

    def lacking(self, anywhere: frozenset[Input]) -> frozenset[Input]:
        """Return the inputs without which a pattern cannot fire; another that serves as well may be there."""
        unmet = (group for _, groups in self.patterns for group in groups if not group & anywhere)
        return frozenset().union(*unmet)

    def uses(self, item: Input) -> int:
        """Return how many patterns an input can serve."""
        return sum(any(item in group for group in groups) for _, groups in self.patterns)

    @cached_property
    def _verdicts(self) -> dict[frozenset[Input], bool]:
        return {}

    @cached_property
    def counting(self) -> frozenset[Input]:
        """All inputs in which customers differ for this moment: its own, and which relatives they are known to have."""
        return self.inputs | {Input("relations", kin=item.kin) for item in self.inputs if item.kin}

    def works(self, inputs: frozenset[Input]) -> bool:
        own = inputs & self.inputs  # customers differ in much that is nothing to this moment
        if own not in self._verdicts:
            self._verdicts[own] = self._suffices(own)
        return self._verdicts[own]

    def _suffices(self, inputs: frozenset[Input]) -> bool:
        weights = sum(float(p.weight) for p, groups in self.patterns if _met(groups, inputs))
        threshold = float(self.moment.tentative_from)
        return float(self.moment.prior) + weights >= log(threshold / (1 - threshold))


def readiness(
    connection: duckdb.DuckDBPyConnection, facts: FactBase, content: Content, *, as_of: date, smallest: int = 1
) -> ReadinessReport:
    """Return how ready the bank's data are for each live or shadowed moment; kinship is that of `facts`.

    What fewer than the `smallest` number of customers have counts as missing.
    """
    everything = shown_moments(content)
    inputs = sorted(frozenset().union(*(weighed.inputs for weighed in everything)) | {Input(_DECLARED)})
    groups = signatures(connection, facts, inputs, as_of, smallest=smallest)
    groups = _with_kin_moments(groups, inputs, everything)
    anywhere = frozenset().union(*(group.inputs for group in groups))
    parted = {weighed.moment.slug: _parted(groups, weighed.counting) for weighed in everything}
    moments = tuple(_moment(weighed, parted, anywhere) for weighed in everything)
    gains = [
        (item, _gains(item, everything, parted, anywhere)) for item in inputs if item.table not in (MOMENTS, _DECLARED)
    ]
    unlocks = [Unlock(item.name, sum(gain.values()), tuple(sorted(gain))) for item, gain in gains if gain]
    return ReadinessReport(
        as_of,
        sum(group.customers for group in groups),
        moments,
        tuple(states(connection, [item for item in inputs if item.table != MOMENTS], groups)),
        tuple(sorted(unlocks, key=lambda unlock: (-unlock.customers, unlock.name))),
    )


@lru_cache(maxsize=4)
def shown_moments(content: Content) -> list[_Weighed]:
    """Return the moments that are shown, with what their patterns need."""
    return [_weighed(moment, content) for moment in content.moments if moment.content_state in SHOWN]


def _weighed(moment: MomentType, content: Content) -> _Weighed:
    wanted = ((p, needs(p, content)) for p in moment.patterns if p.weight > 0 and not p.veto)
    return _Weighed(moment, tuple((p, g) for p, g in wanted if not any(i.table == _DECLARED for s in g for i in s)))


def _met(groups: Needs, inputs: frozenset[Input]) -> bool:
    return all(group & inputs for group in groups)


def _parted(groups: Iterable[Signature], counting: frozenset[Input]) -> list[Signature]:
    """Return the customers grouped by those of their inputs that count."""
    customers: Counter[frozenset[Input]] = Counter()
    for group in groups:
        customers[group.inputs & counting] += group.customers
    return [Signature(number, inputs) for inputs, number in customers.items()]


def _moment(weighed: _Weighed, parted: _Parted, anywhere: frozenset[Input]) -> MomentReadiness:
    groups = parted[weighed.moment.slug]
    able = sum(group.customers for group in groups if weighed.works(group.inputs))
    gains = {item: _gains(item, [weighed], parted, anywhere) for item in weighed.inputs if item.table != MOMENTS}
    best = max(gains, key=lambda item: (sum(gains[item].values()), weighed.uses(item), item.name), default=None)
    unlock = Unlock(best.name, sum(gains[best].values()), (weighed.moment.slug,)) if best and gains[best] else None
    return MomentReadiness(
        weighed.moment.slug,
        weighed.moment.label,
        able,
        sum(any(_met(needed, group.inputs) for group in groups) for _, needed in weighed.patterns),
        len(weighed.patterns),
        Input(_DECLARED) in anywhere,
        tuple(item.name for item in sorted(weighed.inputs) if item in anywhere and item.table != MOMENTS),
        tuple(item.name for item in sorted(weighed.lacking(anywhere)) if item.table != MOMENTS),
        unlock,
    )


def _gains(item: Input, everything: Iterable[_Weighed], parted: _Parted, anywhere: frozenset[Input]) -> dict[str, int]:
    """Return how many customers more each moment could work for if everybody had the input; only where any."""
    everything = [weighed for weighed in everything if _concerns(item, weighed)]
    companions = _companions(item, anywhere, everything)
    gains: dict[str, int] = {}
    for weighed in everything:
        for group in parted[weighed.moment.slug]:
            then = group.inputs | companions.always | {i for i in companions.of_known if _known(i, group.inputs)}
            if weighed.works(then) and not weighed.works(group.inputs):
                gains[weighed.moment.slug] = gains.get(weighed.moment.slug, 0) + group.customers
    return gains


def _concerns(item: Input, weighed: _Weighed) -> bool:
    return any(
        (other.table, other.column, other.value) == (item.table, item.column, item.value)
        and (other.days > 0 or item.days == 0)
        for other in weighed.inputs
    )


@dataclass(frozen=True)
class _Companions:
    """What comes with an input: for everybody, and for those whose relatives of that kind are known."""

    always: frozenset[Input]
    of_known: frozenset[Input]


def _companions(item: Input, anywhere: frozenset[Input], everything: Sequence[_Weighed]) -> _Companions:
    """Return the inputs that come with one: shorter histories, the same of relatives, what relatives have."""
    wanted = frozenset().union(*(weighed.inputs for weighed in everything))
    if item.table == "relations":
        theirs = {i for i in wanted if i.kin == item.kin}
        own = {i for i in theirs if i.table == MOMENTS or replace(i, kin="") in anywhere}
        return _Companions(frozenset({item} | own), frozenset())
    return _Companions(frozenset({item}), frozenset(i for i in wanted if _comes_with(replace(i, kin=""), item)))


def _comes_with(own: Input, item: Input) -> bool:
    shorter = item.days > 0 and own.table == BOOKINGS and 0 < own.days <= item.days
    return shorter or own == item


def _known(other: Input, has: frozenset[Input]) -> bool:
    return not other.kin or Input("relations", kin=other.kin) in has


def _with_kin_moments(
    groups: Sequence[Signature], inputs: Sequence[Input], everything: Sequence[_Weighed]
) -> list[Signature]:
    """Return the signatures with the moments of relatives that can be found at anybody's."""
    named = {weighed.moment.iri: weighed for weighed in everything}
    found = list(groups)
    for _ in everything:  # a kin view may look at a kin view; no chain is longer than there are moments
        able = {i for i in inputs if i.table == MOMENTS and i.value in named and _anybody(named[i.value], found)}
        then = [Signature(g.customers, g.inputs | {i for i in able if _known(i, g.inputs)}) for g in groups]
        if then == found:
            break
        found = then
    return found


def _anybody(weighed: _Weighed, groups: Iterable[Signature]) -> bool:
    return any(weighed.works(group.inputs) for group in groups)
