"""Values worked out for a handful of bindings: the plain cases here, all others by DuckDB, as the compiled rules do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

import pyarrow as pa
from rdflib import URIRef, Variable
from sqlglot import exp

from augenblick.reason.compiler import Compiler
from augenblick.reason.factbase import FactBase
from augenblick.reason.fragment import column
from augenblick.reason.ir import Call, Const, Expression, Extend, Filter, Group, Ref, Values, expression_variables
from augenblick.reason.plan import Plan, column_names, named, project
from augenblick.reason.scalar import Column, column_name
from augenblick.reason.terms import DECIMAL_SCALE, PAYLOAD, Kind, Term, kind_of_id, stored_as
from augenblick.reason.terms import base as base_of

Row = dict[Variable, int]
"""A binding: ids of terms by variable; what is unbound is absent."""

TRUE, FALSE = base_of(Kind.BOOLEAN) + 1, base_of(Kind.BOOLEAN)
_ROW = Variable("row__")
_TABLE = "reason__bindings"
_DAY = 86_400_000
_EPOCH = date(1970, 1, 1)
_SIGNS: dict[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, each once, in the order they came."""
    return [dict(key) for key in dict.fromkeys(tuple(sorted(row.items())) for row in rows)]


class _NotPlain(Exception):
    """An expression that is left to DuckDB."""


class _Failed(Exception):
    """The expression is an error for this binding."""


class Calculator:
    """Evaluates expressions, aggregates and tests on bindings; terms it makes are known to `text` at once."""

    def __init__(self, facts: FactBase) -> None:
        self._facts = facts
        self._texts: dict[int, tuple[str, str | None]] = {}
        self._sql: dict[tuple[object, ...], tuple[str, Plan] | None] = {}
        self._made: dict[str, int] = {}
        self._kept: list[object] = []
        self._fresh: set[int] = set()
        self._constants: dict[Term, int] = {}

    # -- terms ---------------------------------------------------------------------------------------------------

    def learn(self, texts: dict[int, tuple[str, str | None]]) -> None:
        """Take lexical form and language or datatype of terms by their ids."""
        self._texts.update(texts)

    def text(self, term: int) -> tuple[str, str | None]:
        """Return lexical form and language or datatype of a term whose id is a hash."""
        if term not in self._texts:
            self.look_up([term])
        return self._texts[term]

    def look_up(self, ids: Iterable[int]) -> None:
        """Fetch the texts of several terms at once."""
        missing = [term for term in dict.fromkeys(ids) if term >= 0 and term not in self._texts]
        if missing:
            listed = ", ".join(map(str, missing))
            rows = self._facts.connection.execute(
                f"SELECT id, lexical, ext FROM {self._facts.dictionary.table} WHERE id IN ({listed})"
            ).fetchall()
            self._texts.update({row[0]: (row[1], row[2]) for row in rows})

    def iris(self, texts: Sequence[str]) -> list[int]:
        """Return the ids of IRIs."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._made]
        if missing:
            ids = self._facts.dictionary.ids(URIRef(text) for text in missing)
            self._made.update(zip(missing, ids, strict=True))
            self._fresh.update(ids)
        for text in texts:
            self._texts[self._made[text]] = (text, None)
        return [self._made[text] for text in texts]

    def made(self, ids: Iterable[int]) -> dict[int, tuple[str, str | None]]:
        """Return of some terms the texts of those that were made here and may be new to the dictionary."""
        return {i: self._texts[i] for i in ids if i >= 0 and i in self._fresh}

    # -- what nodes ask for --------------------------------------------------------------------------------------

    def kept(self, rows: list[Row], condition: Expression, seen: frozenset[Variable]) -> list[Row]:
        """Return the rows for which a condition is true, `seen` being the variables it can see."""
        rows_seen = [{v: row[v] for v in row if v in seen} for row in rows]
        try:
            verdicts = [self._true(condition, row) for row in rows_seen]
        except _NotPlain:
            node = Filter(Values((), ()), condition)
            found = {
                row[_ROW] for row in self._borrowed(condition, rows_seen, lambda c, p: c._filter(p, node.condition))
            }
            verdicts = [place in found for place in range(len(rows))]
        return [row for row, verdict in zip(rows, verdicts, strict=True) if verdict]

    def extended(self, rows: list[Row], node: Extend, seen: frozenset[Variable]) -> list[Row]:
        """Return the rows with one more variable, unbound where its value is an error."""
        rows_seen = [{v: row[v] for v in row if v in seen} for row in rows]
        try:
            values = self._plain_values(node.value, rows_seen)
        except _NotPlain:
            made = self._borrowed(node, rows_seen, lambda c, p: c._extend(p, node.variable, node.value))
            found = {row[_ROW]: row.get(node.variable) for row in made}
            values = [found.get(place) for place in range(len(rows))]
        return [
            row if value is None else {**row, node.variable: value} for row, value in zip(rows, values, strict=True)
        ]

    def grouped(self, rows: list[Row], node: Group) -> list[Row]:
        """Return one row per group with its keys and aggregates."""
        compiled = self._borrowed(node, rows, lambda c, p: _grouped(c, p, node), numbered=False)
        return [{v: row[v] for v in row if v != _ROW} for row in compiled]

    def _plain_values(self, expression: Expression, rows: list[Row]) -> list[int | None]:
        found: list[int | str | None] = []
        for row in rows:
            try:
                found.append(self._made_iri(expression, row))
            except _Failed:
                found.append(None)
        texts = [value for value in found if isinstance(value, str)]
        ids = dict(zip(texts, self.iris(texts), strict=True)) if texts else {}
        return [ids[value] if isinstance(value, str) else value for value in found]

    def _made_iri(self, expression: Expression, row: Row) -> int | str:
        """Return the id of a value, or the text of an IRI that is made."""
        if isinstance(expression, Call) and expression.name == "IRI" and len(expression.args) == 1:
            return self._string(expression.args[0], row)
        return self._term(expression, row)

    # -- plain cases ---------------------------------------------------------------------------------------------

    def _string(self, expression: Expression, row: Row) -> str:
        """Return the text of an expression that yields a string without language."""
        match expression:
            case Const(term):
                kind, _, lexical, _ = stored_as(term)
                if kind is not Kind.STRING:
                    raise _NotPlain
                return lexical
            case Call("STR", (Ref(variable),)):
                if variable not in row:
                    raise _Failed
                if kind_of_id(row[variable]) not in (Kind.IRI, Kind.STRING):
                    raise _NotPlain
                return self.text(row[variable])[0]
            case Call("MD5", (inner,)):
                return hashlib.md5(self._string(inner, row).encode(), usedforsecurity=False).hexdigest()
            case Call("CONCAT", args):
                return "".join([self._string(arg, row) for arg in args])
            case _:
                raise _NotPlain

    def _term(self, expression: Expression, row: Row) -> int:
        match expression:
            case Ref(variable):
                if variable not in row:
                    raise _Failed
                return row[variable]
            case Const(term):
                return self._constant(term)
            case Call(name, args):
                return self._called(name, args, row)
            case _:
                raise _NotPlain

    def _called(self, name: str, args: Sequence[Expression], row: Row) -> int:
        match name, args:
            case "-", (left, right):
                return _difference(self._term(left, row), self._term(right, row))
            case "NEG", (inner,):
                return _opposite(self._term(inner, row))
            case _:
                raise _NotPlain

    def _constant(self, term: Term) -> int:
        if term not in self._constants:
            self._constants[term] = self._facts.dictionary.id(term)
            if self._constants[term] >= 0:
                self._texts[self._constants[term]] = stored_as(term)[2:]
                self._fresh.add(self._constants[term])
        return self._constants[term]

    def _true(self, condition: Expression, row: Row) -> bool:
        try:
            return self._truth(condition, row)
        except _Failed:
            return False

    def _truth(self, condition: Expression, row: Row) -> bool:
        match condition:
            case Call("&&" | "||" as name, args):
                return self._connected(args, row, decisive=name == "||")
            case Call("!", (inner,)):
                return not self._truth(inner, row)
            case Call("BOUND", (Ref(variable),)):
                return variable in row
            case Call("=" | "!=" as name, (left, right)):
                return _same(self._term(left, row), self._term(right, row)) == (name == "=")
            case Call("<" | "<=" | ">" | ">=" as name, (left, right)):
                return _SIGNS[name](*_comparable(self._term(left, row), self._term(right, row)))
            case _:
                raise _NotPlain

    def _connected(self, args: Sequence[Expression], row: Row, *, decisive: bool) -> bool:
        failed = False
        for arg in args:
            try:
                if self._truth(arg, row) is decisive:
                    return decisive
            except _Failed:
                failed = True
        if failed:
            raise _Failed
        return not decisive

    # -- all other cases, by DuckDB ------------------------------------------------------------------------------

    def _borrowed(
        self, owner: object, rows: list[Row], made: Callable[[Compiler, Plan], Plan], *, numbered: bool = True
    ) -> list[Row]:
        if not rows and numbered:
            return []
        variables = sorted({v for row in rows for v in row} | _mentioned(owner))
        known = {v: self._column(rows, v) for v in variables}
        signature = (id(owner), *((v, c.mask, c.nullable) for v, c in known.items()))
        if signature not in self._sql:
            self._kept.append(owner)
            self._sql[signature] = self._compiled(known, made)
        compiled = self._sql[signature]
        if compiled is None:
            return []
        return self._fetched(*compiled, rows, known)

    @staticmethod
    def _column(rows: list[Row], variable: Variable) -> Column:
        mask = 0
        for row in rows:
            if variable in row:
                mask |= kind_of_id(row[variable]).bit
        return Column(mask, any(variable not in row for row in rows) or not rows, carried=True)

    def _compiled(
        self, known: dict[Variable, Column], made: Callable[[Compiler, Plan], Plan]
    ) -> tuple[str, Plan] | None:
        columns = {_ROW: Column(Kind.INTEGER.bit), **known}
        items = [named(column(name), name) for v, c in columns.items() for name in column_names(v, c)]
        source = Plan(exp.select(*items).from_(_TABLE, copy=False), columns)
        plan = made(Compiler(self._facts), source)
        return None if plan.empty else (plan.sql, plan)

    def _fetched(self, sql: str, plan: Plan, rows: list[Row], known: dict[Variable, Column]) -> list[Row]:
        self.look_up(term for row in rows for term in row.values())
        table = {column_name(_ROW): pa.array(range(len(rows)), pa.int64())}
        for variable in known:
            ids = [row.get(variable) for row in rows]
            texts = [self._texts[i] if i is not None and i >= 0 else (None, None) for i in ids]
            name = column_name(variable)
            table[name] = pa.array(ids, pa.int64())
            table[f"{name}__lex"] = pa.array([text[0] for text in texts], pa.string())
            table[f"{name}__ext"] = pa.array([text[1] for text in texts], pa.string())
        connection = self._facts.connection
        connection.register(_TABLE, pa.table(table))
        cursor = connection.execute(sql)
        names = [description[0] for description in cursor.description]
        found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
        connection.unregister(_TABLE)
        return [self._row(values, plan) for values in found]

    def _row(self, values: dict[str, object], plan: Plan) -> Row:
        row: Row = {}
        for variable, known in plan.columns.items():
            name = column_name(variable)
            term = values.get(name)
            if isinstance(term, int):
                row[variable] = term
                lexical, ext = values.get(f"{name}__lex"), values.get(f"{name}__ext")
                if known.carried and term >= 0 and isinstance(lexical, str):
                    self._texts[term] = (lexical, ext if isinstance(ext, str) else None)
                    self._fresh.add(term)
        return row


def _mentioned(owner: object) -> set[Variable]:
    match owner:
        case Extend(_, _, value):
            return set(expression_variables(value))
        case Group(_, keys, aggregates):
            asked = [expression_variables(a.argument) for a in aggregates if a.argument is not None]
            return set(keys).union(*asked)
        case Call() | Ref() | Const():
            return set(expression_variables(owner))
        case _:
            return set()


def _grouped(compiler: Compiler, plan: Plan, node: Group) -> Plan:
    from augenblick.reason.grouping import group_plan

    return group_plan(project(plan, [v for v in plan.columns if v != _ROW]), node, compiler._catalog)


def _payload(term: int) -> tuple[Kind, int]:
    kind = kind_of_id(term)
    if not kind.inline:
        raise _NotPlain
    return kind, term - base_of(kind)


def _same(left: int, right: int) -> bool:
    if left == right and kind_of_id(left) in (Kind.IRI, Kind.BNODE, Kind.STRING, Kind.DATE):
        return True
    kinds = {kind_of_id(left), kind_of_id(right)}
    if kinds <= {Kind.IRI, Kind.BNODE} or kinds in ({Kind.STRING}, {Kind.DATE}, {Kind.BOOLEAN}):
        return left == right
    a, b = _comparable(left, right)
    return a == b


def _comparable(left: int, right: int) -> tuple[int, int]:
    (one, a), (other, b) = _payload(left), _payload(right)
    if one is other and one in (Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.DAYS, Kind.MONTHS):
        return a, b
    if {one, other} == {Kind.INTEGER, Kind.DECIMAL}:
        return tuple(  # type: ignore[return-value]
            value * DECIMAL_SCALE if kind is Kind.INTEGER else value for kind, value in ((one, a), (other, b))
        )
    raise _NotPlain


def _difference(left: int, right: int) -> int:
    (one, a), (other, b) = _payload(left), _payload(right)
    if one is Kind.DATE and other is Kind.DATE:
        return _packed(Kind.DAYS, (a - b) * _DAY)
    if one is Kind.DATE and other is Kind.DAYS and b % _DAY == 0:
        return _packed(Kind.DATE, _within_calendar(a - b // _DAY))
    if one is Kind.DATE and other is Kind.MONTHS:
        return _packed(Kind.DATE, _months_before(a, b))
    if one is Kind.DECIMAL and other is Kind.DECIMAL:
        return _packed(Kind.DECIMAL, a - b)
    raise _NotPlain


def _opposite(term: int) -> int:
    kind, payload = _payload(term)
    if kind not in (Kind.DAYS, Kind.MONTHS, Kind.DECIMAL):
        raise _NotPlain
    return _packed(kind, -payload)


def _packed(kind: Kind, payload: int) -> int:
    if not -PAYLOAD <= payload < PAYLOAD:
        raise _NotPlain
    return base_of(kind) + payload


def _within_calendar(days: int) -> int:
    if not -700_000 < days < 2_900_000:
        raise _NotPlain
    return days


def _months_before(days: int, months: int) -> int:
    day = _EPOCH + timedelta(days=_within_calendar(days))
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if not 1 <= year < 9999:
        raise _NotPlain
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return (date(year, month + 1, min(day.day, last)) - _EPOCH).days
