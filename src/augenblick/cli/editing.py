"""`augenblick diff`: what changed in the content, by term and label."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from augenblick.cli import console
from augenblick.cli.options import DEFAULT_DATA, Data, Json, Lang, language_of
from augenblick.editing import Difference, Edition, difference, merge, told
from augenblick.editing.difference_text import conflicts, markdown, page
from augenblick.editing.versions import Versions
from augenblick.explain.words import Language
from augenblick.store import DataDirectory

AsPage = Annotated[bool, typer.Option("--html", help="Print a page of HTML instead of Markdown.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="diff")(diff)


def diff(
    old: Annotated[
        str,
        typer.Argument(help="The content before: the folder of ontology, shapes and queries, or a version's number."),
    ],
    new: Annotated[str, typer.Argument(help="The content after.")],
    base: Annotated[
        str | None,
        typer.Option(help="What both were made from: say what NEW adds to OLD, and where the two cannot both stand."),
    ] = None,
    as_html: AsPage = False,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say what changed, by term and label; with `--base` also what two people changed differently (exit 1).

    Moments with their patterns and dialogues, signals, products, words; then rules, cases and queries.
    """
    language = language_of(lang)
    store = Versions(DataDirectory(data))
    before, after = _edition(store, old), _edition(store, new)
    if base is None:
        _print(difference(before, after), language, as_html=as_html, as_json=as_json)
        return
    common = _edition(store, base)
    merged = merge(common, before, after)
    found = told(merged.edits, merged.files, before, after)
    if as_json:
        console.machine(found.to_dict() | {"conflicts": [asdict(conflict) for conflict in merged.conflicts]})
    else:
        _print(found, language, as_html=as_html, as_json=False)
        if merged.conflicts:
            console.bad("Konflikte:" if language == "de" else "Conflicts:")
            console.say(conflicts(merged.conflicts, common, language))
    if merged.conflicts:
        raise typer.Exit(1)


def _edition(store: Versions, name: str) -> Edition:
    return Edition.read(Path(name) if Path(name).is_dir() else store.root(name))


def _print(found: Difference, language: Language, *, as_html: bool, as_json: bool) -> None:
    if as_json:
        console.machine(found.to_dict())
    elif as_html:
        title = "Änderungen am Inhalt" if language == "de" else "Changes of the content"
        console.say(page(found, language, title=title))
    else:
        console.say(markdown(found, language))
