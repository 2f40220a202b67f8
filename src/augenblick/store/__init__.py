"""The data directory: DuckDB files, the Oxigraph store and its snapshots."""

from augenblick.store.directory import DataDirectory, has_table, in_memory, insert_rows

__all__ = ["DataDirectory", "has_table", "in_memory", "insert_rows"]
