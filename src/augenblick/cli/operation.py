"""`augenblick doctor`, `backup`, `restore`: what is wrong, and a data directory kept elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from augenblick.cli import console
from augenblick.cli.options import DEFAULT_DATA, Data, Json, Lang, language_of
from augenblick.pipeline.examining import examine
from augenblick.pipeline.keeping import Backup
from augenblick.pipeline.keeping import backup as keep
from augenblick.pipeline.keeping import restore as bring_back
from augenblick.store import DataDirectory

_WARNING = "Who was erased after the backup was made, and is in none of its certificates, is back: use --erasures."
_WARNING_DE = (
    "Wer nach der Sicherung gelöscht wurde und in keinem Zertifikat der Sicherung steht, ist wieder da (--erasures)."
)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(name="doctor")(doctor)
    app.command(name="backup")(backup)
    app.command(name="restore")(restore)


def doctor(data: Data = DEFAULT_DATA, lang: Lang = None, as_json: Json = False) -> None:
    """Say what is wrong with a data directory and how to mend it; ends with 1 where something is.

    Looks at disk, databases, graph, consents, retention periods, erasures, look-ups, journal, audit log, content and
    leftovers, and changes nothing.
    """
    findings = examine(DataDirectory(data))
    if as_json:
        console.machine([finding.to_dict() for finding in findings])
    else:
        language = language_of(lang)
        for finding in findings:
            told = f"{finding.about}: {finding.said.in_language(language)}"
            mend = f" – {finding.mend}" if finding.mend else ""
            (console.good if finding.state == "good" else console.bad)(told + mend)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def backup(
    target: Annotated[Path, typer.Argument(help="The new folder of the backup.")],
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Copy a data directory into a new folder, also while the service runs.

    The service goes on answering; deliveries and feedback are refused for the seconds the databases are copied (503,
    to be sent again). The key of the pseudonyms is in the backup: keep it as safe as the directory itself.
    """
    _tell(keep(DataDirectory(data), target), as_json=as_json)


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of the backup.", exists=True, file_okay=False)],
    erasures: Annotated[
        Path | None,
        typer.Option(
            help="A folder of erasure certificates (`certificates` of the directory that was, or a copy of it).",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back into a new data directory, every file compared with its digest first.

    Who was erased after the backup was made is taken out again at once: by the certificates in the backup (`erase`
    puts them into each backup it can reach) and by those of `--erasures`. Without these such persons are back.
    """
    directory = DataDirectory(data)
    made = bring_back(source, directory, erasures=erasures)
    _tell(made, as_json=as_json)
    if not as_json:
        german = language_of(lang) == "de"
        console.say(
            f"{made.erased_again} gelöschte Personen wieder entfernt" if german
            else f"{made.erased_again} erased persons taken out again"
        )  # fmt: skip
        if erasures is None:
            console.note(_WARNING_DE if german else _WARNING)


def _tell(made: Backup, *, as_json: bool) -> None:
    if as_json:
        console.machine({**asdict(made), "folder": str(made.folder)})
    else:
        console.say(f"{made.files} files, {made.size / 1e6:.1f} MB, made {made.made_at} by release {made.release}")
