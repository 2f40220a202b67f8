"""All that was derived in a data directory, to be compared with what a whole run derives."""

from __future__ import annotations

from augenblick.reason import FactBase
from augenblick.store import DataDirectory

_TABLES = """
SELECT schema_name || '.' || table_name FROM duckdb_tables()
WHERE schema_name IN ('evidence', 'moments', 'offers') AND database_name = current_database()
"""


def held(directory: DataDirectory) -> dict[str, set[str]]:
    """Return all that was derived: rows by table, and the facts."""
    connection = directory.connect()
    tables = [row[0] for row in connection.execute(_TABLES).fetchall()]
    found = {t: set(map(str, connection.execute(f"FROM {t}").fetchall())) for t in (*tables, "policy.moments")}
    found["nodes"] = set(map(str, connection.execute("FROM policy.nodes").fetchall()))
    found["facts"] = set(map(str, connection.execute(FactBase(connection).quads_sql()).fetchall()))
    connection.close()
    return found
