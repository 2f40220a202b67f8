"""How two plans agree, and how plans are stacked, widened, cut and put in order."""

from __future__ import annotations

from rdflib import Variable
from sqlglot import exp

from augenblick.reason.fragment import column, number, q
from augenblick.reason.ir import Project
from augenblick.reason.plan import Plan, agreement, alias, kept, merged, named
from augenblick.reason.scalar import Column, column_name


def widened(plan: Plan, variables: list[Variable], carried: set[Variable]) -> Plan:
    """Return a plan with all of some variables in that order; texts beside all that are to be carried."""
    table = alias()
    items: list[exp.Expr] = []
    columns: dict[Variable, Column] = {}
    for variable in variables:
        known = plan.columns.get(variable)
        if known is not None:
            items += kept(variable, known, table)
            columns[variable] = known
            continue
        name = column_name(variable)
        items.append(named(q("CAST(NULL AS BIGINT)"), name))
        if variable in carried:
            items += [named(q("CAST(NULL AS VARCHAR)"), f"{name}__{part}") for part in ("lex", "ext")]
        columns[variable] = Column(0, nullable=True, carried=variable in carried)
    return Plan(exp.select(*(items or [named(number(1), "one")])).from_(plan.source(table), copy=False), columns)


def stacked(plans: list[Plan]) -> Plan:
    """Return the rows of several plans with the same variables, one after another."""
    if len(plans) == 1:
        return plans[0]
    columns: dict[Variable, Column] = {}
    for variable in plans[0].columns:
        each = [plan.columns[variable] for plan in plans]
        mask = 0
        for known in each:
            mask |= known.mask
        columns[variable] = Column(mask, any(known.nullable for known in each), each[0].carried)
    return Plan(exp.union(*(plan.query for plan in plans), distinct=False, copy=False), columns)


def agree(left: Plan, here: str, right: Plan, there: str) -> list[exp.Expr]:
    """Return the conditions that two plans agree on what both bind."""
    conditions = []
    for variable, known in left.columns.items():
        if variable in right.columns:
            name = column_name(variable)
            conditions.append(agreement(column(name, here), known, column(name, there), right.columns[variable]))
    return conditions


def optional(variable: Variable, left: Plan, here: str, right: Plan, there: str) -> tuple[list[exp.Expr], Column]:
    """Return the select items and column of a variable after OPTIONAL."""
    if variable not in left.columns:
        known = right.columns[variable]
        return kept(variable, known, there), Column(known.mask, nullable=True, carried=known.carried)
    known = left.columns[variable]
    if not known.nullable or variable not in right.columns:
        return kept(variable, known, here), known
    items, column_, _ = merged(
        [(here, known), (there, Column(right.columns[variable].mask, True, right.columns[variable].carried))], variable
    )
    return items, column_


def sliced(plan: Plan, node: Project) -> Plan:
    """Return a plan cut to LIMIT and OFFSET."""
    if node.limit is None and not node.offset:
        return plan
    query = plan.query
    if node.limit is not None:
        query = query.limit(node.limit, copy=False)
    if node.offset:
        query = query.offset(node.offset, copy=False)
    return Plan(query, plan.columns, plan.empty)


def first_of(plan: Plan, columns: dict[Variable, Column]) -> Plan:
    """Return DISTINCT rows in the order of their first appearance."""
    table = alias()
    names = [name for variable, known in columns.items() for name in (column_name(variable), *(
        [f"{column_name(variable)}__lex", f"{column_name(variable)}__ext"] if known.carried else []))]  # fmt: skip
    keys = [column(name, table) for name in names]
    query = exp.select(*(named(key, name) for key, name in zip(keys, names, strict=True))).from_(
        plan.source(table), copy=False
    )
    query = query.group_by(*(key for key in keys), copy=False).order_by(
        exp.Min(this=column("rank__", table)), copy=False
    )
    return Plan(query, columns)
