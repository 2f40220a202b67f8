"""Facts that wait for their tables are read as if they were there, and are there after `settle`."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from augenblick.reason import FactBase, waiting
from augenblick.reason.ir import RelationKey

EX = Namespace("http://x/")
KNOWS, PERSON = RelationKey(str(EX.knows)), RelationKey(str(RDF.type), str(EX.Person))
SELECT = "PREFIX x: <http://x/> SELECT ?a ?b { ?a a x:Person ; x:knows ?b }"


@pytest.fixture
def facts(tmp_path: Path) -> FactBase:
    """Return facts of Anna, Ben and Clara; Anna's are replaced: she knows Clara now, and Dora is new."""
    base = FactBase(duckdb.connect(tmp_path / "facts.duckdb"))
    graph = Graph()
    for name in ("anna", "ben", "clara"):
        graph.add((EX[name], RDF.type, EX.Person))
        graph.add((EX[name], EX.knows, EX.ben))
    graph.add((EX.anna, EX.name, Literal("Anna")))
    base.add_graph(graph, name="facts")
    anna, clara, dora, ben, person = base.dictionary.intern([EX.anna, EX.clara, EX.dora, EX.ben, EX.Person])
    g = base.graph_code("facts")
    said = {KNOWS: [(anna, clara, g, 0, 0), (dora, ben, g, 0, 0)], PERSON: [(x, person, g, 0, 0) for x in (anna, dora)]}
    waiting.put(base, [anna, dora], said, again=False)
    return base


def told(facts: FactBase) -> set[tuple[str, str]]:
    return {(str(a).removeprefix(EX), str(b).removeprefix(EX)) for a, b in facts.select(SELECT).terms()}


NOW = {("anna", "clara"), ("dora", "ben"), ("ben", "ben"), ("clara", "ben")}


def test_facts_that_wait_are_read_in_place_of_those_they_replace(facts: FactBase) -> None:
    assert told(FactBase(facts.connection)) == NOW
    assert told(FactBase(facts.connection, tables_only=True)) == {(name, "ben") for name in ("anna", "ben", "clara")}


def test_facts_that_wait_can_be_read_by_who_may_not_write(facts: FactBase, tmp_path: Path) -> None:
    facts.connection.close()
    with duckdb.connect(tmp_path / "facts.duckdb", read_only=True) as connection:
        assert told(FactBase(connection)) == NOW


def test_settled_facts_are_those_that_were_read_and_nothing_waits(facts: FactBase) -> None:
    before = set(facts.connection.execute(FactBase(facts.connection).quads_sql()).fetchall())
    waiting.settle(FactBase(facts.connection, tables_only=True))
    after = FactBase(facts.connection, tables_only=True)
    assert set(facts.connection.execute(after.quads_sql()).fetchall()) == before
    assert not waiting.any_waiting(after.connection, after.schema)
    assert {r.key: r.rows for r in after.relations() if r.rows} == {KNOWS: 4, PERSON: 4}


@pytest.mark.parametrize(("name", "waits"), [("anna", True), ("dora", True), ("ben", False)])
def test_only_subjects_that_were_replaced_wait(facts: FactBase, name: str, waits: bool) -> None:
    assert waiting.waits(facts, facts.dictionary.ids([URIRef(EX[name])])) is waits


def test_what_waits_of_a_subject_is_replaced_by_what_is_said_of_it_later(facts: FactBase) -> None:
    anna, ben, dora, person = facts.dictionary.ids([EX.anna, EX.ben, EX.dora, EX.Person])
    g = facts.graph_code("facts")
    said = {KNOWS: [(anna, dora, g, 0, 0)], PERSON: [(anna, person, g, 0, 0)]}
    waiting.put(FactBase(facts.connection, tables_only=True), [anna, ben], said, again=True)
    now = {("anna", "dora"), ("dora", "ben"), ("clara", "ben")}
    assert told(FactBase(facts.connection)) == now
    waiting.settle(FactBase(facts.connection, tables_only=True))
    after = FactBase(facts.connection, tables_only=True)
    assert told(after) == now
    assert {r.key: r.rows for r in after.relations() if r.rows} == {KNOWS: 3, PERSON: 3}
