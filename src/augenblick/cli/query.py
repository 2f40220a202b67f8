"""`augenblick query`: SPARQL on the published graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.options import (
    DEFAULT_DATA,
    DEFAULT_PURPOSE,
    DEFAULT_ROLE,
    Data,
    Json,
    Lang,
    PurposeName,
    RoleName,
    access_of,
    language_of,
)
from augenblick.cli.past import AsRules, asked
from augenblick.content import default_root
from augenblick.model.errors import BadParameter
from augenblick.publish import QueryAnswer, find_query, load_library
from augenblick.publish.library import LibraryQuery, read_query
from augenblick.publish.query import FORMATS, PREFIXES
from augenblick.store import DataDirectory


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="query")(query)


def query(
    name: Annotated[
        str | None,
        typer.Argument(metavar="FILE|NAME", help="A .rq file or a library query; without one, lists the library."),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the query; may be repeated.")
    ] = None,
    result_format: Annotated[str, typer.Option("--format", help=f"table, or one of {', '.join(FORMATS)}.")] = "table",
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds after which the query is stopped.")] = 60.0,
    role: RoleName = DEFAULT_ROLE,
    purpose: PurposeName = DEFAULT_PURPOSE,
    as_rules: AsRules = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Ask the published graph, in SPARQL 1.1.

    `augenblick query` lists the library. `augenblick query customer-moments --set customer=C00000001` runs one of
    it; `augenblick query my.rq --format csv` runs a file. All graphs are seen as one; GRAPH tells them apart.
    The usual prefixes (aug, moment, signal, product, rdfs, skos, xsd …) need no declaration.
    """
    language = language_of(lang)
    folder = (DataDirectory(data).published_content or default_root()) / "queries"
    if name is None:
        _list(folder, language, as_json=as_json)
        return
    own = name.endswith(".rq") and Path(name).is_file()
    found = read_query(Path(name)) if own else find_query(folder, name)
    given = _given(values or [], found, language)
    wanted = "json" if as_json or result_format == "table" else result_format
    answer = pipeline.ask(
        asked(data, as_rules),
        found,
        access=access_of(role, purpose),
        given=given,
        library=not own,
        result_format=wanted,
        seconds=timeout,
    )
    if result_format == "table" and not as_json:
        _table(answer)
    else:
        typer.echo(answer.content, nl=False)


def _list(folder: Path, language: str, *, as_json: bool) -> None:
    library = load_library(folder)
    if as_json:
        console.machine(
            [
                {"name": q.slug, "titles": q.titles, "parameters": [p.name for p in q.parameters]}
                for q in library.values()
            ]
        )
        return
    columns = ("name", "Titel", "Parameter") if language.startswith("de") else ("name", "title", "parameters")
    console.table(
        columns, [(q.slug, q.title(language), ", ".join(p.name for p in q.parameters)) for q in library.values()]
    )


def _given(values: list[str], found: LibraryQuery, language: str) -> dict[str, str]:
    given = {}
    if any(parameter.name == "lang" for parameter in found.parameters):
        given["lang"] = language
    for value in values:
        key, equals, text = value.partition("=")
        if not equals:
            raise BadParameter(f"'{value}' sets nothing.", where="--set", hint="write it as --set name=value")
        given[key] = text
    return given


def _table(answer: QueryAnswer) -> None:
    if answer.kind == "GRAPH":
        typer.echo(answer.content, nl=False)
        return
    result = json.loads(answer.content)
    if answer.kind == "ASK":
        console.say(str(result["boolean"]).lower())
        return
    columns = result["head"]["vars"]
    rows = [[_cell(row.get(column)) for column in columns] for row in result["results"]["bindings"]]
    console.table(columns, rows)
    console.note(f"{len(rows)} rows")


def _cell(term: dict[str, Any] | None) -> str:
    if term is None:
        return ""
    value = str(term["value"])
    if term["type"] == "uri":
        for prefix, namespace in PREFIXES.items():
            if value.startswith(namespace):
                return f"{prefix}:{value.removeprefix(namespace)}"
    return value
