"""Conditions whose value is plain from the kinds of terms a table holds, before any SQL is made."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import XSD, Literal, URIRef, Variable

from augenblick.reason.ir import Call, Const, Expression, Ref
from augenblick.reason.terms import INLINE_TYPES, RESOURCE, Kind

_NUMBERS = Kind.INTEGER.bit | Kind.DECIMAL.bit


def foregone(test: Expression, kinds: Mapping[Variable, int]) -> bool | None:
    """Return the value a condition has for all terms of these kinds; None where it may differ or be an error."""
    match test:
        case Const(Literal() as literal) if isinstance(literal.value, bool):
            return bool(literal.value)
        case Call("!", (inner,)):
            value = foregone(inner, kinds)
            return None if value is None else not value
        case Call("&&", parts):
            values = [foregone(part, kinds) for part in parts]
            return False if False in values else True if all(values) else None
        case Call("COALESCE", (first, *_)):
            return foregone(first, kinds)
        case Call("ISLITERAL", (Ref(variable),)):
            return _all_or_none(kinds.get(variable), RESOURCE, otherwise=True)
        case Call("ISNUMERIC", (Ref(variable),)):
            return True if _within(kinds.get(variable), _NUMBERS) else None
        case Call("=", (Call("FLOOR", (Ref(a),)), Ref(b))) if a == b:
            return True if _within(kinds.get(a), Kind.INTEGER.bit) else None
        case Call("IN", (Call("DATATYPE", (Ref(variable),)), *listed)):
            return (
                _all_or_none(kinds.get(variable), _kinds_of(listed), otherwise=False)
                if _named(kinds, variable)
                else None
            )
    return None


def _within(mask: int | None, wanted: int) -> bool:
    return bool(mask) and not (mask or 0) & ~wanted


def _all_or_none(mask: int | None, wanted: int, *, otherwise: bool) -> bool | None:
    if not mask:
        return None
    if not mask & ~wanted:
        return not otherwise
    return otherwise if not mask & wanted else None


def _named(kinds: Mapping[Variable, int], variable: Variable) -> bool:
    """Return whether the kinds of a variable tell the datatype of each of its terms."""
    known = Kind.STRING.bit
    for kind in INLINE_TYPES:
        known |= kind.bit
    return _within(kinds.get(variable), known)


def _kinds_of(listed: list[Expression]) -> int:
    """Return the kinds whose terms all have one of the datatypes."""
    names = {item.term for item in listed if isinstance(item, Const) and isinstance(item.term, URIRef)}
    mask = Kind.STRING.bit if XSD.string in names else 0
    for kind, datatype in INLINE_TYPES.items():
        if datatype in names:
            mask |= kind.bit
    return mask
