"""The bodies of rules for a handful of bindings: pattern by pattern from what is bound, by lookups alone.

What the compiler does for whole tables this does from a single fact on, and to the same end: bindings are pushed
into a node only where that selects among its solutions and changes none (variables it binds for certain, and those an
EXISTS sees from outside); everywhere else the node is solved without them and joined.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rdflib import Variable

from augenblick.reason.calculator import FALSE, TRUE, Calculator, Row, distinct
from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import (
    Atom,
    Closure,
    Expression,
    Extend,
    Filter,
    Group,
    Join,
    LeftJoin,
    Mark,
    Minus,
    Node,
    Project,
    Semi,
    Triple,
    Union,
    Values,
    expression_variables,
    variables,
)
from augenblick.reason.live import TooWide, View
from augenblick.reason.lookup import Pattern, Plans, certain
from augenblick.reason.terms import stored_as

MOST = 50_000
"""Bindings one step may give."""

_NONE: frozenset[Variable] = frozenset()


_in_scope = lru_cache(maxsize=2**17)(variables)


class Solver:
    """Solves nodes against a view of the facts."""

    def __init__(self, facts: FactBase, view: View, calculator: Calculator, plans: Plans) -> None:
        self._facts = facts
        self.view = view
        self._calculator = calculator
        self._plans = plans

    def solve(self, node: Node, rows: list[Row], outer: frozenset[Variable] = _NONE) -> list[Row]:
        """Return the rows extended by each solution of a node that agrees with them.

        `outer` are variables that an EXISTS sees from outside: they stand for their values everywhere in it.
        Raises `TooWide` where that would be more than a look at few facts.
        """
        if not rows:
            return []
        match node:
            case Triple():
                found = self._triples(node, rows)
            case Join(parts):
                found = self._join(list(parts), rows, outer)
            case Union(parts):
                found = [row for part in parts for row in self.solve(part, rows, outer)]
            case Values():
                found = self._values(node, rows)
            case _:
                found = self._apart(node, rows, outer)
        if len(found) > MOST:
            raise TooWide
        return found

    # -- facts ---------------------------------------------------------------------------------------------------

    def _triples(self, node: Triple, rows: list[Row]) -> list[Row]:
        found: list[Row] = []
        for pattern in self._plans.patterns(node):
            if pattern.plain:
                self._plain_facts_of(pattern, rows, found)
                continue
            for row in rows:
                self._facts_of(pattern, row, found)
        return found

    def _plain_facts_of(self, pattern: Pattern, rows: list[Row], found: list[Row]) -> None:
        """Do the same for patterns of two different ends and a fixed predicate: nearly all, so without detours."""
        (near, _, far), (s_fixed, _, o_fixed) = pattern.variables, pattern.fixed
        relation, view = pattern.relation, self.view
        for row in rows:
            s = row.get(near) if near is not None else s_fixed
            o = row.get(far) if far is not None else o_fixed
            if s is not None:
                known = view.out(relation, s)
                if o is None and far is not None:
                    found += [{**row, far: each} for each in known]
                elif o in known:
                    found.append(row)
            elif near is not None and o is not None and pattern.klass is None:
                found += [{**row, near: each} for each in view.into(relation, o)]
            elif near is not None:
                found += _ends(row, near, far if o is None else None, o, view.pairs(relation))

    def _facts_of(self, pattern: Pattern, row: Row, found: list[Row]) -> None:
        s, p, o = pattern.bound(row)
        if p != pattern.predicate or (pattern.klass is not None and o is not None and o != pattern.klass):
            return
        if s is not None:
            pairs: Iterable[tuple[int, int]] = [(s, far) for far in self._objects(pattern.relation, s, o)]
        elif o is not None and pattern.klass is None:
            pairs = [(near, o) for near in self.view.into(pattern.relation, o)]
        else:
            pairs = self.view.pairs(pattern.relation)
        for near, far in pairs:
            bound = pattern.binding(row, near, far)
            if bound is not None:
                found.append(bound)

    def _objects(self, relation: int, s: int, o: int | None) -> Iterable[int]:
        known = self.view.out(relation, s)
        if o is None:
            return known
        return (o,) if o in known else ()

    def _values(self, node: Values, rows: list[Row]) -> list[Row]:
        given = []
        for terms in node.rows:
            bound = {v: t for v, t in zip(node.variables, terms, strict=True) if t is not None}
            ids = self._facts.dictionary.ids(bound.values())
            self._calculator.learn({i: stored_as(t)[2:] for i, t in zip(ids, bound.values(), strict=True) if i >= 0})
            given.append(dict(zip(bound, ids, strict=True)))
        return [joined for row in rows for other in given if (joined := _joined(row, other)) is not None]

    # -- joins ---------------------------------------------------------------------------------------------------

    def _join(self, parts: list[Node], rows: list[Row], outer: frozenset[Variable]) -> list[Row]:
        while parts and rows:
            bound = set(rows[0]).intersection(*rows[1:]) if len(rows) > 1 else set(rows[0])
            cheapest = self._plans.cheapest(parts, bound)
            parts.remove(cheapest)
            rows = self.solve(cheapest, rows, outer)
        return rows

    def _selected(self, node: Filter, given: Row) -> list[Row]:
        """Return the rows of a join for which a condition is true; what nothing but it joins is not multiplied out."""
        assert isinstance(node.source, Join)  # noqa: S101 - who calls has looked
        rows, parts, condition = [given], list(node.source.parts), node.condition
        asked, judged = _asked(node), False
        while parts and rows:
            bound = set(rows[0]).intersection(*rows[1:])
            cheapest = self._plans.cheapest(parts, bound)
            parts.remove(cheapest)
            if not judged and rows != [{}] and asked <= bound | certain(cheapest) and not _in_scope(cheapest) & bound:
                rows, judged = self._paired(rows, self.solve(cheapest, [{}]), condition, asked), True
            else:
                rows = self.solve(cheapest, rows)
        return rows if judged else self._calculator.kept(rows, condition, _in_scope(node))

    def _paired(
        self, rows: list[Row], others: list[Row], condition: Expression, asked: frozenset[Variable]
    ) -> list[Row]:
        """Return each row with each other for which a condition is true, judged once for what it asks of both."""
        found: list[Row] = []
        near, far = _by_values(rows, asked), _by_values(others, asked)
        for one, some in near.values():
            for other, more in far.values():
                if self._calculator.kept([{**one, **other}], condition, asked):
                    found += [{**row, **each} for row in some for each in more]
        return found

    # -- nodes that see nothing but their own ----------------------------------------------------------------------

    def _apart(self, node: Node, rows: list[Row], outer: frozenset[Variable]) -> list[Row]:
        """Solve a node for what may be pushed into it, and join."""
        scope = _in_scope(node)
        pushed = tuple(certain(node) | outer)
        shared = scope | outer
        found: list[Row] = []
        solved: dict[tuple[int | None, ...], list[Row]] = {}
        for row in rows:
            key = tuple([row.get(v) for v in pushed])
            if key not in solved:
                given = {v: term for v, term in zip(pushed, key, strict=True) if term is not None}
                solved[key] = self._alone(node, given, outer)
            for solution in solved[key]:
                joined = _joined(row, {v: solution[v] for v in solution if v in shared})
                if joined is not None:
                    found.append(joined)
        return found

    def _alone(self, node: Node, given: Row, outer: frozenset[Variable]) -> list[Row]:
        match node:
            case Filter(Extend()) if (sunk := _sunk(node)) is not None:
                return self._alone(sunk, given, outer)
            case Filter(Join()) if not outer:
                return self._selected(node, given)
            case Filter(source, condition):
                return self._calculator.kept(self.solve(source, [given], outer), condition, _in_scope(source) | outer)
            case Extend(source, _, _):
                return self._calculator.extended(self.solve(source, [given], outer), node, _in_scope(source) | outer)
            case Semi(source, pattern, negated):
                solved = self.solve(source, [given], outer)
                seen = _in_scope(source) | outer
                return [row for row in solved if self._holds(pattern, row, seen) != negated]
            case Mark(source, pattern, variable):
                seen = _in_scope(source) | outer
                plain = {v: given[v] for v in given if v != variable}
                solved = self.solve(source, [plain], outer)
                return [{**row, variable: TRUE if self._holds(pattern, row, seen) else FALSE} for row in solved]
            case LeftJoin():
                return self._left_join(node, given, outer)
            case Minus(left, right):
                return [row for row in self.solve(left, [given], outer) if not self._taken(row, left, right)]
            case Project():
                return self._project(node, given, outer)
            case Group(source, keys, _):
                return self._group(node, {v: given[v] for v in given if v in keys}, source, outer)
            case Closure():
                return self._walk(node, given, outer)
            case _:
                raise TooWide

    def _holds(self, pattern: Node, row: Row, seen: frozenset[Variable]) -> bool:
        return bool(self.solve(pattern, [{v: row[v] for v in row if v in seen}], seen))

    def _left_join(self, node: LeftJoin, given: Row, outer: frozenset[Variable]) -> list[Row]:
        left_scope = _in_scope(node.left) | outer
        found: list[Row] = []
        for row in self.solve(node.left, [{v: given[v] for v in given if v in left_scope}], outer):
            met = self.solve(node.right, [row], outer)
            if node.condition is not None:
                met = self._calculator.kept(met, node.condition, left_scope | _in_scope(node.right))
            found += met or [row]
        return found

    def _taken(self, row: Row, left: Node, right: Node) -> bool:
        shared = _in_scope(left) & _in_scope(right)
        if not shared:
            return False
        sides = {v: row[v] for v in row if v in shared}
        pushed = {v: sides[v] for v in sides if v in certain(right)}
        for other in self.solve(right, [pushed], _NONE):
            both = [v for v in sides if v in other]
            if both and all(sides[v] == other[v] for v in both):
                return True
        return False

    def _project(self, node: Project, given: Row, outer: frozenset[Variable]) -> list[Row]:
        if node.limit is not None or node.offset:
            raise TooWide
        names = frozenset(node.variables)
        inner = {v: given[v] for v in given if v in names}
        solved = [{v: row[v] for v in row if v in names} for row in self.solve(node.source, [inner], outer)]
        if not node.distinct:
            return solved
        return distinct(solved)

    def _group(self, node: Group, keys: Row, source: Node, outer: frozenset[Variable]) -> list[Row]:
        scope = _in_scope(source)
        rows = [{v: row[v] for v in row if v in scope} for row in self.solve(source, [keys], outer)]
        if not rows and node.keys:
            return []
        return self._calculator.grouped(rows, node)

    # -- walks ---------------------------------------------------------------------------------------------------

    def _walk(self, node: Closure, given: Row, outer: frozenset[Variable]) -> list[Row]:
        s, o = self._plans.value(node.s, given), self._plans.value(node.o, given)
        if s is not None:
            pairs = [(s, end) for end in self.reached(node, s, outer) if o is None or end == o]
        elif o is not None:
            pairs = [(start, o) for start in self.reached(node, o, outer, backwards=True)]
        else:
            steps = self.solve(node.step, [{}], outer)
            starts = dict.fromkeys(row[node.start] for row in steps if node.start in row)
            pairs = [(start, end) for start in starts for end in self.reached(node, start, outer)]
        found = (_agreed(given, (node.s, start), (node.o, end)) for start, end in pairs)
        return [row for row in found if row is not None]

    def reached(self, node: Closure, start: int, outer: frozenset[Variable], *, backwards: bool = False) -> list[int]:
        """Return what one or more steps lead to (or, backwards, come from)."""
        here, there = (node.end, node.start) if backwards else (node.start, node.end)
        seen: dict[int, None] = {}
        waiting = [start]
        while waiting:
            solved = self.solve(node.step, [{here: place} for place in waiting], outer)
            fresh = dict.fromkeys(row[there] for row in solved if row[there] not in seen)
            seen.update(fresh)
            waiting = list(fresh)
        return list(seen)


def _joined(row: Row, other: Row) -> Row | None:
    for variable, term in other.items():
        if row.get(variable, term) != term:
            return None
    return {**row, **other}


def _ends(row: Row, near: Variable, far: Variable | None, o: int | None, pairs: Iterable[tuple[int, int]]) -> list[Row]:
    """Return the row with each subject, and with its object where that is open; else that must be `o`."""
    if far is not None:
        return [{**row, near: s, far: each} for s, each in pairs]
    return [{**row, near: s} for s, each in pairs if each == o]


def _by_values(rows: list[Row], asked: frozenset[Variable]) -> dict[tuple[int | None, ...], tuple[Row, list[Row]]]:
    """Return rows by what they say of some variables, with that."""
    names = tuple(asked)
    found: dict[tuple[int | None, ...], tuple[Row, list[Row]]] = {}
    for row in rows:
        key = tuple([row.get(name) for name in names])
        if key not in found:
            found[key] = {name: row[name] for name in names if name in row}, []
        found[key][1].append(row)
    return found


@lru_cache(maxsize=2**17)
def _asked(node: Filter) -> frozenset[Variable]:
    return expression_variables(node.condition)


@lru_cache(maxsize=2**17)
def _sunk(node: Filter) -> Extend | None:
    """Return the same with the selection before a value is made that it does not look at, None where it does."""
    made = node.source
    if not isinstance(made, Extend) or made.variable in _asked(node):
        return None
    return Extend(Filter(made.source, node.condition), made.variable, made.value)


def _agreed(row: Row, *places: tuple[Atom, int]) -> Row | None:
    """Return the row with the variables of some places bound, None where one is bound otherwise."""
    bound = dict(row)
    for atom, term in places:
        if isinstance(atom, Variable) and bound.setdefault(atom, term) != term:
            return None
    return bound
