"""Bodies with some variables replaced by terms: how proofs ask for one fact instead of all."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import Variable

from augenblick.reason.ir import (
    Atom,
    Call,
    Closure,
    Const,
    Expression,
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
    Ref,
    Semi,
    Term,
    Triple,
    Union,
    Values,
    variables,
)

Bindings = Mapping[Variable, Term]


def substituted(node: Node, given: Bindings) -> Node:  # noqa: C901 (one case per node)
    """Return a node whose solutions are those of `node` that agree with the given bindings.

    Variables that are replaced are bound no longer. What a node computes itself (BIND, VALUES, aggregates) stays
    and is compared.
    """
    if not given:
        return node
    match node:
        case Triple():
            return triple_with(node, given)
        case Join(parts):
            return Join(tuple(substituted(part, given) for part in parts))
        case Union(parts):
            return Union(tuple(substituted(part, given) for part in parts))
        case Filter(source, condition):
            return Filter(substituted(source, given), expression_with(condition, given))
        case Semi(source, pattern, negated):
            return Semi(substituted(source, given), substituted(pattern, given), negated)
        case Mark(source, pattern, variable):
            rest = {name: term for name, term in given.items() if name != variable}
            marked = Mark(substituted(source, rest), substituted(pattern, rest), variable)
            return _agreeing(marked, {name: term for name, term in given.items() if name == variable})
        case In(graph, source):
            return In(_atom(graph, given), substituted(source, given))
        case LeftJoin(left, right, condition):
            test = expression_with(condition, given) if condition is not None else None
            return LeftJoin(substituted(left, given), substituted(right, given), test)
        case Minus(left, right):
            return Minus(_agreeing(left, given), right)
        case Extend(source, variable, value):
            return _extended(source, variable, value, given)
        case Closure(s, o, step, start, end):
            return Closure(_atom(s, given), _atom(o, given), step, start, end)
        case Project() | Group():
            return _inner(node, given)
        case _:
            return _agreeing(node, given)


def triple_with(triple: Triple, given: Bindings) -> Triple:
    """Return a triple pattern with variables replaced by terms."""
    return Triple(_atom(triple.s, given), _atom(triple.p, given), _atom(triple.o, given))


def _atom(atom: Atom, given: Bindings) -> Atom:
    return given.get(atom, atom) if isinstance(atom, Variable) else atom


def expression_with(expression: Expression, given: Bindings) -> Expression:
    """Return an expression with variables replaced by terms."""
    match expression:
        case Ref(variable) if variable in given:
            return Const(given[variable])
        case Call(name, args):
            return Call(name, tuple(expression_with(arg, given) for arg in args))
        case _:
            return expression


def _agreeing(node: Node, given: Bindings) -> Node:
    """Return the node joined with the given bindings of its variables."""
    here = [variable for variable in given if variable in variables(node)]
    if not here:
        return node
    return Join((Values(tuple(here), (tuple(given[variable] for variable in here),)), node))


def _extended(source: Node, variable: Variable, value: Expression, given: Bindings) -> Node:
    rest = {name: term for name, term in given.items() if name != variable}
    node: Node = Extend(substituted(source, rest), variable, expression_with(value, rest))
    if variable in given:
        node = Filter(node, Call("SAMETERM", (Ref(variable), Const(given[variable]))))
    return node


def _inner(node: Project | Group, given: Bindings) -> Node:
    """Return a sub-select or a grouping with the bindings of its visible variables or keys pushed inside."""
    if isinstance(node, Project):
        visible = {v: term for v, term in given.items() if v in node.variables}
        if node.limit is not None or node.offset:
            return _agreeing(node, given)
        rest = tuple(v for v in node.variables if v not in visible)
        return Project(substituted(node.source, visible), rest, node.distinct, node.order)
    keys = {v: term for v, term in given.items() if v in node.keys}
    restricted = _agreeing(node.source, keys)
    made = {v: term for v, term in given.items() if v not in node.keys}
    return _agreeing(Group(restricted, node.keys, node.aggregates), made)
