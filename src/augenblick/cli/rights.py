"""`augenblick erase`, `expire`, `disclose` and `audit`: customers' rights, and who asked what."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.options import (
    DEFAULT_DATA,
    DEFAULT_ROLE,
    Data,
    Json,
    Lang,
    PurposeName,
    RoleName,
    access_of,
    language_of,
)
from augenblick.content import load_content
from augenblick.model.errors import NotPermitted
from augenblick.policy import AuditLog, Consents, Gate, read_policy
from augenblick.store import DataDirectory

AUDIT = "audit"
audit_app = typer.Typer(no_args_is_help=True, help="The log of who asked what about whom, and what was decided.")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(name="erase")(erase)
    app.command(name="expire")(expire)
    app.command(name="disclose")(disclose)
    app.add_typer(audit_app, name="audit")


def erase(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Erase a customer with everything derived from them, at relatives too (GDPR 17); it does not come back.

    Databases and snapshots are written anew and everything is detected again without the person. The certificate
    in the data directory's folder `certificates` names nobody. It names the backups that hold the person still, and
    is put into those that can be reached: `restore` takes the person out of them again.
    """
    german = language_of(lang) == "de"
    question = "Endgültig löschen, unwiderruflich?" if german else "Erase for good? This cannot be undone."
    if not yes:
        typer.confirm(question, abort=True, err=True)
    certificate = pipeline.erase(DataDirectory(data), customer, on=pipeline.today())
    if as_json:
        console.machine(asdict(certificate))
        return
    console.good(f"{'Gelöscht' if german else 'Erased'}: {certificate.reference}")
    console.table(("table", "rows"), [(name, f"{rows:,}") for name, rows in sorted(certificate.removed.items())])
    if certificate.backups:
        console.heading("Sicherungen mit der Person:" if german else "Backups that hold the person:")
        rows = [(old.name, old.made_at, "x" if old.reached else "") for old in certificate.backups]
        console.table(("backup", "made_at", "certificate in it"), rows)
    console.note(certificate.elsewhere.in_language(language_of(lang)))


def expire(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Delete what is older than its retention period (`ontology/policy/retention.ttl`); then run `detect`.

    Also what was so when it was loaded, which the service leaves alone unless the setting `retention` is `all`, and
    texts that were kept by a consent which has run out.
    """
    german = language_of(lang) == "de"
    directory, on = DataDirectory(data), pipeline.today()
    content = load_content(directory.published_content)
    if not yes:
        _tell_overdue(pipeline.overdue_in(directory, on=on, content=content), german=german)
        question = "Abgelaufenes endgültig löschen?" if german else "Delete for good what has expired?"
        typer.confirm(question, abort=True, err=True)
    removed = pipeline.expire(directory, on=on, content=content)
    if blacked := pipeline.end_texts(directory, on=on, content=content):
        removed["texts blacked out"] = blacked
    if as_json:
        console.machine(removed)
        return
    console.good(f"{sum(removed.values()):,} {'Zeilen gelöscht' if german else 'rows deleted'}")
    console.table(("table", "rows"), [(name, f"{rows:,}") for name, rows in sorted(removed.items())])


def _tell_overdue(rows: dict[str, int], *, german: bool) -> None:
    counted = ", ".join(f"{table} {count:,}" for table, count in sorted(rows.items())) or "–"
    console.note(f"Älter als ihre Aufbewahrungsfrist: {counted}" if german else f"Past their period: {counted}")


def disclose(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    folder: Annotated[Path, typer.Argument(help="Where to write `auskunft.html` and `auskunft.json`.")],
    role: RoleName = "data_protection",
    purpose: PurposeName = "data_protection",
    data: Data = DEFAULT_DATA,
) -> None:
    """Write what is known of a customer, what was inferred, why and what for (GDPR 15), in plain German.

    What rests on another person's data is left out unless that person has agreed.
    """
    told = pipeline.disclose(DataDirectory(data), customer, access=access_of(role, purpose))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "auskunft.html").write_text(told.html(), encoding="utf-8")
    text = json.dumps(told.to_dict(), ensure_ascii=False, indent=2, default=str)
    (folder / "auskunft.json").write_text(text + "\n", encoding="utf-8")
    console.good(str(folder / "auskunft.html"))


@audit_app.command()
def verify(data: Data = DEFAULT_DATA, lang: Lang = None) -> None:
    """Check that no entry of the log was changed, taken out, put in or cut off."""
    count = AuditLog(data).verify()
    german = language_of(lang) == "de"
    console.good(f"{count:,} Einträge, unverändert." if german else f"{count:,} entries, none changed.")


@audit_app.command()
def show(
    customer: Annotated[str | None, typer.Option("--customer", help="Only questions about this customer.")] = None,
    role: RoleName = DEFAULT_ROLE,
    purpose: PurposeName = "data_protection",
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Show who asked what and what was decided; open to the data protection officer (`--role data_protection`)."""
    log, access = AuditLog(data), access_of(role, purpose)
    gate = Gate(read_policy(load_content(DataDirectory(data).published_content)), Consents())
    try:
        gate.admit(access, AUDIT)
    except NotPermitted:
        log.refused(access, AUDIT, subject=customer)
        raise
    entries = [asdict(entry) for entry in log.entries(subject=customer)]
    log.record(access, AUDIT, subject=customer, question=AUDIT, decision=None)
    if as_json:
        console.machine(entries)
        return
    columns = ("number", "asked_at", "actor", "role", "purpose", "door", "question", "outcome", "subject")
    console.table(columns, [[str(entry[name] or "") for name in columns] for entry in entries])
