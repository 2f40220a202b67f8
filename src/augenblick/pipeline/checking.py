"""Whether everything experts write is as it must be: ontology, rules, shapes, products, cases, queries.

Each check stands in the room of what it checks; here they run one after the other over the same folder, and an error
that stops one of them becomes a finding, so that one run says as much as possible. HermiT works beside them in a
process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from augenblick.content import (
    Content,
    Words,
    check_consistency,
    default_root,
    hygiene,
    load_content,
    manifest,
    turtle,
)
from augenblick.content.canonical_turtle import read_file
from augenblick.content.cases import load_case
from augenblick.content.check import check as check_ontology
from augenblick.content.entry import nearest
from augenblick.content.finding import ERROR, HINT, Finding
from augenblick.content.finding_words import worded
from augenblick.content.sources import OWN_NAMESPACES, Sources, short
from augenblick.ingest.contract import contract
from augenblick.model.errors import AugenblickError
from augenblick.model.progress import Progress, silent
from augenblick.model.shelf import Shelf
from augenblick.offers.conditions import compile_conditions
from augenblick.pipeline import case_check, content_shapes, rule_check
from augenblick.policy import check as policy_check
from augenblick.publish import library_check
from augenblick.validate import read_shapes

FOLDERS = ("ontology", "shapes", "queries")
_MEND_THEMSELVES = ("form", "imports")
_READING = ("content", *_MEND_THEMSELVES)
_PASSED = Shelf("passed", (), most=12_000)
"""What was found to be right, by all it depends on: an edit of one file has only what it can affect looked at again."""


@dataclass(frozen=True)
class CheckReport:
    """All findings about the content, what was looked at, and the axioms that rules make no use of."""

    root: Path
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    not_covered: tuple[str, ...]
    reasoner_seconds: float | None
    """How long HermiT took; None if it was not asked or gave no answer."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found that must be mended; warnings and hints may stay."""
        return not self.of(ERROR)

    @property
    def readable(self) -> bool:
        """Whether all Turtle could be read."""
        return not any(each.kind == "turtle" for each in self.findings)

    def of(self, severity: str) -> tuple[Finding, ...]:
        """Return the findings of a severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "ok": self.ok,
            "findings": [asdict(finding) for finding in self.findings],
            "counts": self.counts,
            "axioms_without_rule": list(self.not_covered),
            "reasoner_seconds": self.reasoner_seconds,
        }


def check(
    root: Path | None = None,
    *,
    reasoner: bool = True,
    cases: bool = True,
    limit: float = 120.0,
    before: Path | None = None,
    progress: Progress = silent,
) -> CheckReport:
    """Return everything found wrong in the content below `root` (the folder of ontology, shapes and queries).

    Of a case that no longer holds it is told what of its evidence is another than by the content below `before`.

    With `reasoner`, HermiT checks the schema for at most `limit` seconds; with `cases`, they are run, once nothing else
    is wrong. `progress` may end it by an error of its own. Raises `BadOntology` where there is no
    ontology; whatever is wrong with one becomes a finding.
    """
    home = default_root() if root is None else root
    work = _Work(home, run_cases=cases, before=before, progress=progress)
    if work.readable():
        with ThreadPoolExecutor(1) as beside:
            waiting = beside.submit(work.classify, limit) if reasoner else None
            work.run()
            if waiting is not None:
                waiting.result()
    work.queries()
    placed = {_placed(_gone(finding, before), home) for finding in work.findings}
    findings = {worded(finding, home, work.label) for finding in _causes(placed)}
    return CheckReport(home, tuple(sorted(findings)), work.counts, work.not_covered, work.seconds)


class _Work:
    """The checks of one folder and what they found so far."""

    def __init__(self, root: Path, *, run_cases: bool, before: Path | None, progress: Progress) -> None:
        self.root = root
        self._before = before
        self._run_cases = run_cases
        self._progress = progress
        self.findings: list[Finding] = []
        self.counts: dict[str, int] = {}
        self.not_covered: tuple[str, ...] = ()
        self.seconds: float | None = None
        self._content: Content | None = None
        self._ontology_asked: hygiene.Ontology | None = None

    def readable(self) -> bool:
        """Whether all Turtle can be read; else the other checks would only say so again."""
        before = len(self.findings)
        for file in turtle.files([self.root / "ontology", self.root / "shapes"]):
            self._note("turtle", partial(read_file, file, where=str(file)))
        return len(self.findings) == before

    def classify(self, limit: float) -> None:
        """Ask HermiT whether the schema contradicts itself."""
        try:
            outcome = check_consistency.classify(Sources.read(self.root / "ontology"), limit=limit)
        except AugenblickError as error:
            hint = "; ".join(filter(None, (error.hint, "or leave it out with --no-reasoner")))
            self.findings.append(Finding("ontology", "HermiT", "reasoner", error.message, hint))
            return
        self.findings += outcome.findings
        self.seconds = round(outcome.seconds, 1)

    def run(self) -> None:
        """Check what is written in Turtle, and what hangs on it."""
        for kind, step in (
            ("content", self._ontology),
            ("turtle", self._form),
            ("imports", self._imports),
            ("hygiene", self._hygiene),
            ("content", self._load),
            ("shape", self._shapes),
        ):
            self._note(kind, step)
        if self._content is not None:
            self._note("rule", self._rules)
            self._note("shape", self._conditions)
            self.findings += policy_check.findings(self._content)
            self._cases(self._content)

    def queries(self) -> None:
        """Check the query library."""
        folder = self.root / "queries"
        self.counts["queries"] = len(list(folder.glob("*.rq")))
        self.findings += [_moved(finding, f"queries/{finding.where}") for finding in library_check.findings(folder)]

    def _note(self, kind: str, step: Callable[[], object]) -> None:
        """Run a step; an error that ends it becomes a finding."""
        try:
            self._progress("check", 0, 1)
            step()
        except AugenblickError as error:
            self.findings.append(Finding(error.where or "", kind, kind, error.message, error.hint or ""))

    def _ontology(self) -> None:
        beside = [folder for name in FOLDERS[1:] if (folder := self.root / name).is_dir()]
        report = check_ontology(self.root / "ontology", alongside=beside, reasoner=False)
        self.findings += report.findings
        self.counts |= {"files": report.files, "classes": report.classes, "properties": report.properties}

    def label(self, iri: str) -> Words:
        """Return what people call a term; empty where it has no name or nothing could be read."""
        asked = self._ontology_asked
        return asked.label(ox.NamedNode(iri)) if asked and iri.startswith(OWN_NAMESPACES) else Words("", "")

    def _hygiene(self) -> None:
        self._ontology_asked = hygiene.Ontology(self.root)
        self.findings += hygiene.findings(self.root, self._ontology_asked)
        self.findings += content_shapes.findings(self.root, self._ontology_asked)

    def _form(self) -> None:
        for path in turtle.reformat([self.root / "ontology", self.root / "shapes"], write=False):
            message, hint = "is not in canonical form", "run `make format`"
            self.findings.append(Finding(str(path), "form", "form", message, hint, HINT))

    def _imports(self) -> None:
        for path in manifest.refresh(self.root / "ontology", write=False):
            hint = "run `python -m augenblick.content.manifest ontology`"
            self.findings.append(Finding(str(path), "imports", "imports", "are not up to date", hint, HINT))

    def _load(self) -> None:
        content = self._content = load_content(self.root)
        counted = {"signals": content.signals, "moments": content.moments, "products": content.products}
        self.counts |= {name: len(items) for name, items in counted.items()} | {"patterns": len(content.patterns)}

    def _rules(self) -> None:
        if self._content is not None:
            found, rules = rule_check.findings(self._content, passed=_PASSED)
            self.findings += found
            self.counts["rules"] = len(rules)
            self.not_covered = rules.not_covered

    def _shapes(self) -> None:
        self.counts["data shapes"] = len(read_shapes(self.root / "shapes" / "data"))

    def _conditions(self) -> None:
        if self._content is not None:
            self.counts["product shapes"] = len(list(compile_conditions(self._content)))

    def _cases(self, content: Content) -> None:
        columns = {table.name: table.columns for table in contract().tables}
        slugs = {moment.slug for moment in content.moments}
        files = [path for moment in content.moments for path in moment.cases]
        for path in files:
            key = f"case\0{sorted(slugs)}\0{path.read_bytes()!r}"
            if _PASSED.get(key) is None:
                before = len(self.findings)
                self._note("case", partial(self._case, path, columns, slugs))
                if len(self.findings) == before:
                    _PASSED.put(key, value=True)
        self.counts["cases"] = len(files)
        if self._run_cases and not any(finding.severity == ERROR for finding in self.findings):
            cases = [load_case(path, contract=columns) for path in files]
            self._note(
                "case",
                lambda: self.findings.extend(
                    case_check.findings(content, cases, passed=_PASSED, before=self._in_force, progress=self._progress)
                ),
            )

    def _in_force(self) -> Content | None:
        return load_content(self._before) if self._before is not None and self._before != self.root else None

    def _case(self, path: Path, columns: Mapping[str, tuple[str, ...]], slugs: set[str]) -> None:
        for found in load_case(path, contract=columns).expect:
            if found.moment not in slugs:
                hint = nearest(found.moment, slugs) or "add it, or mend the name"
                self.findings.append(Finding(str(path), found.moment, "case", "is no moment type", hint))


def _causes(findings: set[Finding]) -> set[Finding]:
    """Return the findings without those that others of the file tell better.

    The reader of the content only follows from other faults; what a form would have refused, the others say as well. Of
    a copy its slug says enough, and what classes in a circle make impossible follows from that. While there are errors
    nobody needs hear of form and imports, which mend themselves.
    """
    faulty = any(each.severity == ERROR for each in findings)
    copies = {each.where for each in findings if each.kind == "duplicate-slug"}
    circular = any(each.kind == "class-cycle" for each in findings)
    findings = {
        each
        for each in findings
        if not (faulty and each.kind in _MEND_THEMSELVES)
        and not (circular and each.kind == "unsatisfiable")
        and not (each.where in copies and each.kind in ("duplicate-label", "duplicate-definition"))
    }
    told = {each.where for each in findings if each.kind != content_shapes.FIELD and each.severity == ERROR}
    found = {each for each in findings if each.kind != content_shapes.FIELD or each.where not in told}
    told = {each.where for each in found if each.kind not in _READING and each.severity == ERROR}
    return {each for each in found if each.kind != "content" or each.where not in told}


def _gone(finding: Finding, before: Path | None) -> Finding:
    """Return the finding of a name that the content in force still declares as of one that is no more."""
    if finding.kind != "reference" or before is None:
        return finding
    declared = Sources.read(before / "ontology").declared
    place = next((place for iri, place in declared.items() if short(iri) == finding.term), None)
    if place is None:
        return finding
    return replace(finding, message=f"is declared no longer: it stood in ontology/{place}", hint="bring it back")


def _placed(finding: Finding, root: Path) -> Finding:
    """Return the finding with its file relative to the content's root."""
    where = finding.where.removeprefix(f"{root}/")
    for folder in ("ontology", "ontology/products", "shapes"):
        if where and (root / folder / where).exists():
            return _moved(finding, f"{folder}/{where}")
    return _moved(finding, where)


def _moved(finding: Finding, where: str) -> Finding:
    return replace(finding, where=where)
