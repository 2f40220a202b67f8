"""Words for shapes, paths and terms, as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

_IRI = re.compile(r"<([^<>]*)>")


def texts(graph: Graph, subject: Node, predicate: Node) -> Mapping[str, str]:
    """Return the literals of a property by language tag ("" for none), sorted."""
    found = [term for term in graph.objects(subject, predicate) if isinstance(term, Literal)]
    return {term.language or "": str(term) for term in sorted(found)}


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """Return terms sorted by their text."""
    return sorted(nodes, key=str)


def in_language(words: Mapping[str, str], language: str) -> str | None:
    """Return the words in the language, else without one, else in English, else in any."""
    for tag in (language, "", "en"):
        if tag in words:
            return words[tag]
    return next(iter(words.values()), None)


def short(iri: str) -> str:
    """Return the last part of an IRI, which is what people call the thing."""
    return re.split(r"[#/]", iri.rstrip("#/"))[-1] or iri


def readable(path: str) -> str:
    """Return a SPARQL path with short names for its IRIs."""
    return _IRI.sub(lambda match: short(match.group(1)), path)


def described(graph: Graph, shape: Node) -> str:
    """Return a name for a shape: its IRI, or for an anonymous one what it constrains."""
    if isinstance(shape, URIRef):
        return shape.n3()
    path = graph.value(shape, SH.path)
    if path is not None and isinstance(path, URIRef):
        return f"on {path.n3()}"
    kind = graph.value(shape, RDF.type)
    return f"without a name ({short(str(kind))})" if kind is not None else "without a name"
