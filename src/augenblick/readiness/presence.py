"""What of the inputs is there, counted in the bank's tables; relatives as the last run knows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from augenblick.readiness.inputs import BOOKINGS, Input
from augenblick.readiness.report import InputState
from augenblick.reason import FactBase

MOMENTS = "moments"
"""The table of inputs that are no data but the moments of relatives."""
_OCCASIONAL = frozenset((("customers", "death_date"), ("customers", "birth_name")))
"""Columns that are rightly empty for most people: what counts is whether the bank fills them at all."""
_OF = {"accounts": "*", "transactions": "*"}
"""What is counted of tables whose rows name no customer."""

_RELATIVES = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
SELECT ?one ?other WHERE {{ ?a <{kin}> ?b . ?a aug:customerId ?one . ?b aug:customerId ?other }}
"""


@dataclass(frozen=True)
class Signature:
    """A number of customers who have exactly these inputs."""

    customers: int
    inputs: frozenset[Input]


def signatures(
    connection: duckdb.DuckDBPyConnection, facts: FactBase, inputs: Sequence[Input], as_of: date, *, smallest: int = 1
) -> list[Signature]:
    """Return the customers grouped by the inputs they have; inputs of the table `moments` are left out.

    An input that fewer than the `smallest` number of customers have is one that nobody has.
    """
    told = [item for item in inputs if item.table != MOMENTS]
    _prepare(connection, facts, told)
    columns = ", ".join(f"customer_id IN ({_having(item, as_of, smallest)}) AS i{n}" for n, item in enumerate(told))
    names = ", ".join(f"i{n}" for n in range(len(told)))
    rows = connection.execute(
        f"SELECT count(*), {names} FROM (SELECT {columns} FROM bank.customers) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    found = [Signature(n, frozenset(i for i, has in zip(told, flags, strict=True) if has)) for n, *flags in rows]
    many = {item for item in told if sum(group.customers for group in found if item in group.inputs) >= smallest}
    return [Signature(group.customers, group.inputs & many) for group in found]


def states(
    connection: duckdb.DuckDBPyConnection, inputs: Iterable[Input], found: Sequence[Signature]
) -> list[InputState]:
    """Return how well each input is filled."""
    states = []
    for item in inputs:
        customers = sum(group.customers for group in found if item in group.inputs)
        counted = bool(not item.kin and not item.days)
        rows = _count(connection, item) if counted else None
        total = _count(connection, Input(item.table)) if counted else None
        states.append(InputState(item, rows, total, customers, customers > 0))
    return states


def _prepare(connection: duckdb.DuckDBPyConnection, facts: FactBase, inputs: Sequence[Input]) -> None:
    """Fill `booked` (one row per customer, one scan of the bookings) and one table of pairs per kinship."""
    fields = sorted({item.column for item in inputs if item.table == BOOKINGS and item.column})
    flags = "".join(f", bool_or({_filled(field)}) AS {field}" for field in fields)
    carried = "".join(f", bool_or({field}) AS {field}" for field in fields)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE booked AS "
        f"SELECT h.customer_id, min(first_on) AS first_on{carried} FROM (SELECT account_id, "
        f"min(booking_date) AS first_on{flags} FROM bank.transactions GROUP BY account_id) "
        "JOIN bank.account_holders h USING (account_id) WHERE h.role IN ('owner', 'co_owner') GROUP BY h.customer_id"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE relatives (kin VARCHAR, one VARCHAR, other VARCHAR)")
    for kin in sorted({item.kin for item in inputs if item.kin}):
        pairs = facts.texts_sql(facts.select_sql(_RELATIVES.format(kin=kin)), "one", "other")
        connection.execute(f"INSERT INTO relatives SELECT ?, one, other FROM ({pairs})", [kin])


def _having(item: Input, as_of: date, smallest: int) -> str:
    """Return SQL for the ids of the customers who have the input.

    Of tables with rows only when something happens (changes, interactions, contracts, declarations) nobody can tell
    who is missing; everybody has the input there when the bank delivers such rows of `smallest` customers or more.
    """
    if item.kin:
        own = "" if item.table == "relations" else f" AND other IN ({_having(replace(item, kin=''), as_of, smallest)})"
        return f"SELECT one FROM relatives WHERE kin = '{item.kin}'{own}"
    if item.table == BOOKINGS and item.days:
        return f"SELECT customer_id FROM booked WHERE first_on <= DATE '{as_of}' - {item.days}"
    if item.table == BOOKINGS:
        return f"SELECT customer_id FROM booked WHERE {item.column or 'true'}"
    if item.table == "accounts" and not item.value and item.column:
        filled = _filled(f"a.{item.column}")
        return (
            f"SELECT h.customer_id FROM bank.accounts a JOIN bank.account_holders h USING (account_id) WHERE {filled}"
        )
    if item.table == "customers" and (item.table, item.column) not in _OCCASIONAL:
        return f"SELECT customer_id FROM bank.customers WHERE {_filled(item.column)}"
    told = f"SELECT count({_OF.get(item.table, 'DISTINCT customer_id')}) FROM bank.{item.table} WHERE {_with(item)}"
    return f"SELECT customer_id FROM bank.customers WHERE ({told}) >= {smallest}"


def _count(connection: duckdb.DuckDBPyConnection, item: Input) -> int:
    row = connection.execute(f"SELECT count(*) FROM bank.{item.table} WHERE {_with(item)}").fetchone()
    return int(row[0]) if row else 0


def _with(item: Input) -> str:
    if not item.column:
        return "true"
    value = item.value.replace("'", "''")
    return f"lower({item.column}) = lower('{value}')" if item.value else _filled(item.column)


def _filled(column: str) -> str:
    return f"{column} IS NOT NULL AND {column}::VARCHAR <> ''"
