"""SQL fragments as sqlglot trees: parsed once from a template, filled many times."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp


@lru_cache(maxsize=2000)
def _template(text: str) -> tuple[exp.Expr, frozenset[int]]:
    """Return a template's tree, and the identities of the nodes in it that are holes or stand above one."""
    if text.startswith("SELECT"):
        tree = sqlglot.parse_one(text, read="duckdb")
    else:  # alone, `(a) - b` would be read as a query and `:a` as an alias
        tree = sqlglot.parse_one(f"SELECT coalesce({text})", read="duckdb").expressions[0].this.pop()
    holed: set[int] = set()
    for hole in tree.find_all(exp.Placeholder):
        node: exp.Expr | None = hole
        while node is not None:
            holed.add(id(node))
            node = node.parent
    return tree, frozenset(holed)


def q(text: str, **parts: exp.Expr) -> exp.Expr:
    """Return the expression `text` (DuckDB dialect) with each `:name` replaced by the tree given for it.

    Trees share parts: nothing may change one after it was made.
    """
    tree, holed = _template(text)
    return _filled(tree, holed, {name: _safe(part) for name, part in parts.items()}) if parts else tree


def _filled(node: exp.Expr, holed: frozenset[int], parts: dict[str, exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Placeholder):
        return parts[node.name]
    args: dict[str, object] = {}
    for name, held in node.args.items():
        if isinstance(held, list):
            args[name] = [_filled(item, holed, parts) if id(item) in holed else item for item in held]
        else:
            args[name] = _filled(held, holed, parts) if id(held) in holed else held
    return type(node)(**args)


def _safe(part: exp.Expr) -> exp.Expr:
    """Parenthesise what would bind differently inside another expression."""
    if isinstance(part, exp.Binary | exp.Unary | exp.Between | exp.In) and not isinstance(part, exp.Paren):
        return exp.Paren(this=part)
    return part


def text(value: str) -> exp.Expr:
    """Return a string constant."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    """Return an integer constant (negative ones as a negation, which SQL wants in parentheses)."""
    if value == -(2**63):
        return q("(-9223372036854775807 - 1)")
    if value < 0:
        return exp.Paren(this=exp.Neg(this=exp.Literal.number(-value)))
    return exp.Literal.number(value)


@lru_cache(maxsize=4096)
def column(name: str, table: str | None = None) -> exp.Expr:
    """Return a quoted column reference."""
    return exp.column(name, table=table, quoted=True)


def case(branches: list[tuple[exp.Expr, exp.Expr]], default: exp.Expr | None = None) -> exp.Expr:
    """Return CASE WHEN … over condition/value pairs; NULL when none holds and no default is given."""
    return exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in branches], default=default)


def both(*conditions: exp.Expr | None) -> exp.Expr | None:
    """Return the conjunction of what is given; None when nothing is."""
    given = [condition for condition in conditions if condition is not None]
    return exp.and_(*given, copy=False) if given else None


@lru_cache(maxsize=20_000)
def table_of(name: str) -> exp.Table:
    """Return the table of a dotted name."""
    return exp.to_table(name)


def aliased(source: exp.Expr, name: str) -> exp.Expr:
    """Return a table or subquery under an alias."""
    return type(source)(**{**source.args, "alias": exp.TableAlias(this=exp.to_identifier(name))})


def joined(query: exp.Select, source: exp.Expr, kind: str, on: exp.Expr | None = None) -> exp.Select:
    """Return the query with one more table: kind CROSS, LEFT, SEMI, ANTI or (empty) inner."""
    side, kind = ("LEFT", "") if kind == "LEFT" else ("", kind)
    join = exp.Join(this=source, side=side or None, kind=kind or None, on=on)
    query.append("joins", join)
    return query
