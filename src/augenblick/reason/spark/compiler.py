"""The compiler where Spark goes other ways: walks are followed round by round, EXISTS as a value is two joins."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from rdflib import Variable
from sqlglot import exp

from augenblick.reason.combination import stacked
from augenblick.reason.compiler import Compiler
from augenblick.reason.correlation import correlated, with_seeds
from augenblick.reason.fragment import both, column, joined, number, q, table_of
from augenblick.reason.ir import Closure, Expression, Mark, RelationKey, Triple
from augenblick.reason.plan import Catalog, Instead, Plan, Source, alias, kept, named, nothing, project
from augenblick.reason.scalar import Column, column_name, encode, single
from augenblick.reason.scan import scan


def _open(left: Plan, right: Plan) -> bool:
    """Tell whether a variable both bind may be unbound on the left: an inner join would bind it."""
    return any(known.nullable for variable, known in left.columns.items() if variable in right.columns)


_walks = count(1)
Walk = Callable[[str, str], None]
"""Makes a view (second name) of all pairs one reaches by one or more of the steps in a view (first name)."""


class SparkCompiler(Compiler):
    """Compiles nodes for Spark; `steps` shows a plan as a view of pairs, `walk` closes one."""

    def __init__(self, catalog: Catalog, instead: Instead, steps: Callable[[Plan, str], None], walk: Walk) -> None:
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

    def _matched(self, left: Plan, right: Plan, tests: list[Expression], kind: str) -> Plan:
        """Return the semi- or anti-join; with tests, by the rows of an inner join, where Spark takes any condition."""
        if not tests or _open(left, right):
            return super()._matched(left, right, tests, kind)
        return self._picked(left, self._tested(left, right, tests), kind)

    def _tested(self, left: Plan, right: Plan, tests: list[Expression]) -> Plan:
        plan = self._join([left, right])
        for test in tests:
            plan = self._filter(plan, test)
        return plan

    def _picked(self, left: Plan, found: Plan, kind: str) -> Plan:
        """Return the rows of a plan that are (SEMI) or are not (ANTI) among some found rows that hold its columns."""
        here, there = alias(), alias()
        found = project(found, list(left.columns), distinct=True)
        names = [column_name(variable) for variable in left.columns]
        same = [q(":a IS NOT DISTINCT FROM :b", a=column(name, here), b=column(name, there)) for name in names]
        items = [item for variable, known in left.columns.items() for item in kept(variable, known, here)]
        query = exp.select(*(items or [named(number(1), "one")])).from_(left.source(here), copy=False)
        return Plan(joined(query, found.source(there), kind, both(*same) or exp.true()), left.columns)

    def _left_join(self, left: Plan, right: Plan, test: Expression | None) -> Plan:
        if test is None or left.empty or right.empty or _open(left, right):
            return super()._left_join(left, right, test)
        found = self._tested(left, right, [test])
        return self._union([found, self._picked(left, found, "ANTI")])

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
