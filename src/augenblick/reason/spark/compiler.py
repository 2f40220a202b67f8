"""The compiler where Spark goes other ways: walks are followed round by round, EXISTS as a value is two joins."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from rdflib import Variable
from sqlglot import exp

from augenblick.reason.combination import stacked
from augenblick.reason.compiler import Compiler
from augenblick.reason.correlation import correlated, with_seeds
from augenblick.reason.fragment import column, table_of
from augenblick.reason.ir import Closure, Mark, RelationKey, Triple
from augenblick.reason.plan import Catalog, Plan, Source, alias, kept, named, nothing, project
from augenblick.reason.scalar import Column, column_name, encode, single
from augenblick.reason.scan import scan

_walks = count(1)
Walk = Callable[[str, str], None]
"""Makes a view (second name) of all pairs one reaches by one or more of the steps in a view (first name)."""


class SparkCompiler(Compiler):
    """Compiles nodes for Spark; `steps` shows a plan as a view of pairs, `walk` closes one."""

    def __init__(self, catalog: Catalog, instead: Any, steps: Callable[[Plan, str], None], walk: Walk) -> None:
        super().__init__(catalog, instead)
        self._steps, self._walk = steps, walk

    def _closure(self, node: Closure) -> Plan:
        step = project(self.plan(node.step), [node.start, node.end], distinct=True)
        ends = list(dict.fromkeys(atom for atom in (node.s, node.o) if isinstance(atom, Variable)))
        if step.empty:
            return nothing(ends)
        number = next(_walks)
        edges, walk = f"walk_steps_{number}", f"walk_{number}"
        items = [named(column(column_name(v), "e"), end) for v, end in ((node.start, "s"), (node.end, "o"))]
        self._steps(Plan(exp.select(*items).from_(step.source("e"), copy=False)), edges)
        self._walk(edges, walk)
        masks = (step.columns[node.start].mask, step.columns[node.end].mask)
        source = Source(RelationKey(None), table_of(walk), 1, *masks)
        found = scan(Triple(node.s, Variable("__unused"), node.o), source, open_predicate=True)
        return found if found is not None else nothing(ends)

    def _mark(self, node: Mark) -> Plan:
        left = self.plan(node.source)
        pattern, tests = correlated(node.pattern, set(left.columns))
        right = self.plan(with_seeds(pattern, left))
        if right.empty:
            return self._flagged(left, node.variable, holds=False)
        found = self._matched(left, right, tests, "SEMI")
        others = self._matched(left, right, tests, "ANTI")
        return stacked([
            self._flagged(found, node.variable, holds=True), self._flagged(others, node.variable, holds=False)
        ])  # fmt: skip

    def _flagged(self, plan: Plan, variable: Variable, *, holds: bool) -> Plan:
        table = alias()
        encoded = encode(single("boolean", exp.true() if holds else exp.false()))
        items = [item for each, known in plan.columns.items() for item in kept(each, known, table)]
        items.append(named(encoded.term, column_name(variable)))
        query = exp.select(*items).from_(plan.source(table), copy=False)
        return Plan(query, plan.columns | {variable: Column(encoded.mask)}, plan.empty)
