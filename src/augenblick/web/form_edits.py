"""From a filled-in form to edits of the content: only fields the form showed, and of these what is another now."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox
from starlette.datastructures import FormData

from augenblick.content import Words
from augenblick.editing.edition import Edition, Field, Value, value_of
from augenblick.editing.edits import Edit
from augenblick.editing.values import decimal_value, term_value, text_value, typed_value
from augenblick.model import terms
from augenblick.web.form_fields import SPAN, FormField

SHOWN = "field"
"""The name of the hidden inputs that say which fields the form showed."""
ADD, UNIT = ".add", ".unit"
LANGUAGES = ("de", "en")
_UNFIT = Words("Das ist nicht, wie es hier sein muss.", "That is not as it must be here.")
_ONE_LANGUAGE = Words("Es steht erst in einer Sprache da; es fehlt die andere.", "It stands in one language only.")
_NO_NAME = Words("Ein Name fehlt.", "A name is missing.")
_NAME = terms.RDFS + "label"
_NO_CHOICE = Words("Das steht hier nicht zur Wahl.", "There is no such choice.")
_UNITS = {"D": "dayTimeDuration", "M": "yearMonthDuration", "Y": "yearMonthDuration"}


def filled(field: FormField, form: FormData) -> FormField:
    """Return a field as it was filled in, with what is wrong with it, if anything."""
    values = _READ.get(field.kind, _one)(field, form)
    problems = (_CHECK[field.kind](field, value) for value in values if field.kind in _CHECK)
    kind = next(filter(None, problems), None)
    broken = [each for each in field.shapes if kind or each.refuses(values)]
    if not broken and field.kind == "words" and 0 < sum(map(bool, values)) < len(values):
        return field.with_values(values, _ONE_LANGUAGE)
    if field.predicate == _NAME and not any(values):
        return field.with_values(values, _NO_NAME)
    told = next((_for_people(each.message) for each in broken if each.message), kind or _UNFIT)
    return field.with_values(values, told if kind or broken else None)


def _for_people(message: Words) -> Words:
    """Return what is wrong without how it is mended in Turtle, which follows an arrow."""
    return Words(*(text.partition(" → ")[0] for text in (message.de, message.en)))


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
    """Return the members in order, those given by a name as the code it stands for."""
    codes = {name.casefold(): code for code, words in field.choices for name in (words.de, words.en)}
    parts = (part.strip() for part in _text(form, field.name).replace(";", ",").split(","))
    return tuple(codes.get(part.casefold(), part) for part in parts if part)


def _text(form: FormData, name: str) -> str:
    return _raw(form, name).strip()


def _raw(form: FormData, name: str) -> str:
    # Browsers send line ends as CR LF.
    return str(form.get(name, "")).replace("\r\n", "\n")


def _check_number(field: FormField, text: str) -> Words | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Words(f"„{text}“ ist keine Zahl.", f"“{text}” is no number.")
    if number.is_finite() and not (field.datatype.endswith("integer") and number != number.to_integral_value()):
        return None
    return Words(f"„{text}“ ist keine ganze Zahl.", f"“{text}” is no whole number.")


def _check_span(_: FormField, text: str) -> Words | None:
    if SPAN.fullmatch(text):
        return None
    said = text.lstrip("-P")[:-1]
    return Words(
        f"„{said}“ ist keine ganze Zahl von Tagen, Monaten oder Jahren.",
        f"“{said}” is no whole number of days, months or years.",
    )


def _check_term(field: FormField, iri: str) -> Words | None:
    return None if iri in {choice for choice, _ in field.choices} else _NO_CHOICE


def _check_flag(_: FormField, text: str) -> Words | None:
    return None if text in ("true", "false") else Words("Hier steht ja oder nein.", "It is yes or no.")


Read = Callable[[FormField, FormData], tuple[str, ...]]
_READ: dict[str, Read] = {
    "words": _words,
    "number": _number,
    "span": _span,
    "lines": _lines,
    "terms": _terms,
    "list": _members,
}
_CHECK: dict[str, Callable[[FormField, str], Words | None]] = {
    "number": _check_number,
    "span": _check_span,
    "code": _check_term,
    "term": _check_term,
    "terms": _check_term,
    "flag": _check_flag,
}
