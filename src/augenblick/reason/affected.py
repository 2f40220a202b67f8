"""Which bindings of a rule a changed fact may touch, wherever in the body it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rdflib import Variable

from augenblick.reason.calculator import Row, distinct
from augenblick.reason.ir import (
    Closure,
    Everything,
    Extend,
    Filter,
    Group,
    In,
    Join,
    LeftJoin,
    Mark,
    Minus,
    Node,
    Project,
    Semi,
    Triple,
    Union,
    children,
    expression_variables,
    variables,
)
from augenblick.reason.live import TooWide
from augenblick.reason.lookup import certain
from augenblick.reason.solver import Solver


def occurrences(node: Node, *, settled: bool = False) -> Iterator[tuple[Triple, bool]]:
    """Yield the triple patterns of a body, each with whether it is read below negation, an aggregate or the like."""
    match node:
        case Triple():
            yield node, settled
        case Semi(source, pattern, negated):
            yield from occurrences(source, settled=settled)
            yield from occurrences(pattern, settled=settled or negated)
        case Mark() | LeftJoin() | Minus():
            first, *rest = children(node)
            yield from occurrences(first, settled=settled)
            for part in rest:
                yield from occurrences(part, settled=True)
        case Group(source):
            yield from occurrences(source, settled=True)
        case _:
            for child in children(node):
                yield from occurrences(child, settled=settled)


def followed(node: Node) -> bool:
    """Return whether changes below a node can be followed from fact to fact."""
    if isinstance(node, In | Everything) or (isinstance(node, Project) and (node.limit is not None or node.offset)):
        return False
    return all(followed(child) for child in children(node))


class Affected:
    """Finds the bindings of a body that changed facts touch; `solvers` see the facts before and now."""

    def __init__(self, solvers: Sequence[Solver]) -> None:
        self._solvers = solvers

    def rows(self, node: Node, triple: Triple, seeds: list[Row]) -> list[Row]:
        """Return bindings of a node's variables that cover all its solutions which `seeds` at a pattern may touch.

        More may be covered than is touched. Raises `TooWide` when it cannot be told from few facts.
        """
        return distinct(self._lifted(node, triple, seeds))

    def _lifted(self, node: Node, triple: Triple, seeds: list[Row]) -> list[Row]:
        match node:
            case Triple():
                return seeds
            case Join(parts) | Union(parts):
                return self._lifted(_holder(parts, triple), triple, seeds)
            case Filter(source, _) | Extend(source, _, _):
                return self._lifted(source, triple, seeds)
            case Semi(source, pattern, _) | Mark(source, pattern, _):
                return self._either(source, pattern, triple, seeds)
            case LeftJoin(left, right, _) | Minus(left, right):
                return self._either(left, right, triple, seeds)
            case Group(source, keys, _):
                return self._cut(source, triple, seeds, frozenset(keys))
            case Project(source, names):
                return self._cut(source, triple, seeds, frozenset(names))
            case Closure():
                return self._ends(node, triple, seeds)
            case _:
                raise TooWide

    def _either(self, source: Node, beside: Node, triple: Triple, seeds: list[Row]) -> list[Row]:
        if _holds(source, triple):
            return self._lifted(source, triple, seeds)
        return self._cut(beside, triple, seeds, variables(source))

    def _cut(self, node: Node, triple: Triple, seeds: list[Row], names: frozenset[Variable]) -> list[Row]:
        """Return what the touched solutions of a node bind of some variables."""
        lifted = distinct(self._lifted(node, triple, seeds))
        skeleton = _skeleton(node, triple)
        rows = [row for solver in self._solvers for row in self._connected(solver, skeleton, lifted)]
        return [{v: row[v] for v in row if v in names} for row in rows]

    def _connected(self, solver: Solver, node: Node, rows: list[Row]) -> list[Row]:
        """Solve the parts of a node that hang together with what is bound; the others select nothing here."""
        if not rows:
            return []
        if not isinstance(node, Join):
            return solver.solve(node, rows)
        waiting = list(node.parts)
        bound = set(rows[0]).intersection(*rows[1:])
        while chosen := [part for part in waiting if bound & certain(part)]:
            rows = solver.solve(Join(tuple(chosen)), rows)
            waiting = [part for part in waiting if part not in chosen]
            if not rows:
                return []
            bound = set(rows[0]).intersection(*rows[1:])
        return rows

    def _ends(self, node: Closure, triple: Triple, seeds: list[Row]) -> list[Row]:
        steps = self._cut(node.step, triple, seeds, frozenset((node.start, node.end)))
        found: list[Row] = []
        for solver in self._solvers:
            for step in steps:
                if node.start not in step or node.end not in step:
                    raise TooWide
                found += _pairs(node, solver, step[node.start], step[node.end])
        return found


def _pairs(node: Closure, solver: Solver, start: int, end: int) -> list[Row]:
    """Return the ends of all walks that may go through a step."""
    firsts = [start, *solver.reached(node, start, frozenset(), backwards=True)]
    lasts = [end, *solver.reached(node, end, frozenset())]
    sides = ((node.s, firsts), (node.o, lasts))
    if not isinstance(node.s, Variable) and not isinstance(node.o, Variable):
        return [{}]
    if not isinstance(node.s, Variable) or not isinstance(node.o, Variable):
        return [{atom: term} for atom, terms in sides if isinstance(atom, Variable) for term in terms]
    if node.s == node.o:
        return [{node.s: term} for term in firsts if term in set(lasts)]
    return [{node.s: one, node.o: other} for one in firsts for other in lasts]


def _skeleton(node: Node, triple: Triple) -> Node:
    """Return what a node asks for without its tests on others' variables and on what is absent; more solutions."""
    match node:
        case Filter(source, condition):
            inner = _skeleton(source, triple)
            return Filter(inner, condition) if expression_variables(condition) <= certain(inner) else inner
        case Extend(source, variable, value):
            inner = _skeleton(source, triple)
            return Extend(inner, variable, value) if expression_variables(value) <= certain(inner) else inner
        case Semi(source, pattern, _) | Mark(source, pattern, _):
            inner = _skeleton(source, triple)
            return _flat(inner, _skeleton(pattern, triple)) if _holds(pattern, triple) else inner
        case LeftJoin(left, right, _) | Minus(left, right):
            inner = _skeleton(left, triple)
            return _flat(inner, _skeleton(right, triple)) if _holds(right, triple) else inner
        case Join(parts):
            return _flat(*(_skeleton(part, triple) for part in parts))
        case Union(parts):
            return _skeleton(_holder(parts, triple), triple) if _holds(node, triple) else node
        case _:
            return node


def _flat(*parts: Node) -> Node:
    """Return a join, joins in it taken apart."""
    inner = [each for part in parts for each in (part.parts if isinstance(part, Join) else (part,))]
    return inner[0] if len(inner) == 1 else Join(tuple(inner))


def _holder(parts: Sequence[Node], triple: Triple) -> Node:
    return next(part for part in parts if _holds(part, triple))


def _holds(node: Node, triple: Triple) -> bool:
    return node is triple or any(_holds(child, triple) for child in children(node))
