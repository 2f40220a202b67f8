"""Editing as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_typing import Run

WEIGHT = "@prefix aug: <https://w3id.org/augenblick/ontology#> .\n<urn:cake> aug:weight {} .\n"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Three contents that differ in one weight."""
    for name, weight in (("a", "1.0"), ("b", "2.0"), ("c", "3.0")):
        (tmp_path / name / "ontology").mkdir(parents=True)
        (tmp_path / name / "ontology" / "cake.ttl").write_text(WEIGHT.format(weight), encoding="utf-8")
    return tmp_path / "a", tmp_path / "b", tmp_path / "c"


def test_diff_is_told_as_text_page_and_data(run: Run, folders: tuple[Path, Path, Path]) -> None:
    before, after, _ = folders
    assert "1.0 → 2.0" in run("diff", before, after).out
    assert "<code>1.0</code> → <code>2.0</code>" in run("diff", before, after, "--html", "--lang", "de").out
    (term,) = json.loads(run("diff", before, after, "--json").out)["terms"]
    assert [value["en"] for value in term["fields"][0]["added"]] == ["2.0"]


def test_diff_of_two_edits_of_one_field_ends_with_1_and_names_both(run: Run, folders: tuple[Path, Path, Path]) -> None:
    base, one, other = folders
    answer = run("diff", one, other, "--base", base)
    assert answer.code == 1
    assert "one: 2.0" in answer.out
    assert "other: 3.0" in answer.out


def test_diff_of_a_folder_without_ontology_says_what_to_name(run: Run, tmp_path: Path) -> None:
    answer = run("diff", tmp_path, tmp_path)
    assert answer.code == 2
    assert "name the folder" in answer.err


def test_proposal_is_told_kept_and_listed(run: Run, tmp_path: Path) -> None:
    operation = [{"do": "set_words", "term": "aug:Ordinary", "field": "rdfs:label", "en": "plain"}]
    (tmp_path / "edit.json").write_text(json.dumps(operation), encoding="utf-8")
    data = tmp_path / "data"
    answer = run("propose", "--from", tmp_path / "edit.json", "--author", "Ada", "--reason", "shorter", "--data", data)
    assert (answer.code, "→ `plain`" in answer.out) == (0, True)
    listed = json.loads(run("versions", "--data", data, "--json").out)
    assert (listed["current"], [change["author"] for change in listed["changes"]]) == (None, ["Ada"])
    assert run("diff", "0", data / "content" / "changes" / "1", "--data", data).out.endswith("→ `plain`\n\n")
    refused = run("publish", "1", "--approver", "Ada", "--data", data)
    assert (refused.code, "own change" in refused.err) == (2, True)
    assert run("rollback", "--by", "Ben", "--reason", "no", "--data", data).code == 2


def test_check_writes_its_report_for_another_tool(run: Run, folders: tuple[Path, Path, Path]) -> None:
    broken, _, _ = folders
    (broken / "ontology" / "cake.ttl").write_text("signal:cake a aug:Signal .\n", encoding="utf-8")
    answer = run("check", "--content", broken, "--no-reasoner", "--report", "sarif")
    assert answer.code == 1
    results = json.loads(answer.out)["runs"][0]["results"]
    assert {result["ruleId"] for result in results} >= {"turtle"}
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert "ontology/cake.ttl" in places
    assert run("check", "--report", "pdf").code == 2
