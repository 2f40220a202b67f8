"""Property paths → the intermediate form."""

from __future__ import annotations

from itertools import count
from typing import Any

from rdflib import URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath

from augenblick.reason.ir import (
    Atom,
    Call,
    Closure,
    Const,
    Everything,
    Extend,
    Filter,
    Join,
    Node,
    Project,
    Ref,
    Triple,
    Union,
    Values,
    variables,
)
from augenblick.reason.sparql_expressions import Refuse

_numbers = count(1)


def path_node(s: Atom, path: Any, o: Atom, refuse: Refuse) -> Node:
    """Return the node that binds the two ends of a path.

    `?`, `+` and `*` give each pair once, `/`, `|` and `^` as often as the pattern they abbreviate (SPARQL 1.1, 9.3).
    """
    if isinstance(path, URIRef):
        return Triple(s, path, o)
    if isinstance(path, InvPath):
        return path_node(o, path.arg, s, refuse)
    if isinstance(path, SequencePath):
        return _sequence(s, path, o, refuse)
    if isinstance(path, AlternativePath):
        return Union(tuple(path_node(s, part, o, refuse) for part in path.args))
    if isinstance(path, NegatedPath):
        return _negated(s, path, o, refuse)
    if isinstance(path, MulPath):
        return _repeated(s, path, o, refuse)
    raise refuse(f"path {path!r}")


def _fresh() -> Variable:
    return Variable(f"__path_{next(_numbers)}")


def _sequence(s: Atom, path: Any, o: Atom, refuse: Refuse) -> Node:
    parts: list[Node] = []
    here = s
    for position, part in enumerate(path.args, 1):
        there = o if position == len(path.args) else _fresh()
        node = path_node(here, part, there, refuse)
        parts.extend(node.parts if isinstance(node, Join) else (node,))
        here = there
    return Join(tuple(parts))


def _negated(s: Atom, path: Any, o: Atom, refuse: Refuse) -> Node:
    forward: list[URIRef] = [part for part in path.args if isinstance(part, URIRef)]
    backward: list[Any] = [part.arg for part in path.args if isinstance(part, InvPath)]
    if len(forward) + len(backward) < len(path.args):  # rdflib's parser forgets which predicate it was
        raise refuse("an inverse inside a negated property set")
    sides = []
    if forward or not backward:
        sides.append(_other_than(s, forward, o))
    if backward:
        sides.append(_other_than(o, backward, s))
    return sides[0] if len(sides) == 1 else Union(tuple(sides))


def _other_than(s: Atom, predicates: list[URIRef], o: Atom) -> Node:
    predicate = _fresh()
    kept: Node = Triple(s, predicate, o)
    for other in predicates:
        kept = Filter(kept, Call("!=", (Ref(predicate), Const(other))))
    ends = tuple(atom for atom in dict.fromkeys((s, o)) if isinstance(atom, Variable))
    return Project(kept, ends)


def _repeated(s: Atom, path: Any, o: Atom, refuse: Refuse) -> Node:
    start, end = _fresh(), _fresh()
    step = path_node(start, path.path, end, refuse)
    if path.mod == "+":
        return Closure(s, o, step, start, end)
    if path.mod == "*":
        return _or_none(s, o, Closure(start, end, step, start, end), start, end)
    if path.mod == "?":
        return _or_none(s, o, step, start, end)
    raise refuse(f"path modifier {path.mod}")


def _or_none(s: Atom, o: Atom, some: Node, start: Variable, end: Variable) -> Node:
    """Return the pairs of a step and those of a term with itself, each once, with the ends put in place."""
    none = _zero(s, o, start, end)
    pairs = Project(Union((Project(some, (start, end)), none)), (start, end), distinct=True)
    return _placed(pairs, s, o, start, end)


def _zero(s: Atom, o: Atom, start: Variable, end: Variable) -> Node:
    fixed = next((atom for atom in (s, o) if not isinstance(atom, Variable)), None)
    if fixed is not None:
        return Values((start, end), ((fixed, fixed),))
    return Project(Extend(Everything(start), end, Ref(start)), (start, end))


def _placed(pairs: Node, s: Atom, o: Atom, start: Variable, end: Variable) -> Node:
    node = pairs
    for atom, inner in ((s, start), (o, end)):
        if isinstance(atom, Variable):
            if atom not in variables(node):
                node = Extend(node, atom, Ref(inner))
            else:
                node = Filter(node, Call("SAMETERM", (Ref(atom), Ref(inner))))
        else:
            node = Filter(node, Call("SAMETERM", (Ref(inner), Const(atom))))
    return Project(node, tuple(atom for atom in dict.fromkeys((s, o)) if isinstance(atom, Variable)))
