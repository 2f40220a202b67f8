"""Targets of a shape as a SPARQL pattern that binds its focus nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Node

from augenblick.model.errors import BadShape
from augenblick.validate.embedded import EmbeddedSelect
from augenblick.validate.shapes_asked import refuse_asking
from augenblick.validate.wording import in_order

TARGET_TERMS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)


def has_target(graph: Graph, shape: Node) -> bool:
    """Whether the shape has focus nodes of its own: a target, or it is itself a class."""
    return any((shape, term, None) in graph for term in TARGET_TERMS) or _is_class(graph, shape)


def names_targets(graph: Graph, shape: Node) -> bool:
    """Whether focus nodes may be such as the data do not mention: named by the shape, or made by a query."""
    return any((shape, term, None) in graph for term in (SH.targetNode, SH.target))


def _is_class(graph: Graph, shape: Node) -> bool:
    is_shape = any((shape, RDF.type, kind) in graph for kind in (SH.NodeShape, SH.PropertyShape))
    return is_shape and any((shape, RDF.type, kind) in graph for kind in (RDFS.Class, OWL.Class))


def focus_pattern(
    graph: Graph,
    shape: Node,
    focus: str,
    subclasses: Callable[[Node], tuple[URIRef, ...]],
    refuse: Callable[[str], BadShape],
) -> str:
    """Return the pattern that binds variable `focus` to every focus node of the shape."""
    branches = list(_branches(graph, shape, focus, subclasses, refuse))
    if len(branches) == 1:
        return branches[0]
    return " UNION ".join(f"{{ {branch} }}" for branch in branches)


def _branches(
    graph: Graph,
    shape: Node,
    focus: str,
    subclasses: Callable[[Node], tuple[URIRef, ...]],
    refuse: Callable[[str], BadShape],
) -> Iterator[str]:
    nodes = in_order(graph.objects(shape, SH.targetNode))
    if nodes:
        yield f"VALUES {focus} {{ {' '.join(constant(node, refuse) for node in nodes)} }}"
    classes = list(graph.objects(shape, SH.targetClass))
    if _is_class(graph, shape):
        classes.append(shape)
    for name in in_order({member for parent in classes for member in subclasses(parent)}):
        yield f"{focus} {RDF.type.n3()} {name.n3()} ."
    for predicate in in_order(graph.objects(shape, SH.targetSubjectsOf)):
        yield f"{focus} {constant(predicate, refuse)} ?o_target ."
    for predicate in in_order(graph.objects(shape, SH.targetObjectsOf)):
        yield f"?s_target {constant(predicate, refuse)} {focus} ."
    for target in in_order(graph.objects(shape, SH.target)):
        if graph.value(target, SH.select) is None:
            raise refuse("its sh:target is no sh:SPARQLTarget with sh:select")
        query = EmbeddedSelect.read(graph, target, refuse)
        refuse_asking(query.tokens, refuse)
        yield query.as_target(focus)


def constant(node: Node, refuse: Callable[[str], BadShape]) -> str:
    """Return an IRI or literal as SPARQL; a blank node has no name to ask for."""
    if isinstance(node, URIRef | Literal):
        return node.n3()
    raise refuse("a blank node stands where an IRI or a literal must")
