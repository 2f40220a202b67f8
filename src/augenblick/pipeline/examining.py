"""What is wrong with a data directory, and how to mend it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Literal

import pyoxigraph

from augenblick.content import Words, load_content
from augenblick.lookup import LOOKUP_FILE
from augenblick.model.errors import AugenblickError, Busy, NotLoaded, StoreUnavailable
from augenblick.pipeline.begun_erasures import begun_erasures
from augenblick.pipeline.clock import today
from augenblick.pipeline.detection import last_load
from augenblick.pipeline.expiring import overdue_in
from augenblick.pipeline.reading import last_run
from augenblick.pipeline.release import confirm_release
from augenblick.pipeline.update.heeding import follows_consents
from augenblick.policy import AuditLog
from augenblick.publish import current_snapshot, graph_file, mirror
from augenblick.publish.publication import there
from augenblick.publish.remote import attached
from augenblick.publish.snapshots import STORE
from augenblick.store import DataDirectory

State = Literal["good", "doubtful", "bad"]
LITTLE_SPACE = 2.0
"""Free space below so many times the directory's size is doubtful: a run writes everything anew beside the old."""
_LEFTOVERS = ("staging", "upload-*", "*.new", "*.new.duckdb", "snapshots/*.new", "live/*.new")


@dataclass(frozen=True)
class Finding:
    """What one look found; `mend` says what to do about it."""

    about: str
    state: State
    said: Words
    mend: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the finding as plain data."""
        return asdict(self)


def examine(directory: DataDirectory) -> list[Finding]:
    """Return what every look at the data directory found; changes nothing, and the service may run meanwhile."""
    return [finding for about, look in _LOOKS.items() for finding in _looked(about, look, directory)]


def _looked(about: str, look: Callable[[DataDirectory], Iterator[Finding]], directory: DataDirectory) -> list[Finding]:
    try:
        return list(look(directory)) or [Finding(about, "good", Words("in Ordnung", "as it should be"))]
    except NotLoaded as error:
        return [Finding(about, "doubtful", Words("noch nichts da", error.message), error.hint)]
    except Busy as error:
        said = Words("ein anderer Prozess schreibt gerade", "another process is writing")
        return [Finding(about, "doubtful", said, f"look again when it is done ({error.hint})")]
    except AugenblickError as error:
        return [Finding(about, "bad", Words(error.german, error.message), error.hint)]


def _disk(directory: DataDirectory) -> Iterator[Finding]:
    path = directory.path
    if not path.is_dir():
        said = Words("Das Datenverzeichnis gibt es nicht.", "The data directory is not there.")
        yield Finding("disk", "bad", said, "run `augenblick ingest FOLDER`, or name it by --data")
        return
    if not os.access(path, os.W_OK):
        said = Words("Das Datenverzeichnis kann nicht beschrieben werden.", "The data directory cannot be written to.")
        yield Finding("disk", "bad", said, "check its owner and whether the disk is mounted read-only")
    used = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    free = shutil.disk_usage(path).free
    if free < LITTLE_SPACE * used:
        said = Words(f"Nur {free / 1e9:.1f} GB sind frei.", f"Only {free / 1e9:.1f} GB are free.")
        yield Finding("disk", "doubtful", said, f"a run may need {LITTLE_SPACE * used / 1e9:.1f} GB")


def _databases(directory: DataDirectory) -> Iterator[Finding]:
    with last_run(directory) as run:
        confirm_release(run.connection, directory)
        (known,) = run.connection.execute("SELECT load_id FROM run").fetchone() or (0,)
        waiting = last_load(run.connection) - (known or 0)
        published = directory.published_version
    if waiting > 0:
        said = Words(f"{waiting} Lieferungen sind noch nicht ausgewertet.", f"{waiting} loads are not derived from.")
        yield Finding("databases", "doubtful", said, "run `augenblick detect`, or start the service, which does")
    if published and run.content.version != published:
        said = Words("Der letzte Lauf kannte die freigegebene Fassung noch nicht.", "The last run used other content.")
        yield Finding("databases", "doubtful", said, "run `augenblick detect`")


def _graph(directory: DataDirectory) -> Iterator[Finding]:
    snapshot = current_snapshot(directory)
    # The store that is written to shares its files.
    mend = (
        f"move {snapshot.name} out of {directory.snapshots.name}/ and {directory.live_store.name}/ out of the data "
        "directory, and run `augenblick detect`"
    )
    try:
        count = len(pyoxigraph.Store.read_only(str(snapshot / STORE)))
        written = sum(1 for _ in graph_file.lines(snapshot))
    except (OSError, ValueError, RuntimeError) as error:
        said = Words(f"Der Schnappschuss ist nicht lesbar ({error}).", f"The snapshot cannot be read ({error}).")
        yield Finding("graph", "bad", said, mend)
        return
    if count != written:
        said = Words(f"Der Schnappschuss hat {count} statt {written} Aussagen.", f"{count} quads instead of {written}.")
        yield Finding("graph", "bad", said, mend)


def _remote_store(directory: DataDirectory) -> Iterator[Finding]:
    if store := attached(directory):
        try:
            mirror.confirm(store, there(current_snapshot(directory), store))
        except StoreUnavailable as error:
            said = Words(f"{error.german} ({error.where})", f"{error.message} ({error.where})")
            yield Finding("remote store", "bad", said, error.hint)


def _consents(directory: DataDirectory) -> Iterator[Finding]:
    if not follows_consents(directory, at=today()):
        said = Words("Einwilligungen haben sich seit der Veröffentlichung geändert.", "Consents have changed since.")
        yield Finding("consents", "doubtful", said, "the next question or request publishes anew")


def _retention(directory: DataDirectory) -> Iterator[Finding]:
    if not directory.bank_file.exists():
        raise NotLoaded("Nothing is loaded.", where=str(directory.path), hint="run `augenblick ingest FOLDER`")
    if found := overdue_in(directory, on=today()):
        counted = ", ".join(f"{table} {count:,}" for table, count in sorted(found.items()))
        said = Words(f"Älter als ihre Aufbewahrungsfrist: {counted}", f"Older than their retention period: {counted}")
        yield Finding("retention", "doubtful", said, "`augenblick expire` deletes them; the service what ages here")


def _erasures(directory: DataDirectory) -> Iterator[Finding]:
    if count := sum(1 for _ in begun_erasures(directory)):
        said = Words(f"{count} Löschungen wurden abgebrochen.", f"{count} erasures were cut off.")
        yield Finding("erasures", "bad", said, "start the service or run `augenblick detect`: both finish them")


def _look_ups(directory: DataDirectory) -> Iterator[Finding]:
    yield from _whole(directory, LOOKUP_FILE, "look-ups", "run `augenblick detect`, which writes it anew")


def _journal(directory: DataDirectory) -> Iterator[Finding]:
    yield from _whole(directory, "service.sqlite", "journal", "bring it back from a backup (`augenblick restore`)")


def _whole(directory: DataDirectory, name: str, about: str, mend: str) -> Iterator[Finding]:
    path = directory.path / name
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            (answer,) = file.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        yield Finding(about, "bad", Words(f"{name} ist beschädigt.", f"{name} is damaged."), mend)


def _audit(directory: DataDirectory) -> Iterator[Finding]:
    AuditLog(directory.path).verify()
    yield from ()


def _content(directory: DataDirectory) -> Iterator[Finding]:
    load_content(directory.published_content)
    yield from ()


def _leftovers(directory: DataDirectory) -> Iterator[Finding]:
    found = sorted(str(p.relative_to(directory.path)) for name in _LEFTOVERS for p in directory.path.glob(name))
    if found:
        said = Words(f"Reste eines abgebrochenen Laufs: {', '.join(found)}", f"Left over: {', '.join(found)}")
        yield Finding("leftovers", "doubtful", said, "remove them if no augenblick process runs; the next run does")


_LOOKS: dict[str, Callable[[DataDirectory], Iterator[Finding]]] = {
    "disk": _disk,
    "databases": _databases,
    "graph": _graph,
    "remote store": _remote_store,
    "consents": _consents,
    "retention": _retention,
    "erasures": _erasures,
    "look-ups": _look_ups,
    "journal": _journal,
    "audit": _audit,
    "content": _content,
    "leftovers": _leftovers,
}
