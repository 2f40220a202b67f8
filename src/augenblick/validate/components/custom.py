"""Constraint components that the shapes graph itself declares in SPARQL (SHACL 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from augenblick.validate.conditions import TRUE, Exists, Not
from augenblick.validate.embedded import RESERVED, EmbeddedSelect
from augenblick.validate.targets import constant
from augenblick.validate.violations import Place, Violation
from augenblick.validate.wording import in_order, short


def custom_violations(place: Place) -> Iterator[Violation]:
    """Yield the violations of every declared component whose parameters the shape gives."""
    graph = place.compiler.graph
    kinds = place.compiler.subclasses(SH.ConstraintComponent)
    for declared in in_order({node for kind in kinds for node in graph.subjects(RDF.type, kind)}):
        for arguments in _arguments(graph, declared, place):
            yield _violation(place, declared, arguments)


def _arguments(graph: Graph, declared: Node, place: Place) -> list[Mapping[str, str]]:
    """Return parameter name → term in SPARQL, once per value if there is a single parameter."""
    mandatory: dict[str, list[Node]] = {}
    optional: dict[str, list[Node]] = {}
    for parameter in graph.objects(declared, SH.parameter):
        path = graph.value(parameter, SH.path)
        spare = graph.value(parameter, SH.optional)
        given = in_order(graph.objects(place.shape, path)) if path is not None else []
        kind = optional if isinstance(spare, Literal) and spare.value is True else mandatory
        kind[short(str(path))] = given
    if not mandatory or not all(mandatory.values()):
        return []
    several = {name: given for name, given in {**mandatory, **optional}.items() if given}
    if len(several) == 1:
        return [{name: constant(term, place.refuse)} for name, given in several.items() for term in given]
    if any(len(given) > 1 for given in several.values()):
        raise place.refuse(f"{short(str(declared))} takes one value per parameter")
    return [{name: constant(given[0], place.refuse) for name, given in several.items()}]


def _violation(place: Place, declared: Node, arguments: Mapping[str, str]) -> Violation:
    graph = place.compiler.graph
    special = SH.nodeValidator if place.path is None else SH.propertyValidator
    for term in (special, SH.validator):
        validator = graph.value(declared, term)
        if validator is None:
            continue
        if (validator, SH.select, None) in graph:
            return _by_select(place, declared, validator, arguments)
        if (validator, SH.ask, None) in graph:
            return _by_ask(place, declared, validator, arguments)
    raise place.refuse(f"{short(str(declared))} has no SPARQL validator that fits it")


def _by_select(place: Place, declared: Node, validator: Node, arguments: Mapping[str, str]) -> Violation:
    query = EmbeddedSelect.read(place.compiler.graph, validator, place.refuse).at(place, arguments)
    names = {name: place.fresh() for name in query.projected if name != "this"}
    pattern = query.as_constraint(place.focus, place.scope.pattern, names)
    place.compiler.parse(pattern, place)
    extra = tuple((name, variable) for name, variable in names.items() if name not in RESERVED - {"message"})
    value = names.get("value", place.focus if place.path is None else None)
    return Violation(URIRef(str(declared)), pattern, TRUE, value, extra, names.get("path"), True, validator)


def _by_ask(place: Place, declared: Node, validator: Node, arguments: Mapping[str, str]) -> Violation:
    """Return the violation of an ASK: the value nodes for which it says no."""
    query = EmbeddedSelect.read_ask(place.compiler.graph, validator, place.refuse).at(place, arguments)
    value, pattern, scope = place.focus, "", place.scope
    if place.path is not None:
        value = place.fresh()
        pattern = place.values(value)
        scope = place.scope_of(pattern)
    group = query.as_test(value, scope.pattern, {"this": place.focus})
    place.compiler.parse(group, place)
    return Violation(URIRef(str(declared)), pattern, Not(Exists(group)), value, source=validator)
