"""The families of `kin_bank`, loaded and detected once for all tests of the gate's doors."""

from __future__ import annotations

import pytest
from kin_bank import families

from augenblick.content import Content
from augenblick.store import DataDirectory


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> DataDirectory:
    """Not to be written to."""
    return families(tmp_path_factory.mktemp("bank"), shipped)


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> DataDirectory:
    """The same bank but for facts that are withheld from all but the officer."""
    return families(tmp_path_factory.mktemp("other"), shipped, secrets=frozenset())
