"""Erasures that were begun: noted until they are done, so that one cut off midway is brought to its end.

A note speaks of the person, since without it nobody could find what other files say of them. It is gone with the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from augenblick.ingest.forgetting import Forgotten
from augenblick.store import DataDirectory

FOLDER = "erasing"


@dataclass(frozen=True, kw_only=True)
class BegunErasure:
    """Whose erasure was begun when, and what its end needs: what was forgotten, and of the run that is derived anew.

    `as_of` and `base` are the last run's day and base of IRIs, None where nothing was derived.
    """

    reference: str
    customer: str
    erased_on: date
    as_of: date | None
    base: str | None
    quads_before: int
    forgotten: Forgotten

    def keep(self, directory: DataDirectory) -> None:
        """Note it; the note is on the disk when this returns."""
        file = _file(directory, self.reference)
        file.parent.mkdir(exist_ok=True)
        new = file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as out:
            json.dump(asdict(self), out, ensure_ascii=False, default=str)
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)

    def drop(self, directory: DataDirectory) -> None:
        """Take the note away."""
        _file(directory, self.reference).unlink(missing_ok=True)


def begun_erasures(directory: DataDirectory) -> Iterator[BegunErasure]:
    """Yield the erasures that were begun and are not done."""
    for file in sorted((directory.path / FOLDER).glob("*.json")):
        yield _read(json.loads(file.read_text(encoding="utf-8")))


def _read(said: dict[str, Any]) -> BegunErasure:
    forgotten = said["forgotten"]
    return BegunErasure(
        reference=said["reference"],
        customer=said["customer"],
        erased_on=date.fromisoformat(said["erased_on"]),
        as_of=date.fromisoformat(said["as_of"]) if said["as_of"] else None,
        base=said["base"],
        quads_before=said["quads_before"],
        forgotten=Forgotten(
            removed=forgotten["removed"],
            words=tuple(forgotten["words"]),
            tombstones=tuple((kind, pseudonym) for kind, pseudonym in forgotten["tombstones"]),
        ),
    )


def _file(directory: DataDirectory, reference: str) -> Path:
    return directory.path / FOLDER / f"{reference}.json"
