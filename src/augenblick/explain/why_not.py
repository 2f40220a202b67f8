"""Why a customer does not have a moment: what was turned down, what was too weak, what was never seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb
from rdflib import URIRef

from augenblick.content.model import Content, MomentType, Pattern, Words
from augenblick.explain import words
from augenblick.explain.build import label_of
from augenblick.explain.words import Language, sentence
from augenblick.model.errors import NotFound
from augenblick.reason import FactBase

_TURNED_DOWN = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
SELECT ?pattern ?because ?date WHERE {
  ?i aug:onPerson ?person ; aug:indicates ?type ; aug:byPattern ?pattern ; aug:observedOn ?date ;
     aug:excludedBecause ?because .
}
"""


@dataclass(frozen=True)
class PatternVerdict:
    """What became of one pattern for this customer.

    `outcome` is counted, excluded, or unseen; `because` names the conditions that excluded it. For a pattern on a
    signal, `seen` counts the signal's occurrences for this customer and `last_on` is the latest of them.
    """

    pattern: str
    label: Words
    weight: float
    outcome: str
    observed_on: date | None = None
    because: Words | None = None
    signal: Words | None = None
    seen: int = 0
    last_on: date | None = None
    conditions: tuple[str, ...] = ()
    """IRIs of the conditions that excluded it."""


@dataclass(frozen=True)
class WhyNot:
    """Why a moment was not found: the best confidence reached against the threshold, and each pattern's verdict."""

    customer_id: str
    slug: str
    label: Words
    found: tuple[str, ...]
    confidence: float
    threshold: float
    vetoed: bool
    patterns: tuple[PatternVerdict, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain data."""
        return asdict(self)


def why_not(
    connection: duckdb.DuckDBPyConnection, facts: FactBase, content: Content, customer: str, moment: str, *, base: str
) -> WhyNot:
    """Return why the customer does not have a moment of the type (slug or IRI).

    Raises `NotFound` for an unknown customer or moment type.
    """
    found = content.moment(moment)
    if found is None:
        known = ", ".join(sorted(t.slug for t in content.moments))
        raise NotFound(f"There is no moment type '{moment}'.", hint=f"known are: {known}")
    if not found.is_live:
        hint = "experts see what it would find with `augenblick impact --shadow`"
        raise NotFound(f"Moments of the type '{found.slug}' are not shown: it is in {found.content_state}.", hint=hint)
    if connection.execute("SELECT 1 FROM bank.customers WHERE customer_id = ?", [customer]).fetchone() is None:
        raise NotFound(f"There is no customer '{customer}'.", hint="customer ids are those of the bank's export")
    have = connection.execute(
        "SELECT moment_id FROM moments.moments "
        "WHERE customer_id = ? AND moment_type = ? AND state <> 'voided' ORDER BY 1",
        [customer, found.iri],
    ).fetchall()
    weak = connection.execute(
        "SELECT coalesce(max(confidence), 0), coalesce(bool_or(vetoed), false) FROM moments.weak "
        "WHERE customer_id = ? AND moment_type = ?",
        [customer, found.iri],
    ).fetchone() or (0.0, False)
    return WhyNot(
        customer,
        found.slug,
        found.label,
        tuple(row[0] for row in have),
        float(weak[0]),
        float(found.tentative_from),
        bool(weak[1]),
        tuple(_verdicts(connection, facts, content, customer, found, base)),
    )


def _verdicts(
    connection: duckdb.DuckDBPyConnection,
    facts: FactBase,
    content: Content,
    customer: str,
    moment: MomentType,
    base: str,
) -> list[PatternVerdict]:
    counted = dict(
        connection.execute(
            "SELECT pattern, max(observed_on) FROM moments.contributions "
            "WHERE customer_id = ? AND moment_type = ? GROUP BY 1",
            [customer, moment.iri],
        ).fetchall()
    )
    excluded = _excluded(facts, customer, moment, base)
    verdicts = []
    for pattern in moment.patterns:
        signal, seen, last_on = _signal(connection, content, customer, pattern)
        outcome = "counted" if pattern.iri in counted else "excluded" if pattern.iri in excluded else "unseen"
        observed, because = excluded.get(pattern.iri, (None, ()))
        verdicts.append(
            PatternVerdict(
                pattern.iri,
                pattern.label,
                float(pattern.weight),
                outcome,
                counted.get(pattern.iri, observed),
                _together(content, because) if because and outcome == "excluded" else None,
                signal,
                seen,
                last_on,
                because if outcome == "excluded" else (),
            )
        )
    return sorted(verdicts, key=lambda v: (["counted", "excluded", "unseen"].index(v.outcome), -v.weight, v.pattern))


def _excluded(
    facts: FactBase, customer: str, moment: MomentType, base: str
) -> dict[str, tuple[date | None, tuple[str, ...]]]:
    """Return per pattern the latest day on which it was turned down, and all conditions that did so then."""
    person = facts.connection.execute("SELECT url_encode(?)", [customer]).fetchone() or (customer,)
    answer = facts.select(
        _TURNED_DOWN, bindings={"person": URIRef(f"{base}customer/{person[0]}"), "type": URIRef(moment.iri)}
    )
    found: dict[str, dict[date, set[str]]] = {}
    for pattern, because, observed in answer.terms():
        days = found.setdefault(str(pattern), {})
        days.setdefault(date.fromisoformat(str(observed)), set()).add(str(because))
    return {pattern: (max(days), tuple(sorted(days[max(days)]))) for pattern, days in found.items()}


def _together(content: Content, conditions: tuple[str, ...]) -> Words:
    labels = [label_of(content, condition) for condition in conditions]
    return Words(", ".join(label.de for label in labels), ", ".join(label.en for label in labels))


def _signal(
    connection: duckdb.DuckDBPyConnection, content: Content, customer: str, pattern: Pattern
) -> tuple[Words | None, int, date | None]:
    named = pattern.parameters.get("signal", ())
    signal = content.signal(str(named[0])) if named else None
    if signal is None or signal.label is None:
        return None, 0, None
    row = connection.execute(
        "SELECT count(*), max(occurred_on) FROM evidence.occurrences WHERE customer_id = ? AND signal = ?",
        [customer, signal.iri],
    ).fetchone() or (0, None)
    return signal.label, int(row[0]), row[1]


def render_why_not(answer: WhyNot, language: Language) -> str:
    """Return the answer as text."""
    label = answer.label.in_language(language)
    if answer.found:
        lines = [sentence("was found", language, ids=", ".join(answer.found))]
    else:
        lines = [sentence("not found", language, customer=answer.customer_id, label=label)]
        if not answer.confidence:
            return "\n".join([*lines, sentence("no trace", language), *_verdict_lines(answer, language)])
        best, threshold = words.percent(answer.confidence, language), words.percent(answer.threshold, language)
        lines.append(sentence("best trace", language, c=best, t=threshold))
    if answer.vetoed:
        lines.append(sentence("vetoed", language))
    return "\n".join([*lines, *_verdict_lines(answer, language)])


def _verdict_lines(answer: WhyNot, language: Language) -> list[str]:
    return [f"  {words.weight(v.weight, language):>7}  {_verdict(v, language)}" for v in answer.patterns]


def _verdict(verdict: PatternVerdict, language: Language) -> str:
    day = words.day(verdict.observed_on, language) if verdict.observed_on else ""
    because = verdict.because.in_language(language) if verdict.because else ""
    text = (
        f"{verdict.label.in_language(language)}: {sentence(f'outcome {verdict.outcome}', language, d=day, b=because)}"
    )
    if verdict.outcome != "unseen" or verdict.signal is None:
        return text
    signal = verdict.signal.in_language(language)
    if verdict.last_on is None:
        return text + sentence("signal unseen", language, s=signal)
    last = words.day(verdict.last_on, language)
    return text + sentence("signal seen", language, s=signal, n=str(verdict.seen), d=last)
