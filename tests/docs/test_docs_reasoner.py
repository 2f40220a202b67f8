"""The tutorial of the reasoner runs line by line and prints what it shows."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest


def test_tutorial_of_the_reasoner_prints_what_it_shows(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = root / "docs" / "reasoner.md"
    found = doctest.testfile(str(page), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS)
    assert found.attempted > 20
    assert found.failed == 0
