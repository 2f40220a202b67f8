"""Property pair constraints (SHACL 4.5): the values beside those of another property."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib.term import Node

from augenblick.validate.components.registry import Translate
from augenblick.validate.conditions import Exists, Not, Test
from augenblick.validate.targets import constant
from augenblick.validate.violations import Place, Violation, component


def _equals(place: Place, parameter: Node) -> Iterator[Violation]:
    other = constant(parameter, place.refuse)
    yield from _missing_in_other(place, other)
    yield from _missing_in_values(place, other)


def _missing_in_other(place: Place, other: str) -> Iterator[Violation]:
    if place.path is None:
        same = Exists(f"{place.focus} {other} {place.focus} .")
        yield Violation(component("Equals"), test=Not(same), value=place.focus)
        return
    value = place.fresh()
    test = Not(Exists(f"{place.focus} {other} {value} ."))
    yield Violation(component("Equals"), place.values(value), test, value)


def _missing_in_values(place: Place, other: str) -> Iterator[Violation]:
    value = place.fresh()
    pattern = f"{place.focus} {other} {value} ."
    if place.path is None:
        test: Test = f"!sameTerm({value}, {place.focus})"
    elif place.path.reaches_itself:
        found = place.fresh()
        test = Not(Exists(place.values(found), f"sameTerm({found}, {value})"))
    else:
        test = Not(Exists(place.values(value)))
    yield Violation(component("Equals"), pattern, test, value)


def _disjoint(place: Place, parameter: Node) -> Iterator[Violation]:
    other = constant(parameter, place.refuse)
    if place.path is None:
        pattern = f"{place.focus} {other} {place.focus} ."
        yield Violation(component("Disjoint"), pattern, value=place.focus)
        return
    value = place.fresh()
    pattern = f"{place.values(value)} {place.focus} {other} {value} ."
    yield Violation(component("Disjoint"), pattern, value=value)


def _less_than(name: str, operator: str) -> Translate:
    def translate(place: Place, parameter: Node) -> Iterator[Violation]:
        place.required_path()
        value, limit = place.fresh(), place.fresh()
        pattern = f"{place.values(value)} {place.focus} {constant(parameter, place.refuse)} {limit} ."
        test = f"!COALESCE({value} {operator} {limit}, false)"
        yield Violation(component(name), pattern, test, value, extra=(("other", limit),))

    return translate


PAIRS: dict[str, Translate] = {
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": _less_than("LessThan", "<"),
    "lessThanOrEquals": _less_than("LessThanOrEquals", "<="),
}
