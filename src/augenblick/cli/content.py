"""`augenblick check`: is what the experts wrote as it must be?"""

from __future__ import annotations

import typer

from augenblick.cli.options import Json, Lang


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="check")(check)


def check(lang: Lang = None, as_json: Json = False) -> None:
    """Check ontology, rules, shapes and queries; exit with 1 where something is wrong.

    Terms have labels and definitions in both languages, references resolve, the ontology is in OWL 2 RL and
    consistent (HermiT), rules compile and are stratified, shapes compile, queries have their headers.
    """
    raise NotImplementedError
