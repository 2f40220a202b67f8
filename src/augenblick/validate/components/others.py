"""Closed shapes and enumerated values (SHACL 4.8), and SPARQL-based constraints (5)."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from augenblick.validate.components.registry import Translate, members, per_value, truth
from augenblick.validate.conditions import TRUE, Exists, Not
from augenblick.validate.embedded import RESERVED, EmbeddedSelect
from augenblick.validate.targets import constant
from augenblick.validate.violations import Place, Violation, component


def _same(value: str, terms: list[Node], place: Place) -> str:
    """Return the test that `value` is one of the terms: the same term, not an equal number."""
    written = [constant(term, place.refuse) for term in terms]
    if written and all(isinstance(term, URIRef) for term in terms):
        return f"{value} IN ({', '.join(written)})"
    return " || ".join(f"sameTerm({value}, {term})" for term in written) or "false"


def _in(place: Place, parameter: Node, value: str) -> str:
    return f"!({_same(value, members(place, parameter), place)})"


def _has_value(place: Place, parameter: Node) -> Iterator[Violation]:
    if place.path is None:
        test = f"!({_same(place.focus, [parameter], place)})"
        yield Violation(component("HasValue"), test=test)
        return
    value = place.fresh()
    found = Exists(place.values(value), _same(value, [parameter], place))
    yield Violation(component("HasValue"), test=Not(found))


def _closed(place: Place, parameter: Node) -> Iterator[Violation]:
    if not truth(place, parameter):
        return
    graph = place.compiler.graph
    allowed = [
        path
        for shape in graph.objects(place.shape, SH.property)
        for path in graph.objects(shape, SH.path)
        if isinstance(path, URIRef)
    ]
    for ignored in graph.objects(place.shape, SH.ignoredProperties):
        allowed += members(place, ignored)  # type: ignore[arg-type]
    subject, predicate, value = place.focus, place.fresh(), place.fresh()
    if place.path is not None:
        subject = place.fresh()
    reached = place.values(subject) if place.path is not None else ""
    names = ", ".join(sorted({constant(name, place.refuse) for name in allowed}))
    test = f"{predicate} NOT IN ({names})" if names else TRUE
    pattern = f"{reached} {subject} {predicate} {value} ."
    yield Violation(component("Closed"), pattern, test, value, path=predicate)


def _sparql(place: Place, parameter: Node) -> Iterator[Violation]:
    graph = place.compiler.graph
    if any(truth(place, flag) for flag in graph.objects(parameter, SH.deactivated)):
        return
    query = EmbeddedSelect.read(graph, parameter, place.refuse).at(place)
    names = {name: place.fresh() for name in query.projected if name != "this"}
    pattern = query.as_constraint(place.focus, place.scope.pattern, names)
    place.compiler.parse(pattern, place)
    default = place.focus if place.path is None else None
    extra = tuple((name, variable) for name, variable in names.items() if name not in RESERVED - {"message"})
    value, path = names.get("value", default), names.get("path")
    yield Violation(component("SPARQL"), pattern, TRUE, value, extra, path, True, parameter)


OTHERS: dict[str, Translate] = {
    "in": per_value("In", _in),
    "hasValue": _has_value,
    "closed": _closed,
    "sparql": _sparql,
}
