"""Value spaces of datatypes (OWL 2 RL, rules dt-*): when a literal lies in one, and which one lies in another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rdflib import RDF, RDFS, XSD, Literal, URIRef, Variable

from augenblick.reason.ir import Call, Const, Expression, Ref

Interval = tuple[int | None, int | None]
"""The least and the greatest integer of a datatype; None: there is none."""

INTEGERS: Mapping[URIRef, Interval] = {
    XSD.integer: (None, None),
    XSD.nonNegativeInteger: (0, None),
    XSD.positiveInteger: (1, None),
    XSD.nonPositiveInteger: (None, 0),
    XSD.negativeInteger: (None, -1),
    XSD.long: (-(2**63), 2**63 - 1),
    XSD.int: (-(2**31), 2**31 - 1),
    XSD.short: (-(2**15), 2**15 - 1),
    XSD.byte: (-(2**7), 2**7 - 1),
    XSD.unsignedLong: (0, 2**64 - 1),
    XSD.unsignedInt: (0, 2**32 - 1),
    XSD.unsignedShort: (0, 2**16 - 1),
    XSD.unsignedByte: (0, 2**8 - 1),
}
STRINGS: Mapping[URIRef, str | None] = {
    XSD.string: None,
    XSD.normalizedString: r"^[^\t\n\r]*$",
    XSD.token: r"^([^\t\n\r ]+( [^\t\n\r ]+)*)?$",
    XSD.language: r"^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$",
    XSD.NMTOKEN: r"^[\pL\pN._:-]+$",
    XSD.Name: r"^[\pL_:][\pL\pN._:-]*$",
    XSD.NCName: r"^[\pL_][\pL\pN._-]*$",
}
"""Datatypes of strings, and the pattern a string of them has."""

ALONE = (
    XSD.double, XSD.float, XSD.boolean, XSD.hexBinary, XSD.base64Binary, XSD.anyURI, XSD.dateTime, XSD.dateTimeStamp,
    XSD.date, XSD.time, XSD.duration, XSD.dayTimeDuration, XSD.yearMonthDuration, XSD.gYear, XSD.gYearMonth,
    XSD.gMonth, XSD.gMonthDay, XSD.gDay, RDF.XMLLiteral, RDF.langString,
)  # fmt: skip
"""Datatypes whose values no other datatype has; dates and durations beyond the profile's own."""

_CALCULATED = {XSD.double, XSD.float}
KNOWN = frozenset((*INTEGERS, *STRINGS, *ALONE, XSD.decimal, RDF.PlainLiteral, RDFS.Literal))


def is_datatype(term: object) -> bool:
    """Return whether a term is a datatype by its name."""
    return term in KNOWN or (isinstance(term, URIRef) and str(term).startswith(str(XSD)))


def within(datatype: URIRef, value: Variable) -> Expression | None:
    """Return the condition that a term is a literal of a datatype; None where the datatype's values are not known.

    Of datatypes that share their values with no other only the name is compared, so an ill-formed date passes.
    """
    term = Ref(value)
    kind = Call("DATATYPE", (term,))
    if datatype == RDFS.Literal:
        return Call("ISLITERAL", (term,))
    if datatype in INTEGERS:
        return _surely(_integer(term, kind, INTEGERS[datatype]))
    if datatype == XSD.decimal:
        return _surely(_exact(term, kind))
    if datatype in STRINGS:
        return _surely(_string(term, kind, STRINGS[datatype]))
    if datatype == RDF.PlainLiteral:
        return _surely(_among(kind, (*STRINGS, RDF.langString)))
    if datatype in _CALCULATED:
        return _surely(Call("&&", (_among(kind, (datatype,)), Call("ISNUMERIC", (term,)))))
    return _surely(_among(kind, (datatype,))) if datatype in ALONE else None


def _integer(term: Expression, kind: Expression, bounds: Interval) -> Expression:
    tests: list[Expression] = [
        _exact(term, kind),
        Call("=", (Call("FLOOR", (term,)), term)),
    ]
    for sign, bound in zip((">=", "<="), bounds, strict=True):
        if bound is not None:
            tests.append(Call(sign, (term, Const(Literal(bound)))))
    return Call("&&", tuple(tests))


def _exact(term: Expression, kind: Expression) -> Expression:
    """Return the condition that a term is a number, and no floating one: shorter than a list of all its datatypes."""
    floating = _among(kind, tuple(sorted(_CALCULATED)))
    return Call("&&", (Call("ISNUMERIC", (term,)), Call("!", (floating,))))


def _string(term: Expression, kind: Expression, pattern: str | None) -> Expression:
    named = _among(kind, tuple(STRINGS))
    if pattern is None:
        return named
    return Call("&&", (named, Call("REGEX", (Call("STR", (term,)), Const(Literal(pattern))))))


def _among(kind: Expression, datatypes: Iterable[URIRef]) -> Expression:
    return Call("IN", (kind, *(Const(each) for each in datatypes)))


def _surely(test: Expression) -> Expression:
    """Return a condition that is false where it would be an error (of what is no literal, say)."""
    return Call("COALESCE", (test, Const(Literal(False))))


def outside(datatype: URIRef, value: Variable) -> Expression | None:
    """Return the condition that a term is a literal, and none of a datatype; None where that is not known."""
    inside = within(datatype, value)
    return None if inside is None else Call("&&", (Call("ISLITERAL", (Ref(value),)), Call("!", (inside,))))


def narrower(datatypes: Iterable[URIRef], wide: URIRef) -> bool:
    """Return whether every value that lies in all of some datatypes lies in `wide` (False also where not known)."""
    given = set(datatypes)
    if wide in given or (wide == RDFS.Literal and given):
        return True
    whole = [INTEGERS[each] for each in given if each in INTEGERS]
    if wide == XSD.decimal:
        return bool(whole)
    if wide == XSD.string:
        return any(each in STRINGS for each in given)
    if wide == RDF.PlainLiteral:
        return any(each in STRINGS or each == RDF.langString for each in given)
    if wide not in INTEGERS or not whole:
        return False
    low = max((lower for lower, _ in whole if lower is not None), default=None)
    high = min((upper for _, upper in whole if upper is not None), default=None)
    if low is not None and high is not None and low > high:
        return True
    lower, upper = INTEGERS[wide]
    return (lower is None or (low is not None and low >= lower)) and (
        upper is None or (high is not None and high <= upper)
    )
