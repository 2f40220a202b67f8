"""What all tests share: the repository, the reference data beside it, connections of the product's shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from augenblick.publish.remote import RemoteStore, attach
from augenblick.store import in_memory
from remote_store import Remote, remote_store
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


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A remote SPARQL store that all tests share, each under a name of its own."""
    with remote_store(tmp_path_factory.mktemp("remote")) as running:
        yield running


@pytest.fixture(params=["embedded", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RemoteStore | None]:
    """The store that answers SPARQL on `data` of the test's folder: None for the embedded one."""
    found: RemoteStore | None = None
    if request.param == "remote":
        found = request.getfixturevalue("remote").named(str(tmp_path))
    attach(tmp_path / "data", found)
    yield found
    attach(tmp_path / "data", None)


@pytest.fixture
def tiring(store: RemoteStore | None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Start the remote store anew after a test whose queries it would work on for as long as it runs."""
    yield
    if store is not None:
        shared_store = request.getfixturevalue("remote")
        shared_store.kill()
        shared_store.start()


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection with the durable catalog attached as `bank`."""
    connection = in_memory()
    yield connection
    connection.close()
