"""From a filled-in form to edits of the content: only fields the form showed, and of these what is another now."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox
from starlette.datastructures import FormData

from augenblick.content.entry import nearest
from augenblick.editing.edition import Edition, Field, Value, value_of
from augenblick.editing.edits import Edit
from augenblick.editing.values import decimal_value, term_value, text_value, typed_value
from augenblick.model import terms
from augenblick.model.errors import BadParameter
from augenblick.web.form_fields import SPAN, FormField

SHOWN = "field"
"""The name of the hidden inputs that say which fields the form showed."""
ADD, UNIT = ".add", ".unit"
LANGUAGES = ("de", "en")
_UNITS = {"D": "dayTimeDuration", "M": "yearMonthDuration", "Y": "yearMonthDuration"}


def filled(field: FormField, form: FormData) -> FormField:
    """Return a field as it was filled in, with what is wrong with it, if anything."""
    values = _READ.get(field.kind, _one)(field, form)
    try:
        for value in values:
            _CHECK.get(field.kind, _accept)(field, value)
    except BadParameter as error:
        return field.with_values(values, error.message)
    return field.with_values(values)


def edits_of(field: FormField, edition: Edition) -> list[Edit]:
    """Return what makes the edition say what the field says."""
    if field.kind == "words":
        pairs = zip(LANGUAGES, field.values, strict=True)
        return [e for of, text in pairs if (e := _edit(field, edition, of, [text_value(text, of)] if text else []))]
    wanted = [_value(field, each) for each in field.values if each]
    if field.kind == "list":
        wanted = [_list(field.values)] if any(field.values) else []
    edit = _edit(field, edition, "", wanted)
    return [edit] if edit else []


def _edit(field: FormField, edition: Edition, language: str, wanted: list[Value]) -> Edit | None:
    place = Field(field.subject, field.predicate, language)
    said: dict[object, Value] = {_meaning(value): value for value in edition.fields.get(place, {}).values()}
    wished = {_meaning(value): value for value in wanted}
    removed = tuple(value for key, value in said.items() if key not in wished)
    added = tuple(value for key, value in wished.items() if key not in said)
    return Edit(place, removed, added) if removed or added else None


def _meaning(value: Value) -> object:
    """Return what two ways of writing one value have in common."""
    term = value.term
    if isinstance(term, ox.Literal) and term.datatype.value in (terms.XSD + "decimal", terms.XSD + "integer"):
        return Decimal(term.value).normalize()
    return value.text


def _value(field: FormField, text: str) -> Value:
    if field.kind in ("term", "terms"):
        return term_value(text)
    if field.kind == "number" and field.datatype.endswith("decimal"):
        return decimal_value(text)
    if field.kind == "span":
        return typed_value(text, terms.XSD + _UNITS[text[-1]])
    if field.kind in ("number", "flag"):
        return typed_value(text, field.datatype)
    return text_value(text)


def _list(members: tuple[str, ...]) -> Value:
    """Return a list of texts as a field's value."""
    first, rest = (ox.NamedNode(terms.RDF + name) for name in ("first", "rest"))
    cells = [ox.BlankNode() for _ in members]
    after: list[ox.BlankNode | ox.NamedNode] = [*cells[1:], ox.NamedNode(terms.RDF + "nil")]
    inside: dict[ox.BlankNode, list[ox.Triple]] = {
        cell: [ox.Triple(cell, first, ox.Literal(text)), ox.Triple(cell, rest, following)]
        for cell, text, following in zip(cells, members, after, strict=True)
    }
    return value_of(cells[0], inside)  # type: ignore[arg-type]


def _words(field: FormField, form: FormData) -> tuple[str, ...]:
    return tuple(_text(form, f"{field.name}.{language}") for language in LANGUAGES)


def _one(field: FormField, form: FormData) -> tuple[str, ...]:
    text = _text(form, field.name)
    return (text,) if text else ()


def _number(field: FormField, form: FormData) -> tuple[str, ...]:
    return tuple(text.replace(",", ".").replace("−", "-") for text in _one(field, form))


def _span(field: FormField, form: FormData) -> tuple[str, ...]:
    text = _text(form, field.name)
    sign, number = ("-", text[1:]) if text[:1] in ("-", "−") else ("", text)
    return (f"{sign}P{number}{_text(form, field.name + UNIT) or 'D'}",) if text else ()


def _lines(field: FormField, form: FormData) -> tuple[str, ...]:
    """Return each line; blanks at its ends mean something in a pattern."""
    return tuple(dict.fromkeys(line for line in _raw(form, field.name).split("\n") if line.strip()))


def _terms(field: FormField, form: FormData) -> tuple[str, ...]:
    chosen = [str(each) for each in (*form.getlist(field.name), *form.getlist(field.name + ADD))]
    return tuple(dict.fromkeys(each for each in chosen if each))


def _members(field: FormField, form: FormData) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(form, field.name).replace(";", ",").split(",") if part.strip())


def _text(form: FormData, name: str) -> str:
    return _raw(form, name).strip()


def _raw(form: FormData, name: str) -> str:
    # Browsers send line ends as CR LF.
    return str(form.get(name, "")).replace("\r\n", "\n")


def _accept(_: FormField, __: str) -> None:
    return


def _check_number(field: FormField, text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadParameter(f"“{text}” is no number") from None
    if not number.is_finite() or (field.datatype.endswith("integer") and number != number.to_integral_value()):
        raise BadParameter(f"“{text}” is no whole number")


def _check_span(_: FormField, text: str) -> None:
    if not SPAN.fullmatch(text):
        raise BadParameter(f"“{text.lstrip('-P')[:-1]}” is no whole number of days, months or years")


def _check_term(field: FormField, iri: str) -> None:
    if iri not in {choice for choice, _ in field.choices}:
        raise BadParameter("There is no such choice.", hint=nearest(iri, [c for c, _ in field.choices]))


def _check_flag(_: FormField, text: str) -> None:
    if text not in ("true", "false"):
        raise BadParameter("It is yes or no.")


Read = Callable[[FormField, FormData], tuple[str, ...]]
_READ: dict[str, Read] = {
    "words": _words,
    "number": _number,
    "span": _span,
    "lines": _lines,
    "terms": _terms,
    "list": _members,
}
_CHECK: dict[str, Callable[[FormField, str], None]] = {
    "number": _check_number,
    "span": _check_span,
    "term": _check_term,
    "terms": _check_term,
    "flag": _check_flag,
}
