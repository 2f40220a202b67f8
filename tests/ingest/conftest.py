"""Banks with an empty folder and with a small family in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from ingest_bank import Bank


@pytest.fixture
def bank(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Bank:
    folder = tmp_path / "export"
    folder.mkdir()
    return Bank(folder, connection)


@pytest.fixture
def small_bank(bank: Bank) -> Bank:
    """Two customers, one shared account."""
    bank.write("customers.csv", "customer_id,birth_date,city\nanna,1992-03-04,Ulm\nben,1990-01-31,Ulm\n")
    bank.write("accounts.csv", "account_id,iban,kind,currency\na1,DE89370400440532013000,giro,EUR\n")
    bank.write("account_holders.csv", "account_id,customer_id,role\na1,anna,owner\na1,ben,co_owner\n")
    return bank
