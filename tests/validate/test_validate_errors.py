"""Shapes that cannot be compiled: each is refused by name, with its file and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph

from augenblick.model.errors import BadShape
from augenblick.validate import compile_shapes, read_shapes

PREFIXES = """
@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix aug: <https://w3id.org/augenblick/ontology#> .
"""
BAD = {
    "unknown term": ("sh:path ex:p ; sh:minimumCount 1", "sh:minimumCount is not supported"),
    "script": ("sh:path ex:p ; sh:js [ ]", "sh:js is not supported"),
    "count in words": ('sh:path ex:p ; sh:minCount "one"', "one is no count"),
    "negative count": ("sh:path ex:p ; sh:maxCount -1", "-1 is no count"),
    "count without path": ("sh:minCount 1", "needs a property shape"),
    "two paths": ("sh:path ex:p , ex:q", "several sh:path"),
    "literal path": ('sh:path "p"', "its sh:path is not a path"),
    "short list path": ("sh:path ( ex:p )", "at least two members"),
    "regular expression": ('sh:path ex:p ; sh:pattern "("', "no regular expression"),
    "node kind": ("sh:nodeKind ex:Node", "is no node kind"),
    "list expected": ("sh:in ex:list", "an RDF list is expected"),
    "blank node value": ("sh:in ( [ ] )", "blank node stands where"),
    "qualified without count": ("sh:path ex:p ; sh:qualifiedValueShape [ ]", "needs sh:qualifiedMinCount"),
    "recursion": ("sh:path ex:p ; sh:node ex:S", "refers to itself"),
    "property without path": ("sh:property [ sh:minCount 1 ]", "needs sh:path"),
    "no query": ("sh:sparql [ ]", "exactly one sh:select"),
    "broken query": ('sh:sparql [ sh:select "SELECT $this WHERE { $this }" ]', "no SPARQL"),
    "prefix not declared": ('sh:sparql [ sh:select "SELECT $this WHERE { $this ex:p 1 }" ]', "prefix 'ex:'"),
    "focus not projected": ('sh:sparql [ sh:select "SELECT ?x WHERE { ?x ?y ?z }" ]', "must project ?this"),
    "forbidden in query": ('sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS {} }" ]', "MINUS"),
    "keeps out something else": ("sh:path ex:p ; sh:minCount 1 ; aug:keepsOut ex:All", "aug:keepsOut"),
    "keeps out the end of a long path": (
        "sh:path ( ex:p ex:q ) ; sh:minCount 1 ; aug:keepsOut aug:Value",
        "single predicates",
    ),
    "target of unknown kind": ("sh:target [ a ex:Target ]", "SPARQLTarget"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_shape_is_refused_by_name_with_reason(name):
    text, reason = BAD[name]
    shapes = Graph().parse(data=f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ex:A ; {text} .", format="turtle")
    with pytest.raises(BadShape) as caught:
        compile_shapes(shapes)
    assert "http://example.org/S" in str(caught.value)
    assert reason in str(caught.value)


def test_bad_shape_in_a_folder_names_its_file(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "good.ttl").write_text(f"{PREFIXES} ex:T a sh:NodeShape ; sh:targetClass ex:A ; sh:closed true .")
    (folder / "bad.ttl").write_text(f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:wrong 1 .")
    with pytest.raises(BadShape) as caught:
        read_shapes(folder)
    assert caught.value.where == "data/bad.ttl"


def test_file_that_is_no_turtle_is_named(tmp_path: Path):
    (tmp_path / "torn.ttl").write_text("ex:S a ")
    with pytest.raises(BadShape) as caught:
        read_shapes(tmp_path)
    assert str(caught.value.where).endswith("torn.ttl")


def test_shape_without_target_is_not_compiled_on_its_own():
    shapes = Graph().parse(data=f"{PREFIXES} ex:S a sh:NodeShape ; sh:class ex:A .", format="turtle")
    assert compile_shapes(shapes) == []


def test_deactivated_shape_gives_no_constraint():
    text = f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ex:A ; sh:class ex:B ; sh:deactivated true ."
    (shape,) = compile_shapes(Graph().parse(data=text, format="turtle"))
    assert shape.constraints == ()


def test_parameter_of_no_known_component_outside_shacl_is_an_annotation():
    text = f'{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ex:A ; ex:note "kept" .'
    (shape,) = compile_shapes(Graph().parse(data=text, format="turtle"))
    assert shape.constraints == ()
