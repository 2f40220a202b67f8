"""What is older than its retention period goes out of the bank's tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb

from augenblick.content import Content, load_content
from augenblick.ingest.contract import contract
from augenblick.model.errors import BadPolicy
from augenblick.policy.retention import Period, read_periods
from augenblick.store import DataDirectory, has_table


def expire(directory: DataDirectory, *, on: date, content: Content | None = None) -> dict[str, int]:
    """Delete what is older than its period on the day; return how many rows of each table that were.

    The next `detect` derives without them. Databases are written anew, so that no file holds the rows any more.
    Raises `BadPolicy` for a period of a table or field the input contract does not know.
    """
    periods = read_periods(content or load_content(directory.published_content))
    for period in periods:
        _confirm_known(period)
    connection = directory.connect()
    try:
        removed = dict(_removed(connection, periods, on))
    finally:
        connection.close()
    if removed:
        directory.compact()
    return removed


def _removed(connection: duckdb.DuckDBPyConnection, periods: tuple[Period, ...], on: date) -> Iterator[tuple[str, int]]:
    for period in periods:
        if has_table(connection, period.table, database="bank"):
            row = connection.execute(
                f"DELETE FROM bank.{period.table} WHERE {period.field}::DATE < ?::DATE - to_months(?)",
                [on, period.months],
            ).fetchone()
            if row and row[0]:
                yield period.table, int(row[0])


def _confirm_known(period: Period) -> None:
    tables = {table.name: table for table in contract().tables}
    if period.table not in tables or period.field not in tables[period.table].columns:
        raise BadPolicy(
            f"The input contract has no field {period.field} in a table {period.table}.",
            where="ontology/policy/retention.ttl",
            hint=f"tables are: {', '.join(sorted(tables))}",
        )
