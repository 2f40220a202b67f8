"""Which bodies no fact can make true, seen from row counts and kinds of terms alone."""

from __future__ import annotations

from functools import cache

from rdflib import RDF, Variable

from augenblick.reason.foregone import foregone
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
    RelationKey,
    Semi,
    Triple,
    Union,
    Values,
    relation_of,
)
from augenblick.reason.plan import Catalog


def possible(node: Node, catalog: Catalog) -> bool:
    """Return whether a node may have a solution; False only where the tables it needs are empty."""
    match node:
        case Triple():
            return any(source.rows for source in catalog.sources(relation_of(node)))
        case Join(parts):
            return all(possible(part, catalog) for part in parts)
        case Union(parts):
            return any(possible(part, catalog) for part in parts)
        case Semi(source, pattern, negated):
            return possible(source, catalog) and (negated or possible(pattern, catalog))
        case Filter(Triple() as triple, test):
            return possible(triple, catalog) and foregone(test, _kinds(triple, catalog)) is not False
        case Filter(source, _) | Extend(source, _, _) | Project(source) | Mark(source) | In(_, source):
            return possible(source, catalog)
        case LeftJoin(left, _, _) | Minus(left, _):
            return possible(left, catalog)
        case Group(source, keys):
            return not keys or possible(source, catalog)
        case Closure():
            return possible(node.step, catalog)
        case Everything():
            return any(source.rows for source in catalog.sources(RelationKey(None)))
        case Values(_, rows):
            return bool(rows)
        case _:
            return True


@cache
def needed(node: Node) -> tuple[RelationKey, ...]:
    """Return relations of which there must be some fact for a node to have a solution; perhaps not all of them."""
    match node:
        case Triple():
            return (relation_of(node),)
        case Join(parts):
            return tuple(dict.fromkeys(key for part in parts for key in needed(part)))
        case Semi(source, pattern, negated):
            return needed(source) if negated else (*needed(source), *needed(pattern))
        case Filter(source, _) | Extend(source, _, _) | Project(source) | Mark(source) | In(_, source):
            return needed(source)
        case LeftJoin(left, _, _) | Minus(left, _):
            return needed(left)
        case Closure():
            return needed(node.step)
        case _:
            return ()


def _kinds(triple: Triple, catalog: Catalog) -> dict[Variable, int]:
    """Return the kinds of terms subject and object of a pattern may be bound to."""
    found: dict[Variable, int] = {}
    key = relation_of(triple)
    if key.predicate is None or key.predicate == str(RDF.type):
        return found
    for source in catalog.sources(key):
        for atom, mask in ((triple.s, source.s_kinds), (triple.o, source.o_kinds)):
            if isinstance(atom, Variable):
                found[atom] = found.get(atom, 0) | mask
    return found
