"""A bank to fill row by row, and signals to find in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from augenblick.content.model import Signal
from augenblick.ingest.tables import create_bank_tables
from augenblick.signals import SignalReport, detect

AS_OF = date(2026, 6, 30)


class Bank:
    """Contract rows in memory and what the pass makes of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.bookings = 0
        create_bank_tables(connection)

    def add(self, table: str, **row: Any) -> None:
        columns = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        self.connection.execute(f"INSERT INTO bank.{table} ({columns}) VALUES ({marks})", list(row.values()))

    def person(
        self, customer: str, *accounts: str, given: str | None = None, family: str | None = None, role: str = "owner"
    ) -> None:
        self.add("customers", customer_id=customer, given_name=given, family_name=family)
        for account in accounts:
            self.add("account_holders", account_id=account, customer_id=customer, role=role)

    def book(
        self, day: str, amount: float | str, party: str | None = None, text: str | None = None, **more: Any
    ) -> str:
        self.bookings += 1
        row = {"transaction_id": f"t{self.bookings:04}", "account_id": "a1", "currency": "EUR", **more}
        self.add(
            "transactions", booking_date=day, amount=Decimal(str(amount)), counterparty_name=party, purpose=text, **row
        )
        return str(row["transaction_id"])

    def monthly(
        self, months: list[str], amount: float, party: str, text: str = "Lohn/Gehalt", day: int = 28, **more: Any
    ) -> None:
        for month in months:
            self.book(f"{month}-{day:02}", amount, party, text, **more)

    def detect(self, *signals: Signal, as_of: date = AS_OF) -> SignalReport:
        return detect(self.connection, signals, as_of=as_of)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def carried(self) -> list[tuple[str, str]]:
        """Booking and last part of the signal's IRI, in order."""
        return self.rows(
            "SELECT transaction_id, regexp_extract(signal, '[^:]+$') FROM evidence.occurrences ORDER BY ALL"
        )


@pytest.fixture
def bank(connection: duckdb.DuckDBPyConnection) -> Bank:
    """A bank with one customer `anna` who owns the account `a1`."""
    bank = Bank(connection)
    bank.person("anna", "a1", given="Anna")
    return bank


@pytest.fixture
def pay() -> Signal:
    """A recurring credit known by code or text."""
    return Signal(iri="test:pay", gvc=("153",), text_patterns=(r"LOHN", r"GEHALT"), direction="credit", recurring=True)


def _months(first: str, count: int) -> list[str]:
    year, month = map(int, first.split("-"))
    return [f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02}" for n in range(count)]


@pytest.fixture
def months() -> Any:
    """A function: first month (`2025-01`) and number → months."""
    return _months
