"""The page on bank files keeps up with the readers."""

from __future__ import annotations

import re
from pathlib import Path

from augenblick.ingest.folder import STATEMENTS
from augenblick.ingest.mapping.expressions import FUNCTIONS


def test_page_names_every_function_of_mapping_files(root: Path) -> None:
    page = (root / "docs" / "bank-files.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `\{(\w+):", page, re.MULTILINE)) == set(FUNCTIONS)


def test_page_names_every_ending_of_statements(root: Path) -> None:
    page = (root / "docs" / "bank-files.md").read_text(encoding="utf-8")
    assert all(f"`*{ending}`" in page for ending in STATEMENTS)
