"""Where plans begin: reading a table for a triple pattern, given bindings, and walks along a path."""

from __future__ import annotations

from collections.abc import Sequence

from rdflib import RDF, BNode, Literal, URIRef, Variable
from sqlglot import exp

from augenblick.reason.fragment import aliased, column, number, q
from augenblick.reason.ir import Atom, Closure, RelationKey, Triple, Values, class_key
from augenblick.reason.plan import Plan, Source, alias, named, nothing
from augenblick.reason.scalar import Column, column_name, constant_value, encode
from augenblick.reason.terms import RESOURCE


def class_id(klass: str) -> exp.Expr:
    """Return SQL for the id of a class from its name in a relation's key."""
    return encode(constant_value(BNode(klass[2:]) if klass.startswith("_:") else URIRef(klass))).term


def constant_id(atom: Atom) -> exp.Expr:
    """Return SQL for the id of a fixed term."""
    if isinstance(atom, Variable):
        raise TypeError("a variable has no id")
    term = encode(constant_value(atom)).term
    return term if isinstance(term, exp.Paren | exp.Literal) else exp.Paren(this=term)


def within(graphs: Sequence[int], table: str | None = None) -> exp.Expr:
    """Return the condition that a fact lies in one of some graphs."""
    return exp.In(this=column("g", table), expressions=[number(code) for code in graphs] or [exp.null()])


def scan(
    node: Triple, source: Source, graphs: Sequence[int] | None = None, *, open_predicate: bool = False
) -> Plan | None:
    """Return the plan that reads one table for a triple pattern; None when its constants cannot be there.

    `graphs`: the codes of the graphs to read; None reads all, as one.
    """
    table = alias()
    key = source.key
    places: list[tuple[Atom, exp.Expr, int]] = [(node.s, column("s", table), source.s_kinds)]
    if not open_predicate:
        places.append((node.p, constant_id(URIRef(key.predicate or str(RDF.type))), 1))
    if key.klass is None:
        places.append((node.o, column("o", table), source.o_kinds))
    else:
        places.append((node.o, class_id(key.klass), RESOURCE))
    columns: dict[Variable, Column] = {}
    seen: dict[Variable, exp.Expr] = {}
    items, conditions = [], []
    for position, (atom, sql, mask) in enumerate(places):
        fixed = (position == 1 and not open_predicate) or (position == len(places) - 1 and key.klass is not None)
        if isinstance(atom, Variable):
            if atom in seen:
                conditions.append(q(":a = :b", a=seen[atom], b=sql))
                columns[atom].mask &= mask
            else:
                seen[atom] = sql
                items.append(named(sql, column_name(atom)))
                columns[atom] = Column(mask)
        elif not fixed:
            conditions.append(q(":a = :b", a=sql, b=constant_id(atom)))
        elif not _same_constant(atom, position, key):
            return None
    if graphs is not None:
        conditions.append(within(graphs, table))
    table_sql = aliased(source.table, table)
    query = exp.select(*(items or [named(number(1), "one")])).from_(table_sql, copy=False)
    if conditions:
        query = query.where(*conditions, copy=False)
    twice = source.overlapping and (graphs is None or len(graphs) > 1)
    return Plan(query.distinct(copy=False) if twice else query, columns)


def _same_constant(atom: Atom, position: int, key: RelationKey) -> bool:
    if isinstance(atom, Literal):
        return False
    return class_key(atom) == (key.predicate if position == 1 else key.klass)


def values_plan(node: Values) -> Plan:
    """Return the plan of given bindings; their text travels beside them."""
    if not node.rows:
        return nothing(list(node.variables))
    parts = []
    columns = {v: Column(0, carried=True) for v in node.variables}
    for row in node.rows:
        items: list[exp.Expr] = []
        for variable, term in zip(node.variables, row, strict=True):
            name, known = column_name(variable), columns[variable]
            if term is None:
                known.nullable = True
                texts: list[exp.Expr | None] = [None, None]
                items.append(named(q("CAST(NULL AS BIGINT)"), name))
            else:
                value = constant_value(term)
                known.mask |= value.mask
                texts = [value.lexical, value.ext]
                items.append(named(exp.cast(encode(value).term, "BIGINT", copy=False), name))
            for part, sql in zip(("lex", "ext"), texts, strict=True):
                items.append(
                    named(exp.cast((sql if sql is not None else exp.null()), "VARCHAR", copy=False), f"{name}__{part}")
                )
        parts.append(exp.select(*(items or [named(number(1), "one")])))
    query: exp.Query = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False, copy=False)
    return Plan(query, columns)


def walk_query(step: Plan, node: Closure, edges: str, walk: str, *, backwards: bool) -> exp.Query:
    """Return the recursive query for one or more steps, begun at an end that is given."""
    start, end = column_name(node.start), column_name(node.end)
    first = exp.select(named(column(start, "e"), "s"), named(column(end, "e"), "o")).from_(
        exp.alias_(exp.to_table(edges), "e", copy=False), copy=False
    )
    if not isinstance(node.s, Variable):
        first = first.where(q(":a = :b", a=column(start, "e"), b=constant_id(node.s)), copy=False)
    elif backwards:
        first = first.where(q(":a = :b", a=column(end, "e"), b=constant_id(node.o)), copy=False)
    onward = exp.select().from_(exp.alias_(exp.to_table(walk), "w", copy=False), copy=False)
    if backwards:
        onward = onward.select(named(column(start, "e"), "s"), named(column("o", "w"), "o"))
        on = q(":a = :b", a=column("s", "w"), b=column(end, "e"))
    else:
        onward = onward.select(named(column("s", "w"), "s"), named(column(end, "e"), "o"))
        on = q(":a = :b", a=column("o", "w"), b=column(start, "e"))
    onward = onward.join(exp.alias_(exp.to_table(edges), "e", copy=False), on=on, copy=False)
    recursive = exp.union(first, onward, distinct=True, copy=False)
    query = exp.select(column("s"), column("o")).from_(exp.to_table(walk), copy=False)
    query = query.with_(edges, as_=step.query, materialized=True, copy=False)
    return query.with_(walk, as_=recursive, recursive=True, copy=False)
