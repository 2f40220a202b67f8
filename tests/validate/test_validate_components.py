"""Each constraint component on random graphs: the compiled shape finds what pyshacl finds."""

from __future__ import annotations

import logging

import pyshacl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, XSD, Graph, Literal, Namespace

EX = Namespace("http://example.org/")
PREFIXES = """
@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
ex:B rdfs:subClassOf ex:A .
"""
NODES = [EX[f"n{number}"] for number in range(4)]
VALUES = [
    *NODES,
    *(Literal(number) for number in (0, 1, 7)),
    *(Literal(text) for text in ("", "ab", "abc")),
    *(Literal(text, lang=tag) for text, tag in (("ab", "de"), ("cd", "de"), ("ab", "en-GB"), ("ab", "DE"))),
    *(Literal(day, datatype=XSD.date) for day in ("2020-01-01", "2024-02-29")),
    Literal("1.5", datatype=XSD.decimal),
    Literal("x", datatype=XSD.integer, normalize=False),
]
CONSTRAINTS = {
    "class": "sh:class ex:A",
    "datatype-integer": "sh:datatype xsd:integer",
    "datatype-string": "sh:datatype xsd:string",
    "datatype-language": "sh:datatype rdf:langString",
    "datatype-date": "sh:datatype xsd:date",
    "kind-iri": "sh:nodeKind sh:IRI",
    "kind-literal": "sh:nodeKind sh:BlankNodeOrLiteral",
    "min-count-1": "sh:minCount 1",
    "min-count-2": "sh:minCount 2",
    "max-count-0": "sh:maxCount 0",
    "max-count-1": "sh:maxCount 1",
    "min-inclusive": "sh:minInclusive 1",
    "min-exclusive": "sh:minExclusive 1",
    "max-inclusive": 'sh:maxInclusive "2024-01-01"^^xsd:date',
    "max-exclusive": "sh:maxExclusive 7",
    "min-length": "sh:minLength 3",
    "max-length": "sh:maxLength 2",
    "pattern": 'sh:pattern "^A" ; sh:flags "i"',
    "language-in": 'sh:languageIn ( "en" "fr" )',
    "unique-lang": "sh:uniqueLang true",
    "equals": "sh:equals ex:q",
    "disjoint": "sh:disjoint ex:q",
    "less-than": "sh:lessThan ex:q",
    "less-than-or-equals": "sh:lessThanOrEquals ex:q",
    "not": "sh:not [ sh:class ex:A ]",
    "and": "sh:and ( [ sh:class ex:A ] [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ] )",
    "or": "sh:or ( [ sh:class ex:A ] [ sh:datatype xsd:integer ] [ sh:property [ sh:path ex:p ; sh:maxCount 1 ] ] )",
    "xone": "sh:xone ( [ sh:class ex:A ] [ sh:nodeKind sh:IRI ] [ sh:property [ sh:path ex:q ; sh:minCount 2 ] ] )",
    "node": "sh:node [ sh:property [ sh:path ex:q ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ]",
    "node-with-paths": "sh:node [ sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ; sh:maxCount 0 ] ] ]",
    "property": "sh:property [ sh:path ex:q ; sh:class ex:A ; sh:maxCount 1 ]",
    "qualified-min": "sh:qualifiedValueShape [ sh:class ex:A ] ; sh:qualifiedMinCount 1",
    "qualified-min-2": "sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 2",
    "qualified-max": "sh:qualifiedValueShape [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ] ; sh:qualifiedMaxCount 0",
    "has-value": "sh:hasValue ex:n1",
    "has-value-number": "sh:hasValue 1",
    "in": 'sh:in ( ex:n1 ex:n2 1 "ab" )',
    "in-iris": "sh:in ( ex:n1 ex:n2 )",
    "sparql": """sh:sparql [ sh:prefixes ex:prefixes ; sh:select "SELECT $this ?value WHERE {
        $this $PATH ?value . FILTER(isIRI(?value) && ?value != $this) }" ]""".replace("\n", " "),
    "sparql-union": """sh:sparql [ sh:prefixes ex:prefixes ; sh:select "SELECT $this WHERE {
        { FILTER($this = ex:n1) } UNION { $this ex:q ex:n2 } }" ]""".replace("\n", " "),
}
PATHS = {
    "predicate": "ex:p",
    "inverse": "[ sh:inversePath ex:p ]",
    "sequence": "( ex:p ex:q )",
    "alternative": "[ sh:alternativePath ( ex:p ex:q ) ]",
    "star": "[ sh:zeroOrMorePath ex:p ]",
    "plus": "[ sh:oneOrMorePath ex:p ]",
    "optional": "[ sh:zeroOrOnePath ex:p ]",
    "nested": "( [ sh:inversePath ex:q ] [ sh:zeroOrMorePath [ sh:alternativePath ( ex:p ex:q ) ] ] )",
}
TARGETS = {
    "class": "sh:targetClass ex:A",
    "node": "sh:targetNode ex:n0 , ex:n9",
    "subjects": "sh:targetSubjectsOf ex:q",
    "objects": "sh:targetObjectsOf ex:p",
    "both": "sh:targetSubjectsOf ex:q ; sh:targetClass ex:B",
}
COMPARED = {"min-inclusive", "min-exclusive", "max-exclusive", "less-than", "less-than-or-equals"}
"""pyshacl orders terms that SPARQL cannot compare; for these only numbers are drawn."""
EDGES = st.tuples(st.sampled_from(NODES), st.sampled_from([EX.p, EX.q]), st.sampled_from(VALUES))
NUMBERS = [Literal(number) for number in (0, 1, 2, 7)]
SUMS = st.tuples(st.sampled_from(NODES[:2]), st.sampled_from([EX.p, EX.q]), st.sampled_from(NUMBERS))
TYPES = st.tuples(st.sampled_from(NODES), st.just(RDF.type), st.sampled_from([EX.A, EX.B]))
GRAPHS = st.lists(st.one_of(EDGES, EDGES, TYPES), min_size=3, max_size=14)
FEW = settings(
    max_examples=30,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FEWER = settings(FEW, max_examples=12)


@pytest.fixture(autouse=True)
def _quiet():
    """pyshacl reports each literal that cannot be compared through logging, which is no failure here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def graph_of(triples) -> Graph:
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


def assert_same(triples, shape: str, results_of, expected_results) -> None:
    shapes = Graph().parse(data=PREFIXES + shape, format="turtle")
    data = graph_of(triples)
    data.add((EX.B, RDFS.subClassOf, EX.A))
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False)
    assert set(results_of(data, shapes)) == set(expected_results(report))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("constraint", sorted(COMPARED))
@FEW
@given(triples=st.lists(SUMS, min_size=3, max_size=10))
def test_comparison_on_random_numbers_agrees_with_pyshacl(constraint, triples, results_of, expected_results):
    shape = f"ex:S a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; {CONSTRAINTS[constraint]} ."
    assert_same(triples, shape, results_of, expected_results)


def test_comparison_of_what_has_no_order_is_a_violation(results_of):
    """SHACL 4.3 and 4.5: whatever cannot be compared breaks the constraint; pyshacl lets some of it pass."""
    shape = "ex:S a sh:PropertyShape ; sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:maxExclusive 7 ; sh:lessThan ex:q ."
    data = graph_of([(EX.n0, EX.p, Literal("2020-01-01", datatype=XSD.date)), (EX.n0, EX.q, EX.n1)])
    found = results_of(data, Graph().parse(data=PREFIXES + shape, format="turtle"))
    assert sorted(str(key[3]).rsplit("#")[-1] for key in found) == [
        "LessThanConstraintComponent",
        "MaxExclusiveConstraintComponent",
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in CONSTRAINTS if name not in COMPARED])
@FEW
@given(triples=GRAPHS)
def test_property_shape_on_random_graph_agrees_with_pyshacl(name, triples, results_of, expected_results):
    target = "sh:targetClass ex:A ; sh:targetSubjectsOf ex:p"
    shape = f"ex:S a sh:PropertyShape ; {target} ; sh:path ex:p ; {CONSTRAINTS[name]} ."
    assert_same(triples, shape, results_of, expected_results)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CONSTRAINTS)
@settings(FEW, max_examples=3)
@given(triples=GRAPHS)
def test_property_shape_on_the_reasoner_agrees_with_oxigraph(name, triples, results_on_facts, results_of):
    target = "sh:targetClass ex:A ; sh:targetSubjectsOf ex:p"
    shape = f"ex:S a sh:PropertyShape ; {target} ; sh:path ex:p ; {CONSTRAINTS[name]} ."
    shapes = Graph().parse(data=PREFIXES + shape, format="turtle")
    assert set(results_on_facts(graph_of(triples), shapes)) == set(results_of(graph_of(triples), shapes))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@settings(FEW, max_examples=3)
@given(triples=GRAPHS)
def test_path_on_the_reasoner_agrees_with_oxigraph(path, triples, results_on_facts, results_of):
    shape = f"ex:S a sh:PropertyShape ; sh:targetClass ex:A ; sh:path {path} ; sh:class ex:A ; sh:maxCount 1 ."
    shapes = Graph().parse(data=PREFIXES + shape, format="turtle")
    assert set(results_on_facts(graph_of(triples), shapes)) == set(results_of(graph_of(triples), shapes))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize(
    "name", ["class", "min-count-2", "max-count-1", "equals", "disjoint", "or", "qualified-max", "has-value"]
)
@FEWER
@given(triples=GRAPHS)
def test_path_on_random_graph_agrees_with_pyshacl(name, path, triples, results_of, expected_results):
    shape = (
        f"ex:S a sh:PropertyShape ; sh:targetClass ex:A ; sh:targetNode ex:n9 ; sh:path {path} ; {CONSTRAINTS[name]} ."
    )
    assert_same(triples, shape, results_of, expected_results)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@FEW
@given(triples=GRAPHS)
def test_target_on_random_graph_agrees_with_pyshacl(target, triples, results_of, expected_results):
    shape = f"""ex:S a sh:NodeShape ; {target} ; sh:nodeKind sh:IRI ; sh:class ex:B ;
      sh:property [ sh:path ex:p ; sh:minCount 1 ] ."""
    assert_same(triples, shape, results_of, expected_results)


@pytest.mark.filterwarnings("ignore")
@FEW
@given(triples=GRAPHS)
def test_closed_shape_on_random_graph_agrees_with_pyshacl(triples, results_of, expected_results):
    shape = """ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:q ; sh:closed true ;
      sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path ex:p ] ."""
    assert_same(triples, shape, results_of, expected_results)


@pytest.mark.filterwarnings("ignore")
@FEW
@given(triples=GRAPHS)
def test_implicit_class_target_on_random_graph_agrees_with_pyshacl(triples, results_of, expected_results):
    shape = "ex:A a sh:NodeShape , rdfs:Class ; sh:property [ sh:path ex:q ; sh:nodeKind sh:Literal ] ."
    assert_same(triples, shape, results_of, expected_results)


@pytest.mark.filterwarnings("ignore")
@FEW
@given(triples=GRAPHS)
def test_disjoint_qualified_shapes_on_random_graph_agree_with_pyshacl(triples, results_of, expected_results):
    shape = """ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ;
      sh:property [ sh:path ex:p ; sh:qualifiedValueShapesDisjoint true ;
        sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 1 ] ;
      sh:property [ sh:path ex:p ; sh:qualifiedValueShapesDisjoint true ;
        sh:qualifiedValueShape [ sh:class ex:A ] ; sh:qualifiedMaxCount 1 ] ."""
    assert_same(triples, shape, results_of, expected_results)
