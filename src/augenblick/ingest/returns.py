"""Returned bookings of statements: which booking each one takes back (`reversal_of`).

Statements say that a booking is a return, not of which one. What is found is written anew for an account
whenever bookings of it were loaded, from all its bookings: in which order files come makes no difference, and a
return finds a booking that arrives after it. What CSV and Parquet files say (or leave open) stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from augenblick.store.returns import is_return_sql, pair_returns

_FROM_STATEMENT = "SELECT file_id FROM bank.files WHERE kind IN ('camt', 'mt940')"


def resolve_returns(connection: duckdb.DuckDBPyConnection, files: Collection[int]) -> None:
    """Write `reversal_of` of the statements' returns on all accounts that the files (their numbers) have bookings of.

    It is empty where no booking fits.
    """
    if not connection.execute(f"{_FROM_STATEMENT} LIMIT 1").fetchone():
        return
    numbers = ", ".join(map(str, sorted(files))) or "NULL"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ingest_returns AS SELECT * FROM bank.transactions t "
        f"WHERE {is_return_sql('t')} AND _file IN ({_FROM_STATEMENT}) AND account_id IN "
        f"(SELECT account_id FROM bank.transactions WHERE _file IN ({numbers}))"
    )
    if connection.execute("SELECT 1 FROM ingest_returns LIMIT 1").fetchone():
        _resolve(connection)
    connection.execute("DROP TABLE ingest_returns")


def _resolve(connection: duckdb.DuckDBPyConnection) -> None:
    settled = (
        "(SELECT reversal_of AS transaction_id FROM bank.transactions WHERE reversal_of IS NOT NULL "
        "AND transaction_id NOT IN (SELECT transaction_id FROM ingest_returns))"
    )
    pair_returns(connection, "ingest_returns", settled)
    connection.execute(
        "UPDATE bank.transactions t SET reversal_of = p.original_id "
        "FROM ingest_returns r LEFT JOIN return_pairs p ON p.return_id = r.transaction_id "
        "WHERE t.transaction_id = r.transaction_id AND t.reversal_of IS DISTINCT FROM p.original_id"
    )
    connection.execute("DROP TABLE return_pairs")
