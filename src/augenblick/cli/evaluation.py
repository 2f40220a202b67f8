"""`augenblick evaluate`: how right the moments are, by labels of what truly happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.options import Json, Lang, language_of, parsed_date
from augenblick.evaluation import TOLERANCE, EvaluationReport
from augenblick.explain import render
from augenblick.store import DataDirectory


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="evaluate")(evaluate)


def evaluate(
    folder: Annotated[Path, typer.Argument(help="A labelled export: its `truth/truth.csv` says what happened.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Score the last run of this data directory (default: load and detect in a temporary place).",
            file_okay=False,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Detect as of this day, YYYY-MM-DD (default: the day of the last booking)."),
    ] = None,
    tolerance: Annotated[
        int, typer.Option(min=0, help="Days by which a moment's interval is widened when held against the truth.")
    ] = TOLERANCE,
    proofs: Annotated[bool, typer.Option("--proofs", help="Print the proof of each false alarm.")] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Score the moments against labels: precision, recall, F1, delay, traps, calibration, and what was wrong.

    A hit is a found moment (tentative, confirmed or expired) and a truth of the same customer and moment, the
    truth's occurred_on within the moment's interval widened by the tolerance; each is matched once. Only truths with
    a visible_from up to the run's date can be missed. Delay is from visible_from to the day of detection.
    """
    directory = DataDirectory(data) if data else None
    day = parsed_date(as_of, "--as-of") if as_of else None
    with console.progress() as progress:
        evaluation = pipeline.evaluate_with_proofs(
            folder, directory=directory, as_of=day, tolerance=tolerance, proofs=proofs, progress=progress
        )
    if as_json:
        console.machine(evaluation.report.to_dict())
        return
    print_evaluation(evaluation.report)
    for explanation in evaluation.proofs:
        console.say()
        console.say(render(explanation, language_of(lang)))


def print_evaluation(report: EvaluationReport) -> None:
    """Print the scores, then what was false and what was missed."""
    console.heading(f"As of {report.as_of.isoformat()}, {report.customers:,} customers, ± {report.tolerance} days")
    columns = ("moment", "precision", "recall", "F1", "truths", "hits", "false", "delay (days)", "trap hits")
    console.table(
        columns,
        [
            (
                m.moment,
                *(_share(value) for value in (m.precision, m.recall, m.f1)),
                *(f"{count:,}" for count in (m.truths, m.hits, m.false)),
                "–" if m.median_delay is None else f"{m.median_delay:.0f}",
                f"{m.trap_hits}/{m.traps}",
            )
            for m in report.moments
        ],
    )
    console.say(f"macro-F1 {_share(report.macro_f1)}, trap hits {_share(report.trap_rate)}")
    rate = report.alarm_rate(len(report.false_alarms))
    console.say(f"{len(report.false_alarms):,} false alarms: {_rate(rate)} per 1,000 customers and year")
    if report.unknown:
        console.note("no such moment in the ontology: " + ", ".join(f"{k} {n:,}" for k, n in report.unknown.items()))
    _print_details(report)


def _print_details(report: EvaluationReport) -> None:
    console.heading("Calibration")
    bands = [
        (f"{b.low:.2f}–{min(b.high, 1):.2f}", f"{b.moments:,}", _share(b.confidence), _share(b.true_share))
        for b in report.bands
    ]
    console.table(("confidence", "moments", "mean", "true"), bands)
    console.heading("Found, by form")
    console.table(("moment", "form", "found"), [(f.moment, f.form or "", f"{f.hits}/{f.truths}") for f in report.forms])
    console.heading("False alarms by cause, per 1,000 customers and year")
    console.table(
        ("moment", "trap or evidence", "alarms", "rate"),
        [(c.moment, c.cause, f"{c.alarms:,}", _rate(c.rate)) for c in report.causes],
    )
    console.heading("False alarms (augenblick explain MOMENT)")
    alarms = [(a.moment_id[a.moment_id.index("moment/") :], _share(a.confidence), a.cause) for a in report.false_alarms]
    console.table(("moment", "confidence", "trap or evidence"), alarms)
    console.heading("Missed (augenblick explain --why-not CUSTOMER MOMENT)")
    missed = [(m.customer_id, m.moment, m.occurred_on.isoformat(), m.form or "") for m in report.missed]
    console.table(("customer", "moment", "occurred", "form"), missed)


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
