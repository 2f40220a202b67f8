"""GROUP BY and the aggregates of SPARQL in SQL."""

from __future__ import annotations

from dataclasses import replace

from rdflib import Variable
from sqlglot import exp

from augenblick.reason.expressions import value_of
from augenblick.reason.fragment import both, column, number, q, text
from augenblick.reason.functions import lexical
from augenblick.reason.ir import Aggregate, Group
from augenblick.reason.ordering import sort_key
from augenblick.reason.plan import Catalog, Plan, alias, enrich, kept, named
from augenblick.reason.scalar import (
    NUMERIC,
    Alternative,
    Column,
    Encoded,
    Scope,
    Value,
    choose,
    column_name,
    encode,
    single,
)


def group_plan(source: Plan, node: Group, catalog: Catalog) -> Plan:
    """Return the plan with one row per group. Results do not depend on the order of rows: SAMPLE takes the least id."""
    table = alias()
    scope = source.scope(table)
    items: list[exp.Expr] = []
    columns: dict[Variable, Column] = {}
    keys: list[exp.Expr] = []
    for variable in node.keys:
        known = source.columns.get(variable)
        if known is None:
            items.append(named(q("CAST(NULL AS BIGINT)"), column_name(variable)))
            columns[variable] = Column(0, nullable=True)
            continue
        found = kept(variable, known, table)
        keys += [item.this for item in found]
        items += found
        columns[variable] = known
    for aggregate in node.aggregates:
        encoded = _aggregated(aggregate, scope)
        name = column_name(aggregate.variable)
        items.append(named(encoded.term, name))
        if encoded.lexical is not None:
            items.append(named(encoded.lexical, f"{name}__lex"))
            items.append(named(encoded.ext if encoded.ext is not None else q("CAST(NULL AS VARCHAR)"), f"{name}__ext"))
        nullable = aggregate.function != "Count"
        columns[aggregate.variable] = Column(encoded.mask, nullable, carried=encoded.lexical is not None)
    query = exp.select(*(items or [named(number(1), "one")])).from_(
        enrich(source, scope.wanted, catalog).source(table), copy=False
    )
    if keys:
        query = query.group_by(*(key for key in keys), copy=False)
    elif node.keys or not node.aggregates:
        query = query.limit(1, copy=False)
    return Plan(query, columns, source.empty and bool(node.keys))


def _aggregated(aggregate: Aggregate, scope: Scope) -> Encoded:
    if aggregate.argument is None:
        return encode(single("integer", _count_rows(aggregate, scope), small=True))
    value = value_of(aggregate.argument, scope)
    match aggregate.function:
        case "Count":
            counted = exp.Count(this=_distinct(encode(value).term, aggregate))
            return encode(single("integer", counted, small=True))
        case "Sum":
            return encode(_unless(_sum(value, aggregate), _failing(value)))
        case "Avg":
            return encode(_average(value, aggregate))
        case "Min" | "Max":
            return _extreme(value, aggregate.function.lower())
        case "GroupConcat":
            return encode(single("string", _joined(value, aggregate)))
        case _:
            return _sample(value)


def _count_rows(aggregate: Aggregate, scope: Scope) -> exp.Expr:
    if not aggregate.distinct:
        return q("count(*)")
    terms = [column(column_name(variable), table) for variable, (table, _) in scope.columns.items()]
    return exp.Count(this=exp.Distinct(expressions=[exp.Anonymous(this="row", expressions=terms)]))


def _distinct(sql: exp.Expr, aggregate: Aggregate) -> exp.Expr:
    return exp.Distinct(expressions=[sql]) if aggregate.distinct else sql


def _numbers(value: Value) -> list[Alternative]:
    return [alternative for alternative in value.alternatives if alternative.type in NUMERIC]


def _sum(value: Value, aggregate: Aggregate) -> Value:
    """Return the sum in the widest type that occurs in the group; an integer zero for nothing."""
    found = _numbers(value)
    types = {alternative.type for alternative in found}
    results: list[Alternative] = []
    for type_, sql_type in (("integer", "HUGEINT"), ("decimal", "DECIMAL(38, 10)"), ("double", "DOUBLE")):
        if type_ not in types:
            continue
        wider = NUMERIC[NUMERIC.index(type_) + 1 :]
        summed = choose([(a.guard, q(f"CAST(:x AS {sql_type})", x=a.sql)) for a in found if a.type not in wider])
        total = exp.Sum(this=_distinct(summed, aggregate))
        cast = "BIGINT" if type_ == "integer" else sql_type
        none_wider = [q("COALESCE(bool_or(:g), FALSE)", g=a.guard or exp.true()) for a in found if a.type in wider]
        guard = both(*(exp.Not(this=test) for test in none_wider))
        results.append(Alternative(type_, guard, q(f"COALESCE(CAST(:t AS {cast}), 0)", t=total)))
    return Value(tuple(results)) if results else _zero()


def _zero() -> Value:
    """Return the zero of a group without numbers; an aggregate too, so that no rows still make one."""
    return single("integer", q("CAST(count(NULL) AS BIGINT)"), small=True)


def _failing(value: Value) -> exp.Expr | None:
    """Return whether a row of the group has a value that is no number, which makes sum and average errors."""
    guards = [a.guard if a.guard is not None else exp.true() for a in value.alternatives if a.type not in NUMERIC]
    return q("COALESCE(bool_or(:g), FALSE)", g=exp.Paren(this=exp.or_(*guards, copy=False))) if guards else None


def _unless(value: Value, error: exp.Expr | None) -> Value:
    if error is None:
        return value
    kept_ = (both(a.guard, exp.Not(this=error)) for a in value.alternatives)
    return Value(tuple(replace(a, guard=guard) for a, guard in zip(value.alternatives, kept_, strict=True)))


def _average(value: Value, aggregate: Aggregate) -> Value:
    found = _numbers(value)
    if not found:
        return _unless(_zero(), _failing(value))
    counted = choose([(a.guard, q("CAST(:x AS DOUBLE)", x=a.sql)) for a in found])
    count = exp.Count(this=_distinct(counted, aggregate))
    means: list[Alternative] = []
    for a in _sum(value, aggregate).alternatives:
        if a.type == "double":
            means.append(replace(a, sql=q("(:t / CAST(greatest(:n, 1) AS DOUBLE))", t=a.sql, n=count)))
        else:
            units = q(
                "(TRY_CAST(CAST(:t AS DECIMAL(38, 10)) * 10000000000 AS HUGEINT) // greatest(:n, 1))", t=a.sql, n=count
            )
            mean = q("TRY_CAST(CAST(:u AS DECIMAL(38, 0)) * 0.0000000001 AS DECIMAL(38, 10))", u=units)
            means.append(Alternative("decimal", a.guard, mean))
    return _unless(Value(tuple(means)), _failing(value))


def _extreme(value: Value, function: str) -> Encoded:
    encoded = encode(value)
    if value.term is not None and not value.mask & (value.mask - 1) and not value.mask & ~0xFE:
        return Encoded(q(f"{function}(:x)", x=value.term), value.mask)
    key = sort_key(value)
    pick = f"arg_{function}(:x, :k)"
    lexical_sql = q(pick, x=encoded.lexical, k=key) if encoded.lexical is not None else None
    ext = q(pick, x=encoded.ext, k=key) if encoded.ext is not None else None
    return Encoded(q(pick, x=encoded.term, k=key), encoded.mask, lexical_sql, ext)


def _joined(value: Value, aggregate: Aggregate) -> exp.Expr:
    spoken = lexical(value)
    listed = q("list_sort(list_distinct(list(:x)))" if aggregate.distinct else "list_sort(list(:x))", x=spoken)
    return q(
        "COALESCE(array_to_string(list_filter(:l, e -> e IS NOT NULL), :s), '')", l=listed, s=text(aggregate.separator)
    )


def _sample(value: Value) -> Encoded:
    encoded = encode(value)
    lexical_sql = q("arg_min(:x, :k)", x=encoded.lexical, k=encoded.term) if encoded.lexical is not None else None
    ext = q("arg_min(:x, :k)", x=encoded.ext, k=encoded.term) if encoded.ext is not None else None
    return Encoded(q("min(:x)", x=encoded.term), encoded.mask, lexical_sql, ext)
