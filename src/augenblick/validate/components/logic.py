"""Logical and shape-based constraints (SHACL 4.6, 4.7.1): shapes a value must or must not conform to."""

from __future__ import annotations

from itertools import combinations

from rdflib.term import Node

from augenblick.validate.components.registry import Translate, members, per_value
from augenblick.validate.violations import Place


def _breaks(place: Place, shape: Node, value: str) -> str:
    return f"({place.compiler.nonconforming(shape, value, place.scope)})"


def _not(place: Place, parameter: Node, value: str) -> str:
    return f"!{_breaks(place, parameter, value)}"


def _and(place: Place, parameter: Node, value: str) -> str:
    return " || ".join(_breaks(place, shape, value) for shape in members(place, parameter)) or "false"


def _or(place: Place, parameter: Node, value: str) -> str:
    return " && ".join(_breaks(place, shape, value) for shape in members(place, parameter)) or "true"


def _xone(place: Place, parameter: Node, value: str) -> str:
    """Return the test for none or at least two: pairs rather than a sum, which any engine takes."""
    breaks = [_breaks(place, shape, value) for shape in members(place, parameter)]
    none = " && ".join(breaks) or "true"
    pairs = [f"(!{one} && !{other})" for one, other in combinations(breaks, 2)]
    return " || ".join([f"({none})", *pairs])


def _node(place: Place, parameter: Node, value: str) -> str:
    return _breaks(place, parameter, value)


LOGIC: dict[str, Translate] = {
    "not": per_value("Not", _not),
    "and": per_value("And", _and),
    "or": per_value("Or", _or),
    "xone": per_value("Xone", _xone),
    "node": per_value("Node", _node),
}
