"""The report of a check for other tools: Markdown for reviews, SARIF and JUnit for continuous integration."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import groupby
from xml.etree import ElementTree as ET

from augenblick.content.finding import ERROR, HINT, SEVERITIES, WARNING, Finding
from augenblick.pipeline.checking import CheckReport

_LEVELS = {ERROR: "error", WARNING: "warning", HINT: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_markdown(report: CheckReport) -> str:
    """Return a heading per file and a line per finding, with the mend."""
    counted = ", ".join(f"{len(report.of(severity))} {severity}s" for severity in SEVERITIES)
    parts = [f"# Check: {counted}"]
    for where, found in groupby(report.findings, key=lambda finding: finding.where):
        lines = [_item(finding) for finding in found]
        parts.append(f"## `{where or 'content'}`\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def as_sarif(report: CheckReport) -> str:
    """Return the findings as SARIF 2.1.0 (OASIS), each with its level, file and, where known, line."""
    kinds = sorted({finding.kind for finding in report.findings})
    driver = {"name": "augenblick check", "rules": [{"id": kind} for kind in kinds]}
    results = [_result(finding) for finding in report.findings]
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def as_junit(report: CheckReport) -> str:
    """Return the findings as JUnit's XML: a failed case for each error, a passed one for what may stay or for none."""
    failures = str(len(report.of(ERROR)))
    suite = ET.Element("testsuite", name="augenblick check", tests=str(len(report.findings) or 1), failures=failures)
    for finding in report.findings:
        case = ET.SubElement(
            suite, "testcase", classname=finding.where or "content", name=f"{finding.kind}: {finding.term}"
        )
        if finding.severity == ERROR:
            ET.SubElement(case, "failure", message=finding.message, type=finding.kind).text = _placed(finding)
        else:
            ET.SubElement(case, "system-out").text = f"{finding.severity}: {_placed(finding)}"
    if not report.findings:
        ET.SubElement(suite, "testcase", classname="content", name="check")
    return ET.tostring(suite, encoding="unicode")


FORMS: Mapping[str, Callable[[CheckReport], str]] = {"markdown": as_markdown, "sarif": as_sarif, "junit": as_junit}
"""How a report can be written, by name."""


def _item(finding: Finding) -> str:
    place = f" (line {finding.line})" if finding.line else ""
    hint = f"\n  - {finding.hint}" if finding.hint else ""
    return f"- {finding.severity}: **{_called(finding)}**{place}: {finding.message}{hint}"


def _result(finding: Finding) -> dict[str, object]:
    text = f"{_called(finding)}: {finding.message}" + (f" → {finding.hint}" if finding.hint else "")
    place: dict[str, object] = {"artifactLocation": {"uri": finding.where or "ontology"}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    location = {"physicalLocation": place}
    level = _LEVELS[finding.severity]
    return {"ruleId": finding.kind, "level": level, "message": {"text": text}, "locations": [location]}


def _placed(finding: Finding) -> str:
    place = f"{finding.where}{f':{finding.line}' if finding.line else ''}"
    return f"{place}: {_called(finding)}: {finding.message}\n{finding.hint}"


def _called(finding: Finding) -> str:
    return finding.called("en") or finding.kind
