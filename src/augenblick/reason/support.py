"""What a solution of a body rests on: the facts it read, and the absences it needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, product

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
    children,
    variables,
)
from augenblick.reason.substitution import Bindings, substituted

Fact = tuple[Term, Term, Term]
Solutions = Callable[[Node, Bindings, int], list[Bindings]]
"""Answers a node under bindings with at most so many solutions, which bind its other variables."""

CHOICES = 5
"""Supports of one part of a body that are combined with those of the others."""

GROUP_LIMIT = 1000
"""Facts below one aggregate that a proof names."""


@dataclass(frozen=True)
class Absence:
    """Something the rule needed not to be: the patterns no facts fit, as triples and as text."""

    triples: tuple[tuple[Atom, Atom, Atom], ...]
    text: str


Support = tuple[tuple[Fact, ...], tuple[Absence, ...]]


def supports(node: Node, bindings: Bindings, solutions: Solutions) -> Iterator[Support]:  # noqa: C901 (one case per node)
    """Yield the premises and absences that make a node true under the bindings of one of its solutions."""
    match node:
        case Triple(s, p, o):
            fact = tuple(bindings.get(atom, atom) if isinstance(atom, Variable) else atom for atom in (s, p, o))
            if not any(isinstance(atom, Variable) for atom in fact):
                yield (fact,), ()  # type: ignore[misc]
        case Join(parts):
            yield from _all_of(parts, bindings, solutions)
        case Filter(source, _) | Extend(source, _, _) | In(_, source):
            yield from supports(source, bindings, solutions)
        case Semi():
            yield from _semi(node, bindings, solutions)
        case Mark(source, pattern, variable):
            holds = str(bindings.get(variable)) == "true"
            yield from _semi(Semi(source, pattern, not holds), bindings, solutions)
        case Minus(left, right):
            absence = absent(right, {v: t for v, t in bindings.items() if v in variables(left)})
            for premises, absences in supports(left, bindings, solutions):
                yield premises, (*absences, absence)
        case LeftJoin():
            yield from _optional(node, bindings, solutions)
        case Union(parts):
            for part in parts:
                for solution in solutions(part, bindings, 5):
                    yield from supports(part, {**bindings, **solution}, solutions)
        case Project(source):
            visible = {v: t for v, t in bindings.items() if v in node.variables}
            for solution in solutions(source, visible, 5):
                yield from supports(source, {**visible, **solution}, solutions)
        case Group():
            yield _grouped(node, bindings, solutions)
        case Closure():
            yield from _walked(node, bindings, solutions)
        case _:
            yield (), ()


def _all_of(parts: tuple[Node, ...], bindings: Bindings, solutions: Solutions) -> Iterator[Support]:
    """Yield the supports of a join; of parts with many supports a few are combined."""
    each = [list(islice(supports(part, bindings, solutions), CHOICES)) for part in parts]
    for choice in islice(product(*each), CHOICES * CHOICES):
        premises = dict.fromkeys(fact for found, _ in choice for fact in found)
        yield tuple(premises), tuple(absence for _, absences in choice for absence in absences)


def _semi(node: Semi, bindings: Bindings, solutions: Solutions) -> Iterator[Support]:
    for premises, absences in supports(node.source, bindings, solutions):
        if node.negated:
            yield premises, (*absences, absent(node.pattern, bindings))
            continue
        for solution in solutions(node.pattern, bindings, 1):
            for more, others in supports(node.pattern, {**bindings, **solution}, solutions):
                yield (*premises, *more), (*absences, *others)


def _optional(node: LeftJoin, bindings: Bindings, solutions: Solutions) -> Iterator[Support]:
    here = {v: t for v, t in bindings.items() if v in variables(node.left) | variables(node.right)}
    right = node.right if node.condition is None else Filter(node.right, node.condition)
    found = solutions(right, here, 1)
    for premises, absences in supports(node.left, bindings, solutions):
        if not found:
            yield premises, (*absences, absent(right, here))
            continue
        for more, others in supports(node.right, {**here, **found[0]}, solutions):
            yield (*premises, *more), (*absences, *others)


def _grouped(node: Group, bindings: Bindings, solutions: Solutions) -> Support:
    keys = {v: t for v, t in bindings.items() if v in node.keys}
    premises: dict[Fact, None] = {}
    absences: list[Absence] = []
    for solution in solutions(node.source, keys, GROUP_LIMIT):
        found = next(supports(node.source, {**keys, **solution}, solutions), ((), ()))
        premises |= dict.fromkeys(found[0])
        absences += [absence for absence in found[1] if absence not in absences]
    return tuple(premises), tuple(absences)


def _walked(node: Closure, bindings: Bindings, solutions: Solutions) -> Iterator[Support]:
    """Yield the facts of a shortest walk from one end of a path to the other."""
    start, goal = (bindings.get(a, a) if isinstance(a, Variable) else a for a in (node.s, node.o))
    if isinstance(start, Variable) or isinstance(goal, Variable):
        return
    seen: dict[Term, tuple[Term, Bindings] | None] = {}
    border: list[Term] = [start]
    while border:
        beyond: list[Term] = []
        for here in border:
            for solution in solutions(node.step, {node.start: here}, GROUP_LIMIT):
                there = solution[node.end]
                if there in seen:
                    continue
                seen[there] = (here, solution)
                beyond.append(there)
                if there == goal:
                    yield _steps(node, start, goal, seen, solutions)
                    return
        border = beyond


def _steps(
    node: Closure, start: Term, goal: Term, seen: dict[Term, tuple[Term, Bindings] | None], solutions: Solutions
) -> Support:
    premises: list[Fact] = []
    here = goal
    while (step := seen.get(here)) is not None:
        found = next(supports(node.step, {**step[1], node.start: step[0]}, solutions), ((), ()))
        premises = [*found[0], *premises]
        here = step[0]
        if here == start:
            break
    return tuple(premises), ()


def absent(pattern: Node, bindings: Bindings) -> Absence:
    """Return the absence of a pattern under bindings."""
    bound = dict(bindings)
    triples = tuple(_triples(substituted(pattern, bound)))
    return Absence(triples, f"no {spoken(substituted(pattern, bound))}")


def _triples(node: Node) -> Iterator[tuple[Atom, Atom, Atom]]:
    if isinstance(node, Triple):
        yield (node.s, node.p, node.o)
    for child in children(node):
        yield from _triples(child)


def spoken(node: Node) -> str:  # noqa: C901 (one case per node)
    """Return a node in words close to SPARQL."""
    match node:
        case Triple(s, p, o):
            return f"{_term(s)} {_term(p)} {_term(o)}"
        case Join(parts):
            return " and ".join(spoken(part) for part in parts)
        case Union(parts):
            return "(" + " or ".join(spoken(part) for part in parts) + ")"
        case Filter(source, condition):
            return f"{spoken(source)} where {said(condition)}"
        case Extend(source, variable, value):
            return f"{spoken(source)} with ?{variable} = {said(value)}"
        case Semi(source, pattern, negated):
            return f"{spoken(source)} {'without' if negated else 'with'} ({spoken(pattern)})"
        case Mark(source, pattern, variable):
            return f"{spoken(source)} with ?{variable} = exists ({spoken(pattern)})"
        case In(graph, source):
            return f"in graph {_term(graph)}: {spoken(source)}"
        case LeftJoin(left, right, _):
            return f"{spoken(left)} and perhaps ({spoken(right)})"
        case Minus(left, right):
            return f"{spoken(left)} without ({spoken(right)})"
        case Closure():
            return f"{_term(node.s)} reaches {_term(node.o)} by ({spoken(node.step)})"
        case Project(source) | Group(source):
            return spoken(source)
        case _:
            return type(node).__name__.lower()


def said(expression: Expression) -> str:
    """Return an expression as SPARQL would write it."""
    match expression:
        case Ref(variable):
            return f"?{variable}"
        case Const(term):
            return _term(term)
        case Call(name, args) if not name[0].isalpha() and len(args) > 1:
            return f" {name} ".join(said(arg) for arg in args)
        case Call(name, args):
            return f"{name}({', '.join(said(arg) for arg in args)})"


def _term(atom: Atom) -> str:
    return f"?{atom}" if isinstance(atom, Variable) else atom.n3()
