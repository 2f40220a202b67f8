"""SHACL property paths: read from RDF, written as SPARQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rdflib import BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from augenblick.model.errors import BadShape

_PREDICATE = "predicate"
_SEQUENCE = "sequence"
_ALTERNATIVE = "alternative"
_INVERSE = "inverse"
_REPEATED = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


@dataclass(frozen=True)
class Path:
    """A property path as a tree: a predicate, or an operator over parts."""

    kind: str
    parts: tuple[Path, ...] = ()
    predicate: URIRef | None = None

    @property
    def sparql(self) -> str:
        """The path in SPARQL 1.1 syntax, parenthesised where it is not a single predicate."""
        inner = [part.sparql for part in self.parts]
        if self.predicate is not None:
            return self.predicate.n3()
        if self.kind == _SEQUENCE:
            return f"({'/'.join(inner)})"
        if self.kind == _ALTERNATIVE:
            return f"({'|'.join(inner)})"
        if self.kind == _INVERSE:
            return f"(^{inner[0]})"
        return f"({inner[0]}{self.kind})"

    @property
    def reaches_itself(self) -> bool:
        """Whether the path may have length zero, so that every node is a value of itself."""
        if self.kind in {"*", "?"}:
            return True
        if self.kind == _ALTERNATIVE:
            return any(part.reaches_itself for part in self.parts)
        return self.kind != _PREDICATE and all(part.reaches_itself for part in self.parts)

    def single_steps(self, *, backwards: bool = False) -> list[tuple[URIRef, bool]]:
        """Return (predicate, whether it runs backwards) if one fact joins start and end, else nothing."""
        if self.predicate is not None:
            return [(self.predicate, backwards)]
        if self.kind == _INVERSE:
            return self.parts[0].single_steps(backwards=not backwards)
        if self.kind != _ALTERNATIVE:
            return []
        branches = [part.single_steps(backwards=backwards) for part in self.parts]
        return [step for branch in branches for step in branch] if all(branches) else []

    def pattern(self, start: str, end: str, fresh: Callable[[], str]) -> str:
        """Return triple patterns from variable `start` to variable `end`.

        Sequences and inverses become plain joins, which set-based engines like best.
        """
        if self.kind == _SEQUENCE:
            stops = [start, *(fresh() for _ in self.parts[1:]), end]
            steps = zip(self.parts, stops, stops[1:], strict=False)
            return " ".join(part.pattern(here, there, fresh) for part, here, there in steps)
        if self.kind == _INVERSE:
            return self.parts[0].pattern(end, start, fresh)
        return f"{start} {self.sparql} {end} ."


def read_path(graph: Graph, node: Node, refuse: Callable[[str], BadShape]) -> Path:
    """Return the path that `node` denotes (SHACL 2.3.1); raise what `refuse` makes for anything else."""
    return _read(graph, node, refuse, ())


def _read(graph: Graph, node: Node, refuse: Callable[[str], BadShape], above: tuple[Node, ...]) -> Path:
    if isinstance(node, URIRef):
        return Path(_PREDICATE, predicate=node)
    if not isinstance(node, BNode) or node in above:
        raise refuse("its sh:path is not a path")
    below = (*above, node)
    if (node, RDF.first, None) in graph:
        return Path(_SEQUENCE, _members(graph, node, refuse, below))
    listed = graph.value(node, SH.alternativePath)
    if listed is not None:
        return Path(_ALTERNATIVE, _members(graph, listed, refuse, below))
    turned = graph.value(node, SH.inversePath)
    if turned is not None:
        return Path(_INVERSE, (_read(graph, turned, refuse, below),))
    for term, mark in _REPEATED.items():
        repeated = graph.value(node, term)
        if repeated is not None:
            return Path(mark, (_read(graph, repeated, refuse, below),))
    raise refuse("its sh:path is not a path")


def _members(graph: Graph, node: Node, refuse: Callable[[str], BadShape], above: tuple[Node, ...]) -> tuple[Path, ...]:
    members = list(Collection(graph, node))
    if len(members) < 2:
        raise refuse("a path list needs at least two members")
    return tuple(_read(graph, member, refuse, above) for member in members)
