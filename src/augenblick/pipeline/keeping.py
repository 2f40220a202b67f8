"""A data directory kept elsewhere and brought back: everything that is durable, and what the last run derived.

The directory notes its backups, so that an erasure can name those that still hold the person and reach them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from augenblick import __version__
from augenblick.model.errors import BadParameter, Busy, NotLoaded, UnreadableFile
from augenblick.pipeline.begun_erasures import FOLDER as ERASING
from augenblick.pipeline.erasing import BACKUPS, CERTIFICATES, erase_again, finish_erasures
from augenblick.policy.audit import HEAD, LOG
from augenblick.policy.pseudonyms import KEY_FILE
from augenblick.publish import current_snapshot
from augenblick.publish.publication import FILE as REMOTE
from augenblick.store import DataDirectory

MANIFEST = "backup.json"
WAIT_SECONDS = 120.0
"""How long a backup waits for a writer, such as the service while it derives."""
_PAUSE_SECONDS = 0.2
_FORM = 1


@dataclass(frozen=True)
class Backup:
    """What a backup holds: its folder, when it was made, by which release, how many files and bytes.

    `erased_again` counts the persons who were in it and are erased, once it was brought back.
    """

    folder: Path
    made_at: str
    release: str
    files: int
    size: int
    erased_again: int = 0


def backup(directory: DataDirectory, target: Path, *, wait: float = WAIT_SECONDS) -> Backup:
    """Copy the data directory into a new folder while the service runs, and return what was made.

    The service goes on answering; only what writes waits. The folder is complete when it bears its name. Raises
    `BadParameter` where it is there already, `Busy` where a writer does not come to an end, `NotLoaded` for an empty
    directory.
    """
    if target.exists():
        raise BadParameter("There is something of this name already.", where=str(target), hint="name a new folder")
    if not directory.bank_file.exists():
        raise NotLoaded("There is nothing to keep.", where=str(directory.path))
    unfinished = target.with_name(target.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    with _standing_still(directory, wait):
        _copy(directory, unfinished)
    made = _manifest(unfinished)
    unfinished.rename(target)
    with (directory.path / BACKUPS).open("a", encoding="utf-8") as noted:
        noted.write(json.dumps({"folder": str(target.resolve()), "made_at": made.made_at}, ensure_ascii=False) + "\n")
    return made


def restore(source: Path, directory: DataDirectory, *, erasures: Path | None = None) -> Backup:
    """Bring a backup back into an empty or absent data directory and return what it holds.

    Every file is compared with its digest first. Whose erasure a certificate in the backup or in the folder
    `erasures` attests does not come back: they are erased before the directory bears its name. Raises
    `UnreadableFile` for what is no whole backup, `BadParameter` where the directory holds something.
    """
    if directory.path.exists() and any(directory.path.iterdir()):
        raise BadParameter(
            "The data directory is not empty.", where=str(directory.path), hint="move it away, or name another"
        )
    made = read_backup(source)
    unfinished = directory.path.with_name(directory.path.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, ignore=shutil.ignore_patterns(MANIFEST))
    if erasures is not None:
        shutil.copytree(erasures, unfinished / CERTIFICATES, dirs_exist_ok=True)
    brought = DataDirectory(unfinished)
    again = len(finish_erasures(brought)) + erase_again(brought)
    if directory.path.exists():
        directory.path.rmdir()
    unfinished.rename(directory.path)
    return replace(made, erased_again=again)


def read_backup(folder: Path) -> Backup:
    """Return what a backup holds, each file compared with its digest.

    Raises `UnreadableFile` naming the first that is missing or another.
    """
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files: dict[str, str] = said["files"]
        form = said["form"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile("This is no whole backup.", where=str(folder), hint=f"it has no {MANIFEST}") from error
    if form != _FORM:
        raise UnreadableFile("The backup is of another release.", where=str(folder), hint=f"use {said['release']}")
    for name, digest in files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise UnreadableFile("A file of the backup is missing or was changed.", where=str(path))
    size = sum((folder / name).stat().st_size for name in files)
    return Backup(folder, said["made_at"], said["release"], len(files), size)


@contextmanager
def _standing_still(directory: DataDirectory, wait: float) -> Iterator[None]:
    """Keep everybody from writing to the databases: they are open for reading here."""
    until = time.monotonic() + wait
    while True:
        try:
            connection = directory.connect(read_only=directory.derived_file.exists())
            break
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        connection.close()


def _copy(directory: DataDirectory, target: Path) -> None:
    for database in (directory.bank_file, directory.derived_file):
        for file in (database, database.with_suffix(".duckdb.wal")):
            if file.exists():
                shutil.copy2(file, target / file.name)
    for file in directory.path.glob("*.sqlite"):
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(target / file.name)) as new:
            old.backup(new)
    for folder in ("content", CERTIFICATES, ERASING):
        if (directory.path / folder).is_dir():
            shutil.copytree(directory.path / folder, target / folder)
    if (directory.path / KEY_FILE).exists():
        shutil.copy2(directory.path / KEY_FILE, target / KEY_FILE)
    _copy_audit(directory.path, target)
    with suppress(NotLoaded):  # nothing was published yet
        snapshot = current_snapshot(directory)
        shutil.copytree(
            snapshot, target / directory.snapshots.name / snapshot.name, ignore=shutil.ignore_patterns(REMOTE)
        )


def _copy_audit(source: Path, target: Path) -> None:
    if not (source / LOG).exists():
        return
    with (source / LOG).open("rb") as log:
        fcntl.flock(log, fcntl.LOCK_SH)  # log and head are of one moment
        for name in (LOG, HEAD):
            if (source / name).exists():  # an empty log may have no head yet
                shutil.copy2(source / name, target / name)


def _manifest(folder: Path) -> Backup:
    files = {str(path.relative_to(folder)): _digest(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    said = {"form": _FORM, "made_at": made_at, "release": __version__, "files": files}
    (folder / MANIFEST).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    size = sum((folder / name).stat().st_size for name in files)
    return Backup(folder, made_at, __version__, len(files), size)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
