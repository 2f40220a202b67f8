"""The form every constraint component has, and reading of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rdflib import Literal
from rdflib.collection import Collection
from rdflib.namespace import RDF, XSD
from rdflib.term import Node

from augenblick.validate.conditions import Test
from augenblick.validate.violations import Place, Violation, component

Translate = Callable[[Place, Node], Iterator[Violation]]
"""From a place and one parameter value to the ways of breaking it."""

Condition = Callable[[Place, Node, str], Test]
"""From a place, a parameter value and a variable to the test that it breaks."""


def per_value(name: str, condition: Condition) -> Translate:
    """Return a component that looks at each value node on its own."""

    def translate(place: Place, parameter: Node) -> Iterator[Violation]:
        if place.path is None:
            test = condition(place, parameter, place.focus)
            yield Violation(component(name), test=test, value=place.focus)
            return
        value = place.fresh()
        pattern = place.values(value)
        inner = Place(place.compiler, place.shape, value, place.scope_of(pattern), None)
        yield Violation(component(name), pattern, condition(inner, parameter, value), value)

    return translate


def whole_number(place: Place, parameter: Node) -> int:
    """Return the parameter as a count; raises `BadShape` for anything but a non-negative integer."""
    value = parameter.value if isinstance(parameter, Literal) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise place.refuse(f"{parameter} is no count")
    return value


def truth(place: Place, parameter: Node) -> bool:
    """Return whether the parameter is `true`, as the recommendation spells it ("1" is not it).

    Raises `BadShape` for what is no boolean.
    """
    if isinstance(parameter, Literal) and parameter.datatype == XSD.boolean:
        return str(parameter) == "true"
    raise place.refuse(f"{parameter} is neither true nor false")


def members(place: Place, parameter: Node) -> list[Node]:
    """Return the members of an RDF list; raises `BadShape` if it is none."""
    graph = place.compiler.graph
    if parameter != RDF.nil and (parameter, RDF.first, None) not in graph:
        raise place.refuse("an RDF list is expected")
    try:
        return list(Collection(graph, parameter))
    except ValueError as error:
        raise place.refuse("an RDF list contains itself") from error
