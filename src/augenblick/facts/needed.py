"""Which signals need each of their occurrences as RDF, read off the rules that ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from augenblick.content.model import Content, Pattern

_OCCURRENCE = "Occurrence"
_SERIES = "Series"
_FIRST_ONLY = re.compile(r"#\s*occurrences:\s*first\s*")


@dataclass(frozen=True)
class _Rule:
    """A rule without its comments, its terms, and whether its header says that first occurrences are enough."""

    body: str
    terms: frozenset[str]
    first_only: bool

    def mentions(self, term: str) -> bool:
        return term in self.terms


@lru_cache(maxsize=4)
def needed_signals(content: Content) -> frozenset[str]:
    """Return the IRIs of signals whose occurrences become RDF one by one.

    These are the signals a pattern gives to a rule that looks at occurrences, and those a rule or shape names
    itself. A recurring signal is left out in two cases, since each of its occurrences lies within a series. Where
    a condition's rules look at series as well, the series tell the condition all it asks. And where a pattern's
    rules say in their header that they ask for a person's first occurrence only (`# occurrences: first`), that one
    begins a series, and what begins a series becomes RDF anyway.
    """
    files = (*content.core_rules, *content.pattern_rules, *content.condition_rules, *content.moment_rules)
    rules = [_read(file.read_text(encoding="utf-8")) for file in files]
    recurring = frozenset(signal.iri for signal in content.signals if signal.recurring)
    signals = frozenset(signal.iri for signal in content.signals)
    asked = {
        iri
        for moment in content.moments
        for pattern in moment.patterns
        for iri in _asked_by(pattern, signals, recurring, rules)
    }
    text = "\n".join([*(rule.body for rule in rules), *(str(value) for value in content.shapes.objects())])
    return frozenset(asked | _named(text, signals))


def _asked_by(
    pattern: Pattern, signals: frozenset[str], recurring: frozenset[str], rules: list[_Rule]
) -> Iterable[str]:
    for name, values in pattern.parameters.items():
        condition = name != "signal"
        readers = [rule for rule in rules if rule.mentions(name if condition else pattern.kind)]
        lookers = [rule for rule in readers if rule.mentions(_OCCURRENCE)]
        if not lookers:
            continue
        if condition:
            by_series = any(rule.mentions(_SERIES) for rule in readers)
        else:
            by_series = all(rule.first_only for rule in lookers)
        yield from (str(value) for value in values if value in signals and not (by_series and value in recurring))


def _named(text: str, signals: frozenset[str]) -> set[str]:
    """Return the signals a text names, by IRI or by prefix."""
    slugs = {iri.rsplit("/", 1)[-1]: iri for iri in signals}
    written = {slugs[slug] for slug in re.findall(r"\bsignal:([\w-]+)", text) if slug in slugs}
    return written | {iri for iri in re.findall(r"https?://[\w/.#-]+", text) if iri in signals}


def _read(rule: str) -> _Rule:
    lines = rule.splitlines()
    header = [line for line in lines if line.lstrip().startswith("#")]
    body = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return _Rule(body, frozenset(re.findall(r"\baug:(\w+)", body)), any(_FIRST_ONLY.fullmatch(line) for line in header))
