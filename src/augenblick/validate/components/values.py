"""Value type, range and string constraints (SHACL 4.1, 4.3, 4.4): each looks at one value node."""

from __future__ import annotations

import re

from rdflib import Literal, URIRef
from rdflib.namespace import RDF, SH, XSD
from rdflib.term import Node

from augenblick.validate.components.registry import (
    Condition,
    Translate,
    members,
    per_value,
    whole_number,
)
from augenblick.validate.conditions import Exists, Not, Test, all_of
from augenblick.validate.targets import constant
from augenblick.validate.violations import Place

_KINDS: dict[Node, tuple[str, ...]] = {
    SH.IRI: ("isIRI",),
    SH.BlankNode: ("isBlank",),
    SH.Literal: ("isLiteral",),
    SH.BlankNodeOrIRI: ("isBlank", "isIRI"),
    SH.BlankNodeOrLiteral: ("isBlank", "isLiteral"),
    SH.IRIOrLiteral: ("isIRI", "isLiteral"),
}
_CAST: set[Node] = {
    *(XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.boolean),
    *(XSD.dateTime, XSD.date, XSD.time, XSD.gYear, XSD.gYearMonth, XSD.gMonth, XSD.gDay, XSD.gMonthDay),
    *(XSD.duration, XSD.dayTimeDuration, XSD.yearMonthDuration),
}
_RANGES: dict[Node, tuple[int | None, int | None]] = {
    XSD.byte: (-(2**7), 2**7 - 1),
    XSD.short: (-(2**15), 2**15 - 1),
    XSD.int: (-(2**31), 2**31 - 1),
    XSD.long: (-(2**63), 2**63 - 1),
    XSD.unsignedByte: (0, 2**8 - 1),
    XSD.unsignedShort: (0, 2**16 - 1),
    XSD.unsignedInt: (0, 2**32 - 1),
    XSD.unsignedLong: (0, 2**64 - 1),
    XSD.nonNegativeInteger: (0, None),
    XSD.positiveInteger: (1, None),
    XSD.nonPositiveInteger: (None, 0),
    XSD.negativeInteger: (None, -1),
}


def _class(place: Place, parameter: Node, value: str) -> Test:
    names = place.compiler.subclasses(parameter)
    return all_of(*(Not(Exists(f"{value} {RDF.type.n3()} {name.n3()} .")) for name in names))


def _node_kind(place: Place, parameter: Node, value: str) -> str:
    if parameter not in _KINDS:
        raise place.refuse(f"{parameter} is no node kind")
    return f"!({' || '.join(f'{test}({value})' for test in _KINDS[parameter])})"


def _datatype(place: Place, parameter: Node, value: str) -> str:
    name = constant(parameter, place.refuse)
    tests = [f"!isLiteral({value})", f"DATATYPE({value}) != {name}", *_ill_formed(parameter, value)]
    return " || ".join(tests)


def _ill_formed(datatype: Node, value: str) -> list[str]:
    """Return tests for lexical forms outside the datatype: casting a string to it must succeed."""
    text = f"STR({value})"
    if datatype in _CAST:
        return [f"!COALESCE(isLiteral({URIRef(str(datatype)).n3()}({text})), false)"]
    if datatype not in _RANGES:
        return []
    lowest, highest = _RANGES[datatype]
    number = f"{XSD.integer.n3()}({text})"
    bounds = [f"{number} >= {lowest}"] if lowest is not None else []
    bounds += [f"{number} <= {highest}"] if highest is not None else []
    return [f"!COALESCE({' && '.join(bounds)}, false)"]


def _bound(operator: str) -> Condition:
    def condition(place: Place, parameter: Node, value: str) -> str:
        return f"!COALESCE({value} {operator} {constant(parameter, place.refuse)}, false)"

    return condition


def _length(operator: str) -> Condition:
    def condition(place: Place, parameter: Node, value: str) -> str:
        return f"isBlank({value}) || STRLEN(STR({value})) {operator} {whole_number(place, parameter)}"

    return condition


def _pattern(place: Place, parameter: Node, value: str) -> str:
    flags = place.compiler.graph.value(place.shape, SH.flags)
    try:
        re.compile(str(parameter))
    except re.error as error:
        raise place.refuse(f"'{parameter}' is no regular expression: {error}") from error
    written = Literal(str(parameter)).n3()
    marked = Literal(str(flags) if flags is not None else "").n3()
    return f"isBlank({value}) || !REGEX(STR({value}), {written}, {marked})"


def _language_in(place: Place, parameter: Node, value: str) -> str:
    tags = [Literal(str(tag)).n3() for tag in members(place, parameter)]
    known = " || ".join(f"LANGMATCHES(LANG({value}), {tag})" for tag in tags) or "false"
    return f"!isLiteral({value}) || !({known})"


VALUES: dict[str, Translate] = {
    "class": per_value("Class", _class),
    "nodeKind": per_value("NodeKind", _node_kind),
    "datatype": per_value("Datatype", _datatype),
    "minInclusive": per_value("MinInclusive", _bound(">=")),
    "minExclusive": per_value("MinExclusive", _bound(">")),
    "maxInclusive": per_value("MaxInclusive", _bound("<=")),
    "maxExclusive": per_value("MaxExclusive", _bound("<")),
    "minLength": per_value("MinLength", _length("<")),
    "maxLength": per_value("MaxLength", _length(">")),
    "pattern": per_value("Pattern", _pattern),
    "languageIn": per_value("LanguageIn", _language_in),
}
