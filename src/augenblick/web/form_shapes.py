"""What a form asks of a term: the property shapes of `shapes/ontology`, merged by the property they speak of.

A shape counts for the terms of its `sh:targetClass`, and where it names `sh:targetSubjectsOf` for those that may state
that property. Read are `sh:name`, `sh:description`, `sh:message`, `sh:group`, `sh:order`, `sh:datatype` (also in
`sh:or`), `sh:class`, `sh:in`, `sh:minCount`, `sh:maxCount`, `sh:pattern`, `sh:minInclusive`, `sh:maxInclusive`; of
amounts of money `schema:currency`; the path `( p [ sh:zeroOrMorePath rdf:rest ] rdf:first )` is that of a list.
Everything else is the check's to hold.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from augenblick.content import Words
from augenblick.editing.edition import Edition
from augenblick.model import terms

FOLDER = "shapes/ontology/"
_SH = "http://www.w3.org/ns/shacl#"
_CURRENCY = "https://schema.org/currency"
_LAST = 1_000_000.0


@dataclass(frozen=True)
class PropertyShape:
    """What one shape asks of the values of one property."""

    path: str
    listed: bool
    name: Words | None
    description: Words | None
    message: Words | None
    datatypes: tuple[str, ...]
    classes: tuple[str, ...]
    options: tuple[ox.NamedNode | ox.Literal, ...]
    least: int
    most: int | None
    pattern: str | None
    lowest: Decimal | None
    highest: Decimal | None
    place: tuple[float, float]
    """Order of its group, and within it."""
    group: Words | None
    currency: str | None

    def refuses(self, values: tuple[str, ...]) -> bool:
        """Whether what was filled in is not as the shape wants it."""
        given = [each for each in values if each]
        if len(given) < self.least or (self.most is not None and len(given) > self.most):
            return True
        return any(self._refuses(each) for each in given)

    def _refuses(self, text: str) -> bool:
        if self.options and text not in {each.value for each in self.options}:
            return True
        if self.pattern is not None and not re.search(self.pattern, text):
            return True
        if self.lowest is None and self.highest is None:
            return False
        try:
            number = Decimal(text)
        except InvalidOperation:
            return True
        low, high = (self.lowest is None or number >= self.lowest), (self.highest is None or number <= self.highest)
        return not (low and high)


class FormShapes:
    """The shapes of an edition by what they are of."""

    def __init__(self, edition: Edition) -> None:
        self._said: dict[object, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
        for path, (triples, _) in edition.triples.items():
            for triple in triples if path.startswith(FOLDER) else ():
                self._said[triple.subject][triple.predicate.value].append(triple.object)
        self._by_class: dict[str, list[PropertyShape]] = defaultdict(list)
        self._by_subject: dict[str, list[PropertyShape]] = defaultdict(list)
        for node in list(self._said):
            for target, found in (("targetClass", self._by_class), ("targetSubjectsOf", self._by_subject)):
                for each in self._all(node, target):
                    found[_value(each)] += self._properties(node)
        properties = (
            each for found in (self._by_class, self._by_subject) for shapes in found.values() for each in shapes
        )
        self.currencies = {each.path: each.currency for each in properties if each.currency}
        """The properties that hold amounts of money, with their currency."""
        self.labels = dict(self._labels())
        """What the codes that shapes list are called: concepts with `skos:notation` beside the shapes."""

    def of(self, classes: Iterable[str]) -> dict[str, list[PropertyShape]]:
        """Return the shapes of each property of terms of the classes, by the property's IRI."""
        found: dict[str, list[PropertyShape]] = defaultdict(list)
        for each in [shape for kind in classes for shape in self._by_class.get(kind, ())]:
            found[each.path].append(each)
        for stated in list(found):
            for each in self._by_subject.get(stated, ()):
                found[each.path].append(each)
        return dict(found)

    def _properties(self, node: object) -> list[PropertyShape]:
        own = [node] if self._all(node, "path") else []
        shapes = [self._property(each) for each in (*own, *self._all(node, "property"))]
        return [each for each in shapes if each.path]

    def _property(self, node: object) -> PropertyShape:
        path, listed = self._path(node)
        group = self._one(node, "group")
        return PropertyShape(
            path,
            listed,
            self._words(node, _SH + "name"),
            self._words(node, _SH + "description"),
            self._words(node, _SH + "message"),
            tuple(_value(each) for each in self._datatypes(node)),
            tuple(_value(each) for each in self._all(node, "class")),
            tuple(self._members(self._one(node, "in"))),
            int(_value(self._one(node, "minCount")) or 0),
            int(_value(most)) if (most := self._one(node, "maxCount")) else None,
            _value(pattern) if (pattern := self._one(node, "pattern")) else None,
            Decimal(_value(low)) if (low := self._one(node, "minInclusive")) else None,
            Decimal(_value(high)) if (high := self._one(node, "maxInclusive")) else None,
            (self._order(group), self._order(node)),
            self._words(group, terms.RDFS + "label"),
            next(map(_value, self._said[node][_CURRENCY]), None) if node in self._said else None,
        )

    def _path(self, node: object) -> tuple[str, bool]:
        """Return the property a shape speaks of, and whether of the members of its list; none for other paths."""
        path = self._one(node, "path")
        if isinstance(path, ox.NamedNode):
            return path.value, False
        steps = list(self._members(path))
        first = steps[0] if len(steps) == 3 and _value(steps[-1]) == terms.RDF + "first" else None
        return (first.value, True) if isinstance(first, ox.NamedNode) else ("", False)

    def _datatypes(self, node: object) -> Iterator[object]:
        yield from self._all(node, "datatype")
        for each in self._members(self._one(node, "or")):
            yield from self._all(each, "datatype")

    def _order(self, node: object) -> float:
        return float(_value(self._one(node, "order")) or _LAST)

    def _words(self, node: object, predicate: str) -> Words | None:
        texts = self._said[node][predicate] if node in self._said else []
        said = {each.language: each.value for each in texts if isinstance(each, ox.Literal)}
        return Words(said["de"], said["en"]) if {"de", "en"} <= said.keys() else None

    def _labels(self) -> Iterator[tuple[str, Words]]:
        for node, said in list(self._said.items()):
            for code in said.get(terms.SKOS + "notation", ()):
                if words := self._words(node, terms.SKOS + "prefLabel"):
                    yield _value(code), words

    def _all(self, node: object, name: str) -> list[object]:
        return self._said[node].get(_SH + name, []) if node in self._said else []

    def _one(self, node: object, name: str) -> object | None:
        return next(iter(self._all(node, name)), None)

    def _members(self, cell: object | None) -> Iterator[ox.NamedNode | ox.Literal]:
        while cell in self._said and terms.RDF + "first" in self._said[cell]:
            yield self._said[cell][terms.RDF + "first"][0]  # type: ignore[misc]
            cell = self._said[cell][terms.RDF + "rest"][0]


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))
