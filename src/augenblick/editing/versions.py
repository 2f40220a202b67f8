"""The versions of a bank's content: immutable folders, change sets proposed against them, and what was published when.

content/current            name of the published version
content/versions/2-3fa9…/  ontology, shapes, queries; version.json; version.ttl (PROV-O)
content/changes/7/         the edited content; change.json
content/log.jsonl          every publication and rollback, in order
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from augenblick import __version__
from augenblick.content import default_root
from augenblick.editing.edition import Edition
from augenblick.model.errors import Busy, NotFound
from augenblick.store import DataDirectory

SHIPPED = "augenblick"
"""The author of what came with the software."""
AS_SHIPPED = f"shipped with Augenblick {__version__}"


@dataclass(frozen=True)
class Version:
    """One published state of the content: who wrote it, who approved it, why, and what it was made from."""

    name: str
    prior: str | None
    author: str
    approver: str
    data_protection: str | None
    reason: str
    at: str
    """When it was published; empty for shipped content that no edit started from yet."""
    change: str | None
    changelog: str

    @property
    def number(self) -> int:
        """The count of versions up to this one."""
        return int(self.name.partition("-")[0])


@dataclass(frozen=True)
class ChangeSet:
    """An edited content that waits for its approval; `published` is the version it became."""

    name: str
    base: str
    author: str
    reason: str
    at: str
    published: str | None = None


@dataclass(frozen=True)
class Switch:
    """Another version came into force: by a publication or a rollback (`kind`), by whom, why, when."""

    kind: str
    version: str
    before: str | None
    by: str
    reason: str
    at: str


class Versions:
    """The store of versions in a data directory."""

    def __init__(self, directory: DataDirectory, *, shipped: Path | None = None) -> None:
        self._directory = directory
        self._shipped = shipped or default_root()
        self.folder = directory.content
        self._versions, self._changes = self.folder / "versions", self.folder / "changes"

    @property
    def current(self) -> str | None:
        """The name of the published version; None while the shipped content is used."""
        return self._directory.published_version

    def all(self) -> list[Version]:
        """Return every version, oldest first."""
        found = [self.version(path.parent.name) for path in self._versions.glob("*/version.json")]
        return sorted(found, key=lambda version: version.number)

    def version(self, name: str) -> Version:
        """Return the version of that name or number; raises NotFound if there is none."""
        for path in self._versions.glob("*/version.json"):
            if name in (path.parent.name, path.parent.name.partition("-")[0]):
                return Version(**json.loads(path.read_text(encoding="utf-8")))
        raise NotFound(f"There is no version {name}.", where=str(self.folder), hint="`augenblick versions` lists them")

    def root(self, name: str) -> Path:
        """Return the folder of a version's ontology, shapes and queries."""
        return self._versions / self.version(name).name

    def change(self, name: str) -> ChangeSet:
        """Return a change set; raises NotFound if there is none of that name."""
        file = self._changes / name / "change.json"
        if not file.is_file():
            hint = "`augenblick versions` lists change sets"
            raise NotFound(f"There is no change set {name}.", where=str(self.folder), hint=hint)
        return ChangeSet(**json.loads(file.read_text(encoding="utf-8")))

    def changes(self) -> list[ChangeSet]:
        """Return every change set, oldest first."""
        names = (path.parent.name for path in self._changes.glob("*/change.json"))
        return [self.change(name) for name in sorted(names, key=int)]

    def change_root(self, name: str) -> Path:
        """Return the folder of a change set's edited content."""
        return self._changes / self.change(name).name

    def base(self, *, at: datetime) -> Version:
        """Return the version that edits start from: the published one, else the shipped content, kept as a version."""
        if self.current is not None:
            return self.version(self.current)
        version, edition = self.shipped()
        if version.at:
            return version
        version = replace(version, at=at.isoformat())
        self.keep(version, edition, "")
        return version

    def shipped(self) -> tuple[Version, Edition]:
        """Return what came with the software, as a version; one without a day where no edit started from it yet."""
        edition = Edition.read(self._shipped)
        kept = [version for version in self.all() if version.name.endswith(digest(edition))]
        new = Version(self.next_name(edition), None, SHIPPED, SHIPPED, None, AS_SHIPPED, "", None, "")
        return (kept[0] if kept else new), edition

    def next_name(self, edition: Edition) -> str:
        """Return the name of the next version: its number and the digest of what it says."""
        return f"{max((version.number for version in self.all()), default=-1) + 1}-{digest(edition)}"

    def keep(
        self, version: Version, edition: Edition, provenance: str, *, check: Callable[[Path], None] = lambda _: None
    ) -> None:
        """Write a version's folder, whole or not at all; not if `check` raises on it."""
        record = json.dumps(asdict(version), ensure_ascii=False, indent=2)
        _write(self._versions / version.name, edition, {"version.json": record, "version.ttl": provenance}, check)

    def keep_change(self, change: ChangeSet, edition: Edition) -> None:
        """Write a change set's folder, whole or not at all."""
        record = json.dumps(asdict(change), ensure_ascii=False, indent=2)
        _write(self._changes / change.name, edition, {"change.json": record})

    def next_change(self) -> str:
        """Return the name of the next change set."""
        return str(max((int(change.name) for change in self.changes()), default=0) + 1)

    def mark_published(self, change: ChangeSet, version: str) -> None:
        """Note in a change set which version it became."""
        record = json.dumps(asdict(change) | {"published": version}, ensure_ascii=False, indent=2)
        _replace(self._changes / change.name / "change.json", record)

    def switch(self, name: str, *, kind: str, by: str, reason: str, at: datetime) -> None:
        """Make a version the published one, in one step, and log it."""
        entry = asdict(Switch(kind, name, self.current, by, reason, at.isoformat()))
        _replace(self.folder / "current", name + "\n")
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def log(self) -> list[Switch]:
        """Return every publication and rollback, oldest first."""
        file = self.folder / "log.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        return [Switch(**json.loads(line)) for line in lines]

    def in_force(self, on: date) -> str | None:
        """Return the version that was in force at the end of a day; None where that was the shipped content."""
        return next((s.version for s in reversed(self.log()) if datetime.fromisoformat(s.at).date() <= on), None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from writing meanwhile; raises Busy if somebody does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("Somebody else is publishing.", where=str(self.folder), hint="try again soon") from error
            yield


def digest(edition: Edition) -> str:
    """Return twelve hexadecimal digits that stand for the texts of all files."""
    whole = hashlib.sha256()
    for path, text in sorted(edition.texts.items()):
        whole.update(f"{path}\0{text}\0".encode())
    return whole.hexdigest()[:12]


def _write(
    folder: Path, edition: Edition, records: dict[str, str], check: Callable[[Path], None] = lambda _: None
) -> None:
    new = folder.parent.parent / "new"
    shutil.rmtree(new, ignore_errors=True)
    Edition({**edition.texts, **records}).write(new)
    check(new)
    folder.parent.mkdir(exist_ok=True)
    os.replace(new, folder)  # noqa: PTH105 - in one step


def _replace(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
