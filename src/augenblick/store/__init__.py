"""The data directory: DuckDB files, the Oxigraph store and its snapshots."""

from augenblick.model.tables import has_table
from augenblick.store.directory import DataDirectory, in_memory, insert_rows

__all__ = ["DataDirectory", "has_table", "in_memory", "insert_rows"]
