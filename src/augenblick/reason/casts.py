"""The constructor functions of XML Schema (`xsd:date(…)`) in SQL."""

from __future__ import annotations

from dataclasses import replace

from rdflib import XSD
from sqlglot import exp

from augenblick.reason.fragment import q, text
from augenblick.reason.functions import simple, written
from augenblick.reason.scalar import NUMERIC, Alternative, Value, choose, instant_sql, single
from augenblick.reason.terms import INLINE_TYPES

_DAY_US = 86_400_000_000


def cast_to(datatype: str, args: list[Value]) -> Value:
    """Return the first argument cast to an XML Schema type; NULL where it cannot be."""
    local = datatype.removeprefix(str(XSD))
    value = args[0]
    if local == "string":
        return single(
            "string", choose([(a.guard, written(_canonical(a))) for a in value.alternatives if a.type != "bnode"])
        )
    target = {"float": "double", "dateTime": "datetime", "dayTimeDuration": "days", "yearMonthDuration": "months"}
    type_ = target.get(local, local)
    branches = [(a.guard, sql) for a in value.alternatives if (sql := _cast(type_, a)) is not None]
    return single(type_, choose(branches), text(datatype) if local == "float" else None)


def _canonical(a: Alternative) -> Alternative:
    return replace(a, ext=None) if a.type == "boolean" else a


def typed(args: list[Value]) -> Value:
    """Return STRDT: a text with a datatype; of a type that lives in ids, the value itself."""
    text_of, datatype = args
    for name in INLINE_TYPES.values():
        if datatype.lexical is not None and datatype.lexical == text(str(name)):
            return cast_to(str(name), [single("string", simple(text_of))])
    if datatype.lexical is not None and datatype.lexical == text(str(XSD.string)):
        return single("string", simple(text_of))
    iri = choose([(a.guard, a.sql) for a in datatype.alternatives if a.type == "iri"])
    return single("other", simple(text_of), iri)


def _cast(type_: str, a: Alternative) -> exp.Expr | None:
    if a.type == type_:
        return a.sql
    if a.type == "string":
        return _from_text(type_, a.sql)
    if type_ in NUMERIC and a.type in (*NUMERIC, "boolean"):
        return _between_numbers(type_, a)
    match (a.type, type_):
        case ("integer" | "decimal" | "double", "boolean"):
            return q("(:x <> 0)", x=a.sql)
        case ("datetime", "date"):
            return q(f"CAST(floor(:x / {_DAY_US}.0) AS BIGINT)", x=a.sql)
        case ("date", "datetime"):
            return q(f":x * {_DAY_US}", x=a.sql)
        case _:
            return None


def _between_numbers(type_: str, a: Alternative) -> exp.Expr:
    number = q("CAST(:x AS INTEGER)", x=a.sql) if a.type == "boolean" else a.sql
    match type_:
        case "integer":
            return q("TRY_CAST(trunc(:x) AS BIGINT)", x=number)
        case "decimal":
            return q("TRY_CAST(:x AS DECIMAL(38, 10))", x=number)
        case _:
            return q("CAST(:x AS DOUBLE)", x=number)


def _from_text(type_: str, sql: exp.Expr) -> exp.Expr | None:
    match type_:
        case "integer":
            return q(
                "CASE WHEN regexp_full_match(trim(:x), '[+-]?[0-9]+') THEN TRY_CAST(trim(:x) AS BIGINT) END", x=sql
            )
        case "decimal":
            shape = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
            return q(
                f"CASE WHEN regexp_full_match(trim(:x), '{shape}') THEN TRY_CAST(trim(:x) AS DECIMAL(38, 10)) END",
                x=sql,
            )
        case "double":
            return q("TRY_CAST(trim(:x) AS DOUBLE)", x=sql)
        case "boolean":
            return q(
                "CASE WHEN trim(:x) IN ('true', '1') THEN TRUE WHEN trim(:x) IN ('false', '0') THEN FALSE END", x=sql
            )
        case "date":
            day = q("TRY_CAST(trim(:x) AS DATE)", x=sql)
            shape = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
            return q(
                f"CASE WHEN regexp_full_match(trim(:x), '{shape}') THEN date_diff('day', DATE '1970-01-01', :d) END",
                x=sql,
                d=day,
            )
        case "datetime":
            return instant_sql(sql)
        case "days":
            return _days(sql)
        case "months":
            return _months(sql)
        case _:
            return None


def _unit(sql: exp.Expr, pattern: str) -> exp.Expr:
    return q(f"COALESCE(TRY_CAST(regexp_extract(:x, '{pattern}', 1) AS DECIMAL(28, 3)), 0)", x=sql)


def _days(sql: exp.Expr) -> exp.Expr:
    shape = "-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]+)?S)?)?"
    return q(
        f"CASE WHEN regexp_full_match(:x, '{shape}') AND length(:x) > 2 THEN "
        "CAST(CASE WHEN starts_with(:x, '-') THEN -1 ELSE 1 END "
        "* (((:d * 24 + :h) * 60 + :m) * 60 + :s) * 1000 AS BIGINT) END",
        x=sql,
        d=_unit(sql, "([0-9]+)D"),
        h=_unit(sql, "([0-9]+)H"),
        m=_unit(sql, "([0-9]+)M"),
        s=_unit(sql, "([0-9]+(?:[.][0-9]+)?)S"),
    )


def _months(sql: exp.Expr) -> exp.Expr:
    return q(
        "CASE WHEN regexp_full_match(:x, '-?P([0-9]+Y)?([0-9]+M)?') AND length(:x) > 2 "
        "THEN CAST(CASE WHEN starts_with(:x, '-') THEN -1 ELSE 1 END * (:y * 12 + :m) AS BIGINT) END",
        x=sql,
        y=_unit(sql, "([0-9]+)Y"),
        m=_unit(sql, "([0-9]+)M"),
    )
