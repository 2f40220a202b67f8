"""Whether the axioms stay in the OWL 2 RL profile and in OWL 2 DL where that is easily lost.

Source: OWL 2 Profiles (second edition), section 4.2, and OWL 2 Structural Specification, sections 5.8.1
(punning) and 11.1 (simple properties). Literals in data are not looked at: dates and durations are no
datatypes of OWL 2 at all, and the engine, not OWL, computes with them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.term import Node

from augenblick.content.class_expressions import Expressions
from augenblick.content.finding import Finding
from augenblick.content.sources import Sources, short, shown

_FORBIDDEN_TYPES = {
    OWL.ReflexiveProperty: "reflexive properties are not in OWL 2 RL",
    OWL.DataRange: "owl:DataRange is of OWL 1",
}
_NEEDS_SIMPLE = (
    OWL.AsymmetricProperty,
    OWL.IrreflexiveProperty,
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
)
_EXCLUSIVE = (
    (OWL.ObjectProperty, OWL.DatatypeProperty),
    (OWL.ObjectProperty, OWL.AnnotationProperty),
    (OWL.DatatypeProperty, OWL.AnnotationProperty),
    (OWL.Class, RDFS.Datatype),
)
_COMPLEX = (OWL.propertyChainAxiom, OWL.TransitiveProperty)


def findings(sources: Sources) -> Iterator[Finding]:
    """Give a finding for each axiom outside the profile, with the reason."""
    graph = sources.union
    for subject, reason in sorted({*_outside_profile(graph), *_not_simple(graph), *_ill_punned(graph)}, key=str):
        yield Finding(sources.where(subject), shown(subject), "profile", reason, "say it as a rule (.rq)")


def _outside_profile(graph: Graph) -> Iterator[tuple[Node, str]]:
    expressions = Expressions(graph)
    yield from _class_axioms(graph, expressions)
    yield from _property_axioms(graph, expressions)
    yield from _assertions(graph, expressions)


def _class_axioms(graph: Graph, expressions: Expressions) -> Iterator[tuple[Node, str]]:
    for sub, sup in graph.subject_objects(RDFS.subClassOf):
        yield from _blamed(sub, sup, "subclass", expressions.not_sub(sub))
        yield from _blamed(sub, sup, "superclass", expressions.not_super(sup))
    for one, other in graph.subject_objects(OWL.equivalentClass):
        for side in (one, other):
            yield from _blamed(one, other, "equivalent class", expressions.not_equivalent(side))
    for one, other in graph.subject_objects(OWL.disjointWith):
        for side in (one, other):
            yield from _blamed(one, other, "disjoint class", expressions.not_sub(side))
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for member in expressions.members(graph.value(axiom, OWL.members)):
            yield from _blamed(axiom, member, "disjoint class", expressions.not_sub(member))
    for subject in graph.subjects(OWL.disjointUnionOf, None):
        yield subject, "disjoint unions are not in OWL 2 RL"


def _property_axioms(graph: Graph, expressions: Expressions) -> Iterator[tuple[Node, str]]:
    for predicate, role in ((RDFS.domain, "domain"), (RDFS.range, "range")):
        for prop, value in graph.subject_objects(predicate):
            yield from _blamed(prop, value, role, expressions.not_super_or_datatype(value))
    for kind, reason in _FORBIDDEN_TYPES.items():
        yield from ((subject, reason) for subject in graph.subjects(RDF.type, kind))


def _assertions(graph: Graph, expressions: Expressions) -> Iterator[tuple[Node, str]]:
    for individual, kind in graph.subject_objects(RDF.type):
        if isinstance(kind, BNode):
            yield from _blamed(individual, kind, "class of an individual", expressions.not_super(kind))


def _blamed(subject: Node, other: Node, role: str, reason: str | None) -> Iterator[tuple[Node, str]]:
    """Give the fault, blamed on whichever of the two ends has a name."""
    if reason:
        yield (other if isinstance(subject, BNode) and isinstance(other, URIRef) else subject), f"{reason} as {role}"


def _not_simple(graph: Graph) -> Iterator[tuple[Node, str]]:
    """Give properties that follow from chains or transitivity yet carry an axiom that forbids it in OWL 2 DL."""
    complex_properties: set[Node] = set(graph.subjects(_COMPLEX[0], None))
    complex_properties.update(graph.subjects(RDF.type, _COMPLEX[1]))
    while True:
        wider = {o for s in complex_properties for o in graph.objects(s, RDFS.subPropertyOf)}
        wider |= {o for s in complex_properties for o in graph.objects(s, OWL.inverseOf)}
        wider |= {s for o in complex_properties for s in graph.subjects(OWL.inverseOf, o)}
        if wider <= complex_properties:
            break
        complex_properties |= wider
    for prop in complex_properties:
        for kind in _NEEDS_SIMPLE:
            if (prop, RDF.type, kind) in graph:
                yield prop, f"is {short(str(kind))} although it follows from a chain or is transitive"


def _ill_punned(graph: Graph) -> Iterator[tuple[Node, str]]:
    for one, other in _EXCLUSIVE:
        for subject in set(graph.subjects(RDF.type, one)) & set(graph.subjects(RDF.type, other)):
            yield subject, f"is both {short(str(one))} and {short(str(other))}"
