"""What OWL 2 RL derives for the schema itself (OWL 2 Profiles, tables scm-*): rules over the axioms as facts.

Facts about individuals do not need them: the rules made of the axioms chain. They serve questions about the schema.
"""

from __future__ import annotations

from functools import cache

from rdflib import OWL, RDF, RDFS, Graph

from augenblick.reason.datatypes import INTEGERS, KNOWN
from augenblick.reason.ir import Origin, Rule, RuleSet
from augenblick.reason.sparql import load_rule

_PREFIXES = (
    f"PREFIX owl: <{OWL}> PREFIX rdf: <{RDF}> PREFIX rdfs: <{RDFS}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
)
_NUMBERS = ", ".join(f"<{datatype}>" for datatype in INTEGERS)
RULES = {
    "scm-cls": "{ ?c rdfs:subClassOf ?c, owl:Thing ; owl:equivalentClass ?c . owl:Nothing rdfs:subClassOf ?c } "
    "{ ?c a owl:Class }",
    "scm-sco": "{ ?a rdfs:subClassOf ?c } { ?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?c }",
    "scm-eqc1": "{ ?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?a } { ?a owl:equivalentClass ?b }",
    "scm-eqc2": "{ ?a owl:equivalentClass ?b } { ?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?a }",
    "scm-op": "{ ?p rdfs:subPropertyOf ?p ; owl:equivalentProperty ?p } { ?p a owl:ObjectProperty }",
    "scm-dp": "{ ?p rdfs:subPropertyOf ?p ; owl:equivalentProperty ?p } { ?p a owl:DatatypeProperty }",
    "scm-spo": "{ ?a rdfs:subPropertyOf ?c } { ?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?c }",
    "scm-eqp1": "{ ?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?a } { ?a owl:equivalentProperty ?b }",
    "scm-eqp2": "{ ?a owl:equivalentProperty ?b } { ?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?a }",
    "scm-dom1": "{ ?p rdfs:domain ?b } { ?p rdfs:domain ?a . ?a rdfs:subClassOf ?b }",
    "scm-dom2": "{ ?p rdfs:domain ?a } { ?q rdfs:domain ?a . ?p rdfs:subPropertyOf ?q }",
    "scm-rng1": "{ ?p rdfs:range ?b } { ?p rdfs:range ?a . ?a rdfs:subClassOf ?b }",
    "scm-rng2": "{ ?p rdfs:range ?a } { ?q rdfs:range ?a . ?p rdfs:subPropertyOf ?q }",
    "scm-hv": "{ ?a rdfs:subClassOf ?b } { ?a owl:hasValue ?v ; owl:onProperty ?p . "
    "?b owl:hasValue ?v ; owl:onProperty ?q . ?p rdfs:subPropertyOf ?q }",
    "scm-svf1": "{ ?a rdfs:subClassOf ?b } { ?a owl:someValuesFrom ?c ; owl:onProperty ?p . "
    "?b owl:someValuesFrom ?d ; owl:onProperty ?p . ?c rdfs:subClassOf ?d }",
    "scm-svf2": "{ ?a rdfs:subClassOf ?b } { ?a owl:someValuesFrom ?c ; owl:onProperty ?p . "
    "?b owl:someValuesFrom ?c ; owl:onProperty ?q . ?p rdfs:subPropertyOf ?q }",
    "scm-avf1": "{ ?a rdfs:subClassOf ?b } { ?a owl:allValuesFrom ?c ; owl:onProperty ?p . "
    "?b owl:allValuesFrom ?d ; owl:onProperty ?p . ?c rdfs:subClassOf ?d }",
    "scm-avf2": "{ ?b rdfs:subClassOf ?a } { ?a owl:allValuesFrom ?c ; owl:onProperty ?p . "
    "?b owl:allValuesFrom ?c ; owl:onProperty ?q . ?p rdfs:subPropertyOf ?q }",
    "scm-int": "{ ?c rdfs:subClassOf ?d } { ?c owl:intersectionOf/rdf:rest*/rdf:first ?d }",
    "scm-uni": "{ ?d rdfs:subClassOf ?c } { ?c owl:unionOf/rdf:rest*/rdf:first ?d }",
    "dt-not-type": "{ ?s a owl:Nothing } { ?s ?p ?o FILTER(DATATYPE(?o) IN "
    f"({_NUMBERS}, xsd:decimal, xsd:double, xsd:float) && !isNumeric(?o)) }}",
}
"""Each rule of the tables: what it constructs and where; and dt-not-type for numbers that are none."""

_ANNOTATIONS = (
    RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy, OWL.deprecated, OWL.versionInfo, OWL.priorVersion,
    OWL.backwardCompatibleWith, OWL.incompatibleWith,
)  # fmt: skip


@cache
def schema_rules() -> RuleSet:
    """Return the rules of the schema; they read and write axioms that are facts of the fact base."""
    return RuleSet(tuple(_rule(name, *text.split("} {", 1)) for name, text in RULES.items()))


def _rule(name: str, head: str, body: str) -> Rule:
    text = f"CONSTRUCT {head}}} WHERE {{{body}"
    loaded = load_rule(_PREFIXES + text, origin=name)
    return Rule(loaded.heads, loaded.body, Origin("OWL 2 RL", axiom=name), text)


def axiomatic() -> Graph:
    """Return what holds of every ontology (cls-thing, cls-nothing1, prp-ap, dt-type1)."""
    graph = Graph()
    for klass in (OWL.Thing, OWL.Nothing):
        graph.add((klass, RDF.type, OWL.Class))
    for prop in _ANNOTATIONS:
        graph.add((prop, RDF.type, OWL.AnnotationProperty))
    for datatype in KNOWN:
        graph.add((datatype, RDF.type, RDFS.Datatype))
    return graph
