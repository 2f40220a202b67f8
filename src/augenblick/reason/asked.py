"""What a rule asks of each thing it speaks of, to tell which new things it could be about."""

from __future__ import annotations

from collections.abc import Iterator

from augenblick.reason.ir import Atom, Filter, Join, Node, RelationKey, Triple, children, relation_of


def asked(node: Node) -> Iterator[frozenset[RelationKey]]:
    """Yield, for each subject of each conjunction in a body, the relations it must lie in all at once.

    Only what stands side by side is taken together: what an OPTIONAL, a UNION or a negation adds is not demanded
    where it is added to. So the sets may be too small, never too large.
    """
    together: dict[Atom, set[RelationKey]] = {}
    for triple in _side_by_side(node):
        together.setdefault(triple.s, set()).add(relation_of(triple))
    yield from (frozenset(keys) for keys in together.values())
    for below in _apart(node):
        yield from asked(below)


def _side_by_side(node: Node) -> Iterator[Triple]:
    match node:
        case Triple():
            yield node
        case Join(parts):
            for part in parts:
                yield from _side_by_side(part)
        case Filter(source, _):
            yield from _side_by_side(source)


def _apart(node: Node) -> Iterator[Node]:
    match node:
        case Triple():
            return
        case Join() | Filter():
            for child in children(node):
                yield from _apart(child)
        case _:
            yield from children(node)
