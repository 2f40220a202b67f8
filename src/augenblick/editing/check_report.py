"""The report of a check for other tools: Markdown for reviews, SARIF and JUnit for continuous integration."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

from augenblick.content.canonical_turtle import HOUSE_PREFIXES
from augenblick.content.finding import Finding
from augenblick.pipeline.checking import CheckReport

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def line_of(finding: Finding, root: Path) -> int | None:
    """Return the line a finding is about: the one it names, else where its term's statements begin in the file."""
    if named := re.fullmatch(r"line (\d+)", finding.term):
        return int(named[1])
    file = root / finding.where
    if not finding.where or not file.is_file():
        return None
    prefix, _, local = finding.term.partition(":")
    whole = f"<{HOUSE_PREFIXES[prefix]}{local}>" if prefix in HOUSE_PREFIXES else finding.term
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.split(" ")[0] in (finding.term, whole)), None)


def as_markdown(report: CheckReport) -> str:
    """Return a heading per file and a line per finding, with the mend."""
    parts = [f"# Check: {len(report.findings)} findings"]
    for where, found in groupby(report.findings, key=lambda finding: finding.where):
        lines = [_item(finding, report.root) for finding in found]
        parts.append(f"## `{where or 'content'}`\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def as_sarif(report: CheckReport) -> str:
    """Return the findings as SARIF 2.1.0 (OASIS), each an error with file and, where known, line."""
    kinds = sorted({finding.kind for finding in report.findings})
    driver = {"name": "augenblick check", "rules": [{"id": kind} for kind in kinds]}
    results = [_result(finding, report.root) for finding in report.findings]
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def as_junit(report: CheckReport) -> str:
    """Return the findings as JUnit's XML: a failed case for each, a passed one if there is none."""
    failures = str(len(report.findings))
    suite = ET.Element("testsuite", name="augenblick check", tests=str(len(report.findings) or 1), failures=failures)
    for finding in report.findings:
        case = ET.SubElement(
            suite, "testcase", classname=finding.where or "content", name=f"{finding.kind}: {finding.term}"
        )
        ET.SubElement(case, "failure", message=finding.message, type=finding.kind).text = _placed(finding, report.root)
    if report.ok:
        ET.SubElement(suite, "testcase", classname="content", name="check")
    return ET.tostring(suite, encoding="unicode")


FORMS: Mapping[str, Callable[[CheckReport], str]] = {"markdown": as_markdown, "sarif": as_sarif, "junit": as_junit}
"""How a report can be written, by name."""


def _item(finding: Finding, root: Path) -> str:
    line = line_of(finding, root)
    place = f" (line {line})" if line else ""
    hint = f"\n  - {finding.hint}" if finding.hint else ""
    return f"- **{finding.term}**{place}: {finding.message}{hint}"


def _result(finding: Finding, root: Path) -> dict[str, object]:
    text = f"{finding.term}: {finding.message}" + (f" → {finding.hint}" if finding.hint else "")
    place: dict[str, object] = {"artifactLocation": {"uri": finding.where or "ontology"}}
    if line := line_of(finding, root):
        place["region"] = {"startLine": line}
    location = {"physicalLocation": place}
    return {"ruleId": finding.kind, "level": "error", "message": {"text": text}, "locations": [location]}


def _placed(finding: Finding, root: Path) -> str:
    line = line_of(finding, root)
    return f"{finding.where}{f':{line}' if line else ''}: {finding.term}: {finding.message}\n{finding.hint}"
