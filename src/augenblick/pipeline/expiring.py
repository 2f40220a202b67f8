"""What is older than its retention period goes out of the bank's tables."""

from __future__ import annotations

from datetime import date, datetime, time

import duckdb

from augenblick.content import Content, load_content
from augenblick.ingest.contract import contract
from augenblick.ingest.touched import note_unknown
from augenblick.model.errors import BadPolicy
from augenblick.policy.retention import Period, read_periods
from augenblick.store import DataDirectory, has_table

SOURCE = "retention"
"""What a load is called that only took out what was overdue."""
_DAYS = {
    "feedback": {"given_at": "given_at"},
    "rejects": {"loaded_at": "(SELECT l.loaded_at FROM bank.loads l WHERE l.load_id = o.load_id)"},
}
"""The SQL of the day a period is counted from, of tables that are not of the contract."""


def expire(directory: DataDirectory, *, on: date, content: Content | None = None) -> dict[str, int]:
    """Delete what is older than its period on the day; return how many rows of each table that were.

    That is noted as a load: the next derivation goes without them. Databases are written anew, so that no file holds
    the rows any more. Raises `BadPolicy` for a period of a table or field the input contract does not know.
    """
    periods = _periods(content or load_content(directory.published_content))
    connection = directory.connect()
    try:
        connection.execute("BEGIN")
        removed = _counts(connection, periods, on, "DELETE FROM bank.{table} o WHERE {overdue}")
        if removed and has_table(connection, "loads", database="bank"):
            if has_table(connection, "touched", database="bank"):
                note_unknown(connection)
            connection.execute(
                "INSERT INTO bank.loads SELECT coalesce(max(load_id), 0) + 1, ?, ? FROM bank.loads",
                [datetime.combine(on, time()), SOURCE],
            )
        connection.execute("COMMIT")
    finally:
        connection.close()
    if removed:
        directory.compact()
    return removed


def overdue(connection: duckdb.DuckDBPyConnection, content: Content, *, on: date) -> dict[str, int]:
    """Return how many rows of each table are older than their period on the day; raises `BadPolicy` as `expire`."""
    return _counts(connection, _periods(content), on, "SELECT count(*) FROM bank.{table} o WHERE {overdue}")


def _periods(content: Content) -> tuple[Period, ...]:
    periods = read_periods(content)
    for period in periods:
        _confirm_known(period)
    return periods


def _counts(
    connection: duckdb.DuckDBPyConnection, periods: tuple[Period, ...], on: date, statement: str
) -> dict[str, int]:
    """Return the tables of which the statement finds rows, and how many."""
    found: dict[str, int] = {}
    for period in periods:
        if has_table(connection, period.table, database="bank"):
            day = _DAYS.get(period.table, {}).get(period.field, period.field)
            sql = statement.format(table=period.table, overdue=f"{day}::DATE < ?::DATE - to_months(?)")
            row = connection.execute(sql, [on, period.months]).fetchone()
            if row and row[0]:
                found[period.table] = found.get(period.table, 0) + int(row[0])
    return found


def _confirm_known(period: Period) -> None:
    tables = {table.name: set(table.columns) for table in contract().tables}
    tables |= {table: set(days) for table, days in _DAYS.items()}
    if period.field not in tables.get(period.table, ()):
        raise BadPolicy(
            f"The input contract has no field {period.field} in a table {period.table}.",
            where="ontology/policy/retention.ttl",
            hint=f"tables are: {', '.join(sorted(tables))}",
        )
