"""Facts at one's fingertips: sorted columns beside the tables, and the changes of one batch on top of them.

DuckDB reads columns; asked for one subject it still decompresses a row group, and each statement costs a fraction of
a millisecond. So what follows from a single fact is looked up here instead: all facts once sorted by subject and once
by object, found by bisection, whatever their number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from rdflib import RDF

from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import RelationKey

Mask = int
"""The graphs a fact lies in: one bit per graph code."""
Fact = tuple[int, int, int]
"""Number of the relation, subject, object (of a class membership the class)."""

K = TypeVar("K")
_TYPE = str(RDF.type)

WIDEST = 20_000
"""Facts one lookup may give; what needs more is no small change."""


class TooWide(Exception):
    """What follows from the change is too much to be followed fact by fact."""


def overlapping(key: RelationKey, numbers: dict[RelationKey, int]) -> list[int]:
    """Return the numbers of the relations that a pattern of this key may read, of all in the order of their numbers.

    What has a type is a member of a class, or of what is none (a literal): a pattern of any type reads both.
    """
    if key in numbers and key.predicate is not None and (key.klass is not None or key.predicate != _TYPE):
        return [numbers[key]]
    return [number for known, number in numbers.items() if known.overlaps(key)]


@dataclass(frozen=True)
class _Sorted:
    """Facts sorted by one side and relation."""

    near: npt.NDArray[np.int64]
    relation: npt.NDArray[np.int32]
    far: npt.NDArray[np.int64]
    graph: npt.NDArray[np.int16]

    def span(self, near: int, relation: int) -> tuple[int, int]:
        """Return where the facts of a term and relation begin and end."""
        low, high = np.searchsorted(self.near, near, "left"), np.searchsorted(self.near, near, "right")
        if low == high:
            return 0, 0
        some = self.relation[low:high]
        return int(low + np.searchsorted(some, relation, "left")), int(low + np.searchsorted(some, relation, "right"))

    def far_of(self, near: int, relation: int) -> dict[int, Mask]:
        """Return what stands on the other side, each with its graphs."""
        low, high = self.span(near, relation)
        if high - low > WIDEST:
            raise TooWide
        found: dict[int, Mask] = defaultdict(int)
        for far, graph in zip(self.far[low:high].tolist(), self.graph[low:high].tolist(), strict=True):
            found[far] |= 1 << graph
        return found


@dataclass(frozen=True)
class Size:
    """How many facts a relation has, and of how many subjects and objects."""

    facts: int
    subjects: int
    objects: int


class LiveFacts:
    """The facts of a fact base sorted both ways, kept in step by `commit`; `old` and `new` are seen by a `View`."""

    def __init__(self, facts: FactBase) -> None:
        self._facts = facts
        self.keys: list[RelationKey] = []
        self.numbers: dict[RelationKey, int] = {}
        self.classes: dict[int, int] = {}
        """Per number of a class's relation the id of the class."""
        self.sizes: dict[int, Size] = {}
        self._settled: dict[Fact, Mask] = {}
        self._by_subject: dict[tuple[int, int], set[Fact]] = defaultdict(set)
        self._by_object: dict[tuple[int, int], set[Fact]] = defaultdict(set)
        self._of_relation: dict[int, set[Fact]] = defaultdict(set)
        self._out: dict[tuple[int, int], dict[int, Mask]] = {}
        self._into: dict[tuple[int, int], dict[int, Mask]] = {}
        self._all: dict[int, dict[tuple[int, int], Mask]] = {}
        self._load()

    # -- reading the tables --------------------------------------------------------------------------------------

    def number(self, key: RelationKey) -> int:
        """Return the number of a relation, a new one for a new relation."""
        if key not in self.numbers:
            self.numbers[key] = len(self.keys)
            self.keys.append(key)
            if key.klass is not None:
                self.classes[self.numbers[key]] = self._facts.dictionary.id(FactBase.class_term(key.klass))
        return self.numbers[key]

    def matching(self, key: RelationKey) -> list[int]:
        """Return the numbers of the relations that a pattern may read."""
        return overlapping(key, self.numbers)

    def _load(self) -> None:
        parts = []
        for relation in self._facts.relations():
            number = self.number(relation.key)
            if relation.rows:
                far = "o" if relation.key.klass is None else str(self.classes[number])
                parts.append(f"SELECT s, {number}::INTEGER AS r, {far}::BIGINT AS o, g FROM {relation.table}")
        union = " UNION ALL ".join(parts) or "SELECT 0::BIGINT s, 0::INTEGER r, 0::BIGINT o, 0::SMALLINT g WHERE false"
        connection = self._facts.connection
        connection.execute(f"CREATE OR REPLACE TEMP TABLE live__facts AS {union}")
        self._forward = self._sorted("s", "o")
        self._backward = self._sorted("o", "s")
        rows = connection.execute(
            "SELECT r, count(*), approx_count_distinct(s), approx_count_distinct(o) FROM live__facts GROUP BY r"
        ).fetchall()
        connection.execute("DROP TABLE live__facts")
        self.sizes = {number: Size(*sizes) for number, *sizes in rows}

    def _sorted(self, near: str, far: str) -> _Sorted:
        columns = self._facts.connection.execute(
            f"SELECT {near} AS near, r, {far} AS far, g FROM live__facts ORDER BY {near}, r"
        ).fetchnumpy()
        return _Sorted(columns["near"], columns["r"], columns["far"], columns["g"])

    # -- lookups, changes that were committed seen -----------------------------------------------------------------

    def out(self, relation: int, subject: int) -> dict[int, Mask]:
        """Return the objects a subject has by a relation, each with the graphs it is told in."""
        key = (relation, subject)
        if key not in self._out:
            found = self._forward.far_of(subject, relation)
            for fact in self._by_subject.get(key, ()):
                _put(found, fact[2], self._settled[fact])
            self._out[key] = found
        return self._out[key]

    def into(self, relation: int, object_: int) -> dict[int, Mask]:
        """Return the subjects that have an object by a relation, each with the graphs it is told in."""
        key = (relation, object_)
        if key not in self._into:
            found = self._backward.far_of(object_, relation)
            for fact in self._by_object.get(key, ()):
                _put(found, fact[1], self._settled[fact])
            self._into[key] = found
        return self._into[key]

    def everything(self, relation: int) -> dict[tuple[int, int], Mask]:
        """Return all facts of a (small) relation; raises `TooWide` for another."""
        if relation not in self._all:
            if self.sizes.get(relation, Size(0, 0, 0)).facts > WIDEST:
                raise TooWide
            at = np.nonzero(self._forward.relation == relation)[0]
            found: dict[tuple[int, int], Mask] = defaultdict(int)
            sides = (self._forward.near[at], self._forward.far[at], self._forward.graph[at])
            for s, o, g in zip(*(side.tolist() for side in sides), strict=True):
                found[(s, o)] |= 1 << g
            for fact in self._of_relation.get(relation, ()):
                _put(found, fact[1:], self._settled[fact])
            self._all[relation] = found
        return self._all[relation]

    def mask(self, fact: Fact) -> Mask:
        """Return the graphs a fact lies in."""
        return self.out(fact[0], fact[1]).get(fact[2], 0)

    def commit(self, changed: dict[Fact, Mask]) -> None:
        """Take changes over: from now on they are what was there before."""
        for fact, mask in changed.items():
            relation, s, o = fact
            was = self.mask(fact)
            self._settled[fact] = mask
            self._by_subject[relation, s].add(fact)
            self._by_object[relation, o].add(fact)
            self._of_relation[relation].add(fact)
            for cache, key, far in ((self._out, (relation, s), o), (self._into, (relation, o), s)):
                if key in cache:
                    _put(cache[key], far, mask)
            if relation in self._all:
                _put(self._all[relation], (s, o), mask)
            size = self.sizes.get(relation, Size(0, 1, 1))
            grown = size.facts + bool(mask) - bool(was)
            self.sizes[relation] = Size(max(grown, 0), max(size.subjects, 1), max(size.objects, 1))

    def differences(self, other: LiveFacts) -> Iterator[tuple[Fact, Mask, Mask]]:
        """Yield the facts that another state of the same fact base holds otherwise, by its numbers of relations."""
        mine = {(other.number(self.keys[r]), s, o): mask for (r, s, o), mask in self._whole().items()}
        theirs = other._whole()
        for fact in mine.keys() | theirs.keys():
            before, now = mine.get(fact, 0), theirs.get(fact, 0)
            if before != now:
                yield fact, before, now

    def _whole(self) -> dict[Fact, Mask]:
        found: dict[Fact, Mask] = defaultdict(int)
        sides = self._forward
        for s, r, o, g in zip(
            *(side.tolist() for side in (sides.near, sides.relation, sides.far, sides.graph)), strict=True
        ):
            found[(r, s, o)] |= 1 << g
        for fact, mask in self._settled.items():
            _put(found, fact, mask)
        return found

    def forget(self) -> None:
        """Let go of what was looked up, so that memory stays small."""
        self._out.clear()
        self._into.clear()


def _put(found: dict[K, Mask], key: K, mask: Mask) -> None:
    if mask:
        found[key] = mask
    else:
        found.pop(key, None)


class View:
    """Facts as they were before a batch of changes, and changes on top of them: what is there now."""

    def __init__(self, live: LiveFacts, changes: Changes | None = None) -> None:
        self.live = live
        self._changes = changes

    def out(self, relation: int, subject: int) -> dict[int, Mask]:
        """Return the objects a subject has by a relation."""
        before = self.live.out(relation, subject)
        if self._changes is None or (relation, subject) not in self._changes.by_subject:
            return before
        return self._changes.out(relation, subject, before)

    def into(self, relation: int, object_: int) -> dict[int, Mask]:
        """Return the subjects that have an object by a relation."""
        before = self.live.into(relation, object_)
        if self._changes is None or (relation, object_) not in self._changes.by_object:
            return before
        return self._changes.into(relation, object_, before)

    def pairs(self, relation: int) -> dict[tuple[int, int], Mask]:
        """Return subjects and objects of a relation as a whole."""
        before = self.live.everything(relation)
        if self._changes is None or relation not in self._changes.by_relation:
            return before
        return self._changes.pairs(relation, before)

    def mask(self, fact: Fact) -> Mask:
        """Return the graphs a fact lies in."""
        return self.out(fact[0], fact[1]).get(fact[2], 0)


class Changes:
    """Facts whose graphs are others than before."""

    def __init__(self, live: LiveFacts) -> None:
        self._live = live
        self.masks: dict[Fact, Mask] = {}
        self.by_subject: dict[tuple[int, int], dict[int, Mask]] = defaultdict(dict)
        self.by_object: dict[tuple[int, int], dict[int, Mask]] = defaultdict(dict)
        self.by_relation: dict[int, set[Fact]] = defaultdict(set)

    def set(self, fact: Fact, mask: Mask) -> None:
        """Say in which graphs a fact lies now."""
        relation, s, o = fact
        self.masks[fact] = mask
        self.by_subject[relation, s][o] = mask
        self.by_object[relation, o][s] = mask
        self.by_relation[relation].add(fact)

    def out(self, relation: int, subject: int, before: dict[int, Mask]) -> dict[int, Mask]:
        """Return `before` with the changes of a subject."""
        return _with(before, self.by_subject[relation, subject])

    def into(self, relation: int, object_: int, before: dict[int, Mask]) -> dict[int, Mask]:
        """Return `before` with the changes of an object."""
        return _with(before, self.by_object[relation, object_])

    def pairs(self, relation: int, before: dict[tuple[int, int], Mask]) -> dict[tuple[int, int], Mask]:
        """Return `before` with the changes of a relation."""
        return _with(before, {fact[1:]: self.masks[fact] for fact in self.by_relation[relation]})

    def net(self) -> Iterator[tuple[Fact, Mask, Mask]]:
        """Yield what differs in the end: the fact, its graphs before and now."""
        for fact, mask in self.masks.items():
            before = self._live.mask(fact)
            if before != mask:
                yield fact, before, mask


def _with(before: dict[K, Mask], changed: dict[K, Mask]) -> dict[K, Mask]:
    found = {**before, **changed}
    return {key: mask for key, mask in found.items() if mask}
