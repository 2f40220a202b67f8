"""OWL 2 RL axioms → rules with constant predicates (OWL 2 Profiles, section 4.3).

Axioms no rule is made of are listed in the rule set's `not_covered`, never dropped silently. The tables of the profile
are spread over rooms: classes and properties here, restrictions in `class_expressions`, contradictions in `clashes`,
sameness in `identity` and `same`, datatypes in `datatypes`, what follows for the schema itself in `schema`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef, Variable
from rdflib.collection import Collection

from augenblick.reason.axiom_names import Names
from augenblick.reason.clashes import clashes
from augenblick.reason.class_expressions import (
    LISTS,
    Definition,
    Unsupported,
    entailed,
    is_data_range,
    membership,
    range_clashes,
    step,
)
from augenblick.reason.consequences import nothing
from augenblick.reason.equality import equality_rules
from augenblick.reason.identity import equal_names, identities
from augenblick.reason.ir import Equality, Filter, Join, Node, Origin, Rule, RuleSet, Triple, Union
from augenblick.reason.places import place_of
from augenblick.reason.profile import outside_profile

X, Y, Z = Variable("x"), Variable("y"), Variable("z")
_BUILT_IN = (str(OWL), str(RDF), str(RDFS), "http://www.w3.org/2001/XMLSchema#")


def owl_rules(graph: Graph, *, origin: str, places: Mapping[URIRef, str] | None = None) -> RuleSet:
    """Return the rules of an ontology's axioms, and the axioms they do not cover.

    `origin` names the ontology in messages and proofs; each rule adds its axiom to it. With `places` (`turtle_places`
    gives them) what is not covered is said with file and line.
    """
    compiler = _Axioms(graph, origin, places or {})
    rules = tuple(compiler.rules())
    for subject, text in outside_profile(graph, compiler.short):
        compiler.missing(subject, text)
    return RuleSet(rules, tuple(sorted(compiler.not_covered)), Equality(equality_rules(), equal_names(graph)))


class _Axioms:
    def __init__(self, graph: Graph, origin: str, places: Mapping[URIRef, str]) -> None:
        self._graph = graph
        self._origin = origin
        self._places = places
        self.short = Names(graph).short
        self.not_covered: set[str] = set()

    def missing(self, subject: object, text: str) -> None:
        """Note an axiom no rule is made of, with the place of its subject."""
        if isinstance(subject, Definition):
            subject = subject.named
        subject = subject[1] if isinstance(subject, tuple) else subject
        place = place_of(subject, self._graph, self._places) if isinstance(subject, URIRef | BNode) else None
        self.not_covered.add(f"{place}: {text}" if place else text)

    def rules(self) -> Iterator[Rule]:
        """Yield the rules axiom by axiom, in an order that does not depend on the graph's."""
        found = [*self._classes(), *self._properties(), *self._characteristics(), *self._chains(), *self._others()]
        yield from sorted(found, key=lambda rule: rule.name)

    def _rule(self, body: Node, heads: list[Triple], axiom: str) -> Iterator[Rule]:
        if not heads:
            return
        if len(heads) == 1 and isinstance(body, Triple) and _alike(body, heads[0]):
            return
        yield Rule(tuple(heads), body, Origin(self._origin, axiom=axiom), axiom)

    # -- classes

    def _classes(self) -> Iterator[Rule]:
        pairs: list[tuple[object, object, str]] = []
        for sub, sup in self._graph.subject_objects(RDFS.subClassOf):
            pairs.append((sub, sup, "SubClassOf"))
        for one, other in self._graph.subject_objects(OWL.equivalentClass):
            if not is_data_range(self._graph, one):
                pairs += [(one, other, "EquivalentClasses"), (other, one, "EquivalentClasses")]
        for constructor in LISTS:
            for named, listed in self._graph.subject_objects(constructor):
                if isinstance(named, URIRef) and not is_data_range(self._graph, named):
                    definition = Definition(named, constructor, listed)
                    pairs += [(named, definition, "EquivalentClasses"), (definition, named, "EquivalentClasses")]
        for lower, upper, axiom in pairs:
            yield from self._subclass(lower, upper, axiom)
        for whole in set(self._graph.subjects(OWL.disjointUnionOf)):
            for member in self._list(self._graph.value(whole, OWL.disjointUnionOf)):
                yield from self._subclass(member, whole, "DisjointUnion")
        yield from self._expressions()

    def _subclass(self, sub: object, sup: object, axiom: str) -> Iterator[Rule]:
        name = f"{axiom}({self.short(sub)} {self.short(sup)})"
        try:
            yield from self._implied(membership(self._graph, sub, X), sup, X, name)
        except Unsupported as reason:
            self.missing(sub, f"{name}: {reason}")

    def _implied(self, body: Node, klass: object, place: Variable, name: str) -> Iterator[Rule]:
        for number, (more, heads) in enumerate(entailed(self._graph, klass, place), 1):
            label = name if number == 1 else f"{name} part {number}"
            yield from self._rule(Join((body, *more)) if more else body, heads, label)

    def _expressions(self) -> Iterator[Rule]:
        """Yield what membership in a class expression means that facts name: by its IRI, or where it stands."""
        nodes = {node for node in self._graph.subjects(OWL.onProperty) if isinstance(node, URIRef)}
        typed = {node for node in self._graph.objects(None, RDF.type) if isinstance(node, BNode)}
        for node in nodes | typed:
            name = f"Expression({self.short(node)})"
            if isinstance(node, BNode):
                name = f"ClassAssertion({self.short(node)})"
            member = Triple(X, RDF.type, node)
            reasons = []
            try:
                yield from self._implied(member, ("expression", node), X, f"{name} entails")
            except Unsupported as reason:
                reasons.append(reason)
            try:
                yield from self._rule(membership(self._graph, ("expression", node), X), [member], f"{name} holds")
            except Unsupported as reason:
                reasons.append(reason)
            if reasons and (isinstance(node, BNode) or len(reasons) == 2) and "right" in str(reasons[0]):
                self.missing(node, f"{name}: {reasons[0]}")

    # -- properties

    def _properties(self) -> Iterator[Rule]:
        for sub, sup in self._graph.subject_objects(RDFS.subPropertyOf):
            yield from self._subproperty(sub, sup, "SubPropertyOf")
        for one, other in self._graph.subject_objects(OWL.equivalentProperty):
            yield from self._subproperty(one, other, "EquivalentProperties")
            yield from self._subproperty(other, one, "EquivalentProperties")
        for one, other in self._graph.subject_objects(OWL.inverseOf):
            if isinstance(one, URIRef) and isinstance(other, URIRef):
                name = f"InverseProperties({self.short(one)} {self.short(other)})"
                yield from self._rule(Triple(X, one, Y), [Triple(Y, other, X)], name)
                yield from self._rule(Triple(X, other, Y), [Triple(Y, one, X)], f"{name} inverted")
        for predicate, place, axiom in ((RDFS.domain, X, "Domain"), (RDFS.range, Y, "Range")):
            for prop, klass in self._graph.subject_objects(predicate):
                yield from self._typing(prop, klass, place, axiom)

    def _subproperty(self, sub: object, sup: object, axiom: str) -> Iterator[Rule]:
        name = f"{axiom}({self.short(sub)} {self.short(sup)})"
        try:
            yield from self._rule(step(self._graph, sub, X, Y), [step(self._graph, sup, X, Y)], name)
        except Unsupported as reason:
            self.missing(sub, f"{name}: {reason}")

    def _typing(self, prop: object, klass: object, place: Variable, axiom: str) -> Iterator[Rule]:
        if (isinstance(prop, URIRef) and str(prop).startswith(_BUILT_IN)) or klass == OWL.Thing:
            return
        name = f"{axiom}({self.short(prop)} {self.short(klass)})"
        try:
            body = step(self._graph, prop, X, Y)
            if place == Y and is_data_range(self._graph, klass):
                yield from self._data_range(prop, body, klass, name)
            else:
                yield from self._implied(body, klass, place, name)
        except Unsupported as reason:
            self.missing(prop, f"{name}: {reason}")

    def _data_range(self, prop: object, body: Node, datatype: object, name: str) -> Iterator[Rule]:
        if prop in set(self._graph.subjects(RDF.type, OWL.AnnotationProperty)):
            return
        for number, test in enumerate(range_clashes(self._graph, datatype, Y), 1):
            yield from self._rule(Filter(body, test), [nothing(X)], name if number == 1 else f"{name} part {number}")

    def _characteristics(self) -> Iterator[Rule]:
        for prop in set(self._graph.subjects(RDF.type, OWL.SymmetricProperty)):
            there, back = step(self._graph, prop, X, Y), step(self._graph, prop, Y, X)
            yield from self._rule(there, [back], f"Symmetric({self.short(prop)})")
        for prop in set(self._graph.subjects(RDF.type, OWL.TransitiveProperty)):
            body = Join((step(self._graph, prop, X, Y), step(self._graph, prop, Y, Z)))
            yield from self._rule(body, [step(self._graph, prop, X, Z)], f"Transitive({self.short(prop)})")
        for prop in set(self._graph.subjects(RDF.type, OWL.ReflexiveProperty)):
            named = Union((Triple(X, RDF.type, OWL.NamedIndividual), Triple(X, RDF.type, OWL.Thing)))
            yield from self._rule(named, [step(self._graph, prop, X, X)], f"Reflexive({self.short(prop)})")

    def _chains(self) -> Iterator[Rule]:
        for prop, chain in self._graph.subject_objects(OWL.propertyChainAxiom):
            links = self._list(chain)
            names = [Variable(f"c{number}") for number in range(len(links) + 1)]
            spoken = " ".join(self.short(link) for link in links)
            name = f"SubPropertyOf(Chain({spoken}) {self.short(prop)})"
            try:
                body = Join(tuple(step(self._graph, link, names[i], names[i + 1]) for i, link in enumerate(links)))
                if not links:
                    raise Unsupported("not a chain of properties")
                yield from self._rule(body, [step(self._graph, prop, names[0], names[-1])], name)
            except Unsupported as reason:
                self.missing(prop, f"{name}: {reason}")

    def _others(self) -> Iterator[Rule]:
        for name, body, head in clashes(self._graph, self.short, self.missing):
            yield from self._rule(body, [head], name)
        for name, body, head in identities(self._graph, self.short, self.missing):
            yield from self._rule(body, [head], name)

    def _list(self, head: object) -> list[object]:
        return list(Collection(self._graph, head)) if isinstance(head, BNode | URIRef) else []


def _alike(body: Triple, head: Triple) -> bool:
    return (body.s, body.p, body.o) == (head.s, head.p, head.o)
