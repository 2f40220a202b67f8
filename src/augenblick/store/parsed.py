"""Statements that come again and again are parsed once: to parse a short one takes as long as to run it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import duckdb

_MOST = 2000
"""So many texts are kept parsed; those that name people come once and make room for others."""


def parsing_once(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return the connection with an `execute` that remembers what it has parsed before, whoever's connection it was.

    Statements are planned anew each time, as ever. They do not find variables of Python by their names: `insert_rows`
    is for that.
    """
    return cast(duckdb.DuckDBPyConnection, _ParsingOnce(connection))


def plain(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return the connection as DuckDB gave it."""
    return connection.plain if isinstance(connection, _ParsingOnce) else connection


@lru_cache(maxsize=_MOST)
def parsed(text: str) -> tuple[duckdb.Statement, ...]:
    """Return the statements of a text. Raises `duckdb.ParserException`."""
    return tuple(duckdb.extract_statements(text))


class _ParsingOnce:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.plain = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def execute(self, query: str | duckdb.Statement, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Do as the connection does; of several statements the last takes the parameters."""
        *before, last = parsed(query) if isinstance(query, str) else (query,)
        for statement in before:
            self.plain.execute(statement)
        return self.plain.execute(last, parameters)
