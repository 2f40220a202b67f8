"""OWL 2 RL class expressions: what makes something a member (bodies), and what membership entails (heads)."""

from __future__ import annotations

from itertools import count

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef, Variable
from rdflib.collection import Collection

from augenblick.reason.ir import Join, Node, Triple, Union, Values

_fresh = count(1)


class Unsupported(Exception):
    """A class expression that OWL 2 RL does not allow at this place, or that no rule is made of."""


def membership(graph: Graph, klass: object, member: Variable) -> Node:
    """Return the pattern under which something is known to be in a class expression (subclass position)."""
    whole = isinstance(klass, URIRef)
    if isinstance(klass, tuple):
        klass = klass[1]
    if whole or not isinstance(klass, BNode | URIRef):
        return _named(klass, member)
    for predicate, combine in ((OWL.intersectionOf, Join), (OWL.unionOf, Union)):
        listed = graph.value(klass, predicate)
        if listed is not None:
            parts = [membership(graph, part, member) for part in Collection(graph, listed)]
            return combine(tuple(parts))
    listed = graph.value(klass, OWL.oneOf)
    if listed is not None:
        return Values((member,), tuple((item,) for item in Collection(graph, listed)))  # type: ignore[misc]
    return _restriction(graph, klass, member)


def _named(klass: object, member: Variable) -> Node:
    if not isinstance(klass, URIRef):
        raise Unsupported("not a class")
    if klass == OWL.Thing:
        raise Unsupported("owl:Thing on the left")
    return Triple(member, RDF.type, klass)


def _restriction(graph: Graph, klass: BNode | URIRef, member: Variable) -> Node:
    prop = graph.value(klass, OWL.onProperty)
    value = graph.value(klass, OWL.hasValue)
    filler = graph.value(klass, OWL.someValuesFrom)
    if prop is None:
        raise Unsupported("a class expression of an unknown form")
    if value is not None:
        return _step(graph, prop, member, value)
    if graph.value(klass, OWL.hasSelf) is not None:
        return _step(graph, prop, member, member)
    if filler is None:
        raise Unsupported(f"{_form(graph, klass)} on the left is outside OWL 2 RL")
    other = Variable(f"m{next(_fresh)}")
    step = _step(graph, prop, member, other)
    if filler in (OWL.Thing, RDFS.Literal, RDFS.Resource):
        return step
    if isinstance(filler, URIRef) and str(filler).startswith("http://www.w3.org/2001/XMLSchema#"):
        raise Unsupported("a datatype as the filler of someValuesFrom")
    return Join((step, membership(graph, filler, other)))


def _form(graph: Graph, klass: BNode | URIRef) -> str:
    skipped = (RDF.type, OWL.onProperty)
    names = sorted(str(p).rsplit("#", 1)[-1] for p in graph.predicates(klass) if p not in skipped)
    return " ".join(names) or "this"


def _step(graph: Graph, prop: object, s: Variable, o: object) -> Triple:
    if not isinstance(o, Variable | URIRef | BNode | Literal):
        raise Unsupported("a value that is no term")
    if isinstance(prop, URIRef):
        return Triple(s, prop, o)
    inner = graph.value(prop, OWL.inverseOf) if isinstance(prop, BNode) else None
    if not isinstance(inner, URIRef) or isinstance(o, Literal):
        raise Unsupported("not a property")
    return Triple(o, inner, s)


def entailed(graph: Graph, klass: object, member: Variable) -> list[tuple[list[Node], list[Triple]]]:
    """Return what membership in a class expression entails (superclass position): per part, further body and heads."""
    if isinstance(klass, tuple):
        klass = klass[1]
    elif isinstance(klass, URIRef):
        if klass in (OWL.Thing, RDFS.Resource):
            return []
        return [([], [Triple(member, RDF.type, klass)])]
    if not isinstance(klass, BNode | URIRef):
        raise Unsupported("not a class")
    complement = graph.value(klass, OWL.complementOf)
    if complement is not None:
        return [([membership(graph, complement, member)], [Triple(member, RDF.type, OWL.Nothing)])]
    listed = graph.value(klass, OWL.intersectionOf)
    if listed is not None:
        return [found for part in Collection(graph, listed) for found in entailed(graph, part, member)]
    prop = graph.value(klass, OWL.onProperty)
    if prop is None:
        raise Unsupported(f"{_form(graph, klass)} on the right is outside OWL 2 RL")
    value, filler = graph.value(klass, OWL.hasValue), graph.value(klass, OWL.allValuesFrom)
    if value is not None:
        return [([], [_step(graph, prop, member, value)])]
    if graph.value(klass, OWL.hasSelf) is not None:
        return [([], [_step(graph, prop, member, member)])]
    if filler is None:
        raise Unsupported(f"{_form(graph, klass)} on the right has no rule")
    if isinstance(filler, URIRef) and str(filler).startswith("http://www.w3.org/2001/XMLSchema#"):
        return []
    other = Variable(f"m{next(_fresh)}")
    step = _step(graph, prop, member, other)
    return [([step, *more], heads) for more, heads in entailed(graph, filler, other)]
