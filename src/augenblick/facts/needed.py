"""Which signals need each of their occurrences as RDF, read off the rules that ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from augenblick.content.model import Content, Pattern

_OCCURRENCE = "Occurrence"
_SERIES = "Series"


def needed_signals(content: Content) -> frozenset[str]:
    """Return the IRIs of signals whose occurrences become RDF one by one.

    These are the signals a pattern gives to a rule that looks at occurrences, and those a rule or shape names
    itself. Where a condition's rules look at series as well, a recurring signal is left out: each of its
    occurrences lies within a series, so the series tell the condition all it asks.
    """
    files = (*content.core_rules, *content.pattern_rules, *content.condition_rules, *content.moment_rules)
    rules = [_without_comments(file.read_text(encoding="utf-8")) for file in files]
    recurring = frozenset(signal.iri for signal in content.signals if signal.recurring)
    signals = frozenset(signal.iri for signal in content.signals)
    asked = {
        iri
        for moment in content.moments
        for pattern in moment.patterns
        for iri in _asked_by(pattern, signals, recurring, rules)
    }
    texts = [*rules, *(str(value) for value in content.shapes.objects())]
    return frozenset(asked | {iri for iri in signals if any(_names(text, iri) for text in texts)})


def _asked_by(pattern: Pattern, signals: frozenset[str], recurring: frozenset[str], rules: list[str]) -> Iterable[str]:
    for name, values in pattern.parameters.items():
        condition = name != "signal"
        readers = [rule for rule in rules if _mentions(rule, name if condition else pattern.kind)]
        if not any(_mentions(rule, _OCCURRENCE) for rule in readers):
            continue
        by_series = condition and any(_mentions(rule, _SERIES) for rule in readers)
        yield from (str(value) for value in values if value in signals and not (by_series and value in recurring))


def _mentions(rule: str, term: str) -> bool:
    return re.search(rf"\baug:{re.escape(term)}\b", rule) is not None


def _names(text: str, iri: str) -> bool:
    slug = re.escape(iri.rsplit("/", 1)[-1])
    return re.search(rf"(?:{re.escape(iri)}|\bsignal:{slug})(?![\w-])", text) is not None


def _without_comments(rule: str) -> str:
    return "\n".join(line for line in rule.splitlines() if not line.lstrip().startswith("#"))
