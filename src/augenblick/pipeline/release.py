"""Whether what lies in a data directory was derived by this release: by another one it is derived anew, not mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import duckdb

from augenblick import moments, offers, signals
from augenblick.model.errors import Outdated
from augenblick.store import DataDirectory, in_memory

_COLUMNS = """
SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name IN ('evidence', 'moments', 'offers')
"""


@contextmanager
def of_this_release(directory: DataDirectory) -> Iterator[None]:
    """Raise `Outdated` where what is done within misses a table or column in what was derived."""
    try:
        yield
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise _outdated(directory) from error


def confirm_release(connection: duckdb.DuckDBPyConnection, directory: DataDirectory) -> None:
    """Raise `Outdated` where the derived database lacks a table or column that this release derives."""
    if not _expected() <= _columns(connection):
        raise _outdated(directory)


def _outdated(directory: DataDirectory) -> Outdated:
    return Outdated(
        "What was derived is of another release.", where=str(directory.path), hint="run `augenblick detect`"
    )


@lru_cache(maxsize=1)
def _expected() -> frozenset[str]:
    connection = in_memory()
    try:
        for room in (signals, moments, offers):
            room.create_tables(connection)
        return _columns(connection)
    finally:
        connection.close()


def _columns(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    return frozenset(name for (name,) in connection.execute(_COLUMNS).fetchall())
