"""OWL 2 RL axioms → rules with constant predicates (OWL 2 Profiles, section 4.3).

Axioms no rule is made of are listed in the rule set's `not_covered`, never dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef, Variable
from rdflib.collection import Collection

from augenblick.reason.clashes import clashes
from augenblick.reason.class_expressions import Unsupported, entailed, membership
from augenblick.reason.ir import Join, Node, Origin, Rule, RuleSet, Triple

X, Y, Z = Variable("x"), Variable("y"), Variable("z")
_NOT_YET = {
    OWL.FunctionalProperty: "FunctionalProperty",
    OWL.InverseFunctionalProperty: "InverseFunctionalProperty",
}
_NOT_YET_PREDICATES = {
    OWL.sameAs: "sameAs",
    OWL.hasKey: "hasKey",
}
_SCHEMA = {RDF.type, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.label, RDFS.comment}
_BUILT_IN = (str(OWL), str(RDF), str(RDFS), "http://www.w3.org/2001/XMLSchema#")


def owl_rules(graph: Graph, *, origin: str) -> RuleSet:
    """Return the rules of an ontology's axioms, and the axioms they do not cover.

    `origin` names the ontology in messages and proofs; each rule adds its axiom to it.
    """
    compiler = _Axioms(graph, origin)
    rules = tuple(compiler.rules())
    return RuleSet(rules, tuple(sorted(set(compiler.not_covered))))


class _Axioms:
    def __init__(self, graph: Graph, origin: str) -> None:
        self._graph = graph
        self._origin = origin
        self._datatypes: set[object] = set(graph.subjects(RDF.type, RDFS.Datatype))
        self.not_covered: list[str] = []

    def rules(self) -> Iterator[Rule]:
        """Yield the rules axiom by axiom, in an order that does not depend on the graph's."""
        found = [*self._classes(), *self._properties(), *self._characteristics(), *self._chains(), *self._clashes()]
        yield from sorted(found, key=lambda rule: rule.name)
        self._note_the_rest()

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
            pairs += [(one, other, "EquivalentClasses"), (other, one, "EquivalentClasses")]
        for name in (OWL.intersectionOf, OWL.unionOf, OWL.oneOf):
            for named in set(self._graph.subjects(name)):
                if isinstance(named, URIRef):
                    pairs += [(named, ("expression", named), "EquivalentClasses")]
                    pairs += [(("expression", named), named, "EquivalentClasses")]
        for lower, upper, axiom in pairs:
            yield from self._subclass(lower, upper, axiom)
        for whole in set(self._graph.subjects(OWL.disjointUnionOf)):
            for member in self._list(self._graph.value(whole, OWL.disjointUnionOf)):
                yield from self._subclass(member, whole, "DisjointUnion")

    def _subclass(self, sub: object, sup: object, axiom: str) -> Iterator[Rule]:
        name = f"{axiom}({self._short(sub)} {self._short(sup)})"
        try:
            body = membership(self._graph, sub, X)
            for number, (more, heads) in enumerate(entailed(self._graph, sup, X), 1):
                label = name if number == 1 else f"{name} part {number}"
                yield from self._rule(Join((body, *more)) if more else body, heads, label)
        except Unsupported as reason:
            self.not_covered.append(f"{name}: {reason}")

    # -- properties

    def _properties(self) -> Iterator[Rule]:
        for sub, sup in self._graph.subject_objects(RDFS.subPropertyOf):
            yield from self._subproperty(sub, sup, "SubPropertyOf")
        for one, other in self._graph.subject_objects(OWL.equivalentProperty):
            yield from self._subproperty(one, other, "EquivalentProperties")
            yield from self._subproperty(other, one, "EquivalentProperties")
        for one, other in self._graph.subject_objects(OWL.inverseOf):
            if isinstance(one, URIRef) and isinstance(other, URIRef):
                name = f"InverseProperties({self._short(one)} {self._short(other)})"
                yield from self._rule(Triple(X, one, Y), [Triple(Y, other, X)], name)
                yield from self._rule(Triple(X, other, Y), [Triple(Y, one, X)], f"{name} inverted")
        for predicate, place, axiom in ((RDFS.domain, X, "Domain"), (RDFS.range, Y, "Range")):
            for prop, klass in self._graph.subject_objects(predicate):
                yield from self._typing(prop, klass, place, axiom)

    def _subproperty(self, sub: object, sup: object, axiom: str) -> Iterator[Rule]:
        name = f"{axiom}({self._short(sub)} {self._short(sup)})"
        body, head = self.step(sub, X, Y), self.step(sup, X, Y)
        if body is None or head is None:
            self.not_covered.append(f"{name}: not a property")
            return
        yield from self._rule(body, [head], name)

    def step(self, prop: object, s: Variable, o: Variable) -> Triple | None:
        """Return the triple pattern of a property or of an inverse property expression."""
        if isinstance(prop, URIRef):
            return Triple(s, prop, o)
        inner = self._graph.value(prop, OWL.inverseOf) if isinstance(prop, BNode) else None
        return Triple(o, inner, s) if isinstance(inner, URIRef) else None

    def _typing(self, prop: object, klass: object, place: Variable, axiom: str) -> Iterator[Rule]:
        if not isinstance(prop, URIRef) or str(prop).startswith(_BUILT_IN):
            return
        datatype = isinstance(klass, URIRef) and (str(klass).startswith(_BUILT_IN[3]) or klass == RDFS.Literal)
        if klass == OWL.Thing or datatype or klass in self._datatypes:
            return
        name = f"{axiom}({self._short(prop)} {self._short(klass)})"
        try:
            for number, (more, heads) in enumerate(entailed(self._graph, klass, place), 1):
                body: Node = Triple(X, prop, Y)
                label = name if number == 1 else f"{name} part {number}"
                yield from self._rule(Join((body, *more)) if more else body, heads, label)
        except Unsupported as reason:
            self.not_covered.append(f"{name}: {reason}")

    def _characteristics(self) -> Iterator[Rule]:
        for prop in set(self._graph.subjects(RDF.type, OWL.SymmetricProperty)):
            if isinstance(prop, URIRef):
                yield from self._rule(Triple(X, prop, Y), [Triple(Y, prop, X)], f"Symmetric({self._short(prop)})")
        for prop in set(self._graph.subjects(RDF.type, OWL.TransitiveProperty)):
            if isinstance(prop, URIRef):
                body = Join((Triple(X, prop, Y), Triple(Y, prop, Z)))
                yield from self._rule(body, [Triple(X, prop, Z)], f"Transitive({self._short(prop)})")

    def _chains(self) -> Iterator[Rule]:
        for prop, chain in self._graph.subject_objects(OWL.propertyChainAxiom):
            links = self._list(chain)
            names = [Variable(f"c{number}") for number in range(len(links) + 1)]
            steps = [self.step(link, names[i], names[i + 1]) for i, link in enumerate(links)]
            spoken = " ".join(self._short(link) for link in links)
            name = f"SubPropertyOf(Chain({spoken}) {self._short(prop)})"
            if not isinstance(prop, URIRef) or not steps or any(step is None for step in steps):
                self.not_covered.append(f"{name}: not a chain of properties")
                continue
            body = Join(tuple(step for step in steps if step is not None))
            yield from self._rule(body, [Triple(names[0], prop, names[-1])], name)

    def _clashes(self) -> Iterator[Rule]:
        for name, body, head in clashes(self._graph, self._short, self.not_covered):
            yield from self._rule(body, [head], name)

    # -- what is left

    def _note_the_rest(self) -> None:
        for klass, name in _NOT_YET.items():
            for subject in self._graph.subjects(RDF.type, klass):
                self.not_covered.append(f"{name}({self._short(subject)}): no rule yet")
        for predicate, name in _NOT_YET_PREDICATES.items():
            for s, o in self._graph.subject_objects(predicate):
                self.not_covered.append(f"{name}({self._short(s)} {self._short(o)}): no rule yet")

    def _list(self, head: object) -> list[object]:
        return list(Collection(self._graph, head)) if isinstance(head, BNode | URIRef) else []

    def _short(self, term: object) -> str:
        if isinstance(term, tuple):
            return f"the expression of {self._short(term[1])}"
        if isinstance(term, BNode):
            return self._described(term)
        if isinstance(term, URIRef):
            return str(term).rstrip("/").replace("#", "/").rsplit("/", 1)[-1]
        return str(term)

    def _described(self, node: BNode) -> str:
        """Return a class expression in words that do not depend on the name of its blank node."""
        parts = []
        for p, o in sorted(self._graph.predicate_objects(node), key=lambda pair: (str(pair[0]), str(pair[1]))):
            if p == RDF.type:
                continue
            if isinstance(o, BNode) and (o, RDF.first, None) in self._graph:
                inside = " ".join(sorted(self._short(item) for item in self._list(o)))
                parts.append(f"{self._short(p)} [{inside}]")
            else:
                parts.append(f"{self._short(p)} {self._short(o)}")
        return f"({', '.join(sorted(parts))})"


def _alike(body: Triple, head: Triple) -> bool:
    return (body.s, body.p, body.o) == (head.s, head.p, head.o)
