"""What all tests share: the repository, the reference data beside it, connections of the product's shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from augenblick.store import in_memory
from simulated_bank import exports, shipped, simulated_bank

__all__ = ["exports", "shipped", "simulated_bank"]

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the checkout; tests that need it skip without it."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the reference data (`shared` beside the checkout) is not here")
    return folder


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection with the durable catalog attached as `bank`."""
    connection = in_memory()
    yield connection
    connection.close()
