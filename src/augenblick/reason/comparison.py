"""Equality, order and arithmetic between values of SPARQL expressions."""

from __future__ import annotations

from sqlglot import exp

from augenblick.reason.fragment import both, number, q
from augenblick.reason.scalar import NUMERIC, Alternative, Value, choose, encode, resource_only
from augenblick.reason.terms import Kind

_UNORDERED = ("iri", "bnode", "lang", "other")
_LOOSE = Kind.NUMBER.bit | Kind.INSTANT.bit | Kind.OTHER.bit
_DAY = 86_400_000
_FARTHEST = 14 * 3_600_000_000
"""Microseconds a time without offset may lie off UTC; nearer than that it has no order to one with offset."""


def same_term(left: Value, right: Value) -> exp.Expr:
    """Return SQL for sameTerm: one id."""
    return q("(:a = :b)", a=encode(left).term, b=encode(right).term)


def equal(left: Value, right: Value) -> exp.Expr:
    """Return SQL for `=`: by value among numbers and times, by term else; NULL between unknown datatypes."""
    if left.term is not None and right.term is not None and _ids_decide(left.mask, right.mask):
        return q("(:a = :b)", a=left.term, b=right.term)
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for a in left.alternatives:
        branches += [(both(a.guard, b.guard), _equal_pair(a, b)) for b in right.alternatives]
    return choose(branches) if branches else exp.null()


def _ids_decide(left: int, right: int) -> bool:
    if resource_only(left) or resource_only(right):
        return True
    mixed = Kind.INTEGER.bit | Kind.DECIMAL.bit
    return not (left | right) & _LOOSE and (left | right) & mixed != mixed


def _equal_pair(a: Alternative, b: Alternative) -> exp.Expr:
    if a.type in NUMERIC and b.type in NUMERIC:
        left, right = _numbers(a, b)
        return q("(:a = :b)", a=left, b=right)
    if a.type == "other" and b.type == "other":
        same = q("(:a = :b AND :x = :y)", a=a.sql, b=b.sql, x=a.ext or exp.null(), y=b.ext or exp.null())
        return q("CASE WHEN :s THEN TRUE END", s=same)
    if a.type == b.type == "lang":
        return q("(:a = :b AND :x = :y)", a=a.sql, b=b.sql, x=a.ext or exp.null(), y=b.ext or exp.null())
    if a.type == b.type:
        return q("(:a = :b)", a=a.sql, b=b.sql)
    if "other" in (a.type, b.type) and not {a.type, b.type} & {"iri", "bnode", "lang"}:
        return exp.null()
    return q("CASE WHEN :a IS NOT NULL AND :b IS NOT NULL THEN FALSE END", a=a.sql, b=b.sql)


def ordered(sign: str, left: Value, right: Value) -> exp.Expr:
    """Return SQL for `<`, `<=`, `>`, `>=`; NULL between values without a common order."""
    template = f"(:a {sign} :b)"
    if left.term is not None and right.term is not None and left.mask == right.mask and _orders(left.mask):
        return q(template, a=left.term, b=right.term)
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for a in left.alternatives:
        for b in right.alternatives:
            if a.type in NUMERIC and b.type in NUMERIC:
                x, y = _numbers(a, b)
                branches.append((both(a.guard, b.guard), q(template, a=x, b=y)))
            elif a.type == b.type == "lang":
                same = q("(:x = :y)", x=a.ext or exp.null(), y=b.ext or exp.null())
                branches.append((both(a.guard, b.guard, same), q(template, a=a.sql, b=b.sql)))
            elif a.type == b.type == "other":
                branches.append((both(a.guard, b.guard), _same_other(a, b, holds="=" in sign)))
            elif a.type == b.type == "datetime" and (a.ext is not None or b.ext is not None):
                branches.append((both(a.guard, b.guard), _ordered_times(template, a, b)))
            elif a.type == b.type and a.type not in _UNORDERED:
                branches.append((both(a.guard, b.guard), q(template, a=a.sql, b=b.sql)))
    return choose(branches)


def _ordered_times(template: str, a: Alternative, b: Alternative) -> exp.Expr:
    """Return SQL for the order of two times, NULL where one has an offset, one has none, and both are near (XSD)."""
    sides = [
        q("regexp_matches(:x, '(Z|[+-][0-9]{2}:[0-9]{2})$')", x=each.ext) if each.ext is not None else exp.false()
        for each in (a, b)
    ]
    open_ = q("(:p <> :r AND abs(:a - :b) <= :far)", p=sides[0], r=sides[1], a=a.sql, b=b.sql, far=number(_FARTHEST))
    return q("CASE WHEN NOT :o THEN :s END", o=open_, s=q(template, a=a.sql, b=b.sql))


def _same_other(a: Alternative, b: Alternative, *, holds: bool) -> exp.Expr:
    """Return SQL for the order of two literals of unknown datatypes: known only where they are one term."""
    same = q("(:a = :b AND :x = :y)", a=a.sql, b=b.sql, x=a.ext or exp.null(), y=b.ext or exp.null())
    return q("CASE WHEN :s THEN :h END", s=same, h=exp.true() if holds else exp.false())


def _orders(mask: int) -> bool:
    return any(mask == kind.bit for kind in Kind if kind.inline)


def _numbers(a: Alternative, b: Alternative) -> tuple[exp.Expr, exp.Expr]:
    if a.type == b.type:
        return a.sql, b.sql
    if "double" in (a.type, b.type):
        return q("CAST(:x AS DOUBLE)", x=a.sql), q("CAST(:x AS DOUBLE)", x=b.sql)
    return q("CAST(:x AS DECIMAL(38, 10))", x=a.sql), q("CAST(:x AS DECIMAL(38, 10))", x=b.sql)


def arithmetic(sign: str, left: Value, right: Value) -> Value:
    """Return the value of `+ - * /`: numbers by XPath's promotion, dates with durations by SEP-0002."""
    found: list[Alternative] = []
    for a in left.alternatives:
        for b in right.alternatives:
            result = _numeric(sign, a, b) if a.type in NUMERIC and b.type in NUMERIC else _temporal(sign, a, b)
            if result is not None:
                found.append(Alternative(result[0], both(a.guard, b.guard), result[1]))
    return Value(tuple(found))


def _numeric(sign: str, a: Alternative, b: Alternative) -> tuple[str, exp.Expr]:
    if "double" in (a.type, b.type):
        return "double", q(f"CAST(:a AS DOUBLE) {sign} CAST(:b AS DOUBLE)", a=a.sql, b=b.sql)
    if sign == "/":
        divided = q(
            "CASE WHEN :b <> 0 THEN TRY(CAST("
            "TRY_CAST(CAST(:a AS DECIMAL(38, 10)) * 10000000000 AS HUGEINT) * 10000000000 "
            "// TRY_CAST(CAST(:b AS DECIMAL(38, 10)) * 10000000000 AS HUGEINT) AS DECIMAL(38, 0)) * 0.0000000001) END",
            a=a.sql,
            b=b.sql,
        )
        return "decimal", q("TRY_CAST(:x AS DECIMAL(38, 10))", x=divided)
    if a.type == b.type == "integer":
        return "integer", q(f"TRY(CAST(:a AS BIGINT) {sign} CAST(:b AS BIGINT))", a=a.sql, b=b.sql)
    narrow = "DECIMAL(18, 5)" if sign == "*" else "DECIMAL(38, 10)"
    if sign == "*":
        exact = q("TRY(CAST(:a AS DECIMAL(19, 5)) * CAST(:b AS DECIMAL(19, 5)))", a=a.sql, b=b.sql)
        return "decimal", q("TRY_CAST(:x AS DECIMAL(38, 10))", x=exact)
    result = q(f"TRY(CAST(:a AS {narrow}) {sign} CAST(:b AS {narrow}))", a=a.sql, b=b.sql)
    return "decimal", q("TRY_CAST(:x AS DECIMAL(38, 10))", x=result)


def _temporal(sign: str, a: Alternative, b: Alternative) -> tuple[str, exp.Expr] | None:
    match (a.type, sign, b.type):
        case ("date", "-", "date"):
            return "days", q(f"(:a - :b) * {_DAY}", a=a.sql, b=b.sql)
        case ("datetime", "-", "datetime"):
            return "days", q("(:a - :b) // 1000", a=a.sql, b=b.sql)
        case ("date", "+" | "-", "days"):
            moved = q(f"(:a * {_DAY} {sign} :b)", a=a.sql, b=b.sql)
            return "date", q(f"CAST(floor(:x / {_DAY}.0) AS BIGINT)", x=moved)
        case ("datetime", "+" | "-", "days"):
            return "datetime", q(f":a {sign} :b * 1000", a=a.sql, b=b.sql)
        case ("date", "+" | "-", "months"):
            return "date", _months_later(sign, a.sql, b.sql)
        case ("datetime", "+" | "-", "months"):
            shifted = q(f"epoch_us(make_timestamp(:a) {sign} to_months(CAST(:b AS INTEGER)))", a=a.sql, b=b.sql)
            return "datetime", shifted
        case (("days" | "months") as span, "+", ("date" | "datetime")) if span:
            return _temporal(sign, b, a)
        case ("days", "+" | "-", "days") | ("months", "+" | "-", "months"):
            return a.type, q(f":a {sign} :b", a=a.sql, b=b.sql)
        case _:
            return None


def _months_later(sign: str, days: exp.Expr, months: exp.Expr) -> exp.Expr:
    moved = q(
        f"CAST(DATE '1970-01-01' + CAST(:d AS INTEGER) AS DATE) {sign} to_months(CAST(:m AS INTEGER))", d=days, m=months
    )
    return q("date_diff('day', DATE '1970-01-01', CAST(:x AS DATE))", x=moved)


def negated(value: Value) -> Value:
    """Return minus a value."""
    found = []
    for alternative in value.alternatives:
        if alternative.type in (*NUMERIC, "days", "months"):
            sql = q("(-1) * :x" if alternative.type != "double" else "-:x", x=alternative.sql)
            if alternative.type == "decimal":
                sql = q("CAST(:x AS DECIMAL(38, 10))", x=q("-:x", x=alternative.sql))
            found.append(Alternative(alternative.type, alternative.guard, sql))
    return Value(tuple(found))
