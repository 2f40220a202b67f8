"""The DuckDB back end: algebra trees → plans (one SELECT each), set-based and without a row ever seen by Python."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from rdflib import URIRef, Variable
from sqlglot import exp

from augenblick.reason.combination import agree, first_of, optional, sliced, stacked, widened
from augenblick.reason.correlation import Seed, correlated, narrowed, seeded, with_seeds
from augenblick.reason.expressions import condition, value_of
from augenblick.reason.fragment import both, column, joined, number, q
from augenblick.reason.grouping import group_plan
from augenblick.reason.ir import (
    Atom,
    Call,
    Closure,
    Const,
    Everything,
    Expression,
    Extend,
    Filter,
    Group,
    In,
    Join,
    LeftJoin,
    Mark,
    Minus,
    Node,
    Project,
    Ref,
    RelationKey,
    Semi,
    Triple,
    Union,
    Values,
    relation_of,
)
from augenblick.reason.ir import variables as bound_by
from augenblick.reason.late import late
from augenblick.reason.ordering import sort_keys
from augenblick.reason.pairing import spread, stars
from augenblick.reason.plan import (
    Catalog,
    Instead,
    Plan,
    Shared,
    Source,
    alias,
    enrich,
    kept,
    merged,
    named,
    nothing,
    project,
    unit,
)
from augenblick.reason.scalar import Column, Scope, column_name, encode, single
from augenblick.reason.scan import class_id, scan, values_plan, walk_query, within
from augenblick.reason.terms import Kind


class Compiler:
    """Compiles nodes against one catalog; `instead` names tables to read in place of a triple's relation (deltas)."""

    def __init__(
        self,
        catalog: Catalog,
        instead: Instead | None = None,
        default: Sequence[str] | None = None,
    ) -> None:
        self._catalog = catalog
        self._instead = instead or {}
        self._default = default
        codes = catalog.graphs()
        self._graphs = None if default is None else tuple(codes[name] for name in default if name in codes)

    def plan(self, node: Node | Seed) -> Plan:  # noqa: C901 (one case per node)
        """Return the plan of a node."""
        node = node if isinstance(node, Seed) else late(node)
        match node:
            case Triple():
                return self._triple(node)
            case Join(parts):
                branches = spread(parts)
                if branches is not None:
                    return self._union([self.plan(branch) for branch in branches])
                return self._join([self._star(star) for star in stars(parts)])
            case Filter(source, test):
                return self._filter(self.plan(source), test)
            case Semi():
                return self._semi(node)
            case Mark():
                return self._mark(node)
            case In(graph, source):
                return self._in(graph, source)
            case Extend(source, variable, value):
                return self._extend(self.plan(source), variable, value)
            case LeftJoin(left, right, test):
                return self._left_join(self.plan(left), self.plan(right), test)
            case Union(parts):
                return self._union([self.plan(part) for part in parts])
            case Minus(left, right):
                return self._minus(self.plan(left), self.plan(right))
            case Values():
                return values_plan(node)
            case Project():
                return self._project(node)
            case Group():
                return group_plan(self.plan(node.source), node, self._catalog)
            case Closure():
                return self._closure(node)
            case Everything(variable):
                return self._everything(variable)
            case Seed(plan, variables):
                return project(plan, list(variables), distinct=True)

    def _triple(self, node: Triple) -> Plan:
        given = self._instead.get(node)
        sources = self._catalog.sources(relation_of(node)) if given is None else given
        parts = [part for source in sources if source.rows and (part := scan(node, source, self._graphs)) is not None]
        variables = list(dict.fromkeys(atom for atom in (node.s, node.p, node.o) if isinstance(atom, Variable)))
        return stacked(parts) if parts else nothing(variables)

    def _star(self, parts: list[Node]) -> Plan:
        return self.plan(parts[0]) if len(parts) == 1 else self._join([self.plan(part) for part in parts])

    def _join(self, plans: list[Plan]) -> Plan:
        if not plans:
            return unit()
        if len(plans) == 1:
            return plans[0]
        variables = list(dict.fromkeys(variable for plan in plans for variable in plan.columns))
        if any(plan.empty for plan in plans):
            return nothing(variables)
        plans = self._alike(plans)
        tables = [alias() for _ in plans]
        items: list[exp.Expr] = []
        conditions: list[exp.Expr] = []
        columns: dict[Variable, Column] = {}
        for variable in variables:
            places = [
                (table, plan.columns[variable])
                for table, plan in zip(tables, plans, strict=True)
                if variable in plan.columns
            ]
            found, columns[variable], tests = merged(places, variable)
            items += found
            conditions += tests
        query = exp.select(*(items or [named(number(1), "one")])).from_(plans[0].source(tables[0]), copy=False)
        for table, plan in zip(tables[1:], plans[1:], strict=True):
            query = joined(query, plan.source(table), "CROSS")
        query = query.where(*conditions, copy=False) if conditions else query
        return Plan(_kept_whole(query) if len(plans) > 2 else query, columns)

    def _alike(self, plans: list[Plan]) -> list[Plan]:
        """Return the plans with text beside a variable in all of them, where it may come from several and is in one."""
        wanted: set[Variable] = set()
        for variable in {variable for plan in plans for variable in plan.columns}:
            known = [plan.columns[variable] for plan in plans if variable in plan.columns]
            if len(known) > 1 and all(each.nullable for each in known) and any(each.carried for each in known):
                wanted.add(variable)
        return [enrich(plan, wanted & set(plan.columns), self._catalog) for plan in plans] if wanted else plans

    def _filter(self, plan: Plan, test: Expression) -> Plan:
        if plan.empty:
            return plan
        table = alias()
        scope = plan.scope(table)
        where = condition(test, scope)
        source = enrich(plan, scope.wanted, self._catalog)
        items = [item for variable, known in plan.columns.items() for item in kept(variable, known, table)]
        query = (
            exp.select(*(items or [named(number(1), "one")]))
            .from_(source.source(table), copy=False)
            .where(where, copy=False)
        )
        bound = {v: Column(known.mask, False, known.carried) for v, known in plan.columns.items() if _says(test, v)}
        return Plan(query, plan.columns | bound)

    def _extend(self, plan: Plan, variable: Variable, value: Expression) -> Plan:
        table = alias()
        scope = plan.scope(table)
        encoded = encode(value_of(value, scope))
        source = enrich(plan, scope.wanted, self._catalog)
        others = {each: known for each, known in plan.columns.items() if each != variable}
        items = [item for each, known in others.items() for item in kept(each, known, table)]
        name = column_name(variable)
        items.append(named(encoded.term, name))
        carried = encoded.lexical is not None
        if encoded.lexical is not None:
            items.append(named(encoded.lexical, f"{name}__lex"))
            items.append(named(encoded.ext if encoded.ext is not None else q("CAST(NULL AS VARCHAR)"), f"{name}__ext"))
        nullable = not _always(value, plan)
        columns = others | {variable: Column(encoded.mask, nullable=nullable, carried=carried)}
        return Plan(exp.select(*items).from_(source.source(table), copy=False), columns, plan.empty)

    def _semi(self, node: Semi) -> Plan:
        left = self.plan(node.source)
        if left.empty:
            return left
        pattern, tests = correlated(node.pattern, set(left.columns))
        shared = Shared(left)
        pattern = narrowed(with_seeds(pattern, shared.plan), shared.plan)
        right = self.plan(pattern)
        if right.empty:
            return left if node.negated else nothing(list(left.columns))
        kind = "ANTI" if node.negated else "SEMI"
        if seeded(pattern):
            return shared.around(self._matched(shared.plan, right, tests, kind))
        return self._matched(left, right, tests, kind)

    def _mark(self, node: Mark) -> Plan:
        left = self.plan(node.source)
        pattern, tests = correlated(node.pattern, set(left.columns))
        shared = Shared(left)
        pattern = with_seeds(pattern, shared.plan)
        right = self.plan(pattern)
        if seeded(pattern):
            return shared.around(self._marked(node, shared.plan, right, tests))
        return self._marked(node, left, right, tests)

    def _marked(self, node: Mark, left: Plan, right: Plan, tests: list[Expression]) -> Plan:
        """Return the left plan with a column that says whether its row agrees with one of the right."""
        here, there = alias(), alias()
        left_source, right_source, conditions = self._compared(left, here, right, there, tests)
        found = exp.select(number(1)).from_(right_source.source(there), copy=False)
        found = found.where(*conditions, copy=False) if conditions else found
        encoded = encode(single("boolean", exp.false() if right.empty else exp.Exists(this=found)))
        items = [item for variable, known in left.columns.items() for item in kept(variable, known, here)]
        items.append(named(encoded.term, column_name(node.variable)))
        query = exp.select(*items).from_(left_source.source(here), copy=False)
        return Plan(query, left.columns | {node.variable: Column(encoded.mask)}, left.empty)

    def _in(self, graph: Atom, source: Node) -> Plan:
        """Return the plan of GRAPH; every graph there is counts as named, but for those of the default graph."""
        codes = self._catalog.graphs()
        if not isinstance(graph, Variable):
            code = codes.get(str(graph))
            within = self._within(() if code is None or not isinstance(graph, URIRef) else (code,))
            return within.plan(source)
        names = sorted(name for name in codes if name not in (self._default or ()))
        if not names:
            return nothing([*sorted(bound_by(source) | {graph})])
        parts = [Join((Values((graph,), ((URIRef(name),),)), source)) for name in names]
        return self._union([self._within((codes[name],)).plan(part) for name, part in zip(names, parts, strict=True)])

    def _within(self, codes: tuple[int, ...]) -> Compiler:
        inner = copy(self)
        inner._graphs = codes
        return inner

    def _matched(self, left: Plan, right: Plan, tests: list[Expression], kind: str) -> Plan:
        """Return the semi- or anti-join of two plans on agreement and some tests over both."""
        here, there = alias(), alias()
        left_source, right_source, conditions = self._compared(left, here, right, there, tests)
        items = [item for variable, known in left.columns.items() for item in kept(variable, known, here)]
        query = exp.select(*(items or [named(number(1), "one")])).from_(left_source.source(here), copy=False)
        on = both(*conditions) or exp.true()
        return Plan(joined(query, right_source.source(there), kind, on), left.columns)

    def _compared(
        self, left: Plan, here: str, right: Plan, there: str, tests: list[Expression]
    ) -> tuple[Plan, Plan, list[exp.Expr]]:
        """Return two plans with the text some tests over both look at, and the conditions that they agree and pass."""
        conditions = agree(left, here, right, there)
        scope = Scope(right.scope(there).columns | left.scope(here).columns)
        conditions += [exp.Paren(this=condition(test, scope)) for test in tests]
        left_source = enrich(left, scope.wanted & set(left.columns), self._catalog)
        right_source = enrich(right, (scope.wanted - set(left.columns)) & set(right.columns), self._catalog)
        return left_source, right_source, conditions

    def _left_join(self, left: Plan, right: Plan, test: Expression | None) -> Plan:
        if left.empty or right.empty:
            return project(left, list(dict.fromkeys([*left.columns, *right.columns])))
        left, right = self._alike([left, right])
        here, there = alias(), alias()
        conditions = agree(left, here, right, there)
        firm = {variable: place for variable, place in left.scope(here).columns.items() if not place[1].nullable}
        scope = Scope(left.scope(here).columns | right.scope(there).columns | firm)
        if test is not None:
            conditions.append(exp.Paren(this=condition(test, scope)))
        items: list[exp.Expr] = []
        columns: dict[Variable, Column] = {}
        for variable in dict.fromkeys([*left.columns, *right.columns]):
            found, columns[variable] = optional(variable, left, here, right, there)
            items += found
        sides = []
        for plan, table in ((left, here), (right, there)):
            asked = {variable for variable in scope.wanted if scope.columns[variable][0] == table}
            sides.append(enrich(plan, asked, self._catalog).source(table))
        query = exp.select(*(items or [named(number(1), "one")])).from_(sides[0], copy=False)
        return Plan(joined(query, sides[1], "LEFT", both(*conditions) or exp.true()), columns)

    def _union(self, plans: list[Plan]) -> Plan:
        variables = list(dict.fromkeys(variable for plan in plans for variable in plan.columns))
        some = [plan for plan in plans if not plan.empty]
        if not some:
            return nothing(variables)
        carried = {v for plan in some for v, known in plan.columns.items() if known.carried}
        some = [enrich(plan, carried & set(plan.columns), self._catalog) for plan in some]
        return stacked([widened(plan, variables, carried) for plan in some])

    def _minus(self, left: Plan, right: Plan) -> Plan:
        shared = [variable for variable in left.columns if variable in right.columns]
        if left.empty or right.empty or not shared:
            return left
        here, there = alias(), alias()
        conditions = agree(left, here, right, there)
        if all(left.columns[v].nullable or right.columns[v].nullable for v in shared):
            pairs = [(column(column_name(v), here), column(column_name(v), there)) for v in shared]
            bound = [q("(:a IS NOT NULL AND :b IS NOT NULL)", a=a, b=b) for a, b in pairs]
            conditions.append(exp.Paren(this=exp.or_(*bound, copy=False)))
        items = [item for variable, known in left.columns.items() for item in kept(variable, known, here)]
        query = exp.select(*items).from_(left.source(here), copy=False)
        return Plan(joined(query, right.source(there), "ANTI", both(*conditions)), left.columns)

    def _project(self, node: Project) -> Plan:
        plan = self.plan(node.source)
        order: list[exp.Expr] = []
        if node.order:
            return self._ordered(plan, node, order)
        plan = project(plan, list(node.variables), distinct=node.distinct)
        return sliced(plan, node)

    def _ordered(self, plan: Plan, node: Project, order: list[exp.Expr]) -> Plan:
        table = alias()
        scope = plan.scope(table)
        for sorted_by, descending in node.order:
            value = value_of(sorted_by, scope)
            inline = value.mask in {kind.bit for kind in Kind if kind.inline}
            keys = [value.term] if inline and value.term is not None else sort_keys(value)
            order += [exp.Ordered(this=key, desc=descending, nulls_first=not descending) for key in keys]
        source = enrich(plan, scope.wanted, self._catalog)
        items: list[exp.Expr] = []
        columns: dict[Variable, Column] = {}
        for variable in node.variables:
            columns[variable] = plan.columns.get(variable, Column(0, nullable=True))
            nulled = named(q("CAST(NULL AS BIGINT)"), column_name(variable))
            items += kept(variable, columns[variable], table) if variable in plan.columns else [nulled]
        query = exp.select(*items).from_(source.source(table), copy=False)
        if node.distinct:
            rank = named(exp.Window(this=q("row_number()"), order=exp.Order(expressions=order)), "rank__")
            return sliced(first_of(Plan(query.select(rank, copy=False), columns), columns), node)
        return sliced(Plan(query.order_by(*order, copy=False), columns), node)

    def _closure(self, node: Closure) -> Plan:
        step = project(self.plan(node.step), [node.start, node.end], distinct=True)
        ends = list(dict.fromkeys(atom for atom in (node.s, node.o) if isinstance(atom, Variable)))
        if step.empty:
            return nothing(ends)
        edges, walk = alias(), alias()
        forward = not isinstance(node.o, Variable) and isinstance(node.s, Variable)
        query = walk_query(step, node, edges, walk, backwards=forward)
        masks = {node.start: step.columns[node.start].mask, node.end: step.columns[node.end].mask}
        source = Source(RelationKey(None), query.subquery(copy=False), 1, masks[node.start], masks[node.end])
        found = scan(Triple(node.s, Variable("__unused"), node.o), source, open_predicate=True)
        return found if found is not None else nothing(ends)

    def _everything(self, variable: Variable) -> Plan:
        parts: list[exp.Query] = []
        name = column_name(variable)
        for source in self._catalog.sources(RelationKey(None)):
            if not source.rows:
                continue
            klass = source.key.klass
            for item in (column("s"), column("o") if klass is None else class_id(klass)):
                part = exp.select(named(item, name)).from_(source.table, copy=False)
                parts.append(part if self._graphs is None else part.where(within(self._graphs), copy=False))
        if not parts:
            return nothing([variable])
        query: exp.Query = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=True, copy=False)
        query = exp.select(column(name)).distinct(copy=False).from_(query.subquery(alias(), copy=False), copy=False)
        return Plan(query, {variable: Column()})


def _always(value: Expression, plan: Plan) -> bool:
    """Tell whether an expression has a value in each row of a plan: one joins far faster by what is always bound."""
    known = plan.columns.get(value.variable) if isinstance(value, Ref) else None
    return isinstance(value, Const) or (known is not None and not known.nullable)


def _says(test: Expression, variable: Variable) -> bool:
    """Tell whether a condition says no more than that a variable has a value."""
    return test == Call("BOUND", (Ref(variable),))


def _kept_whole(query: exp.Select) -> exp.Select:
    """Return the join as a materialised table expression.

    With the filters and outer joins above it pulled in, DuckDB's join order falls into cross products: at 4,000
    customers one rule took 15 GB and half a minute instead of a tenth of a second.
    """
    name = alias()
    return exp.select("*").from_(name, copy=False).with_(name, as_=query, materialized=True, copy=False)
