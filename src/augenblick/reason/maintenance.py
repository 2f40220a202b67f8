"""Keeping what was derived in step with single facts that come and go, without deriving it anew.

Stratum by stratum, as a run goes. A rule that stands alone is solved for the bindings a change touches, on the facts
before and on those now; what it made then and does not now is taken back unless it follows otherwise. Rules that
depend on each other delete and rederive (Gupta, Mumick and Subrahmanian, SIGMOD 1993): all that may hang on what is
gone goes, what still follows comes back, then what is new is followed. Negation, OPTIONAL and aggregates are met by
the bindings they touch, like everything else. Nothing here looks at more than the facts around a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rdflib import Variable

from augenblick.reason.affected import Affected, followed, occurrences
from augenblick.reason.calculator import Calculator, Row, distinct
from augenblick.reason.factbase import FactBase
from augenblick.reason.heads import open_place
from augenblick.reason.ir import (
    Extend,
    Node,
    RelationKey,
    Rule,
    Triple,
    children,
    relation_of,
    variables,
)
from augenblick.reason.live import Changes, Fact, LiveFacts, Mask, TooWide, View
from augenblick.reason.lookup import Plans, certain
from augenblick.reason.solver import Solver
from augenblick.reason.stratify import Stratum
from augenblick.reason.terms import Kind, kind_of_id

MOST_FACTS = 20_000
"""Derived facts that may come or go before a run from the beginning is the better way."""


@dataclass(frozen=True)
class _Reading:
    """One place where a rule reads a relation."""

    rule: Rule
    triple: Triple
    key: RelationKey
    settled: bool


@dataclass
class Outcome:
    """What a batch of changes came to: per changed fact its graphs before and now, and which rule made it."""

    changes: list[tuple[Fact, Mask, Mask]]
    makers: dict[Fact, Rule] = field(default_factory=dict)
    order: dict[Fact, int] = field(default_factory=dict)


class Maintainer:
    """Follows changes through the rules of one fact base; raises `TooWide` where a run is the better way."""

    def __init__(self, facts: FactBase, strata: Sequence[Stratum], into: int) -> None:
        self._facts = facts
        self._strata = strata
        self._own = 1 << into
        self.live = LiveFacts(facts)
        self.calculator = Calculator(facts)
        self.plans = Plans(facts, self.live)
        self._followed = {id(rule): followed(rule.body) for stratum in strata for rule in stratum.rules}
        self._places = [_readings(stratum) for stratum in strata]
        self._heads = [{relation_of(head) for rule in stratum.rules for head in rule.heads} for stratum in strata]
        self._earlier = [self._makers_before(place) for place in range(len(strata))]

    def _makers_before(self, place: int) -> list[Rule]:
        """Return the rules of earlier strata that make facts of the same relations."""
        mine = self._heads[place]
        return [
            rule
            for stratum in self._strata[:place]
            for rule in stratum.rules
            if any(key.overlaps(relation_of(head)) for head in rule.heads for key in mine)
        ]

    def outcome(self, given: dict[Fact, Mask]) -> Outcome:
        """Return what follows when facts lie in other graphs than before; `given` masks are without derived ones."""
        self.live.forget()
        batch = _Batch(self, given)
        for place, stratum in enumerate(self._strata):
            readings = batch.touched(self._places[place])
            if not readings and not batch.waits(self._heads[place]):
                continue
            if any(not self._followed[id(reading.rule)] for reading, _ in readings):
                raise TooWide
            if stratum.recursive:
                batch.delete_and_rederive(stratum, self._places[place], readings, self._earlier[place])
            else:
                batch.compare(stratum.rules[0], readings, self._earlier[place])
        return Outcome(list(batch.changes.net()), batch.makers, batch.order)


class _Batch:
    """The changes of one batch on their way through the strata."""

    def __init__(self, maintainer: Maintainer, given: dict[Fact, Mask]) -> None:
        self._facts = maintainer._facts
        self._own = maintainer._own
        self._live = maintainer.live
        self.changes = Changes(self._live)
        before, now = View(self._live), View(self._live, self.changes)
        self._plans = maintainer.plans
        self._now = now
        self._before = before
        self._old = Solver(self._facts, before, maintainer.calculator, maintainer.plans)
        self._new = Solver(self._facts, now, maintainer.calculator, maintainer.plans)
        self._affected = Affected((self._old, self._new))
        self._orphans: dict[int, dict[Fact, None]] = {}
        self.makers: dict[Fact, Rule] = {}
        self.order: dict[Fact, int] = {}
        for fact, mask in given.items():
            self._give(fact, mask)

    def _give(self, fact: Fact, told: Mask) -> None:
        was = self._live.mask(fact)
        if told:
            self.changes.set(fact, told)  # what is told is not derived as well
            return
        if was & self._own and was == self._own:
            return
        self.changes.set(fact, 0)
        if was:
            self._orphan(fact)

    def _orphan(self, fact: Fact) -> None:
        self._orphans.setdefault(fact[0], {})[fact] = None

    # -- which rules look at a change ------------------------------------------------------------------------------

    def touched(self, readings: list[_Reading]) -> list[tuple[_Reading, list[Fact]]]:
        """Return the places that read changed facts, with these."""
        changed: dict[RelationKey, list[Fact]] = {}
        found = []
        for reading in readings:
            if reading.key not in changed:
                changed[reading.key] = self._visible_changes(reading.key)
            if changed[reading.key]:
                found.append((reading, changed[reading.key]))
        return found

    def _visible_changes(self, key: RelationKey) -> list[Fact]:
        relations = self.changes.by_relation.keys() & self._plans.relation_set(key)
        facts = [fact for relation in relations for fact in self.changes.by_relation[relation]]
        return [fact for fact in facts if bool(self._live.mask(fact)) != bool(self.changes.masks[fact])]

    def waits(self, heads: set[RelationKey]) -> bool:
        """Return whether facts of these relations are gone for now and may follow otherwise."""
        return any(self._orphans.get(relation) for key in heads for relation in self._plans.relations(key))

    def _seeds(self, triple: Triple, facts: Iterable[Fact]) -> list[Row]:
        return [row for fact in facts if (row := self._plans.seed(triple, fact)) is not None]

    def _rows(self, reading: _Reading, facts: Iterable[Fact]) -> list[Row]:
        return self._affected.rows(reading.rule.body, reading.triple, self._seeds(reading.triple, facts))

    # -- a rule that stands alone ----------------------------------------------------------------------------------

    def compare(self, rule: Rule, readings: list[tuple[_Reading, list[Fact]]], earlier: list[Rule]) -> None:
        """Bring what one rule made into step with the facts as they are now."""
        rows = distinct([row for reading, facts in readings for row in self._rows(reading, facts)])
        was, is_ = self._made(rule, self._old, rows), self._made(rule, self._new, rows)
        for fact in is_:
            if fact not in was:
                self._add(fact, rule)
        gone = [fact for fact in was if fact not in is_ and self._take(fact)]
        for other in earlier:
            self._adopt(other, gone)
        for fact in gone:
            self._orphan(fact)
        self._adopt(rule, self._waiting(rule))

    def _made(self, rule: Rule, solver: Solver, rows: list[Row]) -> dict[Fact, None]:
        return dict.fromkeys(f for row in self._solutions(rule, solver, rows) for f in self._instances(rule, row))

    @staticmethod
    def _solutions(rule: Rule, solver: Solver, rows: list[Row]) -> list[Row]:
        """Return the solutions of a body that agree with one of the rows in what every solution binds."""
        firm = certain(rule.body)
        return solver.solve(rule.body, distinct([{v: row[v] for v in row if v in firm} for row in rows]))

    def _add(self, fact: Fact, rule: Rule) -> bool:
        if self._now.mask(fact):
            return False
        self.changes.set(fact, self._own)
        self.makers[fact] = rule
        self.order[fact] = len(self.order) + 1
        self._orphans.get(fact[0], {}).pop(fact, None)
        if len(self.order) > MOST_FACTS:
            raise TooWide
        return True

    def _take(self, fact: Fact) -> bool:
        if self._now.mask(fact) != self._own:
            return False
        self.changes.set(fact, 0)
        if len(self.changes.masks) > MOST_FACTS:
            raise TooWide
        return True

    def _waiting(self, rule: Rule) -> list[Fact]:
        """Return the facts gone so far that a rule could make."""
        relations = dict.fromkeys(number for head in rule.heads for number in self._plans.relations(relation_of(head)))
        return [fact for number in relations for fact in self._orphans.get(number, ())]

    def _adopt(self, rule: Rule, waiting: Iterable[Fact]) -> list[Fact]:
        """Bring back those of some facts that are gone and follow by a rule nevertheless."""
        adopted = []
        for fact in waiting:
            heads = [head for head in rule.heads if fact[0] in self._plans.relation_set(relation_of(head))]
            if not self._now.mask(fact) and any(self._follows(rule, head, fact) for head in heads):
                self._add(fact, rule)
                adopted.append(fact)
        return adopted

    def _follows(self, rule: Rule, head: Triple, fact: Fact) -> bool:
        seeds = self._seeds(head, [fact])
        made = frozenset(_made_variables(rule.body))
        if seeds and made & seeds[0].keys():
            seeds = self._through_companions(rule, head, seeds[0], made)
        return bool(seeds) and any(
            fact in self._instances(rule, row) for row in self._solutions(rule, self._new, seeds)
        )

    def _through_companions(self, rule: Rule, head: Triple, seed: Row, made: frozenset[Variable]) -> list[Row]:
        """Return bindings for a rule that makes terms: what else it said of the made term tells the others."""
        always = certain(rule.body) | (made & seed.keys())
        beside = [h for h in rule.heads if h is not head and {h.s, h.o} & made & seed.keys() and variables(h) <= always]
        if not beside:
            return [{v: seed[v] for v in seed if v not in made}]
        rows = [seed]
        for said in beside:  # one may be gone by now and another new
            rows = distinct([row for solver in (self._old, self._new) for row in solver.solve(said, rows)])
        return distinct([{v: row[v] for v in row if v not in made} for row in rows])

    # -- rules that depend on each other ---------------------------------------------------------------------------

    def delete_and_rederive(
        self,
        stratum: Stratum,
        places: list[_Reading],
        readings: list[tuple[_Reading, list[Fact]]],
        earlier: list[Rule],
    ) -> None:
        """Bring what several rules made of each other's facts into step with the facts as they are now."""
        gone = self._delete(places, readings)
        back = [fact for rule in earlier for fact in self._adopt(rule, gone)]
        back += [fact for rule in stratum.rules for fact in self._adopt(rule, self._waiting(rule))]
        self._insert(places, readings, back)

    def _delete(self, places: list[_Reading], readings: list[tuple[_Reading, list[Fact]]]) -> list[Fact]:
        all_gone: list[Fact] = []
        waiting = [(r, [f for f in facts if r.settled or self._before.mask(f)]) for r, facts in readings]
        while waiting:
            gone: dict[Fact, None] = {}
            for reading, facts in waiting:
                for fact in self._made(reading.rule, self._old, self._rows(reading, facts)):
                    if self._take(fact):
                        gone[fact] = None
                        self._orphan(fact)
            all_gone += gone
            waiting = self._readers(places, gone)
        return all_gone

    def _insert(self, places: list[_Reading], readings: list[tuple[_Reading, list[Fact]]], back: list[Fact]) -> None:
        waiting = [(r, [f for f in facts if r.settled or self._now.mask(f)]) for r, facts in readings]
        waiting += self._readers(places, dict.fromkeys(back))
        while waiting:
            come: dict[Fact, None] = {}
            for reading, facts in waiting:
                for fact in self._made(reading.rule, self._new, self._rows(reading, facts)):
                    if self._add(fact, reading.rule):
                        come[fact] = None
            waiting = self._readers(places, come)

    def _readers(self, places: list[_Reading], facts: dict[Fact, None]) -> list[tuple[_Reading, list[Fact]]]:
        by_relation: dict[int, list[Fact]] = {}
        for fact in facts:
            by_relation.setdefault(fact[0], []).append(fact)
        found = []
        for reading in places:
            some = [f for n in self._plans.relations(reading.key) for f in by_relation.get(n, ())]
            if some:
                found.append((reading, some))
        return found

    # -- facts of bindings -----------------------------------------------------------------------------------------

    def _instances(self, rule: Rule, row: Row) -> Iterator[Fact]:
        for head in rule.heads:
            s, p, o = (self._plans.value(atom, row) for atom in (head.s, head.p, head.o))
            if s is None or p is None or o is None or kind_of_id(s) not in (Kind.IRI, Kind.BNODE):
                continue
            if open_place(head) is not None:
                raise TooWide  # what relation it is in is only known from the fact
            yield self._live.number(relation_of(head)), s, o


def _readings(stratum: Stratum) -> list[_Reading]:
    return [
        _Reading(rule, triple, relation_of(triple), settled)
        for rule in stratum.rules
        for triple, settled in occurrences(rule.body)
    ]


def _made_variables(node: Node) -> Iterator[Variable]:
    if isinstance(node, Extend):
        yield node.variable
    for child in children(node):
        yield from _made_variables(child)
