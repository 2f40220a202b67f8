"""A bank's folder to write files into, and the load of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from augenblick.ingest import LoadReport, ingest

LOADED_AT = datetime(2026, 6, 30, 8, 0)  # noqa: DTZ001


class Bank:
    """A folder of bank files beside an in-memory database."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.connection = connection

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, *, mapping: Path | None = None, loaded_at: datetime = LOADED_AT) -> LoadReport:
        return ingest(self.connection, self.folder, mapping=mapping, loaded_at=loaded_at)

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def rejects(self) -> list[tuple]:
        return self.rows("SELECT file, line, field, reason FROM bank.rejects ORDER BY ALL")
