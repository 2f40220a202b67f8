"""Statements that are parsed once give what they give when they are parsed each time."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from augenblick.store import in_memory, insert_rows, parsing_once


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return parsing_once(in_memory())


def test_statement_that_comes_again_sees_the_tables_and_values_of_now(connection: duckdb.DuckDBPyConnection) -> None:
    found = []
    for columns, value in (("1 AS a", 1), ("2 AS a, 'b' AS b", 2)):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE t AS SELECT {columns}")
        found.append(connection.execute("SELECT * FROM t WHERE a = $a", {"a": value}).fetchall())
    assert found == [[(1,)], [(2, "b")]]


def test_of_several_statements_all_are_run_and_the_last_takes_the_values(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for n in (1, 2):
        script = "CREATE TABLE IF NOT EXISTS t (a INTEGER); INSERT INTO t VALUES (?)"
        connection.execute(script, [n])
    assert connection.execute("FROM t ORDER BY a").fetchall() == [(1,), (2,)]


def test_rows_are_inserted_column_by_name(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE t (a INTEGER, b VARCHAR)")
    for n in (1, 2):
        insert_rows(connection, "t", pa.table({"b": [f"b{n}"], "a": [n]}))
    assert connection.execute("FROM t ORDER BY a").fetchall() == [(1, "b1"), (2, "b2")]


def test_statement_that_is_none_raises_each_time(connection: duckdb.DuckDBPyConnection) -> None:
    for _ in range(2):
        with pytest.raises(duckdb.ParserException):
            connection.execute("SELEKT 1")
