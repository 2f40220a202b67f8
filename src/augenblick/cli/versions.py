"""`propose`, `publish`, `rollback`, `versions`: how an edit of the content goes live, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from augenblick.cli import console
from augenblick.cli.options import DEFAULT_DATA, Data, Json, Lang, language_of
from augenblick.content import default_root
from augenblick.editing import Edition, difference, provenance, publication
from augenblick.editing.difference_text import markdown
from augenblick.editing.history import Blamed
from augenblick.editing.history import blame as blamed
from augenblick.editing.sources import edited
from augenblick.editing.spreadsheet import KINDS, SUFFIXES, written
from augenblick.editing.spreadsheet import template as sheet_of
from augenblick.editing.versions import Versions
from augenblick.model.errors import BadParameter
from augenblick.pipeline.checking import check
from augenblick.store import DataDirectory

DataProtection = Annotated[
    str | None, typer.Option(help="Who approves for data protection; needed where protection loosens.")
]
Reason = Annotated[str, typer.Option(help="Why: goes into the change log.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(name="template")(template)
    app.command(name="propose")(propose)
    app.command(name="publish")(publish)
    app.command(name="rollback")(rollback)
    app.command(name="versions")(versions)
    app.command(name="history")(history)
    app.command(name="blame")(blame)


def propose(
    source: Annotated[
        Path,
        typer.Option(
            "--from",
            exists=True,
            help="An edited copy of the content's folder; a file saved by an ontology editor (.ttl, .rdf, .owl, .owx, "
            ".ofn); "
            "a sheet of `augenblick template` (.csv, .xlsx); or a list of operations (.json).",
        ),
    ],
    author: Annotated[str, typer.Option(help="Who edited.")],
    reason: Reason,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Keep an edit of the content as a change set and say what it changes; nothing goes live by it."""
    language = language_of(lang)
    store = Versions(DataDirectory(data))
    change = publication.propose(store, partial(edited, source), author=author, reason=reason, at=_now())
    found = difference(Edition.read(store.root(change.base)), Edition.read(store.change_root(change.name)))
    if as_json:
        console.machine(asdict(change) | {"difference": found.to_dict()})
        return
    console.heading(f"{'Änderung' if language == 'de' else 'Change set'} {change.name}")
    console.say(markdown(found, language))


def template(
    kind: Annotated[str, typer.Argument(help=f"What the sheet is of: {', '.join(KINDS)}.")],
    file: Annotated[Path, typer.Option("--out", dir_okay=False, help="Where to write it: a .csv or .xlsx file.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Write a sheet with what the content says now, to be edited in a spreadsheet and given to `propose --from`.

    moments: the weights of their patterns, with reasons; signals: keys and exclusions; products; words.
    """
    if kind not in KINDS:
        raise BadParameter(f"There is no sheet of '{kind}'.", where="KIND", hint=", ".join(KINDS))
    if file.suffix not in SUFFIXES:
        raise BadParameter(f"There are no sheets in '{file.suffix}'.", where="--out", hint=" or ".join(SUFFIXES))
    base = Edition.read(DataDirectory(data).published_content or default_root())
    rows = sheet_of(base, kind)
    file.write_bytes(written(rows, file.suffix))
    console.good(f"{file}: {len(rows) - 1}")


def publish(
    change: Annotated[str, typer.Argument(help="The change set's number.")],
    approver: Annotated[str, typer.Option(help="Who approves; another person than the author.")],
    data_protection: DataProtection = None,
    reasoner: Annotated[
        bool, typer.Option("--reasoner/--no-reasoner", help="Ask HermiT whether the ontology contradicts itself.")
    ] = True,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Make a change set the content that `detect` uses from now on, if the check finds nothing.

    What was published since it was proposed is merged in; edits of the same field are refused and named.
    """
    directory = DataDirectory(data)
    version = publication.publish(
        Versions(directory),
        change,
        approver=approver,
        data_protection=data_protection,
        at=_now(),
        check=partial(check, reasoner=reasoner, before=directory.published_content or default_root()),
    )
    _tell(asdict(version), f"Version {version.name}", lang, as_json=as_json)


def rollback(
    by: Annotated[str, typer.Option(help="Who takes it back.")],
    reason: Reason,
    to: Annotated[str | None, typer.Option(help="Which version instead (default: the one before).")] = None,
    data_protection: DataProtection = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Make the version before the published one the content again; nothing is lost."""
    version = publication.rollback(
        Versions(DataDirectory(data)), by=by, reason=reason, to=to, at=_now(), data_protection=data_protection
    )
    _tell(asdict(version), f"Version {version.name}", lang, as_json=as_json)


def versions(data: Data = DEFAULT_DATA, lang: Lang = None, as_json: Json = False) -> None:
    """List the versions of the content and the change sets, with who, when and why."""
    store = Versions(DataDirectory(data))
    if as_json:
        listed: dict[str, Any] = {"current": store.current}
        listed["versions"] = [asdict(version) for version in store.all()]
        console.machine(listed | {"changes": [asdict(change) for change in store.changes()]})
        return
    german = language_of(lang) == "de"
    columns = ("Version", "am", "von", "geprüft", "Grund") if german else ("version", "at", "by", "approved", "reason")
    rows = [
        (f"{'* ' if v.name == store.current else ''}{v.name}", v.at[:16], v.author, v.approver, v.reason)
        for v in store.all()
    ]
    console.table(columns, rows)
    waiting = [change for change in store.changes() if change.published is None]
    columns = ("Änderung", "am", "von", "gegen", "Grund") if german else ("change", "at", "by", "against", "reason")
    if waiting:
        console.table(columns, [(c.name, c.at[:16], c.author, c.base, c.reason) for c in waiting])


def history(
    as_turtle: Annotated[
        bool, typer.Option("--turtle", help="Print it in PROV-O, with every statement that came or went.")
    ] = False,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say who changed the content when and why: every publication and rollback, the latest first."""
    store = Versions(DataDirectory(data))
    if as_turtle:
        console.say(provenance.history(store))
        return
    entries = store.log()[::-1]
    if as_json:
        console.machine([asdict(entry) for entry in entries])
        return
    german = language_of(lang) == "de"
    columns = ("am", "", "Version", "von", "Grund") if german else ("at", "", "version", "by", "reason")
    kinds = {"rollback": "zurück zu" if german else "back to", "publish": "veröffentlicht" if german else "published"}
    console.table(columns, [(e.at[:16], kinds[e.kind], e.version, e.by, e.reason) for e in entries])


def blame(
    term: Annotated[str, typer.Argument(help="Its IRI, or a name with the house's prefix, e.g. signal:child-benefit.")],
    at: Annotated[str | None, typer.Option(help="As of this version (default: the published one).")] = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say of every statement about a term who brought it, when and why."""
    found = blamed(Versions(DataDirectory(data)), term, at=at)
    if as_json:
        console.machine([asdict(each) for each in found])
        return
    german = language_of(lang) == "de"
    columns = ("Aussage", "Wert", "seit", "von", "Grund") if german else ("statement", "value", "since", "by", "reason")
    rows = [
        (_says(b), b.value[:80], f"{b.version.name} {b.version.at[:10]}", b.version.author, b.version.reason)
        for b in found
    ]
    console.table(columns, rows)


def _says(blamed: Blamed) -> str:
    return f"{blamed.predicate} ({blamed.language})" if blamed.language else blamed.predicate


def _tell(record: dict[str, Any], heading: str, lang: str | None, *, as_json: bool) -> None:
    if as_json:
        console.machine(record)
        return
    german = language_of(lang) == "de"
    console.good(f"{heading} {'gilt jetzt' if german else 'is in force'}.")
    console.note("`augenblick detect` rechnet damit." if german else "`augenblick detect` uses it.")


def _now() -> datetime:
    return datetime.now(UTC)
