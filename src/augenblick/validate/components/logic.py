"""Logical and shape-based constraints (SHACL 4.6, 4.7.1): shapes a value must or must not conform to."""

from __future__ import annotations

from itertools import combinations

from rdflib.term import Node

from augenblick.validate.components.registry import Translate, members, per_value
from augenblick.validate.conditions import Test, all_of, any_of, negated
from augenblick.validate.violations import Place


def _node(place: Place, parameter: Node, value: str) -> Test:
    return place.compiler.nonconforming(parameter, value, place.scope)


def _each(place: Place, parameter: Node, value: str) -> list[Test]:
    return [_node(place, shape, value) for shape in members(place, parameter)]


def _not(place: Place, parameter: Node, value: str) -> Test:
    return negated(_node(place, parameter, value))


def _and(place: Place, parameter: Node, value: str) -> Test:
    return any_of(*_each(place, parameter, value))


def _or(place: Place, parameter: Node, value: str) -> Test:
    return all_of(*_each(place, parameter, value))


def _xone(place: Place, parameter: Node, value: str) -> Test:
    """Return the test for none or at least two: pairs rather than a sum, which any engine takes."""
    breaks = _each(place, parameter, value)
    pairs = (all_of(negated(one), negated(other)) for one, other in combinations(breaks, 2))
    return any_of(all_of(*breaks), *pairs)


LOGIC: dict[str, Translate] = {
    "not": per_value("Not", _not),
    "and": per_value("And", _and),
    "or": per_value("Or", _or),
    "xone": per_value("Xone", _xone),
    "node": per_value("Node", _node),
}
