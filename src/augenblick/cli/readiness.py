"""`augenblick readiness`: what the moments need of the bank's data, and what of it is there."""

from __future__ import annotations

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.options import DEFAULT_DATA, Data, Json, Lang, language_of
from augenblick.content import Words
from augenblick.explain.words import Language
from augenblick.readiness import ReadinessReport, Unlock
from augenblick.store import DataDirectory

_BEST = 10
"""Inputs named as those that would add most; all stand in the JSON."""
_HEAD = Words("Stand {day}, {customers} Kunden", "As of {day}, {customers} customers")
_MOMENTS = Words(
    "Moment|möglich für|Muster|erklärbar|fehlt|am meisten brächte",
    "moment|can work for|patterns|declarable|missing|would add most",
)
_INPUTS = Words("Eingabe|Zeilen|gefüllt|Kunden", "input|rows|filled|customers")
_UNLOCKS = Words("Was einzeln am meisten brächte", "What would add most by itself")
_GAINS = Words("Eingabe|Kunden × Momente|Momente", "input|customers × moments|moments")
_ONLY_DECLARED = Words("nur wer ihn erklärt", "who declares it only")
_ANSWERS = (Words("nein", "no"), Words("ja", "yes"))


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="readiness")(readiness)


def readiness(data: Data = DEFAULT_DATA, lang: Lang = None, as_json: Json = False) -> None:
    """Say how ready the bank's data are: per moment which inputs it needs, for how many customers it can work.

    A moment can work for a customer when the evidence that could be seen in the data delivered would reach the
    threshold of a tentative moment. Relatives are those the last `detect` knows.
    """
    report = pipeline.readiness(DataDirectory(data))
    if as_json:
        console.machine(report.to_dict())
        return
    print_readiness(report, language_of(lang))


def print_readiness(report: ReadinessReport, language: Language) -> None:
    """Print the moments, the inputs, and what would add most."""
    head = _HEAD.in_language(language)
    console.heading(head.format(day=report.as_of.isoformat(), customers=f"{report.customers:,}"))
    console.table(
        _MOMENTS.in_language(language).split("|"),
        [
            (
                m.label.in_language(language),
                f"{m.customers:,} ({_share(m.customers, report.customers)})"
                if m.of_patterns
                else _ONLY_DECLARED.in_language(language),
                f"{m.patterns}/{m.of_patterns}",
                _ANSWERS[m.declared].in_language(language),
                ", ".join(m.missing) or "–",
                _gain(m.unlock),
            )
            for m in report.moments
        ],
    )
    console.say()
    inputs = [
        (
            state.name,
            "–" if state.rows is None else f"{state.rows:,}",
            "–" if state.share is None else f"{state.share:.1%}",
            f"{state.customers:,} ({_share(state.customers, report.customers)})",
        )
        for state in report.inputs
    ]
    console.table(_INPUTS.in_language(language).split("|"), inputs)
    console.say()
    console.heading(_UNLOCKS.in_language(language))
    gains = [(u.name, f"+{u.customers:,}", ", ".join(u.moments)) for u in report.unlocks[:_BEST]]
    console.table(_GAINS.in_language(language).split("|"), gains)


def _gain(unlock: Unlock | None) -> str:
    return f"{unlock.name} (+{unlock.customers:,})" if unlock else "–"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"
