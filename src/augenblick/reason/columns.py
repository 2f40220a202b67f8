"""How a column of a table becomes RDF terms, set-based."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import XSD
from sqlglot import exp

from augenblick.reason.fragment import number, q, text
from augenblick.reason.scalar import Encoded, Value, constant_value, encode, single
from augenblick.reason.terms import NUMERIC_TYPES, Term


@dataclass(frozen=True)
class TermSpec:
    """How the values of a column are read as terms; make it with the functions below."""

    shape: str
    detail: str = ""
    term: Term | None = None
    encoded: bool = True


def iri(prefix: str = "", *, encode: bool | None = None) -> TermSpec:
    """Return the spec of IRIs: the whole IRI in the column, or its percent-encoded end after a prefix.

    `encode` says whether the column is percent-encoded; by default only where there is a prefix.
    """
    return TermSpec("iri", prefix, encoded=bool(prefix) if encode is None else encode)


def literal(datatype: str = str(XSD.string)) -> TermSpec:
    """Return the spec of literals of a datatype; the column holds the lexical form."""
    known = {
        str(XSD.string): "string",
        str(XSD.date): "date",
        str(XSD.integer): "integer",
        str(XSD.decimal): "decimal",
        str(XSD.boolean): "boolean",
        str(XSD.dateTime): "datetime",
    }
    return TermSpec(known.get(datatype, "other"), datatype)


def string() -> TermSpec:
    """Return the spec of plain strings."""
    return TermSpec("string")


def lang_string(language: str) -> TermSpec:
    """Return the spec of strings in a language."""
    return TermSpec("lang", language.lower())


def date() -> TermSpec:
    """Return the spec of xsd:date from a DATE column."""
    return TermSpec("date")


def datetime() -> TermSpec:
    """Return the spec of xsd:dateTime without timezone from a TIMESTAMP column."""
    return TermSpec("datetime")


def integer() -> TermSpec:
    """Return the spec of xsd:integer from an integer column."""
    return TermSpec("integer")


def decimal() -> TermSpec:
    """Return the spec of xsd:decimal from a DECIMAL column."""
    return TermSpec("decimal")


def double() -> TermSpec:
    """Return the spec of xsd:double from a DOUBLE column."""
    return TermSpec("double")


def boolean() -> TermSpec:
    """Return the spec of xsd:boolean from a BOOLEAN column."""
    return TermSpec("boolean")


def duration_days() -> TermSpec:
    """Return the spec of xsd:dayTimeDuration from a column with a number of days."""
    return TermSpec("days")


def duration_months() -> TermSpec:
    """Return the spec of xsd:yearMonthDuration from a column with a number of months."""
    return TermSpec("months")


def constant(term: Term) -> TermSpec:
    """Return the spec of one fixed term; no column is read."""
    return TermSpec("constant", term=term)


def term_ids() -> TermSpec:
    """Return the spec of a column that holds term ids already."""
    return TermSpec("ids")


def encoded(spec: TermSpec, sql: exp.Expr) -> Encoded:
    """Return the terms of a column: id, and text where the dictionary must hold it; NULL stays NULL."""
    if spec.shape == "ids":
        return Encoded(q("CAST(:x AS BIGINT)", x=sql), -1)
    if spec.shape == "constant" and spec.term is not None:
        return encode(constant_value(spec.term))
    return encode(_value(spec, sql))


def _value(spec: TermSpec, sql: exp.Expr) -> Value:
    written = q("CAST(:x AS VARCHAR)", x=sql)
    match spec.shape:
        case "iri":
            tail = q("url_encode(:x)", x=written) if spec.encoded else written
            return single("iri", q("(:p || :x)", p=text(spec.detail), x=tail) if spec.detail else tail)
        case "string":
            return single("string", written)
        case "lang":
            return single("lang", written, text(spec.detail))
        case "date":
            return single("date", q("date_diff('day', DATE '1970-01-01', CAST(:x AS DATE))", x=sql))
        case "datetime":
            return single("datetime", q("epoch_us(CAST(:x AS TIMESTAMP))", x=sql))
        case "integer":
            return single("integer", q("CAST(:x AS BIGINT)", x=sql))
        case "decimal":
            return single("decimal", q("CAST(:x AS DECIMAL(38, 10))", x=sql))
        case "double":
            return single("double", q("CAST(:x AS DOUBLE)", x=sql))
        case "boolean":
            return single("boolean", q("CAST(:x AS BOOLEAN)", x=sql))
        case "days":
            return single("days", q("CAST(CAST(:x AS BIGINT) * :day AS BIGINT)", x=sql, day=number(86_400_000)))
        case "months":
            return single("months", q("CAST(:x AS BIGINT)", x=sql))
        case _:
            return single("double" if spec.detail in NUMERIC_TYPES else "other", written, text(spec.detail))
