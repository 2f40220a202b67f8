"""The Turtle files of the ontology folder as graphs, each by itself and all together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from augenblick.content import canonical_turtle as turtle
from augenblick.model import terms
from augenblick.model.errors import BadOntology
from augenblick.reason.terms import canonical_span

OWN_NAMESPACES = (terms.AUG, terms.MOMENT, terms.SIGNAL, terms.PRODUCT)

_PREFIXES = {space: name for name, space in turtle.HOUSE_PREFIXES.items()}
_ENTITIES = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


@dataclass(frozen=True)
class Sources:
    """The files of one ontology folder: path below the folder → graph."""

    folder: Path
    files: dict[str, Graph]

    @staticmethod
    def read(folder: Path) -> Sources:
        """Return the Turtle files below `folder`; raises BadOntology if there are none or one is no Turtle."""
        graphs = {
            path.relative_to(folder).as_posix(): _graph(
                path, path.relative_to(folder).as_posix(), folder.resolve().name
            )
            for path in sorted(folder.rglob("*.ttl"))
        }
        if not graphs:
            raise BadOntology("holds no Turtle file", where=str(folder), hint="name the ontology folder")
        return Sources(folder, graphs)

    @cached_property
    def union(self) -> Graph:
        """All files as one graph; anonymous nodes of different files stay different."""
        whole = Graph()
        for graph in self.files.values():
            for triple in graph:
                whole.add(triple)
        return whole

    @cached_property
    def declared(self) -> dict[str, str]:
        """IRIs that are given a type somewhere, and the first file that does so."""
        places: dict[str, str] = {}
        for path, graph in self.files.items():
            for subject in graph.subjects(RDF.type, None):
                if isinstance(subject, URIRef):
                    places.setdefault(str(subject), path)
        return places

    def where(self, node: Node) -> str:
        """Return the file in which `node` is given a type, else is spoken of, else the folder's name."""
        if str(node) in self.declared:
            return self.declared[str(node)]
        spoken = (path for path, graph in self.files.items() if (node, None, None) in graph)
        return next(spoken, self.folder.name)

    def label(self, iri: str) -> str:
        """Return the English label of `iri` with its short name, else the short name."""
        labels = [
            str(value)
            for value in self.union.objects(URIRef(iri), RDFS.label)
            if getattr(value, "language", None) == "en"
        ]
        return f"{short(iri)} “{min(labels)}”" if labels else short(iri)

    def size(self) -> tuple[int, int]:
        """Return how many classes and how many properties of our own are declared."""
        kinds: dict[Node, set[Node]] = {
            kind: {s for s in self.union.subjects(RDF.type, kind) if str(s).startswith(OWN_NAMESPACES)}
            for kind in _ENTITIES
        }
        properties = set[Node]().union(*(kinds[kind] for kind in _ENTITIES[1:]))
        return len(kinds[OWL.Class]), len(properties)


def short(iri: str) -> str:
    """Return `iri` with the house's prefix, if one fits."""
    for space in sorted(_PREFIXES, key=len, reverse=True):
        if iri.startswith(space):
            return f"{_PREFIXES[space]}:{iri.removeprefix(space)}"
    return f"<{iri}>"


def shown(node: Node) -> str:
    """Return the short name of an IRI, or words for an anonymous node."""
    return "an anonymous node" if isinstance(node, BNode) else short(str(node))


def _graph(path: Path, where: str, folder: str) -> Graph:
    return _parsed(turtle.text_of(path, where=where), where, folder)


@lru_cache(maxsize=500)
def _parsed(text: str, where: str, folder: str) -> Graph:
    """Return what a file says; checks read the same files several times, and nobody writes to the graph of one."""
    try:
        graph = Graph().parse(data=text, format="turtle")
    except (SyntaxError, ValueError, AssertionError) as error:
        raise BadOntology(f"no Turtle: {error}", where=where, hint="mend the place named") from error
    _name_anonymous_nodes(graph, f"{folder}/{where}")
    _write_spans_canonically(graph)
    return graph


def _write_spans_canonically(graph: Graph) -> None:
    """Let rules compare spans however an expert wrote them."""
    for s, p, o in list(graph):
        canonical = canonical_span(o) if isinstance(o, Literal) else o
        if str(canonical) != str(o):
            graph.remove((s, p, o))
            graph.add((s, p, canonical))


def _name_anonymous_nodes(graph: Graph, file: str) -> None:
    """Name anonymous nodes after their file and their place in it: the same content gives the same graph each time."""
    head = f"b{hashlib.sha256(file.encode()).hexdigest()[:12]}n"
    for triple in [triple for triple in graph if any(isinstance(term, BNode) for term in triple)]:
        graph.remove(triple)
        s, p, o = (_placed(term, head) for term in triple)
        graph.add((s, p, o))


def _placed(term: Node, head: str) -> Node:
    # rdflib names the n-th anonymous node of a text with a random head and `b` n.
    return BNode(head + str(term).rpartition("b")[2]) if isinstance(term, BNode) else term
