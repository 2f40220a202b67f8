"""One simulated bank, run once through the whole line, for all tests that look at what comes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from augenblick import pipeline
from augenblick.content import Content, load_content
from augenblick.ingest import LoadReport
from augenblick.pipeline import DetectReport
from augenblick.simulate import SimulationReport, simulate
from augenblick.store import DataDirectory

END = date(2026, 10, 31)
MONTHS = 24
CUSTOMERS = 60
SEED = 1
FORMATS = ("csv", "parquet", "camt.053", "mt940")


@dataclass(frozen=True)
class SimulatedBank:
    """The exports of one bank in all formats, and the data directory its CSV export was run through."""

    exports: Path
    simulated: SimulationReport
    directory: DataDirectory
    loaded: LoadReport
    report: DetectReport
    content: Content

    @property
    def csv(self) -> Path:
        return self.exports / "csv"

    @property
    def graph(self) -> Path:
        return self.directory.live_store / "graph.nq"

    @contextmanager
    def tables(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with pipeline.last_run(self.directory, self.content) as run:
            yield run.connection

    def moments(self, condition: str = "true") -> list[tuple[str, str, str]]:
        """Return moment, customer and slug of the moments found."""
        with self.tables() as tables:
            return tables.execute(
                f"SELECT moment_id, customer_id, slug FROM moments.moments WHERE {condition} ORDER BY ALL"
            ).fetchall()


@pytest.fixture(scope="session")
def shipped() -> Content:
    """The content of the repository."""
    return load_content()


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimulationReport]:
    """The same families in every format, a folder each."""
    folder = tmp_path_factory.mktemp("exports")
    return folder, simulate(folder, customers=CUSTOMERS, months=MONTHS, seed=SEED, end=END, formats=FORMATS)


@pytest.fixture(scope="session")
def simulated_bank(
    tmp_path_factory: pytest.TempPathFactory, exports: tuple[Path, SimulationReport], shipped: Content
) -> SimulatedBank:
    """The bank loaded from CSV and detected as of the end of its bookings; for reading only."""
    folder, simulated = exports
    directory = DataDirectory(tmp_path_factory.mktemp("bank") / "data")
    loaded = pipeline.load(directory, folder / "csv")
    report = pipeline.detect(directory, as_of=END, content=shipped)
    return SimulatedBank(folder, simulated, directory, loaded, report, shipped)
