"""What a constraint's query asks of the shapes: $currentShape, $shapesGraph, and bound() of what is given."""

from __future__ import annotations

import pytest
from rdflib import Graph

from augenblick.model.errors import BadShape
from augenblick.validate import compile_shapes, shape_rules

PREFIXES = """
@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""
DATA = """
@prefix ex: <http://example.org/> .
ex:anna a ex:P ; ex:kind ex:small ; ex:size 3 . ex:ben a ex:P ; ex:kind ex:large ; ex:size 9 .
"""
LIMITS = 'ex:small ex:most 5 . ex:large ex:most 7 ; ex:note [ ex:text "by the yard" ] .'


@pytest.fixture(params=["on_oxigraph", "on_facts"])
def broken(request):
    """From the query of a constraint (and more triples of the shapes) to the names of what breaks it."""
    evaluator = request.getfixturevalue(request.param)

    def found(query: str, more: str = "", shape: str = "ex:S") -> list[str]:
        shapes = _shapes(query, more, shape)
        select = evaluator(Graph().parse(data=DATA, format="turtle"))
        constraints = [constraint for each in compile_shapes(shapes) for constraint in each.constraints]
        return sorted(str(row[0]).rpartition("/")[2] for each in constraints for row in select(each.select))

    return found


def _shapes(query: str, more: str, shape: str) -> Graph:
    asked = f'[ sh:prefixes ex:prefixes ; sh:select """{query}""" ]'
    text = f"{shape} a sh:NodeShape ; sh:targetClass ex:P ; ex:most 5 ; sh:sparql {asked} ."
    return Graph().parse(data=f"{PREFIXES} {text} {more}", format="turtle")


def test_values_that_stand_in_the_shapes_bound_what_the_data_may_say(broken):
    query = """SELECT $this ?value WHERE { $this ex:size ?value . GRAPH $shapesGraph { $currentShape ex:most ?most }
      FILTER(?value > ?most) }"""
    assert broken(query) == ["ben"]


def test_shapes_join_the_data_by_every_variable_both_use(broken):
    query = """SELECT $this WHERE { $this ex:kind ?kind ; ex:size ?size .
      GRAPH $shapesGraph { ?kind ex:most ?most . FILTER(?most > 6) } }"""
    assert broken(query, LIMITS) == ["ben"]


def test_two_groups_of_the_shapes_are_asked_apart(broken):
    query = """SELECT $this WHERE { $this ex:kind ?kind . GRAPH $shapesGraph { ?kind ex:most ?one }
      GRAPH $shapesGraph { ?other ex:most ?two } FILTER(?two < ?one) }"""
    assert broken(query, LIMITS) == ["ben"]


def test_equal_solutions_of_the_shapes_count_as_often_as_they_are(broken):
    query = """SELECT $this WHERE { { SELECT $this (COUNT(?size) AS ?n) WHERE { $this ex:size ?size .
      GRAPH $shapesGraph { ?limited ex:most ?most } } GROUP BY $this } FILTER(?n = 3) }"""
    assert broken(query, LIMITS) == ["anna", "ben"]


def test_shapes_without_a_solution_leave_none(broken):
    assert broken("SELECT $this WHERE { GRAPH $shapesGraph { ?x ex:least ?y } }") == []


def test_blank_nodes_of_the_shapes_serve_within_their_group(broken):
    query = (
        "SELECT $this WHERE { $this ex:kind ?kind . GRAPH $shapesGraph { ?kind ex:note ?note . ?note ex:text ?text } }"
    )
    assert broken(query, LIMITS) == ["ben"]


def test_what_is_pre_bound_is_bound(broken):
    assert broken(
        "SELECT $this WHERE { FILTER bound($shapesGraph) . FILTER(BOUND($shapesGraph) && bound( ?currentShape )) }"
    ) == ["anna", "ben"]


COMPONENT = """
ex:Sized a sh:ConstraintComponent ; sh:parameter [ sh:path ex:above ] , [ sh:path ex:below ; sh:optional true ] ;
  sh:nodeValidator [ a sh:SPARQLSelectValidator ; sh:prefixes ex:prefixes ; sh:select \"\"\"
    SELECT $this WHERE { $this ex:size ?size . FILTER(?size > $above && (!bound($below) || ?size < $below)) }\"\"\" ] .
"""


@pytest.mark.parametrize(
    ("given", "expected"), [("ex:above 2", ["anna", "ben"]), ("ex:above 2 ; ex:below 5", ["anna"])]
)
def test_optional_parameter_of_a_component_is_bound_where_it_is_given(on_oxigraph, on_facts, given, expected):
    shapes = Graph().parse(
        data=f"{PREFIXES} {COMPONENT} ex:S a sh:NodeShape ; sh:targetClass ex:P ; {given} .", format="turtle"
    )
    (shape,) = compile_shapes(shapes)
    data = Graph().parse(data=DATA, format="turtle")
    for evaluator in (on_oxigraph, on_facts):
        rows = [row for each in shape.constraints for row in evaluator(data)(each.select)]
        assert sorted(str(row[0]).rpartition("/")[2] for row in rows) == expected


BAD = {
    "filter on what stands outside": (
        "SELECT $this WHERE { $this ex:size ?s . GRAPH $shapesGraph { ?k ex:most ?m . FILTER(?m > ?s) } }",
        "needs ?s from outside",
    ),
    "exists on what stands outside": (
        "SELECT $this WHERE { GRAPH $shapesGraph { ?k ex:most ?m . FILTER NOT EXISTS { $this ex:note ?n } } }",
        "from outside",
    ),
    "blank node handed out": (
        "SELECT $this ?value WHERE { GRAPH $shapesGraph { ?k ex:note ?value } }",
        "?value would be a blank node of the shapes",
    ),
    "graph as a value": ("SELECT $this ?value WHERE { BIND($shapesGraph AS ?value) }", "may use $shapesGraph in GRAPH"),
    "beyond the fragment": (
        "SELECT $this WHERE { GRAPH $shapesGraph { ?k ex:most ?m . FILTER(STRUUID() = ?m) } }",
        "what it asks of the shapes cannot be answered",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_asked_of_the_shapes_is_refused_by_name(name):
    query, reason = BAD[name]
    with pytest.raises(BadShape) as caught:
        compile_shapes(_shapes(query, LIMITS, "ex:S"))
    assert reason in str(caught.value)


def test_shape_without_a_name_is_no_current_shape_to_ask_for():
    nested = 'sh:property [ sh:path ex:size ; sh:sparql [ sh:select "SELECT $this WHERE { $currentShape ?p $this }" ] ]'
    shapes = Graph().parse(data=f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ex:P ; {nested} .", format="turtle")
    with pytest.raises(BadShape, match="the shape has no IRI"):
        compile_shapes(shapes)


@pytest.mark.parametrize("asked", ["$shapesGraph", "$currentShape"])
def test_targets_and_rules_have_no_shapes_to_ask(asked):
    group = "GRAPH $shapesGraph { ?s ?p $this }" if asked == "$shapesGraph" else "$currentShape ?p $this"
    target = f'ex:S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this WHERE {{ {group} }}" ] .'
    rule = f'sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ $this a $this }} WHERE {{ {group} }}" ]'
    with pytest.raises(BadShape, match="which only constraints have"):
        compile_shapes(Graph().parse(data=f"{PREFIXES} {target}", format="turtle"))
    with pytest.raises(BadShape, match="which only constraints have"):
        shape_rules(
            Graph().parse(data=f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ex:P ; {rule} .", format="turtle")
        )
