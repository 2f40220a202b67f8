"""A check's report in the forms other tools read, with file, line and mend."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from augenblick.content.finding import Finding
from augenblick.editing.check_report import as_junit, as_markdown, as_sarif
from augenblick.pipeline.checking import CheckReport


@pytest.fixture
def report(tmp_path: Path) -> CheckReport:
    """Two faults: a term without a name, a rule that cannot be read."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "cake.ttl").write_text("@prefix x: <urn:x> .\n\nsignal:cake\n    a aug:Signal .\n")
    findings = (
        Finding(
            "ontology/cake.ttl", "signal:cake", "label", "has no label in “de”", "say rdfs:label once with @de", line=3
        ),
        Finding("ontology/cake.rq", "line 7", "rule", "cannot be parsed", "", line=7),
        Finding("ontology/cake.ttl", "form", "form", "is not in canonical form", severity="warning"),
    )
    return CheckReport(tmp_path, findings, {}, (), None)


def test_report_as_sarif_names_kind_file_line_and_mend(report: CheckReport) -> None:
    (run,) = json.loads(as_sarif(report))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["form", "label", "rule"]
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"][:2]]
    assert [(p["artifactLocation"]["uri"], p["region"]["startLine"]) for p in places] == [
        ("ontology/cake.ttl", 3),
        ("ontology/cake.rq", 7),
    ]
    assert run["results"][0]["message"]["text"].endswith("→ say rdfs:label once with @de")


def test_report_as_junit_counts_failures_and_passes_when_there_are_none(report: CheckReport) -> None:
    suite = ET.fromstring(as_junit(report))
    assert (suite.get("tests"), suite.get("failures"), len(suite.findall("testcase/failure"))) == ("3", "2", 2)
    passed = ET.fromstring(as_junit(CheckReport(report.root, (), {}, (), None)))
    assert (passed.get("tests"), passed.get("failures"), len(passed.findall("testcase"))) == ("1", "0", 1)


def test_report_as_markdown_groups_by_file(report: CheckReport) -> None:
    assert as_markdown(report) == (
        "# Check: 2 errors, 1 warnings, 0 hints\n\n## `ontology/cake.ttl`\n\n"
        "- error: **signal:cake** (line 3): has no label in “de”\n"
        "  - say rdfs:label once with @de\n\n## `ontology/cake.rq`\n\n"
        "- error: **line 7** (line 7): cannot be parsed\n\n## `ontology/cake.ttl`\n\n"
        "- warning: **form**: is not in canonical form\n"
    )
