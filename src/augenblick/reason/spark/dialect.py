"""The compiler's plans in Spark's SQL.

Joins, unions, grouping and everything over whole relations becomes Spark's own. A value that takes more than comparing,
choosing and adding (text, regular expressions, decimals, hashes of new terms) is worked out by DuckDB inside Spark's
workers, batch by batch over Arrow: then a rule makes the same term here as there, down to the last digit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
from sqlglot import exp

from augenblick.reason.fragment import q

_PLAIN = (
    exp.Column, exp.Identifier, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT,
    exp.LTE, exp.GT, exp.GTE, exp.Is, exp.Between, exp.In, exp.Case, exp.If, exp.Coalesce, exp.Add, exp.Sub, exp.Neg,
    exp.BitwiseAnd, exp.NullSafeEQ,
)  # fmt: skip
"""What means the same in both."""
_PARTS = (
    exp.Query, exp.From, exp.Join, exp.Where, exp.Group, exp.Order, exp.With, exp.CTE, exp.Table, exp.Limit, exp.Offset,
    exp.TableAlias, exp.Identifier, exp.Distinct, exp.Star, exp.Having, exp.DataType,
)  # fmt: skip
"""What is a query or a part of one, and no value."""
_AGGREGATES: dict[str, str] = {"bool_or": "bool_or", "arg_min": "min_by", "arg_max": "max_by", "list": "collect_list"}
"""Spark's names of DuckDB's aggregates, where they differ."""
_TYPES = {"BIGINT": "BIGINT", "INTEGER": "INT", "SMALLINT": "SMALLINT", "VARCHAR": "STRING", "BOOLEAN": "BOOLEAN",
          "DOUBLE": "DOUBLE", "HUGEINT": "DECIMAL(38,0)", "DATE": "DATE", "VARCHAR[]": "ARRAY<STRING>"}  # fmt: skip
_UNTYPED = '"NULL"'
"""What DuckDB calls the type of what is never anything."""

Register = Callable[[str, str, str], None]
"""Makes a DuckDB SELECT over `rows` known to Spark under a name, with the type it returns."""


class Dialect:
    """Translates plans; tells Spark of each value DuckDB is to work out."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._connection = duckdb.connect()
        self._known: dict[str, str] = {}

    def sql(self, query: exp.Expr) -> str:
        """Return a plan's query in Spark's SQL."""
        return self._translated(query).sql("spark", copy=False)

    def _translated(self, node: exp.Expr) -> exp.Expr:
        """Return a copy of a query, each value in it as Spark takes it."""
        args: dict[str, Any] = {}
        for name, held in node.args.items():
            if isinstance(held, list):
                args[name] = [self._part(each) for each in held]
            else:
                args[name] = self._part(held)
        if isinstance(node, exp.CTE):
            args.pop("materialized", None)
        return type(node)(**args)

    def _part(self, held: Any) -> Any:
        if not isinstance(held, exp.Expr):
            return held
        return self._value(held) if _is_value(held) else self._translated(held)

    # -- values ----------------------------------------------------------------------------------------------------

    def _value(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Alias):
            return exp.Alias(this=self._value(node.this), alias=node.args["alias"])
        if isinstance(node, exp.Ordered):
            return exp.Ordered(**{**node.args, "this": self._value(node.this)})
        if isinstance(node, exp.Window):
            return self._translated(node)
        if (name := _aggregate(node)) is not None:
            return self._aggregated(name, node)
        if _row(node):
            return exp.Anonymous(this="struct", expressions=[self._value(each) for each in node.expressions])
        if any(_row(each) for each in node.find_all(exp.Anonymous)):
            return self._translated(node)
        if not any(_leaves(node)):
            return self._constant(node)
        if self._is_plain(node):
            return self._translated(node)
        return self._worked_out(node)

    def _is_plain(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.Literal) or _aggregate(node) is not None or _row(node):
            return True
        if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
            return node.to.sql("duckdb") in ("BIGINT", "VARCHAR", "TEXT") and isinstance(node.this, exp.Null)
        return isinstance(node, _PLAIN) and all(self._is_plain(child) for child in node.iter_expressions())

    def _aggregated(self, name: str, node: exp.Expr) -> exp.Expr:
        inner = [node.this, node.expression] if isinstance(node, exp.ArgMin | exp.ArgMax) else _given(node)
        distinct = [each for each in inner if isinstance(each, exp.Distinct)]
        parts = distinct[0].expressions if distinct else inner
        taken = [exp.Star() if isinstance(each, exp.Star) else self._value(each) for each in parts]
        return exp.Anonymous(this=name, expressions=[exp.Distinct(expressions=taken)] if distinct else taken)

    def _constant(self, node: exp.Expr) -> exp.Expr:
        """Return what an expression over nothing comes to."""
        row = self._connection.execute(f"SELECT {node.sql('duckdb')}").fetchone()
        value = row[0] if row else None
        if value is None:
            made = self._type(node.sql("duckdb"), {})
            return exp.null() if made == _UNTYPED else exp.cast(exp.null(), _spark_type(made), dialect="spark")
        if isinstance(value, bool):
            return exp.convert(value)
        if isinstance(value, int):
            return q(f"CAST('{value}' AS BIGINT)") if value < 0 else exp.Literal.number(value)
        return exp.convert(value) if isinstance(value, str) else self._worked_out(node)

    def _worked_out(self, node: exp.Expr) -> exp.Expr:
        """Return the call of a function that has DuckDB work the value out, in Spark's workers."""
        leaves = {leaf.sql("duckdb"): leaf for leaf in _leaves(node)}
        names = {text: f"c{place}" for place, text in enumerate(leaves)}
        types = {names[text]: self._leaf_type(leaf) for text, leaf in leaves.items()}
        inner = _with_names(node, names).sql("duckdb")
        made = self._type(inner, types)
        if made == _UNTYPED:
            return exp.null()
        spark = _spark_type(made)
        wanted = "DECIMAL(38, 0)" if made == "HUGEINT" else made
        columns = ", ".join(f"CAST({name} AS {type_}) AS {name}" for name, type_ in types.items())
        source = f"(SELECT {columns} FROM rows)" if columns else "rows"
        select = f"SELECT CAST({inner} AS {wanted}) AS v FROM {source}"
        if select not in self._known:
            name = f"duckdb_{hashlib.sha256(select.encode()).hexdigest()[:16]}"
            self._register(name, select, spark)
            self._known[select] = name
        given = [self._value(leaf) for leaf in leaves.values()] or [exp.Literal.number(1)]
        return exp.Anonymous(this=self._known[select], expressions=given)

    def _leaf_type(self, leaf: exp.Expr) -> str:
        if isinstance(leaf, exp.Column):
            return "VARCHAR" if leaf.name.endswith(("__lex", "__ext")) else "BIGINT"
        inner = {each.sql("duckdb"): each for each in leaf.find_all(exp.Column)}
        names = {text: f"c{place}" for place, text in enumerate(inner)}
        types = {names[text]: self._leaf_type(each) for text, each in inner.items()}
        return self._type(_with_names(leaf, names, whole=True).sql("duckdb"), types)

    def _type(self, sql: str, columns: Mapping[str, str]) -> str:
        given = ", ".join(f"CAST(NULL AS {type_}) AS {name}" for name, type_ in columns.items())
        source = f" FROM (SELECT {given})" if given else ""
        row = self._connection.execute(f"DESCRIBE SELECT {sql} AS v{source}").fetchone()
        return str(row[1]) if row else "BIGINT"


def evaluator(select: str) -> Callable[..., Any]:
    """Return the function over Arrow columns that has DuckDB run a SELECT over them, named c0, c1 and on."""

    def evaluate(*columns: Any) -> Any:
        import duckdb as engine
        import pyarrow as pa

        connection = engine.connect(config={"threads": 1})
        connection.register("rows", pa.table({f"c{place}": column for place, column in enumerate(columns)}))
        table: Any = connection.execute(select).to_arrow_table()
        made = table.column(0).combine_chunks()
        return made.cast(pa.string()) if pa.types.is_large_string(made.type) else made

    return evaluate


def _is_value(node: exp.Expr) -> bool:
    """Tell whether an expression is a value, not a query or a part of one."""
    return not isinstance(node, _PARTS)


def _row(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "row"


def _given(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return [node.this] if isinstance(node.this, exp.Expr) else []


def _aggregate(node: exp.Expr) -> str | None:
    """Return Spark's name of an aggregate; None for what is none."""
    if isinstance(node, exp.ArgMin | exp.ArgMax):
        return "min_by" if isinstance(node, exp.ArgMin) else "max_by"
    if isinstance(node, exp.Count | exp.Sum | exp.Min | exp.Max):
        return node.key
    if isinstance(node, exp.LogicalOr):
        return "bool_or"
    if isinstance(node, exp.ArrayAgg):
        return "collect_list"
    name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
    return _AGGREGATES.get(name)


def _leaves(node: exp.Expr) -> list[exp.Expr]:
    """Return the columns and aggregates a value is made of."""
    if isinstance(node, exp.Column) or _aggregate(node) is not None:
        return [node]
    return [leaf for child in node.iter_expressions() for leaf in _leaves(child)]


def _with_names(node: exp.Expr, names: Mapping[str, str], *, whole: bool = False) -> exp.Expr:
    """Return a copy of a value whose leaves are plain names; with `whole`, only its columns."""
    leaf = isinstance(node, exp.Column) or (not whole and _aggregate(node) is not None)
    if leaf and (name := names.get(node.sql("duckdb"))) is not None:
        return exp.column(name)
    args: dict[str, Any] = {}
    for key, held in node.args.items():
        if isinstance(held, list):
            args[key] = [_with_names(each, names, whole=whole) if isinstance(each, exp.Expr) else each for each in held]
        else:
            args[key] = _with_names(held, names, whole=whole) if isinstance(held, exp.Expr) else held
    return type(node)(**args)


def _spark_type(made: str) -> str:
    return _TYPES.get(made, made)
