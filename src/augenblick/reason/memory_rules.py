"""Rules over facts in memory: stratum by stratum as a run goes, each rule solved where what it reads has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import networkx as nx
from rdflib import RDF, URIRef

from augenblick.model.errors import BadRule
from augenblick.reason.calculator import Row
from augenblick.reason.emptiness import needed, possible
from augenblick.reason.heads import open_place
from augenblick.reason.ir import RelationKey, Rule, RuleSet, Triple, class_key, relation_of
from augenblick.reason.live import Fact, TooWide
from augenblick.reason.memory import MemoryFacts
from augenblick.reason.rounds import MINTING_ROUNDS, NOTHING, RuleReport, RunReport
from augenblick.reason.stratify import SAMENESS, Read, Stratum, dependencies, reads, strata
from augenblick.reason.terms import Kind, kind_of_id


class MemoryReasoner:
    """Derives what a rule set entails of facts in memory, and after a change what it entails now.

    Raises `TooWide` where that cannot be followed here (owl:sameAs, too many bindings): a run over tables is the way.
    """

    def __init__(self, facts: MemoryFacts, rules: RuleSet) -> None:
        self._facts = facts
        self._rules = rules
        self._strata = strata(rules.rules, equality=rules.equality is not None)
        self._numbers = {rule.name: number for number, rule in enumerate(rules.provable(), 1)}
        self._reach = _Reach(rules.rules)
        self._seen = 0
        self._step = 0

    def names(self) -> dict[str, int]:
        """Return the numbers of rules by name, as facts' makers name them."""
        return dict(self._numbers)

    def run(self, *, into: str = "inferred", affected_by: Collection[str] | None = None) -> RunReport:
        """Bring the graph `into` into step with what was said since the last run; return what each rule did.

        Of the predicates and classes that changed since, only those that `affected_by` names are looked at, where it
        is given: as `Reasoner.run` takes it.
        """
        begun = time.perf_counter()
        own = 1 << self._facts.graph_code(into)
        reports = {id(rule): RuleReport(rule) for rule in self._rules}
        changed = {self._facts.keys[fact[0]] for fact in self._facts.since(self._seen)}
        if affected_by is not None:
            changed = {key for key in changed if str(key) in affected_by}
        wanted, heads = self._reach.of(changed, self._filled)
        self._clear(heads, own)
        chosen = {id(rule) for position, rule in enumerate(self._rules.rules) if wanted >> position & 1}
        for stratum in self._strata:
            some = tuple(rule for rule in stratum.rules if id(rule) in chosen)
            if some:
                self._run_stratum(Stratum(some, stratum.recursive), own, reports)
        if self._rules.equality is not None and self._rows(SAMENESS):
            raise TooWide
        self._seen = self._facts.mark()
        report = RunReport(list(reports.values()), self._rules.not_covered)
        report.finish(self._rows(NOTHING), begun)
        return report

    def back(self, mark: int) -> None:
        """Be where the facts were at a mark, they having been taken back to it."""
        self._seen = mark

    def _filled(self, key: RelationKey) -> bool:
        """Say whether there is any fact that a head may have made: where none is, none can be made wrongly."""
        return any(self._facts.rows_of(number) for number in self._facts.plans.relations(key))

    def _rows(self, key: RelationKey) -> int:
        number = self._facts.numbers.get(key)
        return self._facts.rows_of(number) if number is not None else 0

    def _clear(self, heads: set[RelationKey], own: int) -> None:
        facts = self._facts
        for number, key in enumerate(list(facts.keys)):
            if facts.rows_of(number) and any(head.overlaps(key) for head in heads):
                for s, o in facts.pairs(number):
                    fact = (number, s, o)
                    if facts.mask(fact) & own:
                        facts.put(fact, facts.mask(fact) & ~own)

    def _run_stratum(self, stratum: Stratum, own: int, reports: dict[int, RuleReport]) -> None:
        for _ in range(MINTING_ROUNDS):
            before = self._facts.mark()
            for rule in stratum.rules:
                self._evaluate(rule, own, reports[id(rule)])
            if not stratum.recursive or self._facts.mark() == before:
                return
        raise BadRule("Rules make new terms from their own results and do not end.", where=stratum.rules[0].name)

    def _evaluate(self, rule: Rule, own: int, report: RuleReport) -> None:
        if not self._fed(rule) or not possible(rule.body, self._facts):
            return
        self._step += 1
        report.evaluations += 1
        for row in self._facts.solver.solve(rule.body, [{}]):
            for fact in self._instances(rule.heads, row):
                if not self._facts.mask(fact):
                    self._facts.put(fact, own)
                    self._facts.makers[fact] = (self._numbers[rule.name], self._step)
                    report.facts += 1

    def _fed(self, rule: Rule) -> bool:
        """Say whether there is any fact of each relation that a rule's body cannot do without: a first, quick look."""
        rows, relations = self._facts.rows_of, self._facts.plans.relations
        return all(any(rows(number) for number in relations(key)) for key in needed(rule.body))

    def _instances(self, heads: Sequence[Triple], row: Row) -> Iterator[Fact]:
        value, term = self._facts.plans.value, self._facts.dictionary.term
        for head in heads:
            s, p, o = value(head.s, row), value(head.p, row), value(head.o, row)
            if s is None or p is None or o is None or kind_of_id(s) not in (Kind.IRI, Kind.BNODE):
                continue
            key = relation_of(head)
            if open_place(head) is not None:
                predicate: Any = term(p)
                if not isinstance(predicate, URIRef):
                    continue
                key = RelationKey(str(predicate), class_key(term(o)) if predicate == RDF.type else None)
            yield self._facts.number(key), s, o


class _Reach:
    """Which rules have to be looked at again when relations change, and which of their facts no longer count."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        graph = dependencies(rules)
        self._below = [_bits({i, *nx.descendants(graph, i)}) for i in range(len(rules))]
        self._doubted = [
            _bits(v for _, v, settled in graph.out_edges(i, data="settled") if settled) for i in range(len(rules))
        ]
        self._readers: dict[Read, int] = {}
        for position, rule in enumerate(rules):
            for read in set(reads(rule.body)):
                self._readers[read] = self._readers.get(read, 0) | 1 << position
        self._heads = [{relation_of(head) for head in rule.heads} for rule in rules]
        self._known: dict[frozenset[RelationKey], tuple[int, set[RelationKey]]] = {}
        self._known_makers: dict[frozenset[RelationKey], tuple[int, set[RelationKey]]] = {}
        self._known_readers: dict[RelationKey, tuple[int, int]] = {}

    def of(self, changed: Iterable[RelationKey], filled: Callable[[RelationKey], bool]) -> tuple[int, set[RelationKey]]:
        """Return the rules (bits of their places) to run again, and the relations to be cleared before.

        What is not `filled` needs no clearing, and who makes it need not run again for it.
        """
        key = frozenset(changed)
        if key not in self._known:
            self._known[key] = self._found(key)
        reached, heads = self._known[key]
        return self._with_makers(reached, heads, filled)

    def _found(self, changed: frozenset[RelationKey]) -> tuple[int, set[RelationKey]]:
        """Return the rules that changes reach, and the heads of those that make what may hold no more."""
        direct = shaky = 0
        for key in changed:
            readers, settled = self._read_by(key)
            direct |= readers
            shaky |= settled
        reached = self._closed(direct)
        for position in _places(reached):
            shaky |= self._doubted[position]
        shaky = self._closed(shaky)
        return reached, set().union(*(self._heads[position] for position in _places(shaky)))

    def _with_makers(
        self, reached: int, heads: set[RelationKey], filled: Callable[[RelationKey], bool]
    ) -> tuple[int, set[RelationKey]]:
        """Return the same with all who make what is cleared, and what these make in turn."""
        doubted = {head for head in heads if filled(head)}
        while True:
            below, made = self._remade(frozenset(doubted))
            grown = doubted | {head for head in made if filled(head)}
            if grown == doubted:
                return reached | below, doubted
            doubted = grown

    def _remade(self, heads: frozenset[RelationKey]) -> tuple[int, set[RelationKey]]:
        """Return who makes some heads and who builds on these, and the heads of all of them."""
        if heads not in self._known_makers:
            makers = (i for i, made in enumerate(self._heads) if any(a.overlaps(b) for a in made for b in heads))
            below = self._closed(_bits(makers))
            made = set().union(*(self._heads[position] for position in _places(below)))
            self._known_makers[heads] = below, made
        return self._known_makers[heads]

    def _read_by(self, key: RelationKey) -> tuple[int, int]:
        if key not in self._known_readers:
            both = [(read.settled, bits) for read, bits in self._readers.items() if read.key.overlaps(key)]
            every = _joined(bits for _, bits in both)
            self._known_readers[key] = (every, _joined(bits for settled, bits in both if settled))
        return self._known_readers[key]

    def _closed(self, places: int) -> int:
        return _joined(self._below[position] for position in _places(places))


def _bits(places: Iterable[int]) -> int:
    return _joined(1 << place for place in places)


def _joined(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _places(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
