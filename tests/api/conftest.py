"""A service with and without data, for tests of what it answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import small_bank
from augenblick import pipeline
from augenblick.content import Content, load_content
from augenblick.store import DataDirectory
from running_service import Serve, Served, starting

__all__ = ["Serve", "Served"]


@pytest.fixture(scope="session")
def content() -> Content:
    """The ontology as shipped, read once."""
    return load_content()


@pytest.fixture(scope="session")
def detected(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Path:
    """The data directory of a mother and her daughter, who has a child, after a run; not to be written to."""
    folder = tmp_path_factory.mktemp("family")
    small_bank.family(folder / "export")
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=date(2026, 6, 30), content=content)
    return directory.path


@pytest.fixture
def serve(tmp_path: Path, content: Content) -> Iterator[Serve]:
    """Return a function that starts a service with the settings given."""
    with starting(tmp_path / "data", content) as start:
        yield start


@pytest.fixture
def running(serve: Serve, detected: Path, tmp_path: Path) -> Served:
    """A service on a copy of the mother's and daughter's data."""
    shutil.copytree(detected, tmp_path / "data")
    return serve()


@pytest.fixture(scope="module")
def serve_once(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Iterator[Serve]:
    """Return the same for services a whole module's tests share."""
    with starting(tmp_path_factory.mktemp("data"), content) as start:
        yield start
