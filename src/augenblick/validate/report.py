"""The validation report: which facts broke which shape, and what was kept out of reasoning for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import SH
from rdflib.term import Node

from augenblick.validate.results import Result, spoken
from augenblick.validate.wording import in_language, short

_WORDS = {
    "de": {
        "clean": "Alle Fakten entsprechen den Formen.",
        "summary": "Verstöße: {results}; verletzte Formen: {shapes}; vom Schließen ausgenommene Fakten: {facts}.",
        "Violation": "Verstoß",
        "Warning": "Warnung",
        "Info": "Hinweis",
        "more": "… und {count} weitere",
        "out": "ausgenommen: {fact}",
        "facts": "Ausgenommene Fakten: {count}",
    },
    "en": {
        "clean": "All facts conform to the shapes.",
        "summary": "Violations: {results}; shapes broken: {shapes}; facts kept out of reasoning: {facts}.",
        "Violation": "violation",
        "Warning": "warning",
        "Info": "note",
        "more": "… and {count} more",
        "out": "kept out: {fact}",
        "facts": "Facts kept out: {count}",
    },
}


@dataclass(frozen=True)
class KeptOut:
    """One fact that took no part in reasoning, and the shapes that were broken."""

    fact: tuple[Node, Node, Node]
    shapes: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What kept-out facts are sorted by."""
        subject, predicate, obj = self.fact
        return (str(subject), str(predicate), str(obj))

    def text(self) -> str:
        """Return the fact as three words."""
        return " ".join(spoken(term) for term in self.fact)

    def to_dict(self) -> dict[str, object]:
        """Return the fact as JSON takes it, terms in N-Triples form."""
        subject, predicate, obj = (term.n3() for term in self.fact)
        return {"subject": subject, "predicate": predicate, "object": obj, "shapes": list(self.shapes)}


@dataclass(frozen=True)
class ValidationReport:
    """All results, sorted, and all facts kept out because of them."""

    results: tuple[Result, ...]
    kept_out: tuple[KeptOut, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether nothing was found, of whatever severity (SHACL 3.1)."""
        return not self.results

    def counts(self) -> Mapping[str, int]:
        """Return the number of results per shape IRI, sorted by IRI."""
        found = Counter(result.shape for result in self.results)
        return {shape: found[shape] for shape in sorted(found)}

    def to_dict(self) -> dict[str, object]:
        """Return the whole report as JSON takes it."""
        return {
            "conforms": self.conforms,
            "counts": dict(self.counts()),
            "results": [result.to_dict() for result in self.results],
            "kept_out": [fact.to_dict() for fact in self.kept_out],
        }

    def text(self, language: str = "de", *, examples: int = 5) -> str:
        """Return the report to read: per shape its count, the first messages and facts kept out.

        `language` is "de" or "en" (anything else reads English); `examples` bounds both lists per shape.
        """
        words = _WORDS.get(language, _WORDS["en"])
        if self.conforms:
            return words["clean"]
        counts = self.counts()
        summary = words["summary"].format(results=len(self.results), shapes=len(counts), facts=len(self.kept_out))
        blocks = [self._block(shape, words, language, examples) for shape in counts]
        return "\n\n".join([summary, *blocks])

    def _block(self, shape: str, words: Mapping[str, str], language: str, examples: int) -> str:
        broken = [result for result in self.results if result.shape == shape]
        facts = [fact for fact in self.kept_out if shape in fact.shapes]
        title = in_language(broken[0].name, language) or short(shape)
        severity = words.get(short(broken[0].severity), short(broken[0].severity))
        lines = [f"{title} ({severity}, {len(broken)})"]
        lines += _first([result.message(language) for result in broken], words, examples)
        if facts:
            lines.append(f"  {words['facts'].format(count=len(facts))}")
            lines += _first([words["out"].format(fact=fact.text()) for fact in facts], words, examples)
        return "\n".join(lines)

    def worst(self) -> str | None:
        """Return the highest severity found as short name, or None."""
        found = {result.severity for result in self.results}
        return next((short(str(s)) for s in (SH.Violation, SH.Warning, SH.Info) if str(s) in found), None)


def _first(sentences: list[str], words: Mapping[str, str], limit: int) -> list[str]:
    shown = [f"  - {sentence}" for sentence in sentences[:limit]]
    rest = len(sentences) - limit
    return [*shown, f"  - {words['more'].format(count=rest)}"] if rest > 0 else shown
