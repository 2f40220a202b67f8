"""Turtle has one form, and bringing a text into it keeps its meaning."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augenblick.content import canonical_turtle, turtle
from augenblick.model.errors import BadOntology

TANGLED = r"""
@prefix ex: <http://e.example/> . @prefix unused: <http://unused.example/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:a ex:p [ ex:q 1, 02, "x"@de, "a\"b\nc\"" , "tab\t\\"; ex:l (1 [ex:z ex:y] "q" ()) ], () ; a ex:C, ex:B .
_:x ex:knows _:y . _:y ex:knows _:x . [] ex:top 1.50, -0.5, 1.5e3 . ex:b ex:p _:s . ex:c ex:p _:s .
_:s ex:v 1.50, "5."^^<http://www.w3.org/2001/XMLSchema#decimal>, true, "P18Y"^^ex:span .
ex:shape sh:property [ sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:in ( "a"@en "b" ) ], [ sh:path ex:r ] .
<http://e.example/with,comma> ex:p <http://e.example/a/b>, ex:1.2, ex:a-b .
ex:broken <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 .
ex:half ex:list [ <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ] .
"""


def meaning(text: str) -> set[str]:
    dataset = ox.Dataset(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def test_canonical_of_any_graph_keeps_meaning_and_is_stable() -> None:
    text = turtle.canonical(TANGLED)
    assert meaning(text) == meaning(TANGLED)
    assert turtle.canonical(text) == text


def test_canonical_of_differently_written_same_graph_is_same_text() -> None:
    one = "@prefix ex: <http://e.example/> . ex:b ex:p ex:c ; a ex:T . ex:a ex:p 1, 2 ."
    other = (
        "@prefix ex: <http://e.example/> .\n# a comment\nex:a ex:p 2 . ex:a ex:p 1 .\nex:b a ex:T . ex:b ex:p ex:c ."
    )
    assert turtle.canonical(one) == turtle.canonical(other)


def test_canonical_of_a_term_puts_type_label_definition_first_and_german_before_english() -> None:
    text = turtle.canonical(
        """@prefix aug: <https://w3id.org/augenblick/ontology#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        aug:X rdfs:subClassOf aug:Y ; skos:definition "d"@en ; aug:a 0.50 ; rdfs:label "B"@en, "Ä"@de ; a owl:Class ."""
    )
    assert text.split("\n\n")[1] == (
        'aug:X\n    a owl:Class ;\n    rdfs:label\n        "Ä"@de,\n        "B"@en ;\n'
        '    skos:definition "d"@en ;\n    rdfs:subClassOf aug:Y ;\n    aug:a 0.50 .\n'
    )


def test_canonical_of_no_turtle_names_the_place() -> None:
    with pytest.raises(BadOntology, match=r"moment\.ttl: no Turtle"):
        turtle.canonical("@prefix ex: <http://e.example/> . ex:a ex:b", where="moment.ttl")


LITERALS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")).map(ox.Literal)
NODES = st.sampled_from([ox.NamedNode(f"http://e.example/{n}") for n in ("a", "b", "c#d", "e.f")])
BLANKS = st.sampled_from([ox.BlankNode(n) for n in "xyz"])
PREDICATES = st.sampled_from(
    [ox.NamedNode(f"http://e.example/{n}") for n in "pq"] + [canonical_turtle._FIRST, canonical_turtle._REST]
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.builds(ox.Triple, NODES | BLANKS, PREDICATES, NODES | BLANKS | LITERALS | st.just(canonical_turtle._NIL)),
        max_size=8,
    )
)
def test_serialise_of_any_triples_keeps_them(triples: list[ox.Triple]) -> None:
    text = turtle.serialise(triples, {"ex": "http://e.example/"})
    written = "\n".join(f"{triple} ." for triple in triples)
    assert meaning(text) == meaning(written)
    assert turtle.canonical(text) == text


def test_files_of_the_ontology_are_canonical(ontology: Path) -> None:
    assert turtle.reformat([ontology], write=False) == [], "run: python -m augenblick.content.turtle ontology"


def test_main_with_check_leaves_files_alone_and_without_mends_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("@prefix ex: <http://e.example/> .  ex:a   ex:p ex:b .", encoding="utf-8")
    before = file.read_text(encoding="utf-8")
    assert turtle.main(["--check", str(tmp_path)]) == 1
    assert file.read_text(encoding="utf-8") == before
    assert turtle.main([str(tmp_path)]) == 0
    assert file.read_text(encoding="utf-8") == turtle.canonical(before)
    assert turtle.main(["--check", str(tmp_path)]) == 0
    assert "a.ttl" in capsys.readouterr().out


def test_canonical_of_deeply_nested_nodes_is_refused() -> None:
    deep = "<http://e.example/a> <http://e.example/p> " + "[ <http://e.example/p> " * 3000 + "1" + "]" * 3000 + " ."
    with pytest.raises(BadOntology, match="nested"):
        turtle.canonical(deep)


@pytest.mark.parametrize(("name", "content"), [("latin.ttl", "# Größe".encode("latin-1")), ("absent.ttl", None)])
def test_main_with_an_unreadable_file_says_so_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert turtle.main([str(tmp_path / name)]) == 2
    assert name in capsys.readouterr().err


def test_reformat_of_windows_line_ends_mends_them(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    text = turtle.canonical("<http://e.example/a> <http://e.example/p> 1, 2 .")
    file.write_bytes(text.replace("\n", "\r\n").encode())
    assert turtle.reformat([file]) == [file]
    assert file.read_bytes() == text.encode()
