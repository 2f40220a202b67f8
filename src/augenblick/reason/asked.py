"""What a rule asks of each thing it speaks of, to tell which new things it could be about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rdflib import Variable

from augenblick.reason.foregone import foregone
from augenblick.reason.ir import Atom, Filter, Join, Node, RelationKey, Triple, Union, children, relation_of


def asked(node: Node, kinds: Mapping[str, int] | None = None) -> Iterator[frozenset[RelationKey]]:
    """Yield, for each subject of each conjunction in a body, the relations it must lie in all at once.

    Only what stands side by side is taken together: what an OPTIONAL, a UNION or a negation adds is not demanded
    where it is added to (a side of a UNION demands what stands beside the UNION, too). So the sets may be too small,
    never too large. Left out are subjects that a new thing cannot be: those that something beside them points at, as
    nothing names a new thing before a rule has noticed it, and those whose values are tested for what terms of these
    `kinds` (by predicate) never are.
    """
    return _asked(node, kinds or {}, ())


_Beside = tuple[tuple[Triple, Filter | None], ...]
"""Patterns that must all hold, each with the condition that stands on it alone."""


def _asked(node: Node, kinds: Mapping[str, int], outside: _Beside) -> Iterator[frozenset[RelationKey]]:
    inside = tuple(_side_by_side(node))
    beside = (*outside, *inside)
    pointed_at = {triple.o for triple, _ in beside if isinstance(triple.o, Variable) and triple.o != triple.s}
    passed_over: set[Atom] = pointed_at | {triple.s for triple, test in beside if _never(triple, test, kinds)}
    together: dict[Atom, set[RelationKey]] = {}
    for triple, _ in beside:
        together.setdefault(triple.s, set()).add(relation_of(triple))
    own = {triple.s for triple, _ in inside}
    yield from (frozenset(keys) for subject, keys in together.items() if subject in own - passed_over)
    for below in _apart(node):
        if isinstance(below, Union):
            for side in below.parts:
                yield from _asked(side, kinds, beside)
        else:
            yield from _asked(below, kinds, ())


def _never(triple: Triple, test: Filter | None, kinds: Mapping[str, int]) -> bool:
    known = kinds.get(str(triple.p))
    if test is None or known is None or not isinstance(triple.o, Variable):
        return False
    return foregone(test.condition, {triple.o: known}) is False


def _side_by_side(node: Node) -> Iterator[tuple[Triple, Filter | None]]:
    match node:
        case Triple():
            yield node, None
        case Join(parts):
            for part in parts:
                yield from _side_by_side(part)
        case Filter(Triple() as triple, _):
            yield triple, node
        case Filter(source, _):
            yield from _side_by_side(source)


def _apart(node: Node) -> Iterator[Node]:
    match node:
        case Triple():
            return
        case Union():
            yield node
        case Join() | Filter():
            for child in children(node):
                yield from _apart(child)
        case _:
            yield from children(node)
