"""Plans: a SELECT whose columns are variables, with what is known of each; and how plans are put together."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from rdflib import Variable
from sqlglot import exp

from augenblick.reason.fragment import aliased, case, column, joined, number, q
from augenblick.reason.ir import RelationKey, Triple
from augenblick.reason.scalar import Column, Scope, column_name
from augenblick.reason.terms import ANY

_aliases = count(1)
_TWIN = "twin "
_UNBOUND = number(-1)
"""No term has this id: it would be of a kind there is not."""
_DEPTH = 20_000
"""Frames of Python the deepest queries need to be written."""


def alias() -> str:
    """Return a table alias not used before."""
    return f"t{next(_aliases)}"


@dataclass(frozen=True)
class Source:
    """A table of facts as the compiler sees it: where it is and what kinds of terms it holds."""

    key: RelationKey
    table: exp.Expr
    rows: int
    s_kinds: int = ANY
    o_kinds: int = ANY
    overlapping: bool = False
    """The same fact may lie here twice, in different graphs."""


Instead = Mapping[Triple, Sequence[Source]]
"""What triple patterns of a body are read from in place of their relations."""


class Catalog(Protocol):
    """What the compiler needs to know of a fact base."""

    def sources(self, key: RelationKey) -> list[Source]:
        """Return the tables that hold the facts of a relation; several where predicate or class is open."""

    def graphs(self) -> Mapping[str, int]:
        """Return the codes of graphs by name."""

    def terms_table(self) -> exp.Expr:
        """Return the dictionary."""


@dataclass
class Plan:
    """A query whose columns are variables (`v_x`; text beside it in `v_x__lex`, `v_x__ext` where carried)."""

    query: exp.Query
    columns: dict[Variable, Column] = field(default_factory=dict)
    empty: bool = False
    """Known to have no rows: no fact can make one."""

    @property
    def sql(self) -> str:
        """The query as DuckDB reads it."""
        return written(self.query)

    def names(self) -> list[str]:
        """Return the names of the query's columns, in order."""
        return [name for variable, known in self.columns.items() for name in column_names(variable, known)]

    def scope(self, table: str) -> Scope:
        """Return the scope in which this plan stands under an alias."""
        return Scope({variable: (table, known) for variable, known in self.columns.items()})

    def source(self, table: str) -> exp.Expr:
        """Return the plan as a subquery for FROM."""
        return self.query.subquery(table, copy=False)


def written(query: exp.Query) -> str:
    """Return a query as DuckDB reads it; shapes within shapes nest deeper than Python goes by itself."""
    try:
        return query.sql("duckdb")
    except RecursionError:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))
        return query.sql("duckdb")


class Shared:
    """A plan that others read by name, so that it stands once in the query and is computed once.

    What is tested inside an EXISTS needs the rows outside it; written out in both places, a query doubles with each
    such test, within and beside each other. A variable that may be unbound has a twin, which says so by a number of
    its own: else a row that leaves it unbound would be taken for any that binds it.
    """

    def __init__(self, plan: Plan) -> None:
        self._name = alias()
        loose = [variable for variable, known in plan.columns.items() if known.nullable]
        self._twins = {variable: Variable(f"{_TWIN}{self._name} {variable}") for variable in loose}
        self._query = plan.query
        if self._twins:
            table = alias()
            items = [
                named(
                    q("COALESCE(:v, :unbound)", v=column(column_name(one), table), unbound=_UNBOUND), column_name(twin)
                )
                for one, twin in self._twins.items()
            ]
            self._query = exp.select("*", *items).from_(plan.source(table), copy=False)
        columns = plan.columns | {twin: Column(0) for twin in self._twins.values()}
        self.plan = Plan(exp.select("*").from_(self._name, copy=False), columns, plan.empty)

    def around(self, plan: Plan) -> Plan:
        """Return a plan that reads this one as one that stands by itself."""
        twins = set(self._twins.values())
        plan = project(plan, [variable for variable in plan.columns if variable not in twins])
        query = plan.query.with_(self._name, as_=self._query, materialized=True, copy=False)
        return Plan(query, plan.columns, plan.empty)


def twins(plan: Plan, variables: Collection[Variable]) -> set[Variable]:
    """Return the twins that a plan has of some variables."""
    named_for = {each: each.rpartition(" ")[2] for each in plan.columns if each.startswith(_TWIN)}
    return {twin for twin, name in named_for.items() if Variable(name) in variables}


def column_names(variable: Variable, known: Column) -> list[str]:
    """Return the SQL columns of one variable."""
    name = column_name(variable)
    return [name, f"{name}__lex", f"{name}__ext"] if known.carried else [name]


def kept(variable: Variable, known: Column, table: str) -> list[exp.Expr]:
    """Return the select items that pass a variable's columns on."""
    return [column(name, table).as_(name, quoted=True, copy=False) for name in column_names(variable, known)]


def named(sql: exp.Expr, name: str) -> exp.Expr:
    """Return a select item."""
    return exp.alias_(sql, name, quoted=True, copy=False)


def nothing(variables: list[Variable]) -> Plan:
    """Return the plan without rows."""
    items = [named(q("CAST(NULL AS BIGINT)"), column_name(variable)) for variable in variables]
    query = exp.select(*(items or [named(number(1), "one")])).where(exp.false(), copy=False)
    return Plan(query, {variable: Column(0, nullable=True) for variable in variables}, empty=True)


def unit() -> Plan:
    """Return the plan with one row that binds nothing."""
    return Plan(exp.select(named(number(1), "one")))


def project(plan: Plan, variables: list[Variable], *, distinct: bool = False) -> Plan:
    """Return a plan cut down to some variables (those it does not know are unbound)."""
    if not distinct and list(plan.columns) == variables:
        return plan
    table = alias()
    items: list[exp.Expr] = []
    columns: dict[Variable, Column] = {}
    for variable in variables:
        known = plan.columns.get(variable)
        if known is None:
            items.append(named(q("CAST(NULL AS BIGINT)"), column_name(variable)))
            columns[variable] = Column(0, nullable=True)
        else:
            items.extend(kept(variable, known, table))
            columns[variable] = known
    query = exp.select(*(items or [named(number(1), "one")])).from_(plan.source(table), copy=False)
    return Plan(query.distinct(copy=False) if distinct else query, columns, plan.empty)


def enrich(plan: Plan, wanted: set[Variable], catalog: Catalog) -> Plan:
    """Return the plan with the text of some variables beside them, looked up in the dictionary."""
    missing = sorted(variable for variable in wanted if not plan.columns[variable].carried)
    if not missing:
        return plan
    table = alias()
    items = [item for variable, known in plan.columns.items() for item in kept(variable, known, table)]
    query = exp.select().from_(plan.source(table), copy=False)
    columns = dict(plan.columns)
    for variable in missing:
        entry, name = alias(), column_name(variable)
        matches = column("id", entry).eq(column(name, table))
        query = joined(query, aliased(catalog.terms_table(), entry), "LEFT", matches)
        items += [named(column("lexical", entry), f"{name}__lex"), named(column("ext", entry), f"{name}__ext")]
        columns[variable] = Column(plan.columns[variable].mask, plan.columns[variable].nullable, carried=True)
    return Plan(query.select(*items, append=False, copy=False), columns, plan.empty)


def agreement(a: exp.Expr, known_a: Column, b: exp.Expr, known_b: Column) -> exp.Expr:
    """Return the condition that two columns of one variable are compatible: equal, or one unbound."""
    same = q(":a = :b", a=a, b=b)
    if not known_a.nullable and not known_b.nullable:
        return same
    free = []
    if known_a.nullable:
        free.append(q(":a IS NULL", a=a))
    if known_b.nullable:
        free.append(q(":b IS NULL", b=b))
    return exp.Paren(this=exp.or_(same, *free, copy=False))


def merged(places: list[tuple[str, Column]], variable: Variable) -> tuple[list[exp.Expr], Column, list[exp.Expr]]:
    """Return select items, column and join conditions for one variable that several tables bind."""
    name = column_name(variable)
    firm = [place for place in places if not place[1].nullable]
    firm.sort(key=lambda place: place[1].carried)
    loose = [place for place in places if place[1].nullable]
    if firm:
        return _firm(firm, loose, name, variable)
    conditions: list[exp.Expr] = []
    terms = [column(name, loose[0][0])]
    mask = loose[0][1].mask
    for table, known in loose[1:]:
        here = column(name, table)
        conditions.extend(agreement(earlier, Column(nullable=True), here, known) for earlier in terms)
        terms.append(here)
        mask |= known.mask
    return _coalesced(loose, terms, name, mask), _column_of(loose, mask), conditions


def _firm(
    firm: list[tuple[str, Column]], loose: list[tuple[str, Column]], name: str, variable: Variable
) -> tuple[list[exp.Expr], Column, list[exp.Expr]]:
    table, known = firm[0]
    here = column(name, table)
    mask = known.mask
    conditions: list[exp.Expr] = []
    for other, other_known in firm[1:]:
        conditions.append(q(":a = :b", a=here, b=column(name, other)))
        mask &= other_known.mask
    for other, other_known in loose:
        conditions.append(agreement(here, known, column(name, other), other_known))
    return kept(variable, known, table), Column(mask, nullable=False, carried=known.carried), conditions


def _column_of(loose: list[tuple[str, Column]], mask: int) -> Column:
    return Column(mask, nullable=True, carried=any(known.carried for _, known in loose))


def _coalesced(loose: list[tuple[str, Column]], terms: list[exp.Expr], name: str, mask: int) -> list[exp.Expr]:
    del mask
    chosen = exp.Coalesce(this=terms[0], expressions=list(terms[1:])) if terms[1:] else terms[0]
    items = [named(chosen, name)]
    if any(known.carried for _, known in loose):
        for part in ("lex", "ext"):
            branches = [
                (
                    q(":x IS NOT NULL", x=column(name, table)),
                    column(f"{name}__{part}", table) if known.carried else exp.null(),
                )
                for table, known in loose
            ]
            items.append(named(case(branches), f"{name}__{part}"))
    return items
