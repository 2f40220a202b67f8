"""OWL axioms that make individuals the same, or deny it → rules (prp-fp, prp-ifp, prp-key, eq-diff of OWL 2 RL).

Literals cannot be made the same: two different values where an axiom allows one contradict it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef, Variable
from rdflib.collection import Collection
from rdflib.term import Node as RdfNode

from augenblick.reason.class_expressions import Missing, Unsupported, membership, step
from augenblick.reason.consequences import distinct, nothing, same, unequal
from augenblick.reason.ir import Filter, Join, Node, Triple, Values

X, Y, Z = Variable("x"), Variable("y"), Variable("z")
Identity = tuple[str, Node, Triple]
"""An axiom's name, the body, and the head: sameness, or a contradiction."""


def identities(graph: Graph, short: Callable[[object], str], missing: Missing) -> Iterator[Identity]:
    """Yield what follows from one value too many; axioms no rule is made of are told to `missing`."""
    for kind, name in ((OWL.FunctionalProperty, "Functional"), (OWL.InverseFunctionalProperty, "InverseFunctional")):
        for prop in set(graph.subjects(RDF.type, kind)):
            spoken = f"{name}({short(prop)})"
            try:
                yield from _single(graph, prop, spoken, inverse=kind == OWL.InverseFunctionalProperty)
            except Unsupported as reason:
                missing(prop, f"{spoken}: {reason}")
    for klass, keys in graph.subject_objects(OWL.hasKey):
        listed = list(Collection(graph, keys))
        spoken = f"HasKey({short(klass)} {' '.join(short(each) for each in listed)})"
        try:
            yield _key(graph, klass, listed, spoken)
        except Unsupported as reason:
            missing(klass, f"{spoken}: {reason}")
    for axiom in set(graph.subjects(RDF.type, OWL.AllDifferent)):
        for predicate in (OWL.members, OWL.distinctMembers):
            for head in graph.objects(axiom, predicate):
                yield _all_different(list(Collection(graph, head)), short)
    yield from _names(graph, short)


def _single(graph: Graph, prop: RdfNode, name: str, *, inverse: bool) -> Iterator[Identity]:
    one, other = (step(graph, prop, Y, X), step(graph, prop, Z, X)) if inverse else (
        step(graph, prop, X, Y), step(graph, prop, X, Z))  # fmt: skip
    body = Join((one, other))
    if inverse or (prop, RDF.type, OWL.DatatypeProperty) not in graph:
        yield name, Filter(body, distinct(Y, Z)), same(Y, Z)
    if not inverse and (prop, RDF.type, OWL.ObjectProperty) not in graph:
        yield f"{name} of literals", Filter(body, unequal(Y, Z)), nothing(X)


def _key(graph: Graph, klass: RdfNode, keys: list[RdfNode], name: str) -> Identity:
    parts: list[Node] = [membership(graph, klass, Y), membership(graph, klass, Z)]
    for number, prop in enumerate(keys, 1):
        value = Variable(f"k{number}")
        parts += [step(graph, prop, Y, value), step(graph, prop, Z, value)]
    if len(parts) == 2:
        raise Unsupported("a key of no property")
    return name, Filter(Join(tuple(parts)), distinct(Y, Z)), same(Y, Z)


def _all_different(members: list[RdfNode], short: Callable[[object], str]) -> Identity:
    terms = [member for member in members if isinstance(member, URIRef | BNode | Literal)]
    rows = tuple((term,) for term in dict.fromkeys(terms))
    body = Filter(Join((Values((X,), rows), Triple(X, OWL.sameAs, Y), Values((Y,), rows))), distinct(X, Y))
    spoken = " ".join(sorted(short(term) for term in terms))
    if len(rows) < len(terms):
        return f"AllDifferent({spoken})", Values((X,), rows), nothing(X)
    return f"AllDifferent({spoken})", body, nothing(X)


def equal_names(graph: Graph) -> frozenset[URIRef]:
    """Return the properties and classes an ontology says to be the same as another."""
    pairs = [(s, o) for s, o in graph.subject_objects(OWL.sameAs) if isinstance(s, URIRef) and isinstance(o, URIRef)]
    return frozenset(name for pair in pairs for name in pair if any(_names_facts(graph, each) for each in pair))


def _names_facts(graph: Graph, name: URIRef) -> bool:
    kinds = (OWL.Class, RDFS.Class, RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    if any((name, RDF.type, kind) in graph for kind in kinds):
        return True
    return (None, name, None) in graph or (None, RDF.type, name) in graph


def _names(graph: Graph, short: Callable[[object], str]) -> Iterator[Identity]:
    """Yield what holds of one of two equal properties or classes of the other (eq-rep-p, eq-rep-o under rdf:type)."""
    named = equal_names(graph)
    for s, o in graph.subject_objects(OWL.sameAs):
        if isinstance(s, URIRef) and isinstance(o, URIRef) and s in named:
            for one, other in ((s, o), (o, s)):
                spoken = f"SameName({short(one)} {short(other)})"
                yield spoken, Triple(X, one, Y), Triple(X, other, Y)
                yield f"{spoken} of members", Triple(X, RDF.type, one), Triple(X, RDF.type, other)
