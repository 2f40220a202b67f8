"""The data directory: DuckDB files, the Oxigraph store and its snapshots."""

from augenblick.store.directory import DataDirectory, in_memory, insert_rows
from augenblick.store.parsed import parsing_once

__all__ = ["DataDirectory", "in_memory", "insert_rows", "parsing_once"]
