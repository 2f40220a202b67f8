"""SPARQL expressions as rdflib parses them → expressions of the intermediate form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rdflib import BNode, Literal, URIRef, Variable

from augenblick.reason.ir import Call, Const, Expression, Ref

Refuse = Callable[[str], Exception]
"""Makes the error for a construct outside the fragment."""

Exists = Callable[[Any, bool], Expression]
"""Makes the value of an EXISTS (or, second argument, NOT EXISTS) whose pattern is given."""

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "STR": ("arg",), "LANG": ("arg",), "DATATYPE": ("arg",),
    "IRI": ("arg", "base"), "URI": ("arg", "base"), "ABS": ("arg",),
    "CEIL": ("arg",), "FLOOR": ("arg",), "ROUND": ("arg",), "STRLEN": ("arg",), "UCASE": ("arg",), "LCASE": ("arg",),
    "ENCODE_FOR_URI": ("arg",), "YEAR": ("arg",), "MONTH": ("arg",), "DAY": ("arg",), "HOURS": ("arg",),
    "MINUTES": ("arg",), "SECONDS": ("arg",), "TZ": ("arg",), "TIMEZONE": ("arg",),
    "MD5": ("arg",), "SHA1": ("arg",), "SHA256": ("arg",), "isIRI": ("arg",),
    "isURI": ("arg",), "isBLANK": ("arg",), "isLITERAL": ("arg",), "isNUMERIC": ("arg",), "BOUND": ("arg",),
    "CONCAT": ("arg",), "COALESCE": ("arg",),
    "LANGMATCHES": ("arg1", "arg2"), "STRDT": ("arg1", "arg2"), "STRLANG": ("arg1", "arg2"),
    "CONTAINS": ("arg1", "arg2"), "STRSTARTS": ("arg1", "arg2"), "STRENDS": ("arg1", "arg2"),
    "STRBEFORE": ("arg1", "arg2"), "STRAFTER": ("arg1", "arg2"), "sameTerm": ("arg1", "arg2"),
    "IF": ("arg1", "arg2", "arg3"), "REGEX": ("text", "pattern", "flags"), "SUBSTR": ("arg", "start", "length"),
    "REPLACE": ("arg", "pattern", "replacement", "flags"),
}  # fmt: skip
"""The built-ins the compiler takes, and the names rdflib gives their arguments."""

CASTS = frozenset(
    {"string", "boolean", "integer", "decimal", "double", "float", "date", "dateTime"}
    | {"dayTimeDuration", "yearMonthDuration"}
)
_XSD = "http://www.w3.org/2001/XMLSchema#"


def expression(node: Any, refuse: Refuse, exists: Exists | None = None) -> Expression:
    """Return the intermediate form of an expression rdflib parsed.

    Raises what `refuse` makes for functions outside the fragment (and for EXISTS where `exists` is not given).
    """
    if isinstance(node, Variable):
        return Ref(node)
    if isinstance(node, BNode):
        return Ref(Variable(f"__blank_{node}"))
    if isinstance(node, URIRef | Literal):
        return Const(node)
    name = getattr(node, "name", type(node).__name__)
    if name == "RelationalExpression":
        return _relational(node, refuse, exists)
    if name in ("ConditionalAndExpression", "ConditionalOrExpression"):
        sign = "&&" if name == "ConditionalAndExpression" else "||"
        return Call(sign, tuple(expression(part, refuse, exists) for part in (node.expr, *node.other)))
    if name in ("AdditiveExpression", "MultiplicativeExpression"):
        return _chain(node, refuse, exists)
    if name in ("UnaryNot", "UnaryMinus", "UnaryPlus"):
        return Call(
            {"UnaryNot": "!", "UnaryMinus": "NEG", "UnaryPlus": "POS"}[name], (expression(node.expr, refuse, exists),)
        )
    if name == "Function":
        return _cast(node, refuse, exists)
    if name in ("Builtin_EXISTS", "Builtin_NOTEXISTS") and exists is not None:
        return exists(node.graph, name == "Builtin_NOTEXISTS")
    if name.startswith("Builtin_"):
        return _builtin(node, name.removeprefix("Builtin_"), refuse, exists)
    raise refuse(name)


def _relational(node: Any, refuse: Refuse, exists: Exists | None) -> Expression:
    left = expression(node.expr, refuse, exists)
    if node.op in ("IN", "NOT IN"):
        items = node.other if isinstance(node.other, list) else []  # `()` is read as rdf:nil
        found = Call("IN", (left, *(expression(item, refuse, exists) for item in items)))
        return found if node.op == "IN" else Call("!", (found,))
    return Call(str(node.op), (left, expression(node.other, refuse, exists)))


def _chain(node: Any, refuse: Refuse, exists: Exists | None) -> Expression:
    result = expression(node.expr, refuse, exists)
    for sign, other in zip(node.op, node.other, strict=True):
        result = Call(str(sign), (result, expression(other, refuse, exists)))
    return result


def _cast(node: Any, refuse: Refuse, exists: Exists | None) -> Expression:
    local = str(node.iri).removeprefix(_XSD)
    if local not in CASTS or not str(node.iri).startswith(_XSD):
        raise refuse(f"function <{node.iri}>")
    return Call(f"xsd:{local}", tuple(expression(part, refuse, exists) for part in node.expr))


def _builtin(node: Any, name: str, refuse: Refuse, exists: Exists | None) -> Expression:
    if name not in ARGUMENTS:
        raise refuse(name)
    given: list[Any] = []
    for slot in ARGUMENTS[name]:
        value = node[slot] if slot in node else None  # noqa: SIM401, CompValue.get gives the name of what is absent
        if value is None or value == []:
            continue
        if name in ("CONCAT", "COALESCE") and not isinstance(value, list):
            continue  # `()` is read as rdf:nil
        given.extend(value if isinstance(value, list) else [value])
    return Call(name.upper(), tuple(expression(part, refuse, exists) for part in given))
