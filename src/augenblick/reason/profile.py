"""What in an ontology lies outside OWL 2 RL and so has no rule, or a weaker one than it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rdflib import OWL, RDF, BNode, Graph, Namespace, URIRef
from rdflib.term import Node

SWRL = Namespace("http://www.w3.org/2003/11/swrl#")
_UNIVERSAL = (OWL.topObjectProperty, OWL.bottomObjectProperty, OWL.topDataProperty, OWL.bottomDataProperty)
_FORMS = {
    OWL.onProperties: "a restriction on several properties is outside OWL 2 RL",
    OWL.datatypeComplementOf: "the complement of a datatype is outside OWL 2 RL",
    OWL.withRestrictions: "facets of a datatype are outside OWL 2 RL",
}


def outside_profile(graph: Graph, short: Callable[[object], str]) -> Iterator[tuple[Node, str]]:
    """Yield each construct of an ontology without a rule of its own: where it stands, and in words."""
    for prop in graph.subjects(RDF.type, OWL.ReflexiveProperty):
        yield (
            prop,
            f"Reflexive({short(prop)}): outside OWL 2 RL; it holds here of owl:NamedIndividual and owl:Thing only",
        )
    for rule in graph.subjects(RDF.type, SWRL.Imp):
        yield (
            rule,
            f"Rule({'a rule' if isinstance(rule, BNode) else short(rule)}): SWRL is not read; write it as CONSTRUCT",
        )
    for predicate, reason in _FORMS.items():
        for node in graph.subjects(predicate):
            yield node, f"{short(predicate)}({short(node)}): {reason}"
    for prop in _UNIVERSAL:
        if (None, prop, None) in graph or (None, None, prop) in graph:
            yield prop, f"{short(prop)}: outside OWL 2 RL"
    yield from _unknown(graph, short)


def _unknown(graph: Graph, short: Callable[[object], str]) -> Iterator[tuple[Node, str]]:
    """Yield predicates in OWL's namespace that OWL does not define (mistyped, say)."""
    for predicate in sorted({p for p in graph.predicates() if isinstance(p, URIRef) and p.startswith(str(OWL))}):
        if str(predicate)[len(str(OWL)) :] not in _DEFINED:
            yield next(graph.subjects(predicate)), f"{short(predicate)}: no term of OWL 2"


_NAMES = """
allValuesFrom annotatedProperty annotatedSource annotatedTarget assertionProperty backwardCompatibleWith
bottomDataProperty bottomObjectProperty cardinality complementOf datatypeComplementOf deprecated differentFrom
disjointUnionOf disjointWith distinctMembers equivalentClass equivalentProperty hasKey hasSelf hasValue imports
incompatibleWith intersectionOf inverseOf maxCardinality maxQualifiedCardinality members minCardinality
minQualifiedCardinality onClass onDataRange onDatatype onProperties onProperty oneOf priorVersion propertyChainAxiom
propertyDisjointWith qualifiedCardinality sameAs someValuesFrom sourceIndividual targetIndividual targetValue
topDataProperty topObjectProperty unionOf versionIRI versionInfo withRestrictions
"""
_DEFINED = frozenset(_NAMES.split())
