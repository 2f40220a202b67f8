"""Variables that an EXISTS pattern sees from outside: which tests they need and where they must be brought in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rdflib import Variable

from augenblick.reason.ir import (
    Expression,
    Extend,
    Filter,
    In,
    Join,
    LeftJoin,
    Mark,
    Minus,
    Node,
    Semi,
    Union,
    expression_variables,
    variables,
)
from augenblick.reason.plan import Plan


@dataclass(frozen=True, eq=False)
class Seed:
    """The distinct bindings of some variables in the pattern around an EXISTS."""

    plan: Plan
    variables: tuple[Variable, ...]


def correlated(pattern: Node, outside: set[Variable]) -> tuple[Node, list[Expression]]:
    """Return the pattern without the filters at its top that need variables only bound outside, and these filters."""
    tests: list[Expression] = []

    def strip(node: Node) -> Node:
        match node:
            case Filter(source, condition):
                inner = strip(source)
                if expression_variables(condition) & (outside - variables(source)):
                    tests.append(condition)
                    return inner
                return Filter(inner, condition)
            case Semi(source, sub, negated) if not free(sub) & (outside - variables(source)):
                return Semi(strip(source), sub, negated)
            case _:
                return node

    return strip(pattern), tests


def free(node: Node) -> frozenset[Variable]:
    """Return all variables a pattern mentions, bound or only tested."""
    match node:
        case Filter(source, condition):
            return free(source) | expression_variables(condition)
        case Extend(source, _, value):
            return free(source) | expression_variables(value)
        case LeftJoin(left, right, condition):
            tested = expression_variables(condition) if condition is not None else frozenset()
            return free(left) | free(right) | tested
        case Semi(source, pattern, _) | Mark(source, pattern, _):
            return free(source) | free(pattern)
        case In(_, source):
            return free(source) | variables(node)
        case Join(parts) | Union(parts):
            return frozenset().union(*(free(part) for part in parts))
        case Minus(left, _):
            return free(left)
        case _:
            return variables(node)


def with_seeds(node: Node, outer: Plan) -> Node:
    """Return the pattern with outside bindings joined in below every test that needs them and does not have them."""
    outside = set(outer.columns)

    def seeded(source: Node, needed: frozenset[Variable]) -> Node:
        missing = tuple(sorted(needed & (outside - variables(source))))
        return Join((Seed(outer, missing), source)) if missing else source  # type: ignore[arg-type]

    def rewrite(node: Node) -> Node:
        match node:
            case Filter(source, condition):
                return Filter(seeded(rewrite(source), expression_variables(condition)), condition)
            case Extend(source, variable, value):
                return Extend(seeded(rewrite(source), expression_variables(value)), variable, value)
            case LeftJoin(left, right, condition):
                tested = expression_variables(condition) if condition is not None else frozenset()
                return LeftJoin(seeded(rewrite(left), tested - variables(right)), rewrite(right), condition)
            case Semi(source, pattern, negated):
                return Semi(seeded(rewrite(source), free(pattern)), pattern, negated)
            case Mark(source, pattern, variable):
                return Mark(seeded(rewrite(source), free(pattern)), pattern, variable)
            case In(graph, source):
                return In(graph, rewrite(source))
            case Join(parts):
                return Join(tuple(rewrite(part) for part in parts))
            case Union(parts):
                return Union(tuple(rewrite(part) for part in parts))
            case Minus(left, right):
                return Minus(rewrite(left), right)
            case _:
                return node

    return rewrite(node)


def narrowed(node: Node, outer: Plan) -> Node:
    """Return the pattern of an EXISTS with outside bindings joined into a join that would be a product without them.

    Two persons' dates that only a test compares are everybody's with everybody's; of interest are the pairs outside.
    """
    match node:
        case Filter(source, condition):
            return Filter(narrowed(source, outer), condition)
        case Semi(source, pattern, negated):
            return Semi(narrowed(source, outer), pattern, negated)
        case Join(parts) if not (any(isinstance(part, Seed) for part in parts) or _connected(parts)):
            firm = {variable for variable, known in outer.columns.items() if not known.nullable}
            wanted = tuple(sorted(variables(node) & firm))
            return Join((Seed(outer, wanted), *parts)) if wanted else node  # type: ignore[arg-type]
        case _:
            return node


def _connected(parts: Sequence[Node]) -> bool:
    """Tell whether one can go from any part to any other by variables they share."""
    rest = [variables(part) for part in parts]
    reached = rest.pop() if rest else frozenset()
    while near := [part for part in rest if part & reached]:
        reached = reached.union(*near)
        rest = [part for part in rest if part not in near]
    return not rest
