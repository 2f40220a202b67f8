"""Expressions of the intermediate form → values in SQL."""

from __future__ import annotations

from sqlglot import exp

from augenblick.reason.casts import cast_to, typed
from augenblick.reason.comparison import arithmetic, equal, negated, ordered, same_term
from augenblick.reason.fragment import case, q
from augenblick.reason.functions import FUNCTIONS
from augenblick.reason.ir import Call, Const, Expression, Ref
from augenblick.reason.scalar import (
    Alternative,
    Encoded,
    Scope,
    Value,
    choose,
    constant_value,
    encode,
    single,
    truth,
    variable_value,
)

_TEXTS = ("iri", "bnode", "string", "lang", "other")
_XSD = "http://www.w3.org/2001/XMLSchema#"


def value_of(expression: Expression, scope: Scope) -> Value:
    """Return the value of an expression where the variables of `scope` are seen."""
    match expression:
        case Ref(variable):
            return variable_value(variable, scope)
        case Const(term):
            return constant_value(term)
        case Call(name, args):
            return _call(name, args, scope)


def condition(expression: Expression, scope: Scope) -> exp.Expr:
    """Return SQL that is true where the expression's effective boolean value is true, else false or NULL."""
    return truth(value_of(expression, scope))


def _call(name: str, args: tuple[Expression, ...], scope: Scope) -> Value:
    match name:
        case "BOUND":
            return single("boolean", _bound(args[0], scope))
        case "&&" | "||":
            parts = [exp.Paren(this=condition(arg, scope)) for arg in args]
            return single(
                "boolean", exp.Paren(this=exp.and_(*parts, copy=False) if name == "&&" else exp.or_(*parts, copy=False))
            )
        case "!":
            return single("boolean", q("(NOT :x)", x=exp.Paren(this=condition(args[0], scope))))
        case "IF":
            return _if(args, scope)
        case "COALESCE":
            return _coalesce([value_of(arg, scope) for arg in args])
        case _:
            return _strict(name, [value_of(arg, scope) for arg in args])


def _strict(name: str, values: list[Value]) -> Value:
    match name:
        case "=" | "!=":
            same = equal(values[0], values[1])
            return single("boolean", same if name == "=" else q("(NOT :x)", x=exp.Paren(this=same)))
        case "<" | "<=" | ">" | ">=":
            return single("boolean", ordered(name, values[0], values[1]))
        case "+" | "-" | "*" | "/":
            return arithmetic(name, values[0], values[1])
        case "NEG":
            return negated(values[0])
        case "POS":
            return values[0]
        case "SAMETERM":
            return single("boolean", same_term(values[0], values[1]))
        case "IN":
            tests = [exp.Paren(this=equal(values[0], other)) for other in values[1:]]
            return single("boolean", exp.Paren(this=exp.or_(*tests, copy=False)) if tests else exp.false())
        case "STRDT":
            return typed(values)
        case _ if name.startswith("xsd:"):
            return cast_to(_XSD + name.removeprefix("xsd:"), values)
        case _:
            return FUNCTIONS[name](values)


def _bound(arg: Expression, scope: Scope) -> exp.Expr:
    term = scope.term(arg.variable) if isinstance(arg, Ref) else None
    return q("(:x IS NOT NULL)", x=term) if term is not None else exp.false()


def _if(args: tuple[Expression, ...], scope: Scope) -> Value:
    test = exp.Paren(this=condition(args[0], scope))
    return _either(
        [(test, value_of(args[1], scope)), (q("(NOT :x)", x=test), value_of(args[2], scope))],
    )


def _coalesce(values: list[Value]) -> Value:
    if not values:
        return Value((), q("CAST(NULL AS BIGINT)"), 0)
    tested = [(q("(:x IS NOT NULL)", x=encode(value).term), value) for value in values]
    return _either(tested)


def _either(branches: list[tuple[exp.Expr, Value]]) -> Value:
    """Return the value of the first branch that holds, as one term column and as alternatives."""
    alternatives: list[Alternative] = []
    terms: list[tuple[exp.Expr, exp.Expr]] = []
    texts: list[tuple[exp.Expr, Value, Encoded]] = []
    mask = 0
    earlier: list[exp.Expr] = []
    for test, value in branches:
        first = exp.and_(*(q("NOT COALESCE(:x, FALSE)", x=before) for before in earlier), test, copy=False)
        for a in value.alternatives:
            guard = exp.and_(first, a.guard, copy=False) if a.guard is not None else first
            alternatives.append(Alternative(a.type, exp.Paren(this=guard), a.sql, a.ext, a.small))
        encoded = encode(value)
        mask |= encoded.mask
        terms.append((test, encoded.term))
        texts.append((test, value, encoded))
        earlier.append(test)
    if all(encoded.lexical is None for _, _, encoded in texts):
        return Value(tuple(alternatives), case(terms), mask)
    lexical = case([(test, _text(value, encoded)) for test, value, encoded in texts])
    ext = case([(test, _ext(value, encoded)) for test, value, encoded in texts])
    return Value(tuple(alternatives), case(terms), mask, lexical, ext)


def _text(value: Value, encoded: Encoded) -> exp.Expr:
    """Return the lexical form of a term, looked up where it does not travel with it."""
    if encoded.lexical is not None:
        return encoded.lexical
    return choose([(a.guard, a.sql) for a in value.alternatives if a.type in _TEXTS])


def _ext(value: Value, encoded: Encoded) -> exp.Expr:
    if encoded.lexical is not None:
        return encoded.ext if encoded.ext is not None else exp.null()
    return choose([(a.guard, a.ext) for a in value.alternatives if a.type in _TEXTS and a.ext is not None])
