"""An explanation as text, in German or English, down to the booking line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from augenblick.explain import words
from augenblick.explain.model import Contribution, Explanation, Premise, Source
from augenblick.explain.words import Language, sentence

INDENT = "   "
MAIN_FIELDS = {
    "transactions": ("booking_date", "amount", "currency", "counterparty_name", "ultimate_party", "purpose"),
    "accounts": ("account_id", "kind", "opened_on", "closed_on"),
}
"""What the text shows of a table's row where all of it would bury the point; the JSON form has every value."""
SHOWN = 4
"""Rows shown of a premise that rests on many: the first and the last."""


def render(explanation: Explanation, language: Language) -> str:
    """Return the explanation as an indented text."""
    return "\n".join(_moment(explanation, language))


def headline(explanation: Explanation, language: Language) -> str:
    """Return what happened to whom and when, in one line."""
    when = words.interval(explanation.occurred_from, explanation.occurred_to, language)
    label = explanation.label.in_language(language)
    return f"{explanation.customer_id}: {label}, {when}"


def _moment(explanation: Explanation, language: Language) -> Iterator[str]:
    yield headline(explanation, language)
    yield INDENT + sentence(
        "confidence",
        language,
        c=words.percent(explanation.confidence, language),
        state=words.state(explanation.state, language),
    )
    yield INDENT + sentence(
        "detected",
        language,
        d=words.day(explanation.detected_on, language),
        v=words.day(explanation.valid_until, language),
    )
    yield INDENT + sentence("weights", language)
    yield f"{INDENT}{words.weight(explanation.prior, language):>7}  {sentence('prior', language)}"
    for contribution in explanation.contributions:
        yield from _contribution(contribution, language)
    total = explanation.prior + sum(c.weight for c in explanation.contributions if c.counted)
    confidence = sentence("sum", language, c=words.percent(explanation.confidence, language))
    yield f"{INDENT}{words.weight(total, language):>7}  {confidence}"
    if explanation.version:
        yield INDENT + sentence("version", language, n=explanation.version)
    if explanation.withheld is not None:
        yield INDENT + explanation.withheld.in_language(language)


def _contribution(contribution: Contribution, language: Language) -> Iterator[str]:
    if not contribution.counted:
        again = sentence("also", language, d=words.day(contribution.observed_on, language))
        yield f"{INDENT}         {contribution.label.in_language(language)}: {again}"
        return
    seen = words.day(contribution.observed_on, language)
    label = contribution.label.in_language(language)
    yield f"{INDENT}{words.weight(contribution.weight, language):>7}  {label} ({seen})"
    yield f"{INDENT}         {contribution.reason.in_language(language)}"
    for premise in contribution.premises:
        yield from (f"{INDENT}         {line}" for line in _premise(premise, language))


def _premise(premise: Premise, language: Language) -> Iterator[str]:
    if premise.moment is not None:
        yield "• " + sentence(
            "moment_of",
            language,
            customer=premise.moment.customer_id,
            label=premise.moment.label.in_language(language),
        )
        yield from (f"  {line}" for line in _moment(premise.moment, language))
        return
    fact = premise.fact.in_language(language)
    rules = "; ".join(sentence("rule", language, rule=rule) for rule in premise.rules)
    yield f"• {fact}" + (f" ({rules})" if rules else "")
    shown = premise.sources if len(premise.sources) <= SHOWN else (*premise.sources[: SHOWN - 2], premise.sources[-1])
    for place, source in enumerate(shown):
        if len(shown) < len(premise.sources) and place == len(shown) - 1:
            yield "    ↳ " + sentence("more", language, n=str(len(premise.sources) - len(shown)))
        yield f"    ↳ {source_line(source, language)}"


def source_line(source: Source, language: Language) -> str:
    """Return one row of the bank's data with the place it stands at."""
    place = sentence("row", language, file=source.file, line=str(source.line))
    shown = MAIN_FIELDS.get(source.table.removeprefix("bank."), tuple(source.row))
    values = ", ".join(
        _value(name, source.row[name], language) for name in shown if source.row.get(name) not in (None, "")
    )
    return f"{place}: {values}"


def _value(name: str, value: Any, language: Language) -> str:
    if isinstance(value, datetime):
        return f"{name} {value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{name} {words.day(value, language)}"
    if isinstance(value, Decimal):
        return f"{name} {words.amount(value, '', language)}"
    return f"{name} {value}"
