"""What of a term can be edited, as fields of a form: read off what the ontology itself declares of its properties."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pyoxigraph as ox

from augenblick.content import Words
from augenblick.editing.difference import label_of, name_of
from augenblick.editing.edition import LINKS, Edition, Field, Value
from augenblick.model import terms

SPAN = re.compile(r"(-?)P(\d+)([DMY])")
"""Spans of time a form can show: a whole number of days, months or years."""
FEW = 12
"""A property whose texts take no more values than this suggests them."""

_TYPE, _LABEL, _DEFINITION = terms.RDF + "type", terms.RDFS + "label", terms.SKOS + "definition"
_SCHEMA = "https://schema.org/"
_DOMAINS = (terms.RDFS + "domain", _SCHEMA + "domainIncludes")
_RANGES = (terms.RDFS + "range", _SCHEMA + "rangeIncludes")
_TEXTS = (_LABEL, _DEFINITION, terms.SKOS + "example", terms.SKOS + "editorialNote")
_IDENTITY = {terms.AUG + "slug", *LINKS}
"""What a term is known by, and what belongs to it as a term of its own: not edited as a field."""
_FIRST = (*_TEXTS, terms.AUG + "weight", terms.AUG + "reason")
_KINDS = {
    terms.RDF + "langString": "words",
    terms.XSD + "boolean": "flag",
    terms.XSD + "decimal": "number",
    terms.XSD + "integer": "number",
    terms.XSD + "dayTimeDuration": "span",
    terms.XSD + "yearMonthDuration": "span",
}


@dataclass(frozen=True)
class FormField:
    """One field: what it is called, what kind of input it takes, what it says now.

    `kind` is `words` (values: German, English), `text`, `lines` (several), `number`, `span`, `flag`, `term`, `terms`
    (several; values are IRIs) or `list` (in order). `datatype` is that of a new value.
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
    problem: str = ""

    @property
    def name(self) -> str:
        """The name of its input."""
        return f"{self.subject}|{self.predicate}"

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

    def with_values(self, values: tuple[str, ...], problem: str = "") -> FormField:
        """Return the field as somebody filled it in."""
        return replace(self, values=values, problem=problem)


class Declarations:
    """The properties that terms of an edition may have, and what these hold."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._blanks: dict[str, FormField] = {}

    def fields(self, subject: str) -> list[FormField]:
        """Return all fields of a term: names and texts first, then what it states, then what it could."""
        return self.fields_of(subject, self._classes(self.edition.values(subject, _TYPE)))

    def fields_of_new(self, subject: str, kind: str) -> list[FormField]:
        """Return the fields of a term that is not there yet, of that class."""
        return self.fields_of(subject, self._classes([kind]))

    def fields_of(self, subject: str, classes: set[str]) -> list[FormField]:
        """Return the fields a term of the classes may have."""
        fitting = {p for p, domains in self._domains.items() if domains & classes}
        fitting |= {p for each in classes for p in self._said_by.get(each, ())}
        found = [self._field(subject, each) for each in {*fitting, *self._texts(subject)} - _IDENTITY]
        return sorted(found, key=self._order)

    def kinds_of(self, parent: str) -> list[tuple[str, Words]]:
        """Return the classes below a class with their names."""
        below = {iri for iri, above in self._above.items() if parent in above}
        return sorted(((iri, label_of(iri, self.edition)) for iri in below), key=lambda pair: pair[1].en)

    def _texts(self, subject: str) -> set[str]:
        there = {field.predicate for field in self.edition.of_subject.get(subject, ())}
        return {_LABEL, *(there & set(_TEXTS))}

    def _order(self, field: FormField) -> tuple[int, bool, str]:
        first = _FIRST.index(field.predicate) if field.predicate in _FIRST else len(_FIRST)
        return first, not field.stated, field.label.en

    def _field(self, subject: str, predicate: str) -> FormField:
        blank = self._blanks.get(predicate) or self._blanks.setdefault(predicate, self._blank(predicate))
        read = {"words": self._words, "list": self._listed}.get(blank.kind, self._plain)
        return replace(blank, subject=subject, values=read(subject, predicate))

    def _blank(self, predicate: str) -> FormField:
        """Return the field of a property, of no term yet."""
        kind, datatype = self._kind(predicate)
        definition = [self.edition.values(predicate, _DEFINITION, language) for language in ("de", "en")]
        return FormField(
            "",
            predicate,
            name_of(predicate, self.edition),
            Words(definition[0][0], definition[1][0]) if all(definition) else None,
            kind,
            (),
            datatype,
            self._choices(predicate) if kind in ("term", "terms") else (),
            self._suggestions(predicate) if kind == "text" else (),
        )

    def _words(self, subject: str, predicate: str) -> tuple[str, ...]:
        return tuple(next(iter(self.edition.values(subject, predicate, each)), "") for each in ("de", "en"))

    def _plain(self, subject: str, predicate: str) -> tuple[str, ...]:
        return tuple(self.edition.values(subject, predicate))

    def _listed(self, subject: str, predicate: str) -> tuple[str, ...]:
        values = self.edition.fields.get(Field(subject, predicate), {}).values()
        return tuple(members_of(next(iter(values)).inner)) if values else ()

    def _kind(self, predicate: str) -> tuple[str, str]:
        """Return the kind of input and the datatype of new values, by the declared range, else by what is used."""
        ranges = [iri for each in _RANGES for iri in self.edition.values(predicate, each)]
        used = self._used.get(predicate, [])
        if predicate in _TEXTS or any(isinstance(term, ox.Literal) and term.language for term in used):
            return "words", ""
        for iri in ranges:
            if iri in _KINDS:
                return _KINDS[iri], iri
        if any(isinstance(term, ox.BlankNode) for term in used):
            return "list", ""
        many = predicate in self._several
        if terms.XSD + "string" in ranges or any(isinstance(term, ox.Literal) for term in used):
            return ("lines" if many else "text"), ""
        return ("terms" if many else "term"), ""

    def _choices(self, predicate: str) -> tuple[tuple[str, Words], ...]:
        ranges = {iri for each in _RANGES for iri in self.edition.values(predicate, each) if iri.startswith(terms.AUG)}
        found = {term.value for term in self._used.get(predicate, []) if isinstance(term, ox.NamedNode)}
        found |= {iri for iri, kinds in self._instances.items() if self._classes(kinds) & ranges}
        return tuple(sorted(((iri, label_of(iri, self.edition)) for iri in found), key=lambda pair: pair[1].en))

    def _suggestions(self, predicate: str) -> tuple[str, ...]:
        found = {term.value for term in self._used.get(predicate, []) if isinstance(term, ox.Literal)}
        return tuple(sorted(found)) if len(found) <= FEW else ()

    def _classes(self, kinds: list[str]) -> set[str]:
        return {iri for kind in kinds for iri in (kind, *self._above.get(kind, ()))}

    @cached_property
    def _domains(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for each in _DOMAINS:
            for field, values in self._stating(each):
                found[field.subject] |= {value.iri for value in values.values()}
        return found

    @cached_property
    def _said_by(self) -> dict[str, set[str]]:
        """What of the ontology's own properties the terms of each class state, whatever is declared."""
        found: dict[str, set[str]] = defaultdict(set)
        for field in self.edition.fields:
            for kind in self._instances.get(field.subject, ()) if field.predicate.startswith(terms.AUG) else ():
                found[kind].add(field.predicate)
        return found

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

    @cached_property
    def _several(self) -> set[str]:
        """The properties some term has several values of."""
        return {field.predicate for field, values in self.edition.fields.items() if len(values) > 1}

    def _stating(self, predicate: str) -> Iterator[tuple[Field, dict[str, Value]]]:
        return ((field, values) for field, values in self.edition.fields.items() if field.predicate == predicate)


def members_of(inner: tuple[ox.Triple, ...]) -> Iterator[str]:
    """Give the members of a list in order, as texts, from its cells (the first cell first)."""
    first, rest = (ox.NamedNode(terms.RDF + name) for name in ("first", "rest"))
    cells: dict[object, object] = {triple.subject: triple.object for triple in inner if triple.predicate == rest}
    content: dict[object, object] = {triple.subject: triple.object for triple in inner if triple.predicate == first}
    cell = next((each for each in content if each not in cells.values()), None)
    while cell in content:
        yield getattr(content[cell], "value", "")
        cell = cells.get(cell)
