"""Axioms in words: names of terms and class expressions that do not depend on the names of blank nodes."""

from __future__ import annotations

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.collection import Collection

from augenblick.reason.class_expressions import Definition

_AXIOMS = (RDF.type, RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith, OWL.differentFrom, OWL.sameAs)
"""What is said of a class expression is no part of it (and may lead back to it)."""


class Names:
    """Says the terms and class expressions of one ontology in words."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def short(self, term: object) -> str:
        """Return a term's local name; of a class expression its parts in brackets."""
        if isinstance(term, Definition):
            return f"the {term.constructor.fragment} of {self.short(term.named)}"
        if isinstance(term, tuple):
            return f"the expression of {self.short(term[1])}"
        if isinstance(term, BNode):
            return self._described(term)
        if isinstance(term, URIRef):
            return str(term).rstrip("/").replace("#", "/").rsplit("/", 1)[-1]
        return str(term)

    def _described(self, node: BNode) -> str:
        parts = []
        for p, o in sorted(self._graph.predicate_objects(node), key=lambda pair: (str(pair[0]), str(pair[1]))):
            if p in _AXIOMS:
                continue
            if isinstance(o, BNode) and (o, RDF.first, None) in self._graph:
                inside = " ".join(sorted(self.short(item) for item in Collection(self._graph, o)))
                parts.append(f"{self.short(p)} [{inside}]")
            else:
                parts.append(f"{self.short(p)} {self.short(o)}")
        return f"({', '.join(sorted(parts))})"
