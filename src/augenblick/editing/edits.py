"""What changed from one edition to another, field by field and file by file; and two people's changes in one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from augenblick.editing.edition import GENERATED, Edition, Field, Value
from augenblick.model import terms

BOOKKEEPING = {terms.OWL + name for name in ("imports", "versionIRI", "versionInfo", "priorVersion")}
"""Predicates of a file's header that are written by machines."""


@dataclass(frozen=True)
class Edit:
    """One field: the values that went and those that came."""

    field: Field
    removed: tuple[Value, ...]
    added: tuple[Value, ...]


@dataclass(frozen=True)
class FileEdit:
    """A rule, case or query whose text changed; None where there is no such file."""

    path: str
    old: str | None
    new: str | None

    @property
    def lines(self) -> list[str]:
        """The lines that came (+) and went (-), with one around them."""
        before, after = ((text or "").splitlines() for text in (self.old, self.new))
        return list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]


@dataclass(frozen=True)
class Conflict:
    """A field or file that two people changed differently; the values each of the three has."""

    place: Field | str
    base: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True)
class Merge:
    """What `theirs` adds to `ours`, and where both cannot stand."""

    edits: tuple[Edit, ...]
    files: tuple[FileEdit, ...]
    conflicts: tuple[Conflict, ...]


def edits(old: Edition, new: Edition) -> tuple[Edit, ...]:
    """Return each field whose values differ, in the order of terms and predicates."""
    found = []
    for field in sorted(old.fields.keys() | new.fields.keys()):
        before, after = old.fields.get(field, {}), new.fields.get(field, {})
        if before.keys() != after.keys() and field.predicate not in BOOKKEEPING:
            found.append(Edit(field, _without(before, after), _without(after, before)))
    return tuple(found)


def file_edits(old: Edition, new: Edition) -> tuple[FileEdit, ...]:
    """Return each file that is no Turtle and differs."""
    return tuple(
        FileEdit(path, old.texts.get(path), new.texts.get(path))
        for path in sorted(old.texts.keys() | new.texts.keys())
        if not path.endswith(".ttl") and path not in GENERATED and old.texts.get(path) != new.texts.get(path)
    )


def merge(base: Edition, ours: Edition, theirs: Edition) -> Merge:
    """Return what to do to `ours` so that it has their changes as well.

    Both may add to and take from one field. It is a conflict where both replace the same value by different ones, or
    give different values to a field that has one value everywhere.
    """
    mine = {edit.field: edit for edit in edits(base, ours)}
    many = _many_valued(base)
    taken: list[Edit] = []
    conflicts: list[Conflict] = []
    for edit in edits(base, theirs):
        own = mine.get(edit.field)
        if own is None:
            taken.append(edit)
        elif own != edit and _clash(own, edit, many):
            conflicts.append(_conflict(edit.field, base, ours, theirs))
        elif own != edit:
            taken.append(Edit(edit.field, _beyond(edit.removed, own.removed), _beyond(edit.added, own.added)))
    files, clashing = _merged_files(base, ours, theirs)
    return Merge(tuple(taken), files, (*conflicts, *clashing))


def _merged_files(base: Edition, ours: Edition, theirs: Edition) -> tuple[tuple[FileEdit, ...], tuple[Conflict, ...]]:
    mine = {edit.path: edit for edit in file_edits(base, ours)}
    changed = [edit for edit in file_edits(base, theirs) if mine.get(edit.path) != edit]
    free = tuple(edit for edit in changed if edit.path not in mine)
    return free, tuple(
        Conflict(e.path, _text(e.old), _text(mine[e.path].new), _text(e.new)) for e in changed if e.path in mine
    )


def _clash(one: Edit, other: Edit, many: set[str]) -> bool:
    if one.field.predicate not in many:
        return True
    both = {value.text for value in one.removed} & {value.text for value in other.removed}
    return bool(both) and {v.text for v in one.added} != {v.text for v in other.added}


def _conflict(field: Field, base: Edition, ours: Edition, theirs: Edition) -> Conflict:
    texts = [
        tuple(value.lexical for value in sorted(edition.fields.get(field, {}).values()))
        for edition in (base, ours, theirs)
    ]
    return Conflict(field, *texts)


def _many_valued(edition: Edition) -> set[str]:
    """Return the predicates that some term has several values of (in one language)."""
    return {field.predicate for field, values in edition.fields.items() if len(values) > 1}


def _without(values: Mapping[str, Value], others: Mapping[str, Value]) -> tuple[Value, ...]:
    return tuple(values[text] for text in sorted(values) if text not in others)


def _beyond(values: tuple[Value, ...], others: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(value for value in values if value not in others)


def _text(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)
