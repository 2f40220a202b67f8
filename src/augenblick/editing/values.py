"""What people write in operations and sheets, as terms and values of an edition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from augenblick.content.canonical_turtle import HOUSE_PREFIXES
from augenblick.content.entry import nearest
from augenblick.content.sources import short
from augenblick.editing.edition import Edition, Value, value_of
from augenblick.model import terms
from augenblick.model.errors import BadParameter


def needed(given: Mapping[str, Any], name: str) -> Any:
    """Return what an operation must say; raises BadParameter where it does not."""
    if name not in given:
        raise BadParameter(f"the operation '{given.get('do')}' lacks '{name}'", hint=f"say `{name}`")
    return given[name]


def term_named(edition: Edition, name: str, place: str = "term") -> str:
    """Return the IRI of a term the edition speaks of, by IRI or by a name with the house's prefix.

    Raises BadParameter for one there is not; `place` says where it was written.
    """
    iri = iri_of(name)
    if iri not in edition.places:
        hint = nearest(name, {*edition.places, *map(short, edition.places)}) or "mend the name"
        raise BadParameter(f"there is no term '{name}'", where=place, hint=hint)
    return iri


def iri_of(name: str) -> str:
    """Return the IRI of a name with the house's prefix; others as they are."""
    prefix, _, local = name.partition(":")
    return HOUSE_PREFIXES[prefix] + local if prefix in HOUSE_PREFIXES else name


def text_value(text: str, language: str | None = None) -> Value:
    """Return a text as a field's value."""
    return value_of(ox.Literal(text, language=language) if language else ox.Literal(text), {})


def term_value(iri: str) -> Value:
    """Return a term as a field's value."""
    return value_of(ox.NamedNode(iri), {})


def typed_value(text: str, datatype: str) -> Value:
    """Return a literal of a datatype (its IRI) as a field's value."""
    return value_of(ox.Literal(text, datatype=ox.NamedNode(datatype)), {})


def decimal_value(number: object, place: str | None = None) -> Value:
    """Return a number as a field's value; raises BadParameter for what is none, written at `place`."""
    try:
        written = f"{float(str(number)):.6f}".rstrip("0")
    except ValueError as error:
        raise BadParameter(f"'{number}' is no number", where=place, hint="write it like 2.6") from error
    written += "0" if written.endswith(".") else ""
    return typed_value(written, terms.XSD + "decimal")
