"""What the tests of the content share: the content itself, read once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from augenblick.content import Content, load_content


@pytest.fixture(scope="session")
def content() -> Content:
    """The content of the checkout."""
    return load_content()


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A copy of the ontology and the shapes that must not be changed."""
    home = tmp_path_factory.mktemp("content")
    shutil.copytree(root / "ontology", home / "ontology")
    shutil.copytree(root / "shapes", home / "shapes")
    return home


@pytest.fixture
def spoiled(pristine: Path, tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Return a function that copies the content with one piece of text in one file replaced."""

    def spoil(file: str, old: str, new: str) -> Path:
        home = tmp_path / "spoiled"
        shutil.copytree(pristine, home)
        path = home / "ontology" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return home

    return spoil
