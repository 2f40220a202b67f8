"""What is wrong with the ontology folder: words missing, axioms outside OWL 2 RL, dangling names, contradictions.

The four checks stand in modules of their own (`check_terms`, `check_references`, `check_profile`,
`check_consistency`); here they are run one after the other over the same files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from augenblick.content import check_consistency, check_profile, check_references, check_terms
from augenblick.content.finding import Finding
from augenblick.content.sources import Sources


@dataclass(frozen=True)
class Report:
    """All findings about one ontology folder, and what was looked at."""

    findings: tuple[Finding, ...]
    files: int
    classes: int
    properties: int
    reasoner_seconds: float | None
    """How long HermiT took; None if it was not asked."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def text(self) -> str:
        """Return one line per finding and a last line that counts."""
        lines = [str(finding) for finding in self.findings]
        reasoned = (
            "consistency not checked" if self.reasoner_seconds is None else f"HermiT took {self.reasoner_seconds:.1f} s"
        )
        lines.append(
            f"{self.files} files, {self.classes} classes, {self.properties} properties, "
            f"{len(self.findings)} findings; {reasoned}"
        )
        return "\n".join(lines)


def check(ontology: Path, *, alongside: Sequence[Path] = (), reasoner: bool = True, limit: float = 120.0) -> Report:
    """Return everything found wrong in the folder `ontology`.

    `alongside` are folders whose Turtle and SPARQL files may only use names the ontology declares (shapes,
    queries). With `reasoner`, HermiT checks the schema for at most `limit` seconds. Raises BadOntology if a
    file is no Turtle, ToolMissing if Java or HermiT is missing, fails or takes longer.
    """
    sources = Sources.read(ontology)
    findings = [
        *check_terms.findings(sources),
        *check_references.findings(sources, alongside),
        *check_profile.findings(sources),
    ]
    seconds = None
    if reasoner:
        outcome = check_consistency.classify(sources, limit=limit)
        findings += outcome.findings
        seconds = outcome.seconds
    classes, properties = sources.size()
    return Report(tuple(sorted(set(findings))), len(sources.files), classes, properties, seconds)
