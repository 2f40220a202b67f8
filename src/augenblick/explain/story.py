"""An explanation in one sentence: what happened to whom, and the rows that say so."""

from __future__ import annotations

from collections.abc import Iterator

from augenblick.explain import words
from augenblick.explain.model import Contribution, Explanation, Premise
from augenblick.explain.text import headline
from augenblick.explain.words import Language, sentence


def story(explanation: Explanation, language: Language) -> str:
    """Return what happened and its strongest reason, followed through relatives' moments to files and lines."""
    reasons = list(dict.fromkeys(_reasons(explanation, language)))
    what = headline(explanation, language)
    return sentence("because", language, what=what, why=sentence("and", language).join(reasons)) if reasons else what


def _reasons(explanation: Explanation, language: Language) -> Iterator[str]:
    strongest = next((c for c in explanation.contributions if c.counted), None)
    if strongest is None:
        return
    nested = [premise.moment for premise in strongest.premises if premise.moment is not None]
    for moment in nested:
        yield from _reasons(moment, language)
    if not nested:
        yield _seen(explanation, strongest, language)
        return
    for premise in strongest.premises:
        if premise.moment is None:
            yield premise.fact.in_language(language) + _place(premise, language)


def _seen(explanation: Explanation, contribution: Contribution, language: Language) -> str:
    seen = sentence(
        "seen",
        language,
        customer=explanation.customer_id,
        label=contribution.label.in_language(language),
        d=words.day(contribution.observed_on, language),
    )
    return seen + next((_place(premise, language) for premise in contribution.premises if premise.sources), "")


def _place(premise: Premise, language: Language) -> str:
    if not premise.sources:
        return ""
    source = premise.sources[0]
    return f" ({sentence('row', language, file=source.file, line=str(source.line))})"
