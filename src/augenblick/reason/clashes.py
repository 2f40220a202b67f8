"""OWL axioms that facts can contradict → rules whose head is membership in owl:Nothing (OWL 2 Profiles, 4.3).

Whatever is in owl:Nothing contradicts the ontology; the proof of that fact is the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from rdflib import OWL, RDF, BNode, Graph, Literal, URIRef, Variable
from rdflib.collection import Collection
from rdflib.term import Node as RdfNode

from augenblick.reason.class_expressions import Missing, Unsupported, membership, step
from augenblick.reason.consequences import nothing
from augenblick.reason.ir import Join, Node, Triple

X, Y = Variable("x"), Variable("y")
Clash = tuple[str, Node, Triple]
"""An axiom's name, the body that contradicts it, and the head."""

_TERMS = (URIRef, BNode, Literal)
_LISTED = ((OWL.AllDisjointClasses, "AllDisjointClasses"), (OWL.AllDisjointProperties, "AllDisjointProperties"))


def clashes(graph: Graph, short: Callable[[object], str], missing: Missing) -> Iterator[Clash]:
    """Yield what contradicts the axioms of an ontology; axioms no body can be made of are told to `missing`."""
    for one, other, axiom in _disjoint_classes(graph):
        name = f"{axiom}({short(one)} {short(other)})"
        try:
            yield name, Join((membership(graph, one, X), membership(graph, other, X))), nothing(X)
        except Unsupported as reason:
            missing(one, f"{name}: {reason}")
    for one, other, axiom in _disjoint_properties(graph):
        name = f"{axiom}({short(one)} {short(other)})"
        try:
            yield name, Join((step(graph, one, X, Y), step(graph, other, X, Y))), nothing(X)
        except Unsupported as reason:
            missing(one, f"{name}: {reason}")
    for prop in graph.subjects(RDF.type, OWL.AsymmetricProperty):
        both = Join((step(graph, prop, X, Y), step(graph, prop, Y, X)))
        yield f"Asymmetric({short(prop)})", both, nothing(X)
    for prop in graph.subjects(RDF.type, OWL.IrreflexiveProperty):
        yield f"Irreflexive({short(prop)})", step(graph, prop, X, X), nothing(X)
    yield "Different", Triple(X, OWL.differentFrom, X), nothing(X)
    yield from _denied(graph, short, missing)


def _disjoint_classes(graph: Graph) -> Iterator[tuple[RdfNode, RdfNode, str]]:
    for one, other in graph.subject_objects(OWL.disjointWith):
        yield one, other, "DisjointClasses"
    for one, other in graph.subject_objects(OWL.complementOf):
        if isinstance(one, URIRef):
            yield one, other, "ComplementOf"
    for whole, parts in graph.subject_objects(OWL.disjointUnionOf):
        del whole
        yield from ((one, other, "DisjointUnion") for one, other in combinations(_items(graph, parts), 2))
    yield from _pairs(graph, *_LISTED[0])


def _disjoint_properties(graph: Graph) -> Iterator[tuple[RdfNode, RdfNode, str]]:
    for one, other in graph.subject_objects(OWL.propertyDisjointWith):
        yield one, other, "DisjointProperties"
    yield from _pairs(graph, *_LISTED[1])


def _pairs(graph: Graph, kind: URIRef, name: str) -> Iterator[tuple[RdfNode, RdfNode, str]]:
    for axiom in graph.subjects(RDF.type, kind):
        for members in graph.objects(axiom, OWL.members):
            yield from ((one, other, name) for one, other in combinations(_items(graph, members), 2))


def _denied(graph: Graph, short: Callable[[object], str], missing: Missing) -> Iterator[Clash]:
    """Yield what negative property assertions deny."""
    for axiom, source in graph.subject_objects(OWL.sourceIndividual):
        prop = graph.value(axiom, OWL.assertionProperty)
        target = graph.value(axiom, OWL.targetIndividual)
        target = graph.value(axiom, OWL.targetValue) if target is None else target
        name = f"NegativePropertyAssertion({short(source)} {short(prop)} {short(target)})"
        if isinstance(prop, URIRef) and isinstance(source, URIRef | BNode) and isinstance(target, _TERMS):
            yield name, Triple(source, prop, target), nothing(source)
        else:
            missing(axiom, f"{name}: not of the form individual, property, value")


def _items(graph: Graph, head: object) -> list[RdfNode]:
    return list(Collection(graph, head)) if isinstance(head, BNode | URIRef) else []
