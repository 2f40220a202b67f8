"""Variables that an EXISTS pattern sees from outside: which tests they need and where they must be brought in."""

from __future__ import annotations

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
    children,
    expression_variables,
    variables,
)
from augenblick.reason.pairing import certain, pairs
from augenblick.reason.plan import Plan, twins


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
    """Return the pattern with outside bindings joined in below every test that needs them and does not have them.

    They come with what outside and the pattern have in common, or each would meet everything the pattern finds.
    """

    def met(source: Node, needed: frozenset[Variable]) -> Node:
        return _met(source, needed, outer)

    def rewrite(node: Node) -> Node:
        match node:
            case Filter(source, condition):
                return Filter(met(rewrite(source), expression_variables(condition)), condition)
            case Extend(source, variable, value):
                return Extend(met(rewrite(source), expression_variables(value)), variable, value)
            case LeftJoin(left, right, condition):
                tested = expression_variables(condition) if condition is not None else frozenset()
                return LeftJoin(met(rewrite(left), tested - variables(right)), rewrite(right), condition)
            case Semi(source, pattern, negated):
                return Semi(met(rewrite(source), free(pattern)), pattern, negated)
            case Mark(source, pattern, variable):
                return Mark(met(rewrite(source), free(pattern)), pattern, variable)
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


def _met(source: Node, needed: frozenset[Variable], outer: Plan) -> Node:
    missing = needed & (outer.columns.keys() - variables(source))
    if not missing:
        return source
    tied = tuple(sorted(missing | twins(outer, missing) | (_firm(outer) & certain(source))))
    return Join((Seed(outer, tied), source))  # type: ignore[arg-type]


def narrowed(node: Node, outer: Plan) -> Node:
    """Return the pattern of an EXISTS with outside bindings joined into a join that would pair everything without them.

    Two persons' dates that only a test compares are everybody's with everybody's, and so are two persons' payments that
    only their payer ties; of interest are the pairs outside.
    """
    match node:
        case Filter(source, condition):
            return Filter(narrowed(source, outer), condition)
        case Semi(source, pattern, negated):
            return Semi(narrowed(source, outer), pattern, negated)
        case Join(parts) if not any(isinstance(part, Seed) for part in parts) and pairs(parts, _firm(outer)):
            wanted = tuple(sorted(variables(node) & _firm(outer)))
            return Join((Seed(outer, wanted), *parts)) if wanted else node  # type: ignore[arg-type]
        case _:
            return node


def seeded(node: Node) -> bool:
    """Tell whether outside bindings were joined into a pattern."""
    return isinstance(node, Seed) or any(seeded(child) for child in children(node))


def _firm(plan: Plan) -> frozenset[Variable]:
    return frozenset(variable for variable, known in plan.columns.items() if not known.nullable)
