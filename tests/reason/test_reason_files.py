"""RDF files as facts: the same as rdflib reads, whatever the kind of term; clear errors for what is no RDF."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from rdflib import Graph

from augenblick.model.errors import BadParameter
from augenblick.reason import FactBase, add_file

TURTLE = """
@prefix : <https://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a a :Person, :Parent ; :knows :b, [ :knows :a ] ; :name "Ada", "Ada"@en, "Äda"@de-AT ; :age 36, "036"^^xsd:integer ;
   :born "1990-02-28"^^xsd:date, "1990-02-30"^^xsd:date ; :seen "2026-01-01T10:00:00"^^xsd:dateTime ;
   :paid 1.50, 1.5e3 ; :kind "x"^^:own ; :alive true, "1"^^xsd:boolean ; :big 123456789012345678901 .
[] a :Person .
"""


def lines(facts: FactBase) -> list[tuple[str, ...]]:
    return sorted(facts.connection.execute(f"SELECT s, p, o FROM ({facts.quads_sql()})").fetchall())


def named(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [row for row in rows if not any(term.startswith("_:") for term in row)]


def test_file_gives_the_facts_its_graph_gives(tmp_path: Path) -> None:
    (tmp_path / "some.ttl").write_text(TURTLE, encoding="utf-8")
    by_file, by_graph = FactBase(duckdb.connect()), FactBase(duckdb.connect())
    graph = Graph().parse(tmp_path / "some.ttl")
    assert add_file(by_file, tmp_path / "some.ttl", name="g") == len(graph)
    by_graph.add_graph(graph, name="g")
    assert named(lines(by_file)) == named(lines(by_graph))
    assert len(lines(by_file)) == len(lines(by_graph))


def test_file_added_twice_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "some.nt").write_text('<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p> "x" .\n', encoding="utf-8")
    facts = FactBase(duckdb.connect())
    assert [add_file(facts, tmp_path / "some.nt", name="g") for _ in range(2)] == [2, 0]


@pytest.mark.parametrize(
    ("file", "text", "said"), [("a.nt", "<urn:a> <urn:p>\n", "a.nt:2:1"), ("a.txt", "", "no ending of an RDF file")]
)
def test_file_that_is_no_rdf_is_refused_with_its_place(tmp_path: Path, file: str, text: str, said: str) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(BadParameter) as error:
        add_file(FactBase(duckdb.connect()), tmp_path / file, name="g")
    assert said in str(error.value)
