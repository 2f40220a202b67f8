"""What a disk that is full, or may only be read, says through whoever wrote to it; and whether it is so."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from pathlib import Path

import duckdb

from augenblick.model.errors import CannotWrite

LITTLE_BYTES = 1 << 20
"""With less than this a disk counts as full."""
_SAYS = re.compile(
    "no space left|disk quota exceeded|file too large|read-only file system|readonly database|disk is full"
    "|disk i/o error|unable to open database file|input/output error|could not (?:write|truncate|fsync)"
    "|invalidated because of a previous fatal error",
    re.IGNORECASE,
)
_FULL = "The disk takes no more."
_HINT = "free some space, or mount it for writing; `augenblick doctor` says how much is needed"


def refused(error: BaseException) -> CannotWrite | None:
    """Return what an error means where the disk is its cause; None for any other."""
    known = isinstance(error, OSError | sqlite3.Error | duckdb.Error)
    return CannotWrite(_FULL, hint=_HINT) if known and _SAYS.search(str(error)) else None


def without_room(folder: Path) -> CannotWrite | None:
    """Return what is wrong with a folder's disk: full, or mounted for reading only."""
    disk = os.statvfs(folder)
    if disk.f_flag & os.ST_RDONLY:
        return CannotWrite("The disk may only be read.", where=str(folder), hint=_HINT)
    if disk.f_bavail * disk.f_frsize < LITTLE_BYTES:
        return CannotWrite(_FULL, where=str(folder), hint=_HINT)
    return None


def confirm_writable(folder: Path) -> None:
    """Make a folder where it is absent, and raise `CannotWrite` where nothing can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        raise CannotWrite("The data directory cannot be written to.", where=str(folder), hint=_HINT) from error
