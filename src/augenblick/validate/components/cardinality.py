"""Constraints on the number of values (SHACL 4.2, 4.7.3) and of languages (4.4.5)."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib.namespace import SH
from rdflib.term import Node

from augenblick.validate.components.registry import Translate, truth, whole_number
from augenblick.validate.conditions import Exists, Not, all_of, filters, negated
from augenblick.validate.violations import Place, Violation, component
from augenblick.validate.wording import in_order


def _min_count(place: Place, parameter: Node) -> Iterator[Violation]:
    least = whole_number(place, parameter)
    value = place.fresh()
    values = place.values(value)
    if least == 0:
        return
    enough = values if least == 1 else place.counted(value, values, f">= {least}")
    yield Violation(component("MinCount"), test=Not(Exists(enough)))


def _max_count(place: Place, parameter: Node) -> Iterator[Violation]:
    most = whole_number(place, parameter)
    value = place.fresh()
    values = place.values(value)
    too_many = values if most == 0 else place.counted(value, values, f"> {most}")
    yield Violation(component("MaxCount"), test=Exists(too_many))


def _unique_lang(place: Place, parameter: Node) -> Iterator[Violation]:
    one, other, language = place.fresh(), place.fresh(), place.fresh()
    values = f"{place.values(one)} {place.values(other)}"
    if not truth(place, parameter):
        return
    condition = f'!sameTerm({one}, {other}) && {language} != "" && {language} = LCASE(LANG({other}))'
    pattern = f"{values} FILTER(isLiteral({one}) && isLiteral({other})) BIND(LCASE(LANG({one})) AS {language})"
    yield Violation(component("UniqueLang"), pattern, condition, extra=(("language", language),))


def _qualified(place: Place, _shape: Node) -> Iterator[Violation]:
    """Yield nothing: the counts beside the qualified shape carry the constraint."""
    place.required_path()
    counts = (SH.qualifiedMinCount, SH.qualifiedMaxCount)
    if not any((place.shape, count, None) in place.compiler.graph for count in counts):
        raise place.refuse("sh:qualifiedValueShape needs sh:qualifiedMinCount or sh:qualifiedMaxCount")
    yield from ()


def _qualified_min(place: Place, parameter: Node) -> Iterator[Violation]:
    least = whole_number(place, parameter)
    for value, values in _qualified_values(place):
        if least > 0:
            enough = values if least == 1 else place.counted(value, values, f">= {least}")
            yield Violation(component("QualifiedMinCount"), test=Not(Exists(enough)))


def _qualified_max(place: Place, parameter: Node) -> Iterator[Violation]:
    most = whole_number(place, parameter)
    for value, values in _qualified_values(place):
        too_many = values if most == 0 else place.counted(value, values, f"> {most}")
        yield Violation(component("QualifiedMaxCount"), test=Exists(too_many))


def _qualified_values(place: Place) -> Iterator[tuple[str, str]]:
    """Yield, per qualified shape, a variable and the pattern of the values that conform to it."""
    graph = place.compiler.graph
    disjoint = any(truth(place, flag) for flag in graph.objects(place.shape, SH.qualifiedValueShapesDisjoint))
    for shape in graph.objects(place.shape, SH.qualifiedValueShape):
        value = place.fresh()
        pattern = place.values(value)
        scope = place.scope_of(pattern)
        tests = [negated(place.compiler.nonconforming(shape, value, scope))]
        if disjoint:
            tests += [place.compiler.nonconforming(other, value, scope) for other in _siblings(place, shape)]
        yield value, f"{pattern} {filters(all_of(*tests))}"


def _siblings(place: Place, shape: Node) -> list[Node]:
    graph = place.compiler.graph
    found = {
        other
        for parent in graph.subjects(SH.property, place.shape)
        for sibling in graph.objects(parent, SH.property)
        for other in graph.objects(sibling, SH.qualifiedValueShape)
    }
    return in_order(found - {shape})


CARDINALITIES: dict[str, Translate] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "uniqueLang": _unique_lang,
    "qualifiedValueShape": _qualified,
    "qualifiedMinCount": _qualified_min,
    "qualifiedMaxCount": _qualified_max,
}
