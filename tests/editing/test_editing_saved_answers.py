"""Which saved queries an impact asks on both sides: those that read facts which differ, and those that were edited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from rdflib import Graph, URIRef

from augenblick.content import Content, load_content
from augenblick.editing.saved_answers import that_may_move
from augenblick.reason import FactBase

EX = "https://example.org/"
HEADER = (
    "# title (de): x\n# title (en): x\n# answers (de): x\n# answers (en): x\n# roles: analyst\n"
    "SELECT ?a ?b WHERE {{ {} }}\n"
)
QUERIES = {
    "likes": f"?a <{EX}likes> ?b",
    "knows": f"?a <{EX}knows> ?b",
    "nobody": f"?a <{EX}likes> ?b . FILTER NOT EXISTS {{ ?b <{EX}knows> ?a }}",
    "anything": "?a ?b ?c",
}


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """The shipped content with four queries of its own."""
    return replace(load_content(), queries=written(tmp_path / "queries", QUERIES))


@pytest.fixture
def aside() -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of what was derived, as `DataDirectory.aside` gives it."""
    with duckdb.connect() as connection:
        FactBase(connection).add_graph(graph(("ada", "likes", "ben"), ("ada", "knows", "ben")), name="facts")
        connection.execute("ATTACH ':memory:' AS published")
        connection.execute("CREATE SCHEMA published.graph")
        tables = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'graph' AND database_name = 'memory'"
        for (table,) in connection.execute(tables).fetchall():
            connection.execute(f"CREATE TABLE published.graph.{table} AS FROM graph.{table}")
        yield connection


def written(folder: Path, bodies: dict[str, str]) -> Path:
    folder.mkdir()
    for name, body in bodies.items():
        (folder / f"{name}.rq").write_text(HEADER.format(body), encoding="utf-8")
    return folder


def graph(*triples: tuple[str, str, str]) -> Graph:
    made = Graph()
    for triple in triples:
        made.add(tuple(URIRef(EX + part) for part in triple))  # type: ignore[arg-type]
    return made


def test_queries_over_facts_that_are_the_same_are_not_asked(aside: duckdb.DuckDBPyConnection, content: Content) -> None:
    assert that_may_move(aside, content, content) == frozenset()


def test_queries_that_read_another_fact_are_asked_even_where_they_exclude_it(
    aside: duckdb.DuckDBPyConnection, content: Content
) -> None:
    FactBase(aside).add_graph(graph(("ben", "knows", "ada")), name="facts")
    assert that_may_move(aside, content, content) == {"knows", "nobody", "anything"}


def test_query_that_was_edited_is_asked(aside: duckdb.DuckDBPyConnection, content: Content, tmp_path: Path) -> None:
    edited = written(tmp_path / "edited", {**QUERIES, "likes": f"?b <{EX}likes> ?a"})
    assert that_may_move(aside, content, replace(content, queries=edited)) == {"likes"}
