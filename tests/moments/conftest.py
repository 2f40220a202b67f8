"""A bank without anything in it but the tables that merging reads."""

from __future__ import annotations

import duckdb
import pytest

from augenblick.moments import create_tables


@pytest.fixture
def bank(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute(
        "CREATE TABLE bank.declared_moments (customer_id VARCHAR, moment VARCHAR, occurred_on DATE, state VARCHAR)"
    )
    create_tables(connection)
    return connection
