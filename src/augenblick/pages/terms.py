"""What the ontology says of its own terms: labels, definitions, themes."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import Graph, URIRef
from rdflib.namespace import RDFS, SKOS
from rdflib.term import Node

from augenblick.model.terms import AUG
from augenblick.pages.markdown import both


@dataclass(frozen=True)
class Terms:
    """The words of a graph's terms; a name without colon is one of `aug:`."""

    graph: Graph

    def node(self, name: str | Node) -> Node:
        """Return the term of a name."""
        if not isinstance(name, str) or isinstance(name, URIRef):
            return name
        return URIRef(name if "://" in name else AUG + name)

    def text(self, name: str | Node, predicate: Node, language: str) -> str:
        """Return what is said of a term in a language; nothing if it is not said."""
        values = (v for v in self.graph.objects(self.node(name), predicate) if getattr(v, "language", None) == language)
        return str(next(values, ""))

    def label(self, name: str | Node) -> str:
        """Return the label in both languages."""
        return both(*(self.text(name, RDFS.label, language) for language in ("de", "en")))

    def definition(self, name: str | Node) -> str:
        """Return the definition in both languages."""
        return f"{self.text(name, SKOS.definition, 'de')} · *{self.text(name, SKOS.definition, 'en')}*"
