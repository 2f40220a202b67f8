"""What is older than its retention period goes out of the bank's tables."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime, time

import duckdb

from augenblick.content import Content, load_content
from augenblick.ingest.contract import contract
from augenblick.ingest.touched import note_unknown
from augenblick.model.errors import BadPolicy
from augenblick.model.tables import has_table
from augenblick.policy.retention import Period, read_periods
from augenblick.store import DataDirectory

SOURCE = "retention"
"""What a load is called that only took out what was overdue."""
_DAYS = {
    "feedback": {"given_at": "given_at"},
    "rejects": {"loaded_at": "(SELECT l.loaded_at FROM bank.loads l WHERE l.load_id = o.load_id)"},
}
"""The SQL of the day a period is counted from, of tables that are not of the contract."""
_LOADED = "(SELECT l.loaded_at FROM bank.files f JOIN bank.loads l USING (load_id) WHERE f.file_id = o._file)"
"""The SQL of when a row of the contract's tables came in; rows of the others begin to age then."""


def expire(directory: DataDirectory, *, on: date, content: Content | None = None, aged: bool = False) -> dict[str, int]:
    """Delete what is older than its period on the day; return how many rows of each table that were.

    `aged` leaves alone what was overdue already when it was loaded: somebody brought it in knowingly, such as an
    export of years ago. What is deleted is noted as a load: the next derivation goes without it. Databases are
    written anew, so that no file holds the rows any more. Raises `BadPolicy` for a period of a table or field the
    input contract does not know.
    """
    periods = _periods(content or load_content(directory.published_content))
    connection = directory.connect()
    try:
        connection.execute("BEGIN")
        removed = _counts(connection, periods, on, "DELETE FROM bank.{table} o WHERE {overdue}", aged=aged)
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


def overdue(connection: duckdb.DuckDBPyConnection, content: Content, *, on: date, aged: bool = False) -> dict[str, int]:
    """Return how many rows of each table `expire` would delete; raises `BadPolicy` as it does."""
    counted = "SELECT count(*) FROM bank.{table} o WHERE {overdue}"
    return _counts(connection, _periods(content), on, counted, aged=aged)


def overdue_in(
    directory: DataDirectory, *, on: date, content: Content | None = None, aged: bool = False
) -> dict[str, int]:
    """Return what `overdue` does of a directory, whether or not anything was derived yet."""
    with closing(directory.connect(read_only=directory.derived_file.exists())) as connection:
        return overdue(connection, content or load_content(directory.published_content), on=on, aged=aged)


def _periods(content: Content) -> tuple[Period, ...]:
    periods = read_periods(content)
    for period in periods:
        _confirm_known(period)
    return periods


def _counts(
    connection: duckdb.DuckDBPyConnection, periods: tuple[Period, ...], on: date, statement: str, *, aged: bool
) -> dict[str, int]:
    """Return the tables of which the statement finds rows, and how many."""
    found: dict[str, int] = {}
    for period in periods:
        if has_table(connection, period.table, database="bank"):
            day = _DAYS.get(period.table, {}).get(period.field, period.field)
            old = f"{day}::DATE < $on::DATE - to_months($months)"
            if aged and period.table not in _DAYS:
                old += f" AND {day}::DATE >= {_LOADED}::DATE - to_months($months)"
            bound = {"on": on, "months": period.months}
            row = connection.execute(statement.format(table=period.table, overdue=old), bound).fetchone()
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
