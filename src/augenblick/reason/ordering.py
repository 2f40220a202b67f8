"""The order SPARQL gives to terms, as SQL sort keys."""

from __future__ import annotations

from sqlglot import exp

from augenblick.reason.fragment import number, q, text
from augenblick.reason.scalar import NUMERIC, Alternative, Value, choose

_RANKS = {"bnode": 1, "iri": 2, "integer": 3, "decimal": 3, "double": 3, "string": 4, "lang": 5, "boolean": 6}
_RANKS |= {"date": 7, "datetime": 8, "days": 9, "months": 10, "other": 11}
_TEXTS = ("bnode", "iri", "string", "lang", "other")


def sort_keys(value: Value) -> list[exp.Expr]:
    """Return SQL keys that order values: unbound, blank nodes, IRIs, then literals by type and value."""
    types = {alternative.type for alternative in value.alternatives}
    if len(types) == 1:
        return [choose([(a.guard, a.sql) for a in value.alternatives])]
    if types <= set(NUMERIC):
        return [choose([(a.guard, _amount(a, exact="double" not in types)) for a in value.alternatives])]
    rank = choose([(a.guard, _rank(a)) for a in value.alternatives])
    amount = choose([(a.guard, _amount(a)) for a in value.alternatives if a.type not in _TEXTS])
    written = choose([(a.guard, a.sql) for a in value.alternatives if a.type in _TEXTS], text(""))
    return [rank, q("CAST(:x AS DOUBLE)", x=amount), q("CAST(:x AS VARCHAR)", x=written)]


def sort_key(value: Value) -> exp.Expr:
    """Return one SQL key that orders values as `sort_keys` does."""
    keys = sort_keys(value)
    if len(keys) == 1:
        return keys[0]
    rank, amount, written = keys
    items = [rank, q("COALESCE(:x, 0)", x=amount), q("COALESCE(:x, '')", x=written)]
    return q("CASE WHEN :r IS NOT NULL THEN :k END", r=rank, k=exp.Anonymous(this="row", expressions=items))


def _rank(a: Alternative) -> exp.Expr:
    return q("CASE WHEN :x IS NOT NULL THEN :r END", x=a.sql, r=number(_RANKS[a.type]))


def _amount(a: Alternative, *, exact: bool = False) -> exp.Expr:
    return q("CAST(:x AS DECIMAL(38, 10))" if exact else "CAST(:x AS DOUBLE)", x=a.sql)
