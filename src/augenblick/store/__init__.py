"""The data directory: DuckDB files, the Oxigraph store and its snapshots."""

from augenblick.store.directory import DataDirectory, in_memory, insert_rows

__all__ = ["DataDirectory", "in_memory", "insert_rows"]
