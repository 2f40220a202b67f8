"""Axioms as tests: what to assume of individuals nobody has heard of, and what must then follow.

A set of Datalog rules entails an axiom exactly if from the axiom's condition, assumed of fresh individuals, its
conclusion follows; what an axiom forbids must, assumed, lead to a contradiction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, count

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef, Variable
from rdflib.collection import Collection
from rdflib.term import Node as RdfNode

from augenblick.reason.class_expressions import Unsupported, is_data_range, membership
from augenblick.reason.ir import Join, Node, Term, Triple, Values

Statement = tuple[RdfNode, RdfNode, RdfNode]
Maker = Callable[[Graph, RdfNode, RdfNode], "Iterator[Test]"]
_fresh = count(1)


@dataclass(frozen=True, eq=False)
class Test:
    """Facts to assume, and what must then hold; without a goal, they must contradict."""

    assumed: tuple[Statement, ...]
    goal: Node | None = None


def somebody() -> URIRef:
    """Return an individual nobody has heard of."""
    return URIRef(f"urn:augenblick:somebody:{next(_fresh)}")


def tests(graph: Graph, statement: Statement) -> list[Test] | None:
    """Return the tests that show a statement; None where there are none for its form.

    Raises `Unsupported` for class expressions nothing can be asked of.
    """
    s, p, o = statement
    makers = _OF_CLASSES.get(o) if p == RDF.type else _OF_PREDICATES.get(p)
    if makers is not None:
        return list(makers(graph, s, o))
    return list(member_tests(graph, s, o, ())) if p == RDF.type else None


def member_tests(graph: Graph, member: RdfNode, klass: RdfNode, assumed: tuple[Statement, ...]) -> Iterator[Test]:
    """Yield the tests that show that an individual is in a class, given what is assumed already."""
    parts = graph.value(klass, OWL.intersectionOf)
    prop, filler = graph.value(klass, OWL.onProperty), graph.value(klass, OWL.allValuesFrom)
    most = graph.value(klass, OWL.maxCardinality) or graph.value(klass, OWL.maxQualifiedCardinality)
    complement = graph.value(klass, OWL.complementOf)
    if complement is not None:
        yield Test((*assumed, (member, RDF.type, complement)))
    elif parts is not None:
        for part in Collection(graph, parts):
            yield from member_tests(graph, member, part, assumed)
    elif filler is not None:
        other = somebody()
        yield from member_tests(graph, other, filler, (*assumed, _stated(graph, member, prop, other)))
    elif most is not None and str(most) in ("0", "1"):
        yield _at_most(graph, member, klass, prop, assumed, int(str(most)))
    else:
        variable = Variable("x")
        named = klass if isinstance(klass, URIRef) else ("expression", klass)
        yield Test(assumed, Join((Values((variable,), ((term(member),),)), membership(graph, named, variable))))


def _at_most(
    graph: Graph, member: RdfNode, klass: RdfNode, prop: RdfNode | None, assumed: tuple[Statement, ...], most: int
) -> Test:
    others = [somebody() for _ in range(most + 1)]
    facts = [*assumed, *(_stated(graph, member, prop, other) for other in others)]
    filler = graph.value(klass, OWL.onClass)
    if filler is not None:
        facts += [(other, RDF.type, filler) for other in others]
    return Test(tuple(facts), Triple(others[0], OWL.sameAs, others[1]) if most else None)


def _stated(graph: Graph, s: RdfNode, prop: RdfNode | None, o: RdfNode) -> Statement:
    if prop is None:
        raise Unsupported("a restriction on no property")
    inner = graph.value(prop, OWL.inverseOf) if isinstance(prop, BNode) else None
    return (s, prop, o) if inner is None else (o, inner, s)


def _step(graph: Graph, s: RdfNode, prop: RdfNode, o: RdfNode) -> Triple:
    return _triple(*_stated(graph, s, prop, o))


def _triple(s: RdfNode, p: RdfNode, o: RdfNode) -> Triple:
    return Triple(term(s), term(p), term(o))


def term(node: RdfNode) -> Term:
    """Return a node as a term; raises `Unsupported` for anything else (a path, say)."""
    if not isinstance(node, URIRef | BNode | Literal):
        raise Unsupported("not a term")
    return node


# -- axioms of two terms


def _subclass(graph: Graph, sub: RdfNode, sup: RdfNode) -> Iterator[Test]:
    one = somebody()
    yield from member_tests(graph, one, sup, ((one, RDF.type, sub),))


def _equivalent(graph: Graph, one: RdfNode, other: RdfNode) -> Iterator[Test]:
    yield from _subclass(graph, one, other)
    yield from _subclass(graph, other, one)


def _subproperty(graph: Graph, sub: RdfNode, sup: RdfNode) -> Iterator[Test]:
    one, other = somebody(), somebody()
    yield Test((_stated(graph, one, sub, other),), _step(graph, one, sup, other))


def _equivalent_properties(graph: Graph, one: RdfNode, other: RdfNode) -> Iterator[Test]:
    yield from _subproperty(graph, one, other)
    yield from _subproperty(graph, other, one)


def _inverse(graph: Graph, prop: RdfNode, back: RdfNode) -> Iterator[Test]:
    one, other = somebody(), somebody()
    yield Test((_stated(graph, one, prop, other),), _step(graph, other, back, one))
    yield Test((_stated(graph, one, back, other),), _step(graph, other, prop, one))


def _domain(graph: Graph, prop: RdfNode, klass: RdfNode) -> Iterator[Test]:
    one, other = somebody(), somebody()
    yield from member_tests(graph, one, klass, (_stated(graph, one, prop, other),))


def _range(graph: Graph, prop: RdfNode, klass: RdfNode) -> Iterator[Test]:
    if not is_data_range(graph, klass):
        one, other = somebody(), somebody()
        yield from member_tests(graph, other, klass, (_stated(graph, one, prop, other),))
    else:
        yield Test((), Join((Values((Variable("x"),), ()),)))  # only narrower ranges show it, which are asked before


def _chain(graph: Graph, prop: RdfNode, chain: RdfNode) -> Iterator[Test]:
    links = list(Collection(graph, chain))
    people = [somebody() for _ in range(len(links) + 1)]
    walked = tuple(_stated(graph, people[i], link, people[i + 1]) for i, link in enumerate(links))
    yield Test(walked, _step(graph, people[0], prop, people[-1]))


def _disjoint(graph: Graph, one: RdfNode, other: RdfNode) -> Iterator[Test]:
    del graph
    member = somebody()
    yield Test(((member, RDF.type, one), (member, RDF.type, other)))


def _disjoint_properties(graph: Graph, one: RdfNode, other: RdfNode) -> Iterator[Test]:
    a, b = somebody(), somebody()
    yield Test((_stated(graph, a, one, b), _stated(graph, a, other, b)))


def _different(graph: Graph, one: RdfNode, other: RdfNode) -> Iterator[Test]:
    del graph
    yield Test(((one, OWL.sameAs, other),))


def _same(graph: Graph, one: RdfNode, other: RdfNode) -> Iterator[Test]:
    del graph
    yield Test((), Join(()) if one == other else _triple(one, OWL.sameAs, other))


# -- what a property is


def _transitive(graph: Graph, prop: RdfNode, kind: RdfNode) -> Iterator[Test]:
    del kind
    a, b, c = somebody(), somebody(), somebody()
    yield Test((_stated(graph, a, prop, b), _stated(graph, b, prop, c)), _step(graph, a, prop, c))


def _symmetric(graph: Graph, prop: RdfNode, kind: RdfNode) -> Iterator[Test]:
    del kind
    a, b = somebody(), somebody()
    yield Test((_stated(graph, a, prop, b),), _step(graph, b, prop, a))


def _functional(graph: Graph, prop: RdfNode, kind: RdfNode) -> Iterator[Test]:
    a, b, c = somebody(), somebody(), somebody()
    back = kind == OWL.InverseFunctionalProperty
    pairs = ((b, a), (c, a)) if back else ((a, b), (a, c))
    yield Test(tuple(_stated(graph, s, prop, o) for s, o in pairs), Triple(b, OWL.sameAs, c))


def _asymmetric(graph: Graph, prop: RdfNode, kind: RdfNode) -> Iterator[Test]:
    del kind
    a, b = somebody(), somebody()
    yield Test((_stated(graph, a, prop, b), _stated(graph, b, prop, a)))


def _irreflexive(graph: Graph, prop: RdfNode, kind: RdfNode) -> Iterator[Test]:
    del kind
    a = somebody()
    yield Test((_stated(graph, a, prop, a),))


# -- axioms of many terms


def _pairwise(of_two: Maker) -> Maker:
    def of_all(graph: Graph, axiom: RdfNode, kind: RdfNode) -> Iterator[Test]:
        del kind
        for predicate in (OWL.members, OWL.distinctMembers):
            for head in graph.objects(axiom, predicate):
                for one, other in combinations(Collection(graph, head), 2):
                    yield from of_two(graph, one, other)

    return of_all


def _denied(graph: Graph, axiom: RdfNode, kind: RdfNode) -> Iterator[Test]:
    del kind
    source, prop = graph.value(axiom, OWL.sourceIndividual), graph.value(axiom, OWL.assertionProperty)
    target = graph.value(axiom, OWL.targetIndividual) or graph.value(axiom, OWL.targetValue)
    if source is not None and prop is not None and target is not None:
        yield Test(((source, prop, target),))


_OF_PREDICATES: dict[RdfNode, Maker] = {
    RDFS.subClassOf: _subclass,
    OWL.equivalentClass: _equivalent,
    RDFS.subPropertyOf: _subproperty,
    OWL.equivalentProperty: _equivalent_properties,
    OWL.inverseOf: _inverse,
    RDFS.domain: _domain,
    RDFS.range: _range,
    OWL.propertyChainAxiom: _chain,
    OWL.disjointWith: _disjoint,
    OWL.propertyDisjointWith: _disjoint_properties,
    OWL.differentFrom: _different,
    OWL.sameAs: _same,
}
_OF_CLASSES: dict[RdfNode, Maker] = {
    OWL.TransitiveProperty: _transitive,
    OWL.SymmetricProperty: _symmetric,
    OWL.FunctionalProperty: _functional,
    OWL.InverseFunctionalProperty: _functional,
    OWL.AsymmetricProperty: _asymmetric,
    OWL.IrreflexiveProperty: _irreflexive,
    OWL.AllDifferent: _pairwise(_different),
    OWL.AllDisjointClasses: _pairwise(_disjoint),
    OWL.AllDisjointProperties: _pairwise(_disjoint_properties),
    OWL.NegativePropertyAssertion: _denied,
}
