"""The page of commands, from the command line's own help."""

from __future__ import annotations

import re
from typing import Any

import typer.main

from augenblick.cli.app import application
from augenblick.pages.markdown import code, sections, table


def commands() -> dict[str, Any]:
    """Return the verbs in the order of the help, each a click-like command."""
    group: Any = typer.main.get_command(application())
    return dict(group.commands)


def page() -> str:
    """Return the page: each verb with what it does, its arguments and its options."""
    verbs = commands()
    listed = [(f"[{name}](#{name})", _first_sentence(verb)) for name, verb in verbs.items()]
    return sections(
        (
            "# Befehle · Commands",
            "Ergebnisse gehen in die Ausgabe, alles andere in die Fehlerausgabe; Farben und Fortschritt gibt es nur am "
            "Terminal. Ein Befehl endet mit 0, mit 1 (`check` fand etwas), 2 (so nicht möglich) oder "
            "130 (abgebrochen). Die Hilfe "
            "ist englisch; mit `--lang de` antworten die Befehle deutsch.",
            "*Results go to standard output, everything else to standard error; colours and progress "
            "appear on a terminal only. "
            "A command ends with 0, 1 (`check` found something), 2 (not possible like this) or 130 (interrupted).*",
            table(("command", "what it does"), listed),
            *(_section(name, verb) for name, verb in verbs.items()),
        )
    )


def _first_sentence(verb: Any) -> str:
    return _text(verb).partition("\n\n")[0].replace("\n", " ")


def _text(verb: Any) -> str:
    return re.sub(r"[ \t]+", " ", str(verb.help or "")).strip()


def _section(name: str, verb: Any) -> str:
    asked = [p for p in verb.params if p.param_type_name == "argument"]
    chosen = [p for p in verb.params if p.param_type_name == "option"]
    words = [_argument(p) for p in asked]
    usage = " ".join(["augenblick", name, *words, *(["[OPTIONS]"] if chosen else [])])
    return sections(
        (
            f"## {name}",
            f"```sh\n{usage}\n```",
            _text(verb),
            table(("argument", "what it is"), [(code(_argument(p)), p.help or "") for p in asked]),
            table(("option", "what it does", "default"), [(_option(p), _help(p), _default(p)) for p in chosen]),
        )
    )


def _argument(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name.upper())
    return name if parameter.required or name.startswith("[") else f"[{name}]"


def _option(parameter: Any) -> str:
    names = ", ".join(code(name) for name in [*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_flag else f"{names} {(parameter.metavar or parameter.name).upper()}"


def _help(parameter: Any) -> str:
    variable = f" (environment: {code(parameter.envvar)})" if parameter.envvar else ""
    return f"{parameter.help or ''}{variable}"


def _default(parameter: Any) -> str:
    if parameter.default is None or parameter.default is False:
        return ""
    if parameter.default is True:
        return code(parameter.opts[0])
    return code(parameter.default)
