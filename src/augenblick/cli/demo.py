"""`augenblick demo`: the whole line on made-up families, one story with its proof, and on a terminal the pages."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.load import print_load
from augenblick.cli.moments import print_detection
from augenblick.cli.options import DEFAULT_PURPOSE, DEFAULT_ROLE, Data, Lang, access_of, language_of
from augenblick.explain import render, story
from augenblick.explain.words import Language
from augenblick.simulate import simulate
from augenblick.store import DataDirectory

END = date(2026, 10, 31)
MONTHS = 24
SEED = 4711


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="demo")(demo)


def demo(
    customers: Annotated[int, typer.Option(min=20, help="How many customers.")] = 300,
    data: Data = Path("demo"),
    lang: Lang = None,
) -> None:
    """Simulate families, load them, find their moments, tell one story with its proof.

    On a terminal it ends by serving the pages on that data until Ctrl-C.
    """
    language = language_of(lang)
    shutil.rmtree(data, ignore_errors=True)
    directory, export = DataDirectory(data), data / "export"
    console.heading(f"1. {customers} made-up customers, {MONTHS} months of bookings → {export}")
    with console.progress() as progress:
        report = simulate(
            export,
            customers=customers,
            months=MONTHS,
            seed=SEED,
            end=END,
            progress=lambda done, total: progress("simulate", done, total),
        )
    console.say(f"   {report.rows['transactions']:,} bookings, {report.rows['relations']:,} recorded family relations")
    console.heading("2. Ingest")
    with console.progress() as progress:
        loaded = pipeline.load(directory, export, progress=progress)
    print_load(loaded)
    console.heading("3. Detect")
    with console.progress() as progress:
        found = pipeline.detect(directory, as_of=END, progress=progress)
    print_detection(found, language)
    _next_steps(data, _story(directory, language))
    if sys.stdout.isatty():
        _serve(data)


def _story(directory: DataDirectory, language: Language) -> str:
    """Tell the surest open moment that rests on a relative's moment; return how `explain` is asked for it."""
    moment = pipeline.surest_kin_moment(directory)
    if moment is None:
        console.note("No open moment rests on a relative's: try more customers.")
        return "MOMENT"
    access = access_of(DEFAULT_ROLE, DEFAULT_PURPOSE)
    explanation = pipeline.explain(directory, moment, access=access)
    console.heading("4. One story, with its proof")
    console.say(story(explanation, language))
    console.say()
    console.say(render(explanation, language))
    console.heading("5. What fits, and how to say it")
    console.say(pipeline.offers_of(directory, explanation.customer_id, access=access).text(language))
    return moment[moment.index("moment/") :]


def _next_steps(data: Path, moment: str) -> None:
    console.heading("Next")
    verbs = (
        (f"query --data {data}", "the analysts' library"),
        (f"query moments-by-type --data {data}", "one query of it"),
        (f"explain {moment} --data {data} --lang de", "in German"),
        ("--help", "everything else"),
    )
    for verb, what in verbs:
        console.say(f"  {_command()} {verb:80} {what}")


def _serve(data: Path) -> None:
    # The web framework takes a third of a second to import; whoever has no terminal does without it.
    from augenblick import api, web

    settings = api.read_settings(data=data, log_level="error")
    console.heading(f"Look at it: http://{settings.host}:{settings.port}/   (Ctrl-C ends it)")
    api.serve(settings, more=web.routers())


def _command() -> str:
    """Return how this program is called from here: by name where the shell finds it, else by path."""
    return "augenblick" if shutil.which("augenblick") else os.path.relpath(sys.argv[0])
