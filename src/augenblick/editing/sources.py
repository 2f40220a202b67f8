"""What edits come as: an edited folder, a file an ontology editor saved, a sheet, or a list of operations."""

from __future__ import annotations

import json
from pathlib import Path

from augenblick.editing.edition import Edition
from augenblick.editing.operations import operated
from augenblick.editing.saved_file import taken_apart
from augenblick.editing.spreadsheet import SUFFIXES, filled_in
from augenblick.model.errors import BadParameter


def edited(source: Path, base: Edition) -> Edition:
    """Return what an edited folder, a saved file, a sheet or a list of operations makes of an edition."""
    if source.is_dir():
        return Edition.read(source)
    if source.suffix == ".json":
        try:
            given = json.loads(source.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadParameter(f"is no JSON: {error}", where=str(source), hint="write a list of operations") from error
        return operated(base, given if isinstance(given, list) else [given])
    if source.suffix in SUFFIXES:
        return filled_in(base, source)
    return taken_apart(base, source)
