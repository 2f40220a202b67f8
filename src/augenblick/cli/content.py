"""`augenblick check`: whether what the experts wrote is as it must be."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from augenblick.cli import console
from augenblick.cli.options import Json, Lang, language_of
from augenblick.content import default_root
from augenblick.content.finding import SEVERITIES, WARNING
from augenblick.editing import Edition
from augenblick.editing.check_report import FORMS
from augenblick.editing.publication import with_loosenings
from augenblick.explain.words import Language
from augenblick.model.errors import BadParameter
from augenblick.pipeline.checking import CheckReport
from augenblick.pipeline.checking import check as check_content

_COUNTED = {
    "files": "Dateien",
    "classes": "Klassen",
    "properties": "Eigenschaften",
    "signals": "Signale",
    "moments": "Momente",
    "patterns": "Muster",
    "products": "Produkte",
    "rules": "Regeln",
    "data shapes": "Datenformen",
    "product shapes": "Produktformen",
    "cases": "Fälle",
    "queries": "Abfragen",
}

_SEVERITIES = {"error": "Fehler", "warning": "Warnung", "hint": "Hinweis"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="check")(check)


def check(
    root: Annotated[
        Path | None,
        typer.Option("--content", help="The folder of ontology, shapes and queries (default: the shipped one)."),
    ] = None,
    reasoner: Annotated[
        bool, typer.Option("--reasoner/--no-reasoner", help="Ask HermiT whether the ontology contradicts itself.")
    ] = True,
    cases: Annotated[
        bool | None,
        typer.Option(
            "--cases/--no-cases",
            help="Run the cases that what was edited can affect (default: of an edited copy, that is with --content).",
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="The content in force: say where protection would loosen, what changes a case (default: the shipped).",
        ),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--report", help=f"Print the report for another tool: {', '.join(FORMS)}.")
    ] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Check ontology, rules, shapes, products, cases and queries; exit with 1 where something must be mended.

    Terms have labels and definitions in both languages, references resolve, files are in their canonical form, the
    ontology is in OWL 2 RL and consistent (HermiT), rules compile and are stratified, shapes compile, queries have
    their headers and can be parsed; each case finds what it expects and nothing else; the shapes and queries
    in `shapes/ontology` find nothing, the questions in `ontology/questions` something. Each finding is an error, a
    warning or a hint, with file, line and mend.
    """
    language = language_of(lang)
    if form is not None and form not in FORMS:
        raise BadParameter(f"There is no report '{form}'.", where="--report", hint=", ".join(FORMS))
    before = against or default_root()
    with console.progress() as progress:
        progress("check", 0, 1)
        report = check_content(
            root, reasoner=reasoner, cases=root is not None if cases is None else cases, before=before
        )
        if report.root != before and report.readable:
            report = with_loosenings(report, Edition.read(before), Edition.read(report.root))
    if as_json:
        console.machine(report.to_dict())
    elif form is not None:
        console.say(FORMS[form](report))
    else:
        _print(report, language)
    if not report.ok:
        raise typer.Exit(1)


def _print(report: CheckReport, language: Language) -> None:
    german = language == "de"
    severities = _SEVERITIES if german else {severity: severity for severity in _SEVERITIES}
    for where, found in groupby(report.findings, key=lambda finding: finding.where):
        console.heading(where)
        for finding in sorted(found, key=lambda finding: (SEVERITIES.index(finding.severity), finding.line)):
            _, message, hint = finding.told(language)
            line = f"{'Zeile' if german else 'line'} {finding.line}" if finding.line else ""
            place = filter(None, (severities[finding.severity], line, finding.called(language)))
            console.say(f"  {', '.join(place)}: {message}")
            if hint:
                console.say(f"    → {hint}")
    counted = (f"{n:,} {_COUNTED.get(name, name) if german else name}" for name, n in report.counts.items())
    console.note(", ".join(counted))
    console.note(_reasoned(report.reasoner_seconds, german=german))
    if report.findings:
        counted = (f"{severities[severity]}: {len(report.of(severity))}" for severity in SEVERITIES)
        (console.note if report.ok else console.bad)(", ".join(counted))
    if report.ok:
        if report.of(WARNING):
            console.good(
                "Kein Fehler; sehen Sie sich die Warnungen an." if german else "No error; see to the warnings."
            )
        else:
            console.good("Alles in Ordnung." if german else "Everything is as it must be.")


def _reasoned(seconds: float | None, *, german: bool) -> str:
    if seconds is None:
        return "Widerspruchsfreiheit nicht geprüft" if german else "consistency was not checked"
    return f"HermiT: {seconds} s"
