"""`augenblick calibrate`: weights proposed from confirmed and dismissed moments or from labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.options import DEFAULT_DATA, Data, Json, Lang, language_of
from augenblick.content import Words
from augenblick.evaluation import TOLERANCE, Proposal, Reliability
from augenblick.explain.words import Language
from augenblick.store import DataDirectory

_NOTHING = Words(
    "Zu wenige Urteile: Zu keinem Moment gibt es genug, um etwas vorzuschlagen.",
    "Too few verdicts: there is no moment with enough of them to propose anything.",
)
_WEIGHTS = Words("Moment|Muster|alt|neu|warum", "moment|pattern|old|new|why")
_PRIOR = Words("Grundwert", "prior")
_KEPT = Words("Alle übrigen Gewichte bleiben.", "All other weights stay.")
_QUALITY = Words(
    "Moment|Urteile|Genauigkeit|neu|Vollständigkeit|neu|Fehler|neu",
    "moment|verdicts|precision|new|recall|new|error|new",
)
_BANDS = Words("Sicherheit|Fälle|im Mittel|wahr", "confidence|cases|mean|true")
_BEFORE = Words("Verlässlichkeit mit den jetzigen Gewichten", "Reliability with the present weights")
_AFTER = Words("Verlässlichkeit mit den neuen, an ungesehenen Fällen", "Reliability with the new ones, on unseen cases")
_UNCHANGED = Words("Ein Vorschlag; kein Gewicht wurde geändert.", "A proposal; no weight was changed.")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="calibrate")(calibrate)


def calibrate(
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Learn from the labels of the export in this folder, whose data were ingested and detected "
            "(default: from what customers and advisers confirmed and dismissed).",
            file_okay=False,
        ),
    ] = None,
    tolerance: Annotated[
        int, typer.Option(min=0, help="Days by which a moment's interval is widened when held against labels.")
    ] = TOLERANCE,
    write: Annotated[
        Path | None, typer.Option(help="Write the whole proposal to this YAML file.", dir_okay=False)
    ] = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Propose weights and priors from verdicts on moments: old, new, why, and the change to expect.

    Values are drawn towards the written ones where verdicts are few. Nothing is changed: a domain expert takes
    over what convinces. Precision and recall are those among the judged cases.
    """
    proposal = pipeline.calibrate(DataDirectory(data), labels=labels, tolerance=tolerance)
    if write is not None:
        write.write_text(yaml.safe_dump(proposal.to_dict(), allow_unicode=True, sort_keys=False), encoding="utf-8")
    if as_json:
        console.machine(proposal.to_dict())
        return
    print_proposal(proposal, language_of(lang))


def print_proposal(proposal: Proposal, language: Language) -> None:
    """Print the changes worth making, what they would do, and the reliability before and after."""
    if not proposal.moments:
        console.say(_NOTHING.in_language(language))
        return
    changes = [weight for moment in proposal.moments for weight in moment.weights if weight.changed]
    rows = [
        (w.moment, _name(w.pattern, language), f"{w.old:+.2f}", f"{w.new:+.2f}", w.why.in_language(language))
        for w in changes
    ]
    console.table(_WEIGHTS.in_language(language).split("|"), rows)
    console.say(_KEPT.in_language(language))
    console.say()
    qualities = [
        (
            m.moment,
            f"{m.verdicts:,}",
            *(_share(v) for v in (m.before.precision, m.after.precision, m.before.recall, m.after.recall)),
            *(f"{q.error:.3f}" for q in (m.before, m.after)),
        )
        for m in proposal.moments
    ]
    console.table(_QUALITY.in_language(language).split("|"), qualities)
    _print_bands(_BEFORE, proposal.before, language)
    _print_bands(_AFTER, proposal.after, language)
    console.note(_UNCHANGED.in_language(language))


def _print_bands(title: Words, bands: tuple[Reliability, ...], language: Language) -> None:
    console.heading(title.in_language(language))
    rows = [
        (f"{b.low:.2f}–{min(b.high, 1):.2f}", f"{b.cases:,}", _share(b.confidence), _share(b.true_share)) for b in bands
    ]
    console.table(_BANDS.in_language(language).split("|"), rows)


def _name(pattern: str | None, language: Language) -> str:
    return pattern.rsplit("#", 1)[-1] if pattern else _PRIOR.in_language(language)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
