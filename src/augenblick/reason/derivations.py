"""All ways in which a fact follows, and the lowest proof among all there are, within limits of time and number."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import Rule, RuleSet, Term
from augenblick.reason.proof import DEPTH, Proof, Prover, Row, Supported
from augenblick.reason.support import Fact


@dataclass(frozen=True)
class Derivations:
    """The distinct ways in which a fact holds: stated, or one application of a rule to other facts each."""

    proofs: tuple[Proof, ...]
    """The recorded one first, then by the rules' order; premises carry their recorded proofs."""
    complete: bool
    """Whether there are no others; else a limit was met."""


def derivations(
    facts: FactBase,
    rules: RuleSet,
    s: Term | int,
    p: Term | int,
    o: Term | int,
    *,
    most: int = 100,
    seconds: float = 10.0,
    depth: int = DEPTH,
) -> Derivations:
    """Return every way in which a fact follows that does not go through the fact itself.

    `most` and `seconds` limit the search, `depth` the trees below. What a sub-select or UNION hides behind one solution
    counts with up to five supports. Raises `NotFound` when there is no such fact.
    """
    search = _Search(facts, rules, most, seconds)
    fact, row = search.found(s, p, o)
    found = [search.tree(fact, row, rule, way, depth) for rule, way in search.ways(fact, row)]
    stated = [Proof(*fact, graph) for graph in search.graphs_of(fact)]
    return Derivations((*stated, *found), search.complete)


def lowest(
    facts: FactBase, rules: RuleSet, s: Term | int, p: Term | int, o: Term | int, *, seconds: float = 10.0
) -> Proof:
    """Return a proof of the least height among all; where time runs out, the best found (at worst that of `prove`).

    Looks at all supports of the facts below, height by height, where `prove` looks at the rule that was first.
    """
    search = _Search(facts, rules, 100, seconds)
    fact, row = search.found(s, p, o)
    known = search.proof(fact, row, DEPTH)
    for height in range(known.height):
        better = search.within(fact, height, frozenset())
        if better is not None:
            return better
    return known


class _Search(Prover):
    """Looks at all rules a fact may come from."""

    def __init__(self, facts: FactBase, rules: RuleSet, most: int, seconds: float) -> None:
        super().__init__(facts, rules)
        self._all = rules.provable()
        self._most = most
        self._until = time.monotonic() + seconds
        self.complete = True
        self._ways: dict[Fact, list[tuple[Rule, Supported]]] = {}

    def ways(self, fact: Fact, row: Row) -> list[tuple[Rule, Supported]]:
        """Return the distinct supports of a fact, those of the rule that made it first."""
        if fact not in self._ways:
            seen: dict[tuple[str, frozenset[Fact]], tuple[Rule, Supported]] = {}
            for rule, way in self._enumerated(fact, row):
                seen.setdefault((rule.name, frozenset(way[1])), (rule, way))
                if len(seen) >= self._most or time.monotonic() > self._until:
                    self.complete = False
                    break
            self._ways[fact] = list(seen.values())
        return self._ways[fact]

    def _enumerated(self, fact: Fact, row: Row) -> Iterator[tuple[Rule, Supported]]:
        own = self.rule_name(row)
        for rule in sorted(self._all, key=lambda rule: rule.name != own):
            for way in self.supported(rule, fact, row, most=self._most, walks=False):
                if not any(self._through(premise, fact, row) for premise in way[1]):
                    yield rule, way

    def _through(self, premise: Fact, fact: Fact, row: Row) -> bool:
        """Tell whether a premise is missing, is the fact, or rests on it by its recorded proof."""
        stands = self.row(*premise)
        if stands is None or premise == fact:
            return True
        if not stands.rule or stands.step < row.step:
            return False
        return self._rests_on(premise, fact)

    def _rests_on(self, start: Fact, goal: Fact) -> bool:
        """Tell whether the recorded proof of a fact goes through another, each fact of it looked at once."""
        seen, border = {start}, [start]
        for _ in range(DEPTH):
            below = {each for one in border for each in self._premises(one)}
            if goal in below:
                return True
            border = list(below - seen)
            seen |= below
        return False

    def _premises(self, fact: Fact) -> tuple[Fact, ...]:
        row = self.known(fact)
        return self.support(fact, row)[1][1] if row.rule else ()

    def within(self, fact: Fact, height: int, above: frozenset[Fact]) -> Proof | None:
        """Return a proof of at most some height that does not go through facts above; None where none is found."""
        row = self.known(fact)
        if row.rule == 0:
            return Proof(*fact, row.graph)
        if fact in above or height <= 0 or time.monotonic() > self._until:
            return None
        for rule, (bindings, premises, absences) in self.ways(fact, row):
            below: list[Proof] = []
            for premise in premises:
                proof = self.within(premise, height - 1, above | {fact})
                if proof is None:
                    break
                below.append(proof)
            else:
                return Proof(*fact, row.graph, rule, tuple(below), absences, bindings)
        return None
