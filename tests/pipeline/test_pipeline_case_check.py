"""The check runs the cases: what a case expects and the line does not find, or the other way round, is a finding."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from augenblick.content import load_content
from augenblick.content.cases import Case, load_case
from augenblick.model.shelf import Shelf
from augenblick.pipeline import case_check
from augenblick.pipeline.checking import check
from lean_content import ROOT, lean_content

MOMENT = "ontology/moments/childbirth"


class Remembered(Shelf):
    """A shelf in memory that counts what was put."""

    def __init__(self) -> None:
        super().__init__("remembered", (), most=1)
        self.kept: dict[str, object] = {}

    def get(self, key: str) -> object | None:
        return self.kept.get(key)

    def put(self, key: str, value: object) -> None:
        self.kept[key] = value


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of one moment with two of its cases, one of which does not expect what is found."""
    folder = lean_content(tmp_path_factory.mktemp("cases") / "content", "childbirth").root
    fires = ROOT / MOMENT / "cases" / "first-child-benefit-by-text-only.yaml"
    (folder / MOMENT / "cases").mkdir()
    shutil.copy(fires, folder / MOMENT / "cases" / "right.yaml")
    text = fires.read_text("utf-8")
    wrong = text[: text.index("expect:")] + "expect: []\n"
    (folder / MOMENT / "cases" / "wrong.yaml").write_text(wrong, encoding="utf-8")
    return folder


def cases(root: Path) -> list[Case]:
    return [load_case(file) for file in sorted((root / MOMENT / "cases").glob("*.yaml"))]


def test_case_that_expects_something_else_is_found_with_both_and_the_right_one_is_remembered(root: Path) -> None:
    passed = Remembered()
    found = list(case_check.findings(load_content(root), cases(root), passed=passed))
    assert [(Path(f.where).stem, f.kind) for f in found] == [("wrong", "case")] * len(found)
    assert found
    assert all("found and not expected" in f.message for f in found)
    assert len(passed.kept) == 1
    right = [case for case in cases(root) if case.file.stem == "right"]
    assert list(case_check.findings(load_content(root), right, passed=passed)) == []


class _Enough(Exception):
    """Somebody wants no more of it."""


def test_check_told_to_end_ends_at_its_next_step_and_remembers_nothing_of_cases(root: Path) -> None:
    begun: list[str] = []

    def until_reasoning(stage: str, done: int, total: int) -> None:
        begun.append(stage)
        if stage == "facts":
            raise _Enough

    passed = Remembered()
    with pytest.raises(_Enough):
        list(case_check.findings(load_content(root), cases(root), passed=passed, progress=until_reasoning))
    assert begun[-1] == "facts"
    assert passed.kept == {}


@pytest.mark.slow
def test_draft_is_held_against_its_own_cases(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "content")
    moment = tmp_path / "content" / MOMENT / "moment.ttl"
    moment.write_text(moment.read_text("utf-8").replace('aug:contentState "live"', 'aug:contentState "draft"'), "utf-8")
    report = check(tmp_path / "content", reasoner=False)
    assert report.counts["cases"] == 2
    found = case_check.findings(load_content(tmp_path / "content"), cases(tmp_path / "content"), passed=Remembered())
    assert {Path(f.where).stem for f in found} == {"wrong"}
