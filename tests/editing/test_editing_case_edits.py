"""What a case expects is edited like everything else, and nothing else of its file."""

from __future__ import annotations

import difflib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from augenblick.content import default_root
from augenblick.content.cases import Found, load_case
from augenblick.editing import Edition
from augenblick.editing.case_edits import expecting
from augenblick.editing.operations import operated
from augenblick.model.errors import BadParameter, ContentError

DAY = date(2026, 4, 10)
CASE = """title: Zwei Leute
as_of: 2026-06-30
expect:
  - {customer: ada, moment: party, occurred_between: [2026-01-10, 2026-04-10], state: confirmed}
  - {customer: ben, moment: party, occurred_between: [2026-01-10, 2026-04-10], state: confirmed}
given:  # wie aufgeschrieben
  customers:
    - {customer_id: ada}
"""
CHILDBIRTH = "ontology/moments/childbirth/cases"


@pytest.fixture(scope="module")
def shipped() -> Edition:
    return Edition.read(default_root())


def written(folder: Path, text: str) -> Path:
    (folder / "party" / "cases").mkdir(parents=True, exist_ok=True)
    file = folder / "party" / "cases" / "two.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_outcome_keeps_what_is_met_as_it_was_written_and_takes_what_was_found(tmp_path: Path) -> None:
    case = load_case(written(tmp_path, CASE))
    found = [
        Found("party.two.ada", "party", DAY, DAY, "confirmed"),
        Found("party.two.ben", "party", DAY, DAY, "tentative"),
        Found("party.two.ben", "cake", DAY, DAY, "expired"),
        Found("other.ada", "party", DAY, DAY, "confirmed"),
    ]
    outcome = case.outcome(found)
    assert outcome == (case.expect[0], Found("ben", "party", DAY, DAY, "tentative"))
    assert replace(case, expect=outcome).differences(found) == []


@pytest.mark.parametrize("expect", [(), (Found("jürgen: x", "party", DAY, DAY, "tentative"),)])
def test_case_written_with_another_outcome_expects_it_and_is_else_as_it_was(
    tmp_path: Path, expect: tuple[Found, ...]
) -> None:
    before, text = load_case(written(tmp_path, CASE)), expecting(CASE, expect)
    assert load_case(written(tmp_path, text)) == replace(before, expect=expect)
    changed = {line[2:] for line in difflib.ndiff(CASE.splitlines(), text.splitlines()) if line[0] in "-+"}
    assert all(line.startswith(("expect:", "  - ")) for line in changed)


def test_operation_has_a_case_expect_what_it_lists(shipped: Edition, tmp_path: Path) -> None:
    path = next(path for path in sorted(shipped.texts) if path.startswith(CHILDBIRTH))
    row = {"customer": "vor", "moment": "childbirth", "occurred_between": ["2026-01-10", "2026-04-10"]}
    wish = {"do": "expect", "term": "moment:childbirth", "case": Path(path).stem}
    after = operated(shipped, [wish | {"expect": [row | {"state": "tentative"}]}])
    assert {name for name in after.texts if after.texts[name] != shipped.texts[name]} == {path}
    (found,) = load_case(written(tmp_path, after.texts[path])).expect
    assert (found.customer, found.state, found.occurred_to) == ("vor", "tentative", DAY)
    with pytest.raises(ContentError, match="not complete"):
        operated(shipped, [wish | {"expect": [row]}])
    with pytest.raises(BadParameter, match="no case") as refused:
        operated(shipped, [wish | {"case": Path(path).stem + "s"}])
    assert Path(path).stem in str(refused.value.hint)
