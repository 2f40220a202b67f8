"""Typed operations: one edit each, as data, for those who edit through forms or the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from augenblick.content.entry import nearest
from augenblick.content.reading import LAYERS
from augenblick.editing.applying import applied
from augenblick.editing.case_edits import expect_of_case
from augenblick.editing.edition import Edition, Field, Value
from augenblick.editing.edits import Edit
from augenblick.editing.pattern_operations import add_kin_view, add_pattern
from augenblick.editing.values import decimal_value, iri_of, needed, term_named, term_value, text_value, typed_value
from augenblick.model import terms
from augenblick.model.errors import BadParameter

Operation = Mapping[str, Any]


def operated(edition: Edition, operations: Iterable[Operation]) -> Edition:
    """Return the edition after the operations, one after the other.

    Each has `do` and a `term` (an IRI, or a name with the house's prefix); further:
    `set_weight` (`weight`, `reason`: {de, en}?), `add_exclusion` (`pattern`), `set_words` (`field`, `de`, `en`),
    `add_pattern` (see there), `add_kin_view` (`kinProperty`, `kinMoment`, else as a pattern), `add_product`,
    `remove_product` (`product`), `add_condition`, `remove_condition` (`layer`, `condition`: of a product; one of the
    shapes that others have), `set_state` (`state`), `deprecate`, `expect` (`case`, `expect`: what a case of a moment
    expects from now on).
    Raises BadParameter for an operation or term there is not.
    """
    for number, operation in enumerate(operations, 1):
        try:
            edition = _done(edition, operation)
        except BadParameter as error:
            error.where = ", ".join(filter(None, (f"operation {number}", error.where)))
            raise
    return edition


def _done(edition: Edition, operation: Operation) -> Edition:
    kind = str(operation.get("do", ""))
    if kind not in (known := {*OPERATIONS, *CASE_OPERATIONS}):
        hint = nearest(kind, known) or f"there are {', '.join(sorted(known))}"
        raise BadParameter(f"there is no operation '{kind}'", where="do", hint=hint)
    subject = term_named(edition, str(needed(operation, "term")))
    if kind in CASE_OPERATIONS:
        return CASE_OPERATIONS[kind](edition, subject, operation)
    return applied(edition, OPERATIONS[kind](edition, subject, operation))


def _set_weight(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    done = [_replace(edition, Field(subject, terms.AUG + "weight"), decimal_value(needed(given, "weight"), "weight"))]
    if reason := given.get("reason"):
        done += _words(edition, subject, terms.AUG + "reason", reason)
    return done


def _add_exclusion(_: Edition, subject: str, given: Operation) -> list[Edit]:
    return [Edit(Field(subject, terms.AUG + "exceptPattern"), (), (text_value(str(needed(given, "pattern"))),))]


def _set_words(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    return _words(edition, subject, iri_of(str(given.get("field", "aug:words"))), given)


def _add_product(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    product = term_value(term_named(edition, str(needed(given, "product")), "product"))
    return [Edit(Field(subject, terms.AUG + "hasProduct"), (), (product,))]


def _remove_product(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    product = term_value(term_named(edition, str(needed(given, "product")), "product"))
    return [Edit(Field(subject, terms.AUG + "hasProduct"), (product,), ())]


def _add_condition(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    field, condition = _condition(edition, subject, given)
    return [Edit(field, (), (condition,))]


def _remove_condition(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    field, condition = _condition(edition, subject, given)
    if condition.text not in edition.fields.get(field, {}):
        named = given["condition"]
        raise BadParameter(f"the product does not have the condition '{named}'", hint="look at its page")
    return [Edit(field, (condition,), ())]


def _condition(edition: Edition, subject: str, given: Operation) -> tuple[Field, Value]:
    layer = str(needed(given, "layer"))
    if layer not in LAYERS:
        raise BadParameter(f"there is no layer '{layer}'", hint=f"one of {', '.join(LAYERS)}")
    shape = term_named(edition, str(needed(given, "condition")), "condition")
    return Field(subject, terms.AUG + LAYERS[layer]), term_value(shape)


def _set_state(edition: Edition, subject: str, given: Operation) -> list[Edit]:
    return [_replace(edition, Field(subject, terms.AUG + "contentState"), text_value(str(needed(given, "state"))))]


def _deprecate(edition: Edition, subject: str, _: Operation) -> list[Edit]:
    yes = typed_value("true", terms.XSD + "boolean")
    return [_replace(edition, Field(subject, terms.OWL + "deprecated"), yes)]


OPERATIONS: Mapping[str, Callable[[Edition, str, Operation], list[Edit]]] = {
    "set_weight": _set_weight,
    "add_exclusion": _add_exclusion,
    "add_pattern": add_pattern,
    "add_kin_view": add_kin_view,
    "set_words": _set_words,
    "add_product": _add_product,
    "remove_product": _remove_product,
    "add_condition": _add_condition,
    "remove_condition": _remove_condition,
    "set_state": _set_state,
    "deprecate": _deprecate,
}
CASE_OPERATIONS: Mapping[str, Callable[[Edition, str, Operation], Edition]] = {"expect": expect_of_case}
"""Those that edit a case's file."""


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
