"""The durable tables `bank.*`: the contract's, and those that keep the loads, files and rejects."""

from __future__ import annotations

import duckdb

from augenblick.ingest.contract import Table, contract
from augenblick.model.tables import are_there

BOOKKEEPING = {
    "loads": "load_id INTEGER, loaded_at TIMESTAMP, source VARCHAR",
    "files": "file_id INTEGER, load_id INTEGER, path VARCHAR, kind VARCHAR, sha256 VARCHAR, "
    "rows BIGINT, rejected BIGINT",
    "rejects": "load_id INTEGER, file VARCHAR, line BIGINT, field VARCHAR, reason VARCHAR, hint VARCHAR, row VARCHAR, "
    "row_loaded BOOLEAN",
    "touched": "load_id INTEGER, customer_id VARCHAR, account_id VARCHAR, kind VARCHAR",
}
_DIFFERING = ("transaction_id", "purpose")
"""Texts that hardly two bookings share. DuckDB would look for a dictionary of them; Zstandard takes half the time for
them and together less room, and they are read as fast."""


def create_bank_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every table of the catalog `bank` that does not exist yet, empty, and every column an older one lacks."""
    tables = BOOKKEEPING | {table.name: column_list(table) for table in contract().tables}
    whole = (f"(SELECT {', '.join(table.columns)} FROM bank.{table.name})" for table in contract().tables)
    if are_there(connection, (*(f"bank.{name}" for name in BOOKKEEPING), *whole)):
        return
    created = (f"CREATE TABLE IF NOT EXISTS bank.{name} ({columns})" for name, columns in tables.items())
    added = (
        f"ALTER TABLE bank.{table.name} ADD COLUMN IF NOT EXISTS {field.name} {field.sql_type}"
        for table in contract().tables
        for field in table.fields
        if not field.required
    )
    connection.execute("; ".join((*created, *added)))


def column_list(table: Table) -> str:
    """Return the columns of a table with their types, as in `CREATE TABLE`."""
    own = ", ".join(f"{field.name} {field.sql_type}{_packed(field.name)}" for field in table.fields)
    return f"{own}, _file INTEGER, _line BIGINT"


def _packed(column: str) -> str:
    return " USING COMPRESSION zstd" if column in _DIFFERING else ""
