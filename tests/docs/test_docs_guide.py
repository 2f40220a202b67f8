"""The guides do what they say: each command runs and prints what is shown."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from console_blocks import ROOT, matches, run, steps, workplace

from augenblick.content import load_content
from augenblick.content.cases import load_case
from augenblick.editing import Edition, difference
from augenblick.editing.operations import operated
from augenblick.model.shelf import Shelf
from augenblick.pipeline import case_check
from lean_content import lean_content


class Forgetful(Shelf):
    """Remembers nothing."""

    def __init__(self) -> None:
        super().__init__("nothing", (), most=1)

    def get(self, key: str) -> None:
        return None

    def put(self, key: str, value: object) -> None:
        pass


GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
EDITING = [page for page in GUIDES if "\n> [{" in page.read_text(encoding="utf-8")]


@pytest.mark.slow
@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_guide_when_followed_prints_what_it_shows(page: Path, tmp_path: Path) -> None:
    environment = workplace(tmp_path)
    for step in steps(page.read_text(encoding="utf-8")):
        printed = run(step, tmp_path, environment)
        assert matches(step.shown, printed), f"{page.name}, line {step.line}: {step.command}\nprints now\n{printed}"


@pytest.mark.parametrize("page", EDITING, ids=lambda page: page.stem)
def test_operations_a_guide_writes_can_be_done(page: Path) -> None:
    for listed in re.findall(r"^> (\[\{.*\}\])$", page.read_text(encoding="utf-8"), re.MULTILINE):
        edition = Edition.read(ROOT)
        assert not difference(edition, operated(edition, json.loads(listed))).empty


def test_files_of_the_first_moment_are_whole_and_find_what_their_case_says(tmp_path: Path) -> None:
    content = lean_content(tmp_path / "lean", "childbirth").root
    shutil.copytree(content, tmp_path / "work")
    for step in steps((ROOT / "docs" / "guide" / "first-moment.md").read_text(encoding="utf-8")):
        if not step.command.startswith("augenblick "):
            run(step, tmp_path / "work", dict(os.environ))
    shutil.copy(ROOT / "ontology" / "products" / "liability-insurance.ttl", tmp_path / "work/my/ontology/products")
    found = load_content(tmp_path / "work" / "my")
    moment = found.moment("first-dog")
    assert moment is not None
    cases = [load_case(file) for file in moment.cases]
    assert cases
    assert list(case_check.findings(found, cases, passed=Forgetful())) == []


def test_steps_of_a_page_take_commands_with_their_output() -> None:
    text = "a\n```console\n$ one \\\n> more\nfirst\n$ two\n```\nb\n```sh\n$ not\n```\n"
    found = [(step.command, step.shown, step.line) for step in steps(text)]
    assert found == [("one \\\nmore\n", "first\n", 3), ("two\n", "", 6)]


@pytest.mark.parametrize(
    ("shown", "fits"),
    [("a\nb\n", True), ("a\n…\n", True), ("…\nb\n", True), ("a\n", False), ("a\nc\n", False), ("…a…\nb\n", True)],
)
def test_output_when_shown_with_gaps_fits_only_what_it_says(shown: str, fits: bool) -> None:
    assert matches(shown, "a\nb\n") is fits


def test_guide_shows_commands_of_every_stage() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in GUIDES)
    for verb in ("simulate", "ingest", "detect", "explain", "offers", "query", "check"):
        assert f"$ augenblick {verb}" in text
