"""The families of `kin_bank`, loaded and detected once for all tests of the gate's doors."""

from __future__ import annotations

import pytest
from kin_bank import MOMENTS, families

from augenblick.content import Content
from augenblick.store import DataDirectory
from lean_content import lean_content


@pytest.fixture(scope="session")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """What of the shipped content speaks of what these families live."""
    return lean_content(tmp_path_factory.mktemp("lean") / "content", *MOMENTS)


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory, lean: Content) -> DataDirectory:
    """Not to be written to."""
    return families(tmp_path_factory.mktemp("bank"), lean)


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory, lean: Content) -> DataDirectory:
    """The same bank but for facts that are withheld from all but the officer."""
    return families(tmp_path_factory.mktemp("other"), lean, secrets=frozenset())
