"""Whether an ontology entails a statement, or contradicts itself: OWL 2 RL by the compiled rules, with refutation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb
from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.term import Node as RdfNode

from augenblick.reason.axiom_names import Names
from augenblick.reason.class_expressions import Unsupported, is_data_range
from augenblick.reason.datatypes import narrower
from augenblick.reason.evaluate import Reasoner
from augenblick.reason.factbase import FactBase
from augenblick.reason.hypotheses import Statement, Test, term, tests
from augenblick.reason.ir import RuleSet
from augenblick.reason.owl import owl_rules
from augenblick.reason.proof import Prover
from augenblick.reason.rounds import RunReport
from augenblick.reason.schema import axiomatic, schema_rules

_DEFINES = (
    OWL.onProperty, OWL.intersectionOf, OWL.unionOf, OWL.complementOf, OWL.oneOf, OWL.inverseOf, OWL.onDatatype,
    RDF.first,
)  # fmt: skip
_AXIOMS = (OWL.AllDifferent, OWL.AllDisjointClasses, OWL.AllDisjointProperties, OWL.NegativePropertyAssertion)
_ABOUT_AXIOMS = (OWL.Axiom, OWL.Annotation, OWL.Ontology)


@dataclass(frozen=True)
class Entailment:
    """Whether a conclusion follows, and whether the premises are consistent."""

    consistent: bool
    unshown: tuple[str, ...] = ()
    """Statements of the conclusion that nothing shows."""
    annotations: tuple[str, ...] = ()
    """Annotations of the conclusion that the premises do not state; under the direct semantics they say nothing."""
    not_covered: tuple[str, ...] = ()
    """Axioms of the premises without a rule: with them, more may follow."""

    @property
    def holds(self) -> bool:
        """Whether all of the conclusion follows (everything does from a contradiction)."""
        return not self.unshown and not self.annotations


def entails(premises: Graph, conclusion: Graph | None = None) -> Entailment:
    """Return whether an ontology (axioms and facts, small) entails another; without one, whether it is consistent.

    Sound for OWL 2 under both semantics but for annotations, which must be stated; complete for facts within OWL 2 RL.
    """
    theory = _Theory(premises, _renamed(conclusion if conclusion is not None else Graph()))
    whole = theory.closure(())
    if whole.report.contradictions:
        return Entailment(consistent=False, not_covered=theory.not_covered)
    unshown, annotations = theory.unshown()
    return Entailment(True, tuple(unshown), tuple(annotations), theory.not_covered)


@dataclass(frozen=True)
class _Closure:
    facts: FactBase
    rules: RuleSet
    report: RunReport

    @cached_property
    def prover(self) -> Prover:
        return Prover(self.facts, self.rules)


class _Theory:
    """Premises, and a conclusion to be shown from them."""

    def __init__(self, premises: Graph, conclusion: Graph) -> None:
        self._definitions, self._statements = _split(conclusion)
        self._known = premises + self._definitions + _axiom_nodes(conclusion)
        self._conclusion = conclusion
        self._premises = premises
        self._closures: dict[tuple[Statement, ...], _Closure] = {}
        self.not_covered = owl_rules(premises, origin="premises").not_covered

    def closure(self, assumed: tuple[Statement, ...]) -> _Closure:
        """Return what follows from the premises and what is assumed beside them."""
        if assumed not in self._closures:
            graph = self._premises + self._definitions
            for statement in assumed:
                graph.add(statement)
            rules = owl_rules(graph, origin="premises") + schema_rules()
            facts = FactBase(duckdb.connect())
            facts.add_graph(axiomatic() + graph, name="premises")
            self._closures[assumed] = _Closure(facts, rules, Reasoner(facts, rules).run())
        return self._closures[assumed]

    def unshown(self) -> tuple[list[str], list[str]]:
        """Return the statements of the conclusion that nothing shows, in words, and the annotations among them."""
        short = Names(self._conclusion).short
        existential = [triple for triple in self._statements if self._unknowns(triple)]
        missing: list[str] = []
        annotations: list[str] = []
        for statement in self._statements:
            if not self._unknowns(statement) and not self._shown(statement):
                spoken = " ".join(short(each) for each in statement)
                (annotations if self._annotates(statement[1]) else missing).append(spoken)
        if existential and not self._found(existential):
            missing.append("; ".join(" ".join(short(each) for each in triple) for triple in existential))
        return missing, annotations

    def _annotates(self, prop: RdfNode) -> bool:
        return self.closure(()).prover.row(term(prop), RDF.type, OWL.AnnotationProperty) is not None

    def _unknowns(self, statement: Statement) -> list[BNode]:
        """Return the terms of a statement that stand for something of which only the existence is said."""
        defined = set(self._definitions.subjects()) | set(self._known.subjects(OWL.members))
        axioms = {node for kind in _AXIOMS for node in self._conclusion.subjects(RDF.type, kind)}
        return [each for each in statement if isinstance(each, BNode) and each not in defined | axioms]

    def _found(self, statements: list[Statement]) -> bool:
        pattern = " . ".join(
            " ".join(f"?b{node}" if isinstance(node, BNode) else term(node).n3() for node in each)
            for each in statements
        )
        return bool(self.closure(()).facts.select(f"ASK {{ {pattern} }}", origin="conclusion"))

    def _shown(self, statement: Statement) -> bool:
        s, p, o = (term(each) for each in statement)
        whole = self.closure(())
        if whole.prover.row(s, p, o) is not None:
            return True
        if p == RDFS.range and is_data_range(self._known, o):
            ranges = whole.facts.select(
                "SELECT ?r { ?p <http://www.w3.org/2000/01/rdf-schema#range> ?r }", bindings={"p": s}
            )
            return isinstance(o, URIRef) and narrower((URIRef(str(row[0])) for row in ranges.terms()), o)
        try:
            needed = tests(self._known, statement)
        except Unsupported:
            return False
        return bool(needed) and all(self._passed(test) for test in needed or ())

    def _passed(self, test: Test) -> bool:
        closure = self.closure(test.assumed)
        if closure.report.contradictions:
            return True
        return test.goal is not None and bool(closure.prover.solutions(test.goal, {}, 1))


def _split(conclusion: Graph) -> tuple[Graph, list[Statement]]:
    """Return the definitions of class expressions in a conclusion, and what it states.

    That there is a class of all that meet a condition says nothing of the world, so the premises may use its name.
    """
    nodes = {node for predicate in _DEFINES for node in conclusion.subjects(predicate) if isinstance(node, BNode)}
    headers = {node for kind in _ABOUT_AXIOMS for node in conclusion.subjects(RDF.type, kind)}
    axioms = {node for kind in _AXIOMS for node in conclusion.subjects(RDF.type, kind)}
    definitions, statements = Graph(), []
    for s, p, o in sorted(conclusion):
        if s in headers:
            continue
        if s in nodes and p not in (RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith):
            definitions.add((s, p, o))
        elif s not in axioms or p == RDF.type:
            statements.append((s, p, o))
    return definitions, statements


def _axiom_nodes(conclusion: Graph) -> Graph:
    """Return what is said of axioms that are nodes of their own (which members, say)."""
    graph = Graph()
    for kind in _AXIOMS:
        for node in conclusion.subjects(RDF.type, kind):
            for triple in conclusion.triples((node, None, None)):
                graph.add(triple)
    return graph


def _renamed(graph: Graph) -> Graph:
    """Return a graph whose blank nodes are no other graph's."""
    names: dict[BNode, BNode] = {}

    def fresh(node: RdfNode) -> RdfNode:
        return names.setdefault(node, BNode()) if isinstance(node, BNode) else node

    result = Graph()
    for s, p, o in graph:
        result.add((fresh(s), p, fresh(o)))
    return result
