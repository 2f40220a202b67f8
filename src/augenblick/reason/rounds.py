"""The rounds of a stratum: its rules are evaluated with what the last round made, until nothing new comes."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rdflib import OWL, RDF

from augenblick.model.errors import BadRule
from augenblick.reason.ir import Extend, Node, RelationKey, Rule, Triple, children, relation_of
from augenblick.reason.plan import Instead, Source
from augenblick.reason.stratify import Stratum, recursive_triples

MINTING_ROUNDS = 200
"""Rounds after which recursive rules that make new terms are taken to never end."""

NOTHING = RelationKey(str(RDF.type), str(OWL.Nothing))
"""The relation of what contradicts the ontology."""


@dataclass
class RuleReport:
    """What one rule did in a run."""

    rule: Rule
    facts: int = 0
    seconds: float = 0.0
    evaluations: int = 0


@dataclass
class RunReport:
    """What a run did: per rule, and the axioms no rule was made of."""

    rules: list[RuleReport]
    not_covered: tuple[str, ...] = ()
    facts: int = 0
    seconds: float = 0.0
    contradictions: int = 0
    """Members of owl:Nothing: what contradicts the ontology. `prove` says why."""
    recomputed: list[str] = field(default_factory=list)
    """Relations that were cleared and derived anew by an incremental run."""

    def finish(self, contradictions: int, begun: float) -> None:
        """Say what the whole run made and took, begun at a reading of `time.perf_counter`."""
        self.facts = sum(each.facts for each in self.rules)
        self.contradictions = contradictions
        self.seconds = time.perf_counter() - begun


@dataclass(frozen=True)
class Evaluation:
    """A rule to be evaluated; `through` is the pattern that reads the facts of the last round, `instead` from where."""

    rule: Rule
    through: Triple | None = None
    instead: Instead = field(default_factory=dict)


class Rounds(ABC):
    """Runs recursive strata semi-naively; a back end says how a rule is evaluated and what is newer than a step."""

    _step = 0
    """The step of the last evaluation: facts remember in which they were made."""

    @abstractmethod
    def _evaluate(
        self, rule: Rule, reports: dict[int, RuleReport], through: Triple | None = None, instead: Instead | None = None
    ) -> None:
        """Derive what a rule makes in a new step; `through` is the pattern that reads the facts of the last round."""

    @abstractmethod
    def _deltas(self, made: set[RelationKey], after: int) -> list[Source]:
        """Return the facts of the relations being made that are newer than a step, those that have some.

        Asked once a round: what was asked for before may no longer be read.
        """

    def _rules_ran(self, rules: Sequence[Rule]) -> None:  # noqa: B027 (most back ends have nothing to do)
        """Do what is to be done each time all rules of a stratum have run."""

    def _evaluate_all(self, evaluations: Sequence[Evaluation], reports: dict[int, RuleReport]) -> None:
        """Evaluate rules that may be evaluated in any order."""
        for each in evaluations:
            self._evaluate(each.rule, reports, each.through, each.instead)

    def _fresh(self, rule: Rule, source: Source) -> Source | None:  # noqa: ARG002
        """Return what of the facts of the last round may tell a rule something; None where nothing does."""
        return source

    def _others(self, rule: Rule, through: Triple) -> Instead:  # noqa: ARG002
        """Return what the patterns of a body besides `through` are read from, where that is not their relation."""
        return {}

    def _repeat(self, stratum: Stratum, made: set[RelationKey], reports: dict[int, RuleReport]) -> None:
        """Run the rules of a stratum until they make nothing new; `made` are the relations they may add to."""
        minting = any(_mints(rule.body) for rule in stratum.rules)
        before = self._step
        self._evaluate_all([Evaluation(rule) for rule in stratum.rules], reports)
        self._rules_ran(stratum.rules)
        rounds = 0
        while deltas := self._deltas(made, before):
            rounds += 1
            if minting and rounds > MINTING_ROUNDS:
                raise _endless(stratum)
            before = self._step
            onward = [each for rule in stratum.rules for each in self._next_round(rule, made, deltas)]
            self._evaluate_all(onward, reports)
            self._rules_ran(stratum.rules)

    def _next_round(self, rule: Rule, made: set[RelationKey], deltas: list[Source]) -> Iterator[Evaluation]:
        inside, elsewhere = recursive_triples(rule.body, made)
        if elsewhere:
            yield Evaluation(rule)
            return
        for triple in inside:
            about = [source for source in deltas if source.key.overlaps(relation_of(triple))]
            fresh = [some for source in about if (some := self._fresh(rule, source)) is not None]
            if fresh:
                yield Evaluation(rule, triple, {triple: fresh, **self._others(rule, triple)})


def _mints(node: Node) -> bool:
    """Tell whether a body may make new terms."""
    return isinstance(node, Extend) or any(_mints(child) for child in children(node))


def _endless(stratum: Stratum) -> BadRule:
    names = ", ".join(rule.name for rule in stratum.rules)
    return BadRule(
        f"These rules make new terms from their own results and did not end within {MINTING_ROUNDS} rounds: {names}.",
        where=stratum.rules[0].name,
        hint="add a condition that new terms cannot meet again",
    )
