"""One small simulated bank for all tests of the room, and SQL on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from augenblick.simulate import SimulationReport, simulate

SEED = 4711
END = date(2026, 6, 30)


@dataclass
class Town:
    folder: Path
    report: SimulationReport
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.rows(query)[0][0]


def looked_into(folder: Path, suffix: str = "parquet") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for path in sorted(folder.glob(f"*.{suffix}")):
        if suffix == "csv":
            connection.execute(
                f"CREATE TABLE {path.stem} AS FROM read_csv('{path}', header = true, all_varchar = true)"
            )
        else:
            connection.execute(f"CREATE TABLE {path.stem} AS FROM '{path}'")
    return connection


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """2,500 customers over two years."""
    folder = tmp_path_factory.mktemp("town")
    report = simulate(folder, customers=2500, months=24, seed=SEED, end=END, formats=("parquet",))
    connection = looked_into(folder)
    for table in ("truth", "traps"):
        connection.execute(
            f"CREATE TABLE {table} AS FROM read_csv('{folder}/truth/{table}.csv', header = true, nullstr = '')"
        )
    yield Town(folder, report, connection)
    connection.close()
