"""Typed operations: one edit each, as data, for those who edit through forms or the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from augenblick.content.canonical_turtle import HOUSE_PREFIXES
from augenblick.content.entry import nearest
from augenblick.editing.applying import applied
from augenblick.editing.edition import Edition, Field, Value, value_of
from augenblick.editing.edits import Edit
from augenblick.model import terms
from augenblick.model.errors import BadParameter

Operation = Mapping[str, Any]


def operated(edition: Edition, operations: Iterable[Operation]) -> Edition:
    """Return the edition after the operations, one after the other.

    Each has `do` and a `term` (an IRI, or a name with the house's prefix); further:
    `set_weight` (`weight`, `reason`: {de, en}?), `add_exclusion` (`pattern`), `set_words` (`field`, `de`, `en`),
    `add_product`, `remove_product` (`product`), `set_state` (`state`), `deprecate`.
    Raises BadParameter for an operation or term there is not.
    """
    for operation in operations:
        kind = str(operation.get("do", ""))
        if kind not in OPERATIONS:
            hint = nearest(kind, OPERATIONS) or f"there are {', '.join(OPERATIONS)}"
            raise BadParameter(f"there is no operation '{kind}'", hint=hint)
        subject = _term(edition, operation, "term")
        edition = applied(edition, OPERATIONS[kind](edition, subject, operation))
    return edition


def _set_weight(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    done = [_replace(edition, Field(subject, terms.AUG + "weight"), decimal_value(_needed(given, "weight")))]
    if reason := given.get("reason"):
        done += _words(edition, subject, terms.AUG + "reason", reason)
    return done


def _add_exclusion(_: Edition, subject: str, given: Operation) -> list[Edit]:
    return [Edit(Field(subject, terms.AUG + "exceptPattern"), (), (text_value(str(_needed(given, "pattern"))),))]


def _set_words(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    return _words(edition, subject, iri_of(str(given.get("field", "aug:words"))), given)


def _add_product(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    product = ox.NamedNode(_term(edition, given, "product"))
    return [Edit(Field(subject, terms.AUG + "hasProduct"), (), (value_of(product, {}),))]


def _remove_product(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    product = ox.NamedNode(_term(edition, given, "product"))
    return [Edit(Field(subject, terms.AUG + "hasProduct"), (value_of(product, {}),), ())]


def _set_state(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    return [_replace(edition, Field(subject, terms.AUG + "contentState"), text_value(str(_needed(given, "state"))))]


def _deprecate(edition: Edition, subject: str, _: Operation) -> list[Edit]:
    yes = ox.Literal("true", datatype=ox.NamedNode(terms.XSD + "boolean"))
    return [_replace(edition, Field(subject, terms.OWL + "deprecated"), value_of(yes, {}))]


OPERATIONS: Mapping[str, Callable[[Edition, str, Operation], list[Edit]]] = {
    "set_weight": _set_weight,
    "add_exclusion": _add_exclusion,
    "set_words": _set_words,
    "add_product": _add_product,
    "remove_product": _remove_product,
    "set_state": _set_state,
    "deprecate": _deprecate,
}


def _words(edition: Edition, subject: str, predicate: str, given: Mapping[str, Any]) -> list[Edit]:
    return [
        _replace(edition, Field(subject, predicate, language), text_value(str(given[language]), language))
        for language in ("de", "en")
        if language in given
    ]


def _replace(edition: Edition, field: Field, value: Value) -> Edit:
    now = edition.fields.get(field, {})
    if value.text in now:
        return Edit(field, (), ())
    return Edit(field, tuple(now.values()), (value,))


def _needed(given: Operation, name: str) -> Any:
    if name not in given:
        raise BadParameter(f"the operation '{given.get('do')}' lacks '{name}'", hint=f"say `{name}`")
    return given[name]


def _term(edition: Edition, given: Operation, name: str) -> str:
    iri = iri_of(str(_needed(given, name)))
    if iri not in edition.places:
        raise BadParameter(f"there is no term '{given[name]}'", hint=nearest(iri, edition.places) or "mend the name")
    return iri


def iri_of(name: str) -> str:
    """Return the IRI of a name with the house's prefix; others as they are."""
    prefix, _, local = name.partition(":")
    return HOUSE_PREFIXES[prefix] + local if prefix in HOUSE_PREFIXES else name


def text_value(text: str, language: str | None = None) -> Value:
    """Return a text as a field's value."""
    return value_of(ox.Literal(text, language=language) if language else ox.Literal(text), {})


def decimal_value(number: object) -> Value:
    """Return a number as a field's value; raises BadParameter for what is none."""
    try:
        written = f"{float(str(number)):.6f}".rstrip("0")
    except ValueError as error:
        raise BadParameter(f"'{number}' is no number", hint="write it like 2.6") from error
    written += "0" if written.endswith(".") else ""
    return value_of(ox.Literal(written, datatype=ox.NamedNode(terms.XSD + "decimal")), {})
