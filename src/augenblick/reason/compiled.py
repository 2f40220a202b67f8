"""Bodies of rules as SQL, kept for as long as what the compiler assumed of the tables still holds."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import Variable

from augenblick.reason.compiler import Compiler
from augenblick.reason.emptiness import possible
from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import Node, RelationKey, Rule, Triple, relation_of
from augenblick.reason.plan import Instead, project
from augenblick.reason.scalar import Column
from augenblick.reason.stratify import only_branch, reads

Signature = tuple[object, ...]
_NOTHING: Instead = {}


@dataclass(frozen=True)
class Body:
    """The SQL of a rule's body: one column per variable of the heads, with what is known of each."""

    sql: str
    columns: dict[Variable, Column]
    distinct: bool = False
    """Whether no two rows are the same."""


class Bodies:
    """Compiles the bodies of rules against a fact base; what was compiled is found again while tables look alike."""

    def __init__(self, facts: FactBase) -> None:
        self._facts = facts
        self._reads: dict[int, tuple[RelationKey, ...]] = {}
        self._made: dict[tuple[int, int | None], tuple[Signature, Body | None]] = {}

    def body(self, rule: Rule, through: Triple | None = None, instead: Instead = _NOTHING) -> Body | None:
        """Return a rule's body, None where no fact can make it true.

        Triple patterns in `instead` read other tables than the relation's; `through` is the one of them that reads
        the facts of the last round. For one `through` the patterns are always the same.
        """
        key = (id(rule), None if through is None else id(through))
        signature = self._signature(rule, instead)
        known = self._made.get(key)
        if known is None or known[0] != signature:
            known = self._made[key] = (signature, self._compiled(rule, through, instead))
        return known[1]

    def _compiled(self, rule: Rule, through: Triple | None, instead: Instead) -> Body | None:
        if not possible(rule.body, self._facts):
            return None
        body = rule.body if through is None else only_branch(rule.body, through)
        plan = Compiler(self._facts, instead).plan(body)
        if plan.empty:
            return None
        plan = project(plan, list(rule.head_variables()))
        return Body(plan.query.sql("duckdb", copy=False), plan.columns, self._distinct(rule, body))

    def _distinct(self, rule: Rule, body: Node) -> bool:
        """Tell whether a body reads one table whole: no fact lies in it twice."""
        if not isinstance(body, Triple) or len({body.s, body.o} & set(rule.head_variables())) < 2:
            return False
        sources = self._facts.sources(relation_of(body))
        return len(sources) == 1 and not sources[0].overlapping

    def _signature(self, rule: Rule, instead: Instead) -> Signature:
        if id(rule) not in self._reads:
            self._reads[id(rule)] = tuple(dict.fromkeys(read.key for read in reads(rule.body)))
        sources = [source for key in self._reads[id(rule)] for source in self._facts.sources(key)]
        others = (source for given in instead.values() for source in given)
        return tuple(
            (source.key, bool(source.rows), source.s_kinds, source.o_kinds, source.overlapping)
            for source in (*sources, *others)
        )
