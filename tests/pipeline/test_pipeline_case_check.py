"""The check runs the cases: what a case expects and the line does not find, or the other way round, is a finding."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from augenblick.content import Words, load_content
from augenblick.content.cases import Case, Found, load_case
from augenblick.content.finding_words import worded
from augenblick.model.shelf import Shelf
from augenblick.pipeline import case_check, case_evidence, case_line
from augenblick.pipeline.case_line import CaseLine
from augenblick.pipeline.checking import check
from augenblick.reason import TooWide
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
    assert all("Dafür spricht jetzt: „" in f.german_beside for f in found)
    assert len(passed.kept) == 3  # what is found in the right case, which indications it has, that it passed with them
    right = [case for case in cases(root) if case.file.stem == "right"]
    assert list(case_check.findings(load_content(root), right, passed=passed)) == []


def test_moment_found_in_another_state_is_told_once_under_the_title_of_its_case(root: Path, tmp_path: Path) -> None:
    text = (root / MOMENT / "cases" / "right.yaml").read_text("utf-8")
    (folder := tmp_path / "childbirth" / "cases").mkdir(parents=True)
    (folder / "other.yaml").write_text(text.replace("state: confirmed", "state: tentative"), encoding="utf-8")
    case = load_case(folder / "other.yaml")
    (found,) = case_check.findings(load_content(root), [case], passed=Remembered())
    assert (found.german_label, found.label) == (case.title.de, case.title.en)
    assert "Gefunden wird jetzt: bestätigt, 07.02.2026 bis 08.05.2026." in found.german_beside
    assert "Found now: confirmed, 2026-02-07 to 2026-05-08." in found.beside


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


NO_MOMENT_HANGS_ON = {
    "label": (f"{MOMENT}/moment.ttl", '"erstes Kindergeld"@de', '"Kindergeld, das erste"@de'),
    "words": (f"{MOMENT}/moment.ttl", "Herzlichen Glückwunsch", "Viel Glück"),
    "product": (f"{MOMENT}/moment.ttl", "        product:child-savings,\n", ""),
    "product condition": (
        "ontology/products/term-life-insurance.ttl",
        "conditions#advertising-consent",
        "conditions#not-held",
    ),
}
"""Edits (file, what stands there, what then) that no moment can come out otherwise by."""
SOME_HANGS_ON = {
    "weight": (f"{MOMENT}/moment.ttl", "aug:weight 6.5", "aug:weight 0.1"),
    "threshold of a pattern": (f"{MOMENT}/moment.ttl", 'aug:minimumHistory "P180D"', 'aug:minimumHistory "P3000D"'),
    "prior": (f"{MOMENT}/moment.ttl", "aug:prior -4.0", "aug:prior -14.0"),
    "wording of a signal": ("ontology/signals/child-benefit.ttl", " ?FK ?", " ?XQ ?"),
    "rule of a pattern": ("ontology/patterns/signal-first-ever.rq", "aug:SignalFirstEver", "aug:SignalLastEver"),
    "threshold of all moments": ("ontology/core/moment.ttl", "aug:confirmedFrom 0.9", "aug:confirmedFrom 0.99"),
}  # fmt: skip
"""Edits by which the moment of the case is not found any more."""


def quickly_only(edits: Mapping[str, object], *quick: str) -> list[object]:
    """Return the kinds of edits, all but the named ones among the slow tests."""
    return [pytest.param(kind, marks=() if kind in quick else pytest.mark.slow) for kind in edits]


def edited(root: Path, folder: Path, edit: tuple[str, str, str]) -> Path:
    """Return a copy of the content with an edit."""
    shutil.copytree(root, folder)
    path, there, then = edit
    text = (folder / path).read_text("utf-8")
    assert there in text, path
    (folder / path).write_text(text.replace(there, then), "utf-8")
    return folder


def told(root: Path, passed: Shelf, begun: list[str] | None = None) -> set[tuple[str, str]]:
    stages = [] if begun is None else begun
    found = case_check.findings(
        load_content(root), cases(root), passed=passed, progress=lambda stage, *_: stages.append(stage)
    )
    return {(Path(finding.where).stem, finding.message) for finding in found}


@pytest.fixture(scope="module")
def sound(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content with the case that is right only."""
    folder = tmp_path_factory.mktemp("sound") / "content"
    shutil.copytree(root, folder)
    (folder / MOMENT / "cases" / "wrong.yaml").unlink()
    return folder


@pytest.mark.parametrize("kind", quickly_only(NO_MOMENT_HANGS_ON, "label", "product condition"))
def test_edit_that_no_moment_hangs_on_has_no_case_run_again_and_none_would_differ(
    sound: Path, tmp_path: Path, kind: str
) -> None:
    passed, begun = Remembered(), list[str]()
    assert told(sound, passed) == set()
    after = edited(sound, tmp_path / "content", NO_MOMENT_HANGS_ON[kind])
    assert told(after, passed, begun) == set()
    assert begun == []
    assert told(after, Remembered()) == set()


def test_weight_has_no_case_run_again_in_which_nothing_is_weighed(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound, tmp_path / "before")
    case = tmp_path / "before" / MOMENT / "cases" / "right.yaml"
    text = case.read_text("utf-8")
    case.write_text(text[: text.index("  accounts:")] + "expect: []\n", "utf-8")
    passed, begun = Remembered(), list[str]()
    assert told(tmp_path / "before", passed) == set()
    after = edited(tmp_path / "before", tmp_path / "after", SOME_HANGS_ON["weight"])
    assert told(after, passed, begun) == set()
    assert begun == []


def test_signal_has_no_case_run_again_in_which_it_finds_the_same_and_the_next_check_looks_no_more(
    sound: Path, tmp_path: Path
) -> None:
    passed, begun, again = Remembered(), list[str](), list[str]()
    assert told(sound, passed) == set()
    wider = (
        "ontology/signals/child-benefit.ttl",
        "aug:textPattern\n",
        'aug:textPattern\n        "\\\\bELTERNKASSE\\\\b",\n',
    )
    after = edited(sound, tmp_path / "content", wider)
    assert told(after, passed, begun) == set()
    assert set(begun) == {"signals"}
    assert told(after, passed, again) == set()
    assert again == []


@pytest.mark.parametrize("kind", quickly_only(SOME_HANGS_ON, "weight", "wording of a signal"))
def test_edit_that_moments_hang_on_is_told_alike_with_and_without_what_was_remembered(
    sound: Path, tmp_path: Path, kind: str
) -> None:
    passed = Remembered()
    assert told(sound, passed) == set()
    after = edited(sound, tmp_path / "content", SOME_HANGS_ON[kind])
    found = told(after, passed)
    assert found
    assert found == told(after, Remembered())
    assert told(sound, passed) == set()


def test_case_is_found_alike_in_memory_over_tables_and_where_it_is_too_wide_for_memory(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, some = load_content(root), cases(root)
    day = some[0].as_of
    line = CaseLine(content)
    with case_line.line(content, case_line.together(some), day) as (connection, _):
        over_tables = set(case_line.found_in(connection))
    with line.evidence(some, day) as evidence:
        in_memory = set(line.found(evidence, some, day, None))
        monkeypatch.setattr(case_line.SmallLine, "found", _too_wide)
        too_wide = set(line.found(evidence, some, day, None))
    assert in_memory == over_tables == too_wide
    assert in_memory


def _too_wide(*_: object, **__: object) -> None:
    raise TooWide


@pytest.mark.slow
def test_all_cases_are_found_alike_in_memory_and_over_tables() -> None:
    content = load_content(ROOT)
    every = [load_case(file) for moment in content.moments for file in moment.cases]
    line = CaseLine(content)
    for day in sorted({case.as_of for case in every}):
        some = [case for case in every if case.as_of == day]
        with case_line.line(content, case_line.together(some), day) as (connection, _):
            over_tables = set(case_line.found_in(connection))
        with line.evidence(some, day) as evidence:
            ((first,),) = evidence.execute("SELECT min(first_on) FROM evidence.account_spans").fetchall()
            in_memory = set(line.found(evidence, some, day, first))
        assert in_memory == over_tables


@pytest.mark.slow
def test_draft_is_held_against_its_own_cases(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "content")
    moment = tmp_path / "content" / MOMENT / "moment.ttl"
    moment.write_text(moment.read_text("utf-8").replace('aug:contentState "live"', 'aug:contentState "draft"'), "utf-8")
    report = check(tmp_path / "content", reasoner=False)
    assert report.counts["cases"] == 2
    found = case_check.findings(load_content(tmp_path / "content"), cases(tmp_path / "content"), passed=Remembered())
    assert {Path(f.where).stem for f in found} == {"wrong"}


def test_case_that_no_longer_holds_says_what_is_found_instead_and_which_evidence_the_edit_changed(
    root: Path, tmp_path: Path
) -> None:
    edited = shutil.copytree(root, tmp_path / "content")
    file = edited / MOMENT / "moment.ttl"
    text = file.read_text("utf-8")
    assert "aug:weight 6.5 ." in text
    file.write_text(text.replace("aug:weight 6.5 .", "aug:weight 0.5 ."), encoding="utf-8")
    before, after = load_content(root), load_content(edited)
    (found, *_) = case_check.findings(after, cases(edited)[:1], passed=Remembered(), before=lambda: before)
    assert found.message.startswith("expected and not found")
    assert found.german_beside == (
        "Gefunden wird er jetzt gar nicht. Anders gewichtet: „erstes Kindergeld“ 0,5 statt 6,5."
    )
    assert found.beside == ("Now it is not found at all. Weighed otherwise: “first child benefit” 0.5 in place of 6.5.")
    told = worded(found, edited, lambda _: Words("", ""))
    assert told.told("de")[1].endswith(found.german_beside)
    assert told.line > 0


def test_evidence_that_goes_or_comes_is_named_with_its_weight(root: Path) -> None:
    content = load_content(root)
    wanted = Found("lena", "childbirth", date(2026, 1, 9), date(2026, 4, 9), "confirmed")
    weaker = replace(wanted, state="tentative")
    one, other = (p for p in content.patterns if p.iri.endswith(("#first-child-benefit", "#child-account-opened")))
    told = case_evidence.told(wanted, [weaker], {one.iri: 2.0}, {other.iri: 3.5}, content)
    assert told.en == (
        "Found now: tentative, 2026-01-09 to 2026-04-09. "
        f"Your edit loses: “{other.label.en}” (weight 3.5). Your edit brings: “{one.label.en}” (weight 2)."
    )
    same = case_evidence.told(wanted, [], {one.iri: 2.0}, {one.iri: 2.0}, content)
    assert same.en == "Now it is not found at all. The evidence is the same as before."
