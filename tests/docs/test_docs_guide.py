"""The guides do what they say: each command runs and prints what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_blocks import ROOT, matches, run, steps, workplace

GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_guide_when_followed_prints_what_it_shows(page: Path, tmp_path: Path) -> None:
    environment = workplace(tmp_path)
    for step in steps(page.read_text(encoding="utf-8")):
        printed = run(step, tmp_path, environment)
        assert matches(step.shown, printed), f"{page.name}, line {step.line}: {step.command}\nprints now\n{printed}"


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
