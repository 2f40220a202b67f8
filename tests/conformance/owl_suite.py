"""The OWL 2 RL test cases of the W3C, run through the compiled engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph
from sparql_suite import Outcome, as_written

from augenblick.model.errors import AugenblickError
from augenblick.reason import Entailment, entails

KINDS = {
    "ConsistencyTest": "consistency",
    "InconsistencyTest": "inconsistency",
    "PositiveEntailmentTest": "entailment",
    "NegativeEntailmentTest": "no entailment",
}


@dataclass(frozen=True)
class OwlCase:
    """One case of the suite: premises, what must (not) follow, or whether they contradict."""

    name: str
    kinds: tuple[str, ...]
    semantics: tuple[str, ...]
    premise: Path
    conclusion: Path | None
    nonconclusion: Path | None
    imports: tuple[str, ...]

    @property
    def category(self) -> str:
        """The hardest thing the case asks."""
        for kind in ("inconsistency", "entailment", "no entailment", "consistency"):
            if kind in self.kinds:
                return kind
        return "nothing asked"


def cases(suite: Path) -> Iterator[OwlCase]:
    """Yield the cases of the suite in their order."""
    for entry in json.loads((suite / "index.json").read_text("utf-8")):
        yield OwlCase(
            entry["id"],
            tuple(KINDS[kind] for kind in entry["types"] if kind in KINDS),
            tuple(entry["semantics"]),
            suite / entry["premise"],
            suite / entry["conclusion"] if "conclusion" in entry else None,
            suite / entry["nonconclusion"] if "nonconclusion" in entry else None,
            tuple(entry["imports"]),
        )


def run(case: OwlCase) -> Outcome:
    """Return what the engine makes of a case; refused is only what the engine itself says not to cover."""
    if case.imports:
        return Outcome(case.name, "refused", f"imports {', '.join(case.imports)}, which is no part of the suite")
    try:
        with as_written():
            return _judged(case)
    except AugenblickError as error:
        return Outcome(case.name, "wrong", f"{type(error).__name__}: {error}")


def _judged(case: OwlCase) -> Outcome:
    premises = _read(case.premise)
    found = entails(premises, _read(case.conclusion) if case.conclusion else None)
    wanted = "inconsistency" not in case.kinds
    if found.consistent != wanted:
        return _missed(case, found, "finds a contradiction" if wanted else "finds no contradiction")
    if case.conclusion and not found.holds:
        return _missed(case, found, "does not show " + "; ".join((*found.unshown, *found.annotations)))
    if case.nonconclusion and entails(premises, _read(case.nonconclusion)).holds:
        return Outcome(case.name, "wrong", "shows what does not follow")
    return Outcome(case.name, "passed")


def _missed(case: OwlCase, found: Entailment, what: str) -> Outcome:
    if found.consistent and found.annotations and not found.unshown:
        return Outcome(case.name, "refused", f"{what}, an annotation: only what is stated holds")
    if found.consistent and found.not_covered:
        return Outcome(case.name, "refused", f"{what}; {'; '.join(found.not_covered)}")
    return Outcome(case.name, "wrong", what)


def _read(path: Path) -> Graph:
    return Graph().parse(path, format="xml", publicID=path.as_uri())
