"""Where everything lies on disk, and the one way to connect to it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from augenblick.model.errors import Busy


class DataDirectory:
    """A bank's data directory: what came from outside (durable) and what was derived (rebuildable)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def bank_file(self) -> Path:
        """The durable database: bank tables, consents, declared moments, feedback."""
        return self.path / "bank.duckdb"

    @property
    def derived_file(self) -> Path:
        """The rebuildable database: evidence, graph, moments, offers."""
        return self.path / "derived.duckdb"

    @property
    def live_store(self) -> Path:
        """The Oxigraph store only the publisher writes to."""
        return self.path / "live"

    @property
    def snapshots(self) -> Path:
        """The folder of immutable Oxigraph snapshots that queries read."""
        return self.path / "snapshots"

    def connect(self, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        """Return a connection whose main database is the derived one, the durable one attached as `bank`.

        Raises `Busy` when another process holds the directory for writing.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            connection = duckdb.connect(self.derived_file, read_only=read_only)
            mode = " (READ_ONLY)" if read_only else ""
            connection.execute(f"ATTACH '{_quoted(self.bank_file)}' AS bank{mode}")
        except duckdb.IOException as error:
            raise Busy(
                "The data directory cannot be opened.",
                where=str(self.path),
                hint=f"is another augenblick process writing to it? DuckDB says: {str(error).splitlines()[0]}",
            ) from error
        return connection


def in_memory() -> duckdb.DuckDBPyConnection:
    """Return a connection of the same shape as `DataDirectory.connect` that leaves nothing on disk."""
    connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS bank")
    return connection


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
