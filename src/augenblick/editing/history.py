"""Who changed what of a term, when and why: each statement that stands now with the version that brought it.

Versions form a line by what each was made from; a statement is its that first said it and has stood since. Before
anything is published, all is what came with the software.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from augenblick.content.entry import nearest
from augenblick.content.sources import short
from augenblick.editing.edition import Edition, Field, edition_of
from augenblick.editing.values import iri_of
from augenblick.editing.versions import Version, Versions
from augenblick.model.errors import NotFound


@dataclass(frozen=True)
class Blamed:
    """One statement about a term, and the version that brought it."""

    predicate: str
    language: str
    value: str
    version: Version


def blame(versions: Versions, term: str, *, at: str | None = None) -> list[Blamed]:
    """Return every statement about a term (its IRI, or a name with the house's prefix) with who brought it.

    `at` is a version's name or number (default: the published one, else the shipped content). Raises NotFound where
    the version does not speak of the term.
    """
    line, editions = _past(versions, at or versions.current)
    subject = iri_of(term)
    if subject not in editions[0].places:
        raise NotFound(f"Version {line[0].name} does not speak of {term}.", hint=nearest(subject, editions[0].places))
    return [
        Blamed(short(field.predicate), field.language, value.lexical, _first(line, editions, field, text))
        for field in sorted(editions[0].of_subject.get(subject, ()))
        for text, value in sorted(editions[0].fields[field].items())
    ]


def _past(versions: Versions, name: str | None) -> tuple[list[Version], list[Edition]]:
    """Return the line of versions that ends in one, the latest first, and what each says."""
    if name is None:
        version, edition = versions.shipped()
        return [version], [edition]
    line = list(_line(versions, name))
    return line, [edition_of(versions.root(version.name)) for version in line]


def _line(versions: Versions, name: str) -> Iterator[Version]:
    """Give a version, the one it was made from, and so on back to the first."""
    while True:
        version = versions.version(name)
        yield version
        if version.prior is None:
            return
        name = version.prior


def _first(line: list[Version], editions: list[Edition], field: Field, text: str) -> Version:
    """Return the earliest version from which on the statement has stood without a gap."""
    found = line[0]
    for version, edition in zip(line, editions, strict=True):
        if text not in edition.fields.get(field, {}):
            break
        found = version
    return found
