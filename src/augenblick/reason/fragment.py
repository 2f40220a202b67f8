"""SQL fragments as sqlglot trees: parsed once from a template, filled many times."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp


@lru_cache(maxsize=2000)
def _template(text: str) -> exp.Expr:
    if text.startswith("SELECT"):
        return sqlglot.parse_one(text, read="duckdb")
    bracketed = f"SELECT coalesce({text})"  # alone, `(a) - b` would be read as a query and `:a` as an alias
    tree: exp.Expr = sqlglot.parse_one(bracketed, read="duckdb").expressions[0].this.pop()
    return tree


def q(text: str, **parts: exp.Expr) -> exp.Expr:
    """Return the expression `text` (DuckDB dialect) with each `:name` replaced by the tree given for it."""
    tree = _template(text)
    if not parts:
        return tree.copy()
    filled = tree.copy()
    for hole in list(filled.find_all(exp.Placeholder)):
        part = _safe(parts[hole.name])
        if hole is filled:
            return part
        _put(hole, part)
    return filled


def _put(hole: exp.Expr, part: exp.Expr) -> None:
    """Put a tree into a hole without copying it: trees share parts, nothing changes one after it was made."""
    parent, slot = hole.parent, hole.arg_key
    if parent is None or slot is None:
        raise ValueError("a placeholder without a place")
    held = parent.args[slot]
    if isinstance(held, list):
        held[next(i for i, item in enumerate(held) if item is hole)] = part
    else:
        parent.args[slot] = part


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
