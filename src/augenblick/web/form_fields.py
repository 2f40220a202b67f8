"""What of a term can be edited, as fields of a form: what the shapes of what experts write ask of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby

import pyoxigraph as ox

from augenblick.content import Words, default_root
from augenblick.editing.difference import label_of, name_of
from augenblick.editing.edition import LINKS, Edition, Field, Value
from augenblick.explain.words import Language
from augenblick.model import terms
from augenblick.web.form_shapes import FOLDER, FormShapes, PropertyShape

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
SPAN = re.compile(r"(-?)P(\d+)([DMY])")
"""Spans of time a form can show: a whole number of days, months or years."""
FEW = 12
"""A property whose texts take no more values than this suggests them."""

_TYPE, _DEFINITION = terms.RDF + "type", terms.SKOS + "definition"
_SIGNS = {"EUR": "€"}
_TALK_KEYS = {terms.AUG + name for name in ("interactionKind", "topicPattern")}
_BOOKING_KEYS = {
    terms.AUG + name
    for name in (
        *("creditorId", "gvc", "purposeCode", "btc", "mcc", "counterpartyAccountKind", "counterpartyPattern"),
        "textPattern",
    )
}
_KINDS = {
    terms.RDF + "langString": "words",
    terms.XSD + "boolean": "flag",
    terms.XSD + "decimal": "number",
    terms.XSD + "integer": "number",
    terms.XSD + "dayTimeDuration": "span",
    terms.XSD + "yearMonthDuration": "span",
}


def money(text: str, language: Language) -> str:
    """Return an amount with two places behind the decimal mark, whatever else as it is."""
    return with_mark(f"{Decimal(text):.2f}", language) if _NUMBER.fullmatch(text) else text


def priced(text: str, currency: str, language: Language) -> str:
    """Return an amount with its currency as people write it: 260,00 €."""
    return f"{money(text, language)}\u00a0{_SIGNS.get(currency, currency)}"


def with_mark(text: str, language: Language) -> str:
    """Return a number with the decimal mark of the language, whatever else as it is."""
    return text.replace(".", ",") if language == "de" and _NUMBER.fullmatch(text) else text


@dataclass(frozen=True)
class FormField:
    """One field: what it is called, what kind of input it takes, what it says now.

    `kind` is `words` (values: German, English), `text`, `lines` (several), `code` (one of the choices), `number`,
    `span`, `flag`, `term`, `terms` (several; values are IRIs) or `list` (in order). `datatype` is that of a new value;
    `group` the heading it stands under.
    """

    subject: str
    predicate: str
    label: Words
    help: Words | None
    kind: str
    values: tuple[str, ...]
    datatype: str = ""
    choices: tuple[tuple[str, Words], ...] = ()
    suggestions: tuple[str, ...] = ()
    problem: Words | None = None
    group: Words | None = None
    shapes: tuple[PropertyShape, ...] = ()

    @property
    def name(self) -> str:
        """The name of its input."""
        return f"{self.subject}|{self.predicate}"

    @property
    def currency(self) -> str | None:
        """The currency of an amount of money."""
        return next((each.currency for each in self.shapes if each.currency), None)

    @property
    def stated(self) -> bool:
        """Whether the term says anything of it."""
        return any(self.values)

    @property
    def span_parts(self) -> tuple[str, str]:
        """The number and the unit (D, M, Y) of a span; what is none stands as it was written."""
        text = self.values[0] if self.values else ""
        found = SPAN.fullmatch(text)
        if found:
            return found[1] + found[2], found[3]
        return text.removeprefix("P")[:-1], "Y" if "yearMonth" in self.datatype else "D"

    @property
    def required(self) -> bool:
        """Whether something must be said of it."""
        return any(each.least for each in self.shapes)

    def written(self, language: Language) -> str:
        """Return what stands in its input: numbers as people write them, members of a list by their names."""
        if self.currency:
            return ", ".join(money(each, language) for each in self.values)
        if self.kind == "number":
            return ", ".join(with_mark(each, language) for each in self.values)
        names = {code: words.in_language(language) for code, words in self.choices}
        return ", ".join(names.get(each, each) for each in self.values)

    def with_values(self, values: tuple[str, ...], problem: Words | None = None) -> FormField:
        """Return the field as somebody filled it in."""
        return replace(self, values=values, problem=problem)


@dataclass(frozen=True)
class Part:
    """Fields that stand under one heading; `open` unless nothing is said in any of them."""

    heading: Words | None
    fields: tuple[FormField, ...]

    @property
    def open(self) -> bool:
        """Whether a field says something, must, or is not as it must be."""
        return any(each.stated or each.required or each.problem for each in self.fields)


def parted(fields: list[FormField]) -> list[Part]:
    """Return the fields, which come in order, by the heading they stand under."""
    return [Part(heading, tuple(each)) for heading, each in groupby(fields, lambda field: field.group)]


class Declarations:
    """The properties that terms of an edition may have, and what these hold."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._shapes = FormShapes(edition if any(map(_of_forms, edition.texts)) else Edition.read(default_root()))
        self._blanks: dict[tuple[str, ...], list[FormField]] = {}

    def fields(self, subject: str) -> list[FormField]:
        """Return all fields of a term in the order of its shapes."""
        return self._fields_of(subject, self.edition.values(subject, _TYPE))

    def fields_of_new(self, subject: str, kind: str) -> list[FormField]:
        """Return the fields of a term that is not there yet, of that class."""
        return self._fields_of(subject, [kind])

    def _fields_of(self, subject: str, kinds: list[str]) -> list[FormField]:
        key = tuple(kinds)
        if key not in self._blanks:
            asked = self._shapes.of(sorted(self._classes(kinds))).items()
            ordered = sorted(asked, key=lambda pair: (min(each.place for each in pair[1]), pair[0]))
            self._blanks[key] = [self._blank(path, shapes) for path, shapes in ordered if path not in LINKS]
        return [self._field(subject, blank) for blank in self._blanks[key]]

    def kinds_of(self, parent: str) -> list[tuple[str, Words]]:
        """Return the classes below a class with their names."""
        below = {iri for iri, above in self._above.items() if parent in above}
        return sorted(((iri, label_of(iri, self.edition)) for iri in below), key=lambda pair: pair[1].en)

    @cached_property
    def amounts(self) -> dict[str, str]:
        """The properties (IRIs) that hold amounts of money, each with its currency."""
        return self._shapes.currencies

    @cached_property
    def told_only(self) -> dict[str, bool]:
        """The signals that come up in talks, each with whether no booking carries it."""
        told, booked = (
            {field.subject for field in self.edition.fields if field.predicate in predicates}
            for predicates in (_TALK_KEYS, _BOOKING_KEYS)
        )
        return {iri: iri not in booked for iri in told}

    def _field(self, subject: str, blank: FormField) -> FormField:
        read = {"words": self._words, "list": self._listed}.get(blank.kind, self._plain)
        field = replace(blank, subject=subject, values=read(subject, blank.predicate))
        if field.kind not in ("code", "term", "terms"):
            return field
        known = {value for value, _ in field.choices}
        unknown = tuple((each, label_of(each, self.edition)) for each in field.values if each not in known)
        return replace(field, choices=(*field.choices, *unknown)) if unknown else field

    def _blank(self, predicate: str, shapes: list[PropertyShape]) -> FormField:
        """Return the field of a property, of no term yet."""
        kind, datatype = _kind(shapes)
        definition = [self.edition.values(predicate, _DEFINITION, language) for language in ("de", "en")]
        declared = Words(definition[0][0], definition[1][0]) if all(definition) else None
        return FormField(
            "",
            predicate,
            next((each.name for each in shapes if each.name), name_of(predicate, self.edition)),
            next((each.description for each in shapes if each.description), declared),
            kind,
            (),
            datatype,
            self._choices(shapes) if kind in ("code", "term", "terms", "list") else (),
            self._suggestions(predicate) if kind == "text" else (),
            group=next((each.group for each in shapes if each.group), None),
            shapes=tuple(shapes),
        )

    def _words(self, subject: str, predicate: str) -> tuple[str, ...]:
        return tuple(next(iter(self.edition.values(subject, predicate, each)), "") for each in ("de", "en"))

    def _plain(self, subject: str, predicate: str) -> tuple[str, ...]:
        return tuple(self.edition.values(subject, predicate))

    def _listed(self, subject: str, predicate: str) -> tuple[str, ...]:
        values = self.edition.fields.get(Field(subject, predicate), {}).values()
        return tuple(members_of(next(iter(values)).inner)) if values else ()

    def _choices(self, shapes: list[PropertyShape]) -> tuple[tuple[str, Words], ...]:
        """Return what may be chosen: what `sh:in` lists in its order, else what of the class has a name, by it."""
        listed = [each for shape in shapes for each in shape.options]
        if listed:
            called = self._shapes.labels
            return tuple((each.value, called.get(each.value) or self._called(each)) for each in listed)
        classes = {each for shape in shapes for each in shape.classes}
        named = (iri for iri in self._instances if self.edition.label(iri, "en"))
        found = [iri for iri in named if self._classes(self._instances[iri]) & classes]
        return tuple(sorted(((iri, label_of(iri, self.edition)) for iri in found), key=lambda pair: pair[1].en))

    def _called(self, term: ox.NamedNode | ox.Literal) -> Words:
        return label_of(term.value, self.edition) if isinstance(term, ox.NamedNode) else Words(term.value, term.value)

    def _suggestions(self, predicate: str) -> tuple[str, ...]:
        found = {term.value for term in self._used.get(predicate, []) if isinstance(term, ox.Literal)}
        return tuple(sorted(found)) if len(found) <= FEW else ()

    def _classes(self, kinds: list[str]) -> set[str]:
        return {iri for kind in kinds for iri in (kind, *self._above.get(kind, ()))}

    @cached_property
    def _above(self) -> dict[str, set[str]]:
        """The classes above each, at any distance."""
        direct = {
            field.subject: {value.iri for value in values.values() if value.iri}
            for field, values in self._stating(terms.RDFS + "subClassOf")
        }

        def above(iri: str, seen: frozenset[str]) -> set[str]:
            found: set[str] = set()
            for parent in direct.get(iri, set()) - seen:
                found |= {parent, *above(parent, seen | {iri})}
            return found

        return {iri: above(iri, frozenset()) for iri in direct}

    @cached_property
    def _instances(self) -> dict[str, list[str]]:
        return {
            field.subject: [value.iri for value in values.values()]
            for field, values in self._stating(_TYPE)
            if field.subject.startswith(terms.AUG.rpartition("/")[0])
        }

    @cached_property
    def _used(self) -> dict[str, list[object]]:
        """What stands as value of each property, anywhere."""
        found: dict[str, list[object]] = defaultdict(list)
        for field, values in self.edition.fields.items():
            found[field.predicate] += [value.term for value in values.values()]
        return found

    def _stating(self, predicate: str) -> Iterator[tuple[Field, dict[str, Value]]]:
        return ((field, values) for field, values in self.edition.fields.items() if field.predicate == predicate)


def _of_forms(path: str) -> bool:
    """Whether a file shapes forms; a version published before there were such files is asked as what is shipped."""
    return path.startswith(f"{FOLDER}forms/")


def _kind(shapes: list[PropertyShape]) -> tuple[str, str]:
    """Return the kind of input and the datatype of new values."""
    if any(each.listed for each in shapes):
        return "list", ""
    datatypes = [iri for each in shapes for iri in each.datatypes]
    many = all(each.most is None for each in shapes)
    for iri in datatypes:
        if iri in _KINDS:
            return _KINDS[iri], iri
    options = [each for shape in shapes for each in shape.options]
    if any(shape.classes for shape in shapes) or any(isinstance(each, ox.NamedNode) for each in options):
        return ("terms" if many else "term"), ""
    return ("lines" if many else "code" if options else "text"), ""


def members_of(inner: tuple[ox.Triple, ...]) -> Iterator[str]:
    """Give the members of a list in order, as texts, from its cells (the first cell first)."""
    first, rest = (ox.NamedNode(terms.RDF + name) for name in ("first", "rest"))
    cells: dict[object, object] = {triple.subject: triple.object for triple in inner if triple.predicate == rest}
    content: dict[object, object] = {triple.subject: triple.object for triple in inner if triple.predicate == first}
    cell = next((each for each in content if each not in cells.values()), None)
    while cell in content:
        yield getattr(content[cell], "value", "")
        cell = cells.get(cell)
