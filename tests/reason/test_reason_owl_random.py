"""Random ontologies and facts: the compiled rules derive what owlrl and the profile's tables as plain SPARQL derive."""

from __future__ import annotations

import duckdb
import owlrl
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, Graph, Namespace

from augenblick.reason import FactBase, Reasoner, owl_rules, prove

EX = Namespace("http://x/")
PREFIXES = """@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
SPARQL = PREFIXES.replace("@prefix", "PREFIX").replace(" .", "")
DECLARED = "".join(f":C{i} a owl:Class . :p{i} a owl:ObjectProperty . " for i in range(4))

KLASS, PROP, ONE = (st.sampled_from([f":{letter}{i}" for i in range(4)]) for letter in "Cpi")
AXIOMS = (
    "{C} rdfs:subClassOf {D} .", "{C} owl:equivalentClass {D} .", "{p} rdfs:subPropertyOf {q} .",
    "{p} owl:inverseOf {q} .", "{p} a owl:TransitiveProperty .", "{p} a owl:SymmetricProperty .",
    "{p} a owl:FunctionalProperty .", "{p} a owl:InverseFunctionalProperty .", "{p} rdfs:domain {C} .",
    "{p} rdfs:range {C} .", "{p} owl:propertyChainAxiom ( {q} {r} ) .", "{C} owl:hasKey ( {p} {q} ) .",
    "{C} owl:intersectionOf ( {D} {E} ) .", "{C} owl:unionOf ( {D} {E} ) .", "{C} owl:oneOf ( {i} {j} ) .",
    "{C} rdfs:subClassOf [ a owl:Restriction ; owl:onProperty {p} ; owl:allValuesFrom {D} ] .",
    "[ a owl:Restriction ; owl:onProperty {p} ; owl:someValuesFrom {D} ] rdfs:subClassOf {C} .",
    "{C} owl:equivalentClass [ a owl:Restriction ; owl:onProperty {p} ; owl:hasValue {i} ] .",
    "{C} rdfs:subClassOf [ a owl:Restriction ; owl:onProperty {p} ; "
    'owl:maxCardinality "1"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> ] .',
    "{C} owl:disjointWith {D} .", "{p} a owl:AsymmetricProperty .", "{p} a owl:IrreflexiveProperty .",
    "{p} owl:propertyDisjointWith {q} .", "{i} owl:differentFrom {j} .",
)  # fmt: skip
FACTS = ("{i} {p} {j} .", "{i} {p} {j} .", "{i} a {C} .", "{i} owl:sameAs {j} .")


def filled(templates: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda text, *terms: text.format(**dict(zip("CDEpqrij", terms, strict=True))),
        st.sampled_from(templates), KLASS, KLASS, KLASS, PROP, PROP, PROP, ONE, ONE,
    )  # fmt: skip


ONTOLOGIES = st.lists(filled(AXIOMS), min_size=1, max_size=6, unique=True)
DATA = st.lists(filled(FACTS), min_size=2, max_size=9, unique=True)

TABLE = {
    "eq-sym": "{ ?y owl:sameAs ?x } { ?x owl:sameAs ?y }",
    "eq-trans": "{ ?x owl:sameAs ?z } { ?x owl:sameAs ?y . ?y owl:sameAs ?z }",
    "eq-rep-s": "{ ?b ?p ?o } { ?s owl:sameAs ?b . ?s ?p ?o }",
    "eq-rep-o": "{ ?s ?p ?b } { ?o owl:sameAs ?b . ?s ?p ?o }",
    "prp-dom": "{ ?x a ?c } { ?p rdfs:domain ?c . ?x ?p ?y }",
    "prp-rng": "{ ?y a ?c } { ?p rdfs:range ?c . ?x ?p ?y }",
    "prp-fp": "{ ?y owl:sameAs ?z } { ?p a owl:FunctionalProperty . ?x ?p ?y, ?z FILTER(?y != ?z) }",
    "prp-ifp": "{ ?y owl:sameAs ?z } { ?p a owl:InverseFunctionalProperty . ?y ?p ?x . ?z ?p ?x FILTER(?y != ?z) }",
    "prp-symp": "{ ?y ?p ?x } { ?p a owl:SymmetricProperty . ?x ?p ?y }",
    "prp-trp": "{ ?x ?p ?z } { ?p a owl:TransitiveProperty . ?x ?p ?y . ?y ?p ?z }",
    "prp-spo1": "{ ?x ?q ?y } { ?p rdfs:subPropertyOf ?q . ?x ?p ?y }",
    "prp-spo2": "{ ?x ?p ?z } { ?p owl:propertyChainAxiom ?l . ?l rdf:first ?q ; rdf:rest/rdf:first ?r . "
    "?x ?q ?y . ?y ?r ?z }",
    "prp-inv": "{ ?y ?q ?x } { { ?p owl:inverseOf ?q } UNION { ?q owl:inverseOf ?p } ?x ?p ?y }",
    "prp-key": "{ ?x owl:sameAs ?y } { ?c owl:hasKey ?l . ?l rdf:first ?p ; rdf:rest/rdf:first ?q . "
    "?x a ?c ; ?p ?v ; ?q ?w . ?y a ?c ; ?p ?v ; ?q ?w FILTER(?x != ?y) }",
    "cls-int1": "{ ?x a ?c } { ?c owl:intersectionOf ?l . ?l rdf:first ?d ; rdf:rest/rdf:first ?e . ?x a ?d, ?e }",
    "cls-int2": "{ ?x a ?d } { ?c owl:intersectionOf/rdf:rest*/rdf:first ?d . ?x a ?c }",
    "cls-uni": "{ ?x a ?c } { ?c owl:unionOf/rdf:rest*/rdf:first ?d . ?x a ?d }",
    "cls-oo": "{ ?x a ?c } { ?c owl:oneOf/rdf:rest*/rdf:first ?x }",
    "cls-svf1": "{ ?x a ?r } { ?r owl:someValuesFrom ?c ; owl:onProperty ?p . ?x ?p ?y . ?y a ?c }",
    "cls-avf": "{ ?y a ?c } { ?r owl:allValuesFrom ?c ; owl:onProperty ?p . ?x a ?r ; ?p ?y }",
    "cls-hv1": "{ ?x ?p ?v } { ?r owl:hasValue ?v ; owl:onProperty ?p . ?x a ?r }",
    "cls-hv2": "{ ?x a ?r } { ?r owl:hasValue ?v ; owl:onProperty ?p . ?x ?p ?v }",
    "cls-maxc2": "{ ?y owl:sameAs ?z } { ?r owl:maxCardinality ?n ; owl:onProperty ?p . ?x a ?r ; ?p ?y, ?z "
    "FILTER(?y != ?z) }",
    "cax-sco": "{ ?x a ?d } { ?c rdfs:subClassOf ?d . ?x a ?c }",
    "cax-eqc": "{ ?x a ?d } { { ?c owl:equivalentClass ?d } UNION { ?d owl:equivalentClass ?c } ?x a ?c }",
    "eq-diff1": "{ ?x a owl:Nothing } { ?x owl:differentFrom ?x }",
    "prp-irp": "{ ?x a owl:Nothing } { ?p a owl:IrreflexiveProperty . ?x ?p ?x }",
    "prp-asyp": "{ ?x a owl:Nothing } { ?p a owl:AsymmetricProperty . ?x ?p ?y . ?y ?p ?x }",
    "prp-pdw": "{ ?x a owl:Nothing } { ?p owl:propertyDisjointWith ?q . ?x ?p ?y ; ?q ?y }",
    "cax-dw": "{ ?x a owl:Nothing } { ?c owl:disjointWith ?d . ?x a ?c, ?d }",
}
"""The profile's tables, read from the recommendation once more, as rules over axioms and facts alike."""


def statements(triples: object) -> set[str]:
    """Return what is said of the individuals: by the properties, of the classes, and what is the same."""
    found = set()
    for s, p, o in triples:  # type: ignore[attr-defined]
        if not str(s).startswith("http://x/i"):
            continue
        told = str(p).startswith("http://x/") or (p == RDF.type and str(o).startswith("http://x/C"))
        if told or (p == OWL.sameAs and s != o and str(o).startswith("http://x/i")):
            found.add(f"{s} {p} {o}")
    return found


def compiled(axioms: Graph, data: Graph, *, proved: bool = False) -> tuple[set[str], bool]:
    facts = FactBase(duckdb.connect())
    facts.add_graph(axioms + data, name="facts")
    rules = owl_rules(axioms + data, origin="o")
    report = Reasoner(facts, rules).run()
    rows = facts.connection.execute(facts.facts_sql()).fetchall()
    if proved:
        for row in rows:
            prove(facts, rules, row[1], row[2], row[3])
    return statements(tuple(facts.term(i) for i in row[1:4]) for row in rows), report.contradictions > 0


def by_owlrl(graph: Graph) -> tuple[set[str], bool]:
    closed = Graph() + graph
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    errors = any("ErrorMessage" in str(kind) for kind in closed.objects(None, RDF.type))
    return statements(closed), errors


def by_oxigraph(graph: Graph) -> tuple[set[str], bool]:
    store = ox.Store()
    store.load(graph.serialize(format="nt").encode(), format=ox.RdfFormat.N_TRIPLES)
    before = -1
    while before < len(store):
        before = len(store)
        for rule in TABLE.values():
            head, body = rule.split("} {", 1)
            made = store.query(f"{SPARQL} CONSTRUCT {head}}} WHERE {{{body}")
            store.extend(ox.Quad(*triple) for triple in list(made))
    closed = Graph().parse(data=store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()), format="nt")
    return statements(closed), (None, RDF.type, OWL.Nothing) in closed


def read(lines: list[str], head: str = "") -> Graph:
    return Graph().parse(data=PREFIXES + head + "\n".join(sorted(lines)), format="turtle")


def agree(axioms: list[str], data: list[str]) -> None:
    ontology, facts = read(axioms, DECLARED), read(data)
    found, contradiction = compiled(ontology, facts, proved=len(data) < 4)
    plain, plain_contradiction = by_oxigraph(ontology + facts)
    assert found == plain
    assert contradiction == plain_contradiction
    peer, peer_contradiction = by_owlrl(ontology + facts)
    assert found == peer
    assert contradiction or not peer_contradiction


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(ONTOLOGIES, DATA)
def test_random_ontology_compiled_derives_what_owlrl_and_oxigraph_derive(axioms: list[str], data: list[str]) -> None:
    agree(axioms, data)


@pytest.mark.parametrize(
    "axioms",
    [
        [":C0 owl:intersectionOf ( :C1 :C2 ) .", ":C0 owl:oneOf ( :i0 :i1 ) ."],
        [":C0 owl:unionOf ( :C1 :C2 ) .", ":C0 owl:intersectionOf ( :C2 :C3 ) ."],
        [":C0 owl:intersectionOf ( :C1 :C2 ) .", ":C0 owl:intersectionOf ( :C2 :C3 ) ."],
    ],
)
def test_class_defined_by_several_lists_is_what_each_of_them_says(axioms: list[str]) -> None:
    agree(axioms, [":i0 a :C0 .", ":i2 a :C1 .", ":i3 a :C2 , :C3 ."])


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(ONTOLOGIES, DATA)
def test_many_random_ontologies_compiled_derive_what_owlrl_and_oxigraph_derive(
    axioms: list[str], data: list[str]
) -> None:
    agree(axioms, data)
