"""OWL 2 RL class expressions: what makes something a member (bodies), and what membership entails (heads)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef, Variable
from rdflib.collection import Collection
from rdflib.term import Node as RdfNode

from augenblick.reason.consequences import distinct, nothing, same, unequal
from augenblick.reason.datatypes import is_datatype, outside, within
from augenblick.reason.ir import Call, Expression, Filter, Join, Node, Triple, Union, Values

LISTS = (OWL.intersectionOf, OWL.unionOf, OWL.oneOf)
_fresh = count(1)
Entailed = tuple[list[Node], list[Triple]]
"""Further conditions, and the heads that then hold."""
Missing = Callable[[RdfNode, str], None]
"""Is told of an axiom no rule is made of: its subject, and the axiom with the reason."""


@dataclass(frozen=True)
class Definition:
    """A list that says what a named class is; a class may have several, each of which holds."""

    named: URIRef
    constructor: URIRef
    listed: RdfNode


class Unsupported(Exception):
    """A class expression that OWL 2 RL does not allow at this place, or that no rule is made of."""


def membership(graph: Graph, klass: object, member: Variable) -> Node:
    """Return the pattern under which something is known to be in a class expression (subclass position)."""
    if isinstance(klass, Definition):
        return _listed(graph, klass.constructor, klass.listed, member)
    whole = isinstance(klass, URIRef)
    if isinstance(klass, tuple):
        klass = klass[1]
    if whole or not isinstance(klass, BNode | URIRef):
        return _named(klass, member)
    for constructor in LISTS:
        listed = graph.value(klass, constructor)
        if listed is not None:
            return _listed(graph, constructor, listed, member)
    return _restriction(graph, klass, member)


def _listed(graph: Graph, constructor: URIRef, listed: RdfNode, member: Variable) -> Node:
    if constructor == OWL.oneOf:
        return Values((member,), tuple((item,) for item in Collection(graph, listed)))  # type: ignore[misc]
    parts = tuple(membership(graph, part, member) for part in Collection(graph, listed))
    return Join(parts) if constructor == OWL.intersectionOf else Union(parts)


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
        raise Unsupported(f"{_form(graph, klass)} on the left is outside OWL 2 RL")
    if value is not None:
        return step(graph, prop, member, value)
    if graph.value(klass, OWL.hasSelf) is not None:
        return step(graph, prop, member, member)
    if filler is None:
        raise Unsupported(f"{_form(graph, klass)} on the left is outside OWL 2 RL")
    other = Variable(f"m{next(_fresh)}")
    reached = step(graph, prop, member, other)
    if filler in (OWL.Thing, RDFS.Literal, RDFS.Resource):
        return reached
    if is_data_range(graph, filler):
        return Filter(reached, _conjunction(_range_tests(graph, filler, other, outward=False)))
    return Join((reached, membership(graph, filler, other)))


def _form(graph: Graph, klass: BNode | URIRef) -> str:
    skipped = (RDF.type, OWL.onProperty)
    names = sorted(str(p).rsplit("#", 1)[-1] for p in graph.predicates(klass) if p not in skipped)
    return " ".join(names) or "this"


def step(graph: Graph, prop: object, s: Variable, o: object) -> Triple:
    """Return the triple pattern of a property or of an inverse property expression."""
    if not isinstance(o, Variable | URIRef | BNode | Literal):
        raise Unsupported("a value that is no term")
    if isinstance(prop, URIRef):
        return Triple(s, prop, o)
    inner = graph.value(prop, OWL.inverseOf) if isinstance(prop, BNode) else None
    if not isinstance(inner, URIRef) or isinstance(o, Literal):
        raise Unsupported("not a property")
    return Triple(o, inner, s)


def entailed(graph: Graph, klass: object, member: Variable) -> list[Entailed]:
    """Return what membership in a class expression entails (superclass position): per part, further body and heads."""
    if isinstance(klass, Definition):
        if klass.constructor != OWL.intersectionOf:
            raise Unsupported(f"{klass.constructor.fragment} on the right is outside OWL 2 RL")
        return _parts(graph, klass.listed, member)
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
        return [([membership(graph, complement, member)], [nothing(member)])]
    listed = graph.value(klass, OWL.intersectionOf)
    if listed is not None:
        return _parts(graph, listed, member)
    prop = graph.value(klass, OWL.onProperty)
    if prop is None:
        raise Unsupported(f"{_form(graph, klass)} on the right is outside OWL 2 RL")
    return _restricted(graph, klass, prop, member)


def _parts(graph: Graph, listed: RdfNode, member: Variable) -> list[Entailed]:
    return [found for part in Collection(graph, listed) for found in entailed(graph, part, member)]


def _restricted(graph: Graph, klass: BNode | URIRef, prop: object, member: Variable) -> list[Entailed]:
    value, filler = graph.value(klass, OWL.hasValue), graph.value(klass, OWL.allValuesFrom)
    if value is not None:
        return [([], [step(graph, prop, member, value)])]
    if graph.value(klass, OWL.hasSelf) is not None:
        return [([], [step(graph, prop, member, member)])]
    for predicate in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
        most = graph.value(klass, predicate)
        if most is not None:
            return _at_most(graph, klass, prop, member, most)
    if filler is None:
        raise Unsupported(f"{_form(graph, klass)} on the right is outside OWL 2 RL")
    other = Variable(f"m{next(_fresh)}")
    reached = step(graph, prop, member, other)
    if is_data_range(graph, filler):
        tests = _range_tests(graph, filler, other, outward=True)
        return [([Filter(reached, test)], [nothing(member)]) for test in tests]
    return [([reached, *more], heads) for more, heads in entailed(graph, filler, other)]


def _at_most(graph: Graph, klass: BNode | URIRef, prop: object, member: Variable, most: object) -> list[Entailed]:
    """Return what "at most 0" (a contradiction) and "at most 1" (the values are one) entail: cls-maxc, cls-maxqc."""
    if str(most) not in ("0", "1"):
        raise Unsupported(f"at most {most} is outside OWL 2 RL")
    one, other = (Variable(f"m{next(_fresh)}") for _ in range(2))
    values = [one] if str(most) == "0" else [one, other]
    parts: list[Node] = [step(graph, prop, member, value) for value in values]
    filler = graph.value(klass, OWL.onClass) or graph.value(klass, OWL.onDataRange)
    tests: list[Expression] = []
    for value in values if filler not in (None, OWL.Thing, RDFS.Literal) else []:
        if is_data_range(graph, filler):
            tests += _range_tests(graph, filler, value, outward=False)
        else:
            parts.append(membership(graph, filler, value))
    body: Node = Join(tuple(parts))
    if str(most) == "0":
        return [([_filtered(body, tests)], [nothing(member)])]
    return [
        ([_filtered(body, [*tests, distinct(one, other)])], [same(one, other)]),
        ([_filtered(body, [*tests, unequal(one, other)])], [nothing(member)]),
    ]


def _filtered(body: Node, tests: list[Expression]) -> Node:
    return Filter(body, _conjunction(tests)) if tests else body


def _conjunction(tests: list[Expression]) -> Expression:
    return tests[0] if len(tests) == 1 else Call("&&", tuple(tests))


# -- data ranges


def is_data_range(graph: Graph, term: object) -> bool:
    """Return whether a term stands for literals: a datatype by name or declaration, or an expression of such."""
    if is_datatype(term):
        return True
    return isinstance(term, BNode | URIRef) and (term, RDF.type, RDFS.Datatype) in graph


def range_clashes(graph: Graph, datatype: object, value: Variable) -> list[Expression]:
    """Return the conditions under which a value contradicts a data range (dt-not-type)."""
    return _range_tests(graph, datatype, value, outward=True)


def _range_tests(graph: Graph, datatype: object, value: Variable, *, outward: bool) -> list[Expression]:
    """Return conditions that a value lies in a data range (all of them), or outward that it does not (any)."""
    listed = graph.value(datatype, OWL.intersectionOf) if isinstance(datatype, BNode | URIRef) else None
    if listed is not None:
        parts = Collection(graph, listed)
        return [test for part in parts for test in _range_tests(graph, part, value, outward=outward)]
    defined = graph.value(datatype, OWL.equivalentClass) if isinstance(datatype, URIRef) else None
    if defined is not None and not is_datatype(datatype):
        return _range_tests(graph, defined, value, outward=outward)
    test = (outside if outward else within)(datatype, value) if isinstance(datatype, URIRef) else None
    if test is None:
        raise Unsupported("a data range outside OWL 2 RL" if isinstance(datatype, BNode) else "an unknown datatype")
    return [test]
