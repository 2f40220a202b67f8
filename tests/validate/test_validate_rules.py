"""SHACL rules run by the reasoner, held against pyshacl."""

from __future__ import annotations

import duckdb
import pyshacl
import pytest
from rdflib import Graph

from augenblick.model.errors import BadShape
from augenblick.reason import FactBase, Reasoner, prove
from augenblick.validate import shape_rules

PREFIXES = """@prefix : <http://x/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
: sh:declare [ sh:prefix "" ; sh:namespace "http://x/"^^xsd:anyURI ] .
"""
DATA = """@prefix : <http://x/> .
:a a :Rectangle ; :width 4 ; :height 3 . :b a :Rectangle ; :width 4 ; :height 4 . :c a :Rectangle ; :width 2 .
:d :width 9 ; :knows :e . :e :knows :f . :f :label "F"@en .
"""
AREA = """:S a sh:NodeShape ; sh:targetClass :Rectangle ;
  sh:rule [ a sh:SPARQLRule ; sh:prefixes : ;
    sh:construct "CONSTRUCT { $this :area ?a } WHERE { $this :width ?w ; :height ?h BIND(?w + ?h AS ?a) }" ] ."""
RULES = {
    "construct": AREA,
    "triple": ":S sh:targetClass :Rectangle ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :is ;"
    " sh:object :Shape ] .",
    "path": ":S sh:targetSubjectsOf :knows ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :reaches ;"
    " sh:object [ sh:path ( :knows :knows ) ] ] .",
    "inverse": ":S sh:targetObjectsOf :knows ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :knownBy ;"
    " sh:object [ sh:path [ sh:inversePath :knows ] ] ] .",
    "condition": """:S sh:targetClass :Rectangle ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :is ;
      sh:object :Square ; sh:condition [ sh:property [ sh:path :width ; sh:equals :height ; sh:minCount 1 ] ] ] .""",
    "deactivated": ":S sh:targetClass :Rectangle ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :is ;"
    " sh:object :Shape ; sh:deactivated true ] .",
    "order": """:S sh:targetClass :Rectangle ; sh:rule [ a sh:TripleRule ; sh:order 1 ; sh:subject sh:this ;
      sh:predicate :is ; sh:object :Tall ;
      sh:condition [ sh:property [ sh:path :area ; sh:minInclusive 8 ; sh:minCount 1 ] ] ] ;
      sh:rule [ a sh:SPARQLRule ; sh:order 0 ; sh:prefixes : ;
      sh:construct "CONSTRUCT { $this :area ?a } WHERE { $this :width ?w ; :height ?h BIND(?w + ?h AS ?a) }" ] .""",
    "union": ":S sh:targetClass :Rectangle ; sh:targetNode :d ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ;"
    " sh:predicate :wide ; sh:object [ sh:path :width ] ] .",
}  # fmt: skip


def parsed(turtle: str) -> Graph:
    return Graph().parse(data=PREFIXES + turtle, format="turtle")


def compiled(shapes: Graph) -> set[str]:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data=DATA, format="turtle"), name="facts")
    rules = shape_rules(shapes)
    Reasoner(facts, rules).run()
    for row in facts.connection.execute(facts.facts_sql(names=["inferred"])).fetchall():
        assert prove(facts, rules, row[1], row[2], row[3]).rule in rules.rules
    rows = facts.connection.execute(facts.quads_sql(names=["inferred"])).fetchall()
    return {" ".join(row[1:]) for row in rows}


def by_pyshacl(shapes: Graph) -> set[str]:
    data = Graph().parse(data=DATA, format="turtle")
    grown = Graph().parse(data=DATA, format="turtle")
    pyshacl.validate(grown, shacl_graph=shapes, advanced=True, inplace=True)
    return {" ".join(term.n3() for term in triple) for triple in grown - data}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.filterwarnings("ignore")
def test_shape_rule_compiled_makes_what_pyshacl_makes(name: str) -> None:
    shapes = parsed(RULES[name])
    found = compiled(shapes)
    assert found == by_pyshacl(shapes)
    assert bool(found) is (name != "deactivated")


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        (":S sh:targetClass :T ; sh:rule [ a :OtherRule ] .", "neither sh:TripleRule nor sh:SPARQLRule"),
        (
            ":S sh:targetClass :T ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :p ; "
            "sh:object [ sh:count [ sh:path :q ] ] ] .",
            "sh:count",
        ),
        (":S sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :p ; sh:object 1 ] .", "no target"),
        (
            ":S sh:targetClass :T ; sh:rule [ a sh:SPARQLRule ; sh:prefixes : ; "
            'sh:construct "SELECT * { ?a :p ?b }" ] .',
            "no CONSTRUCT",
        ),
        (
            ":S sh:targetClass :T ; sh:rule [ a sh:SPARQLRule ; "
            'sh:construct "CONSTRUCT { $this :p ?b } WHERE { $this :q ?b }" ] .',
            "prefix ':'",
        ),
    ],
)
def test_shape_rule_outside_the_fragment_is_refused_by_name(shapes: str, reason: str) -> None:
    with pytest.raises(BadShape, match=reason):
        shape_rules(parsed(shapes))


def test_order_that_contradicts_the_strata_is_refused() -> None:
    shapes = """:S sh:targetClass :T ;
      sh:rule [ a sh:SPARQLRule ; sh:prefixes : ; sh:order 0 ;
        sh:construct "CONSTRUCT { $this a :Lonely } WHERE { FILTER NOT EXISTS { $this :friend ?f } }" ] ;
      sh:rule [ a sh:TripleRule ; sh:order 1 ; sh:subject sh:this ; sh:predicate :friend ;
        sh:object [ sh:path :knows ] ] ."""
    with pytest.raises(BadShape, match=r"rule 1 of .* needs the absence of what .*rule 2"):
        shape_rules(parsed(shapes))
    assert len(shape_rules(parsed(shapes.replace("sh:order 1", "sh:order -1")))) == 2
