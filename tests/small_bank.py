"""Banks of a few made-up people, written as CSV by the tests that need them to go wrong or to go on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

CHILD_BENEFIT = ("Bundesagentur für Arbeit - Familienkasse", "Kindergeld KG242579FK452263")
HEADERS = {
    "customers": ("customer_id", "birth_date", "given_name", "sex"),
    "relations": ("customer_id", "related_customer_id", "relation"),
    "accounts": ("account_id", "kind", "currency", "opened_on"),
    "account_holders": ("account_id", "customer_id", "role"),
    "transactions": (
        *("transaction_id", "account_id", "booking_date", "amount", "currency", "counterparty_name", "purpose"),
        "reversal_of",
    ),
}


def write(folder: Path, table: str, rows: Iterable[Sequence[object]], *, part: str = "") -> None:
    """Write rows of a table, the rest of short ones left empty."""
    folder.mkdir(parents=True, exist_ok=True)
    header = HEADERS[table]
    with (folder / f"{table}{part}.csv").open("w", encoding="utf-8", newline="") as text:
        sheet = csv.writer(text)
        sheet.writerow(header)
        sheet.writerows([*row, *[""] * (len(header) - len(row))] for row in rows)


def groceries(account: str, first: date, months: int) -> list[tuple[object, ...]]:
    """Return a booking a month that means nothing, so that the account has a history."""
    days = [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 5) for n in range(months)]
    return [(f"{account}-{day}", account, day, "-61.20", "EUR", "Gemüse Kraut", "Einkauf") for day in days]


def benefit(booking: str, account: str, on: date) -> tuple[object, ...]:
    """Return a payment of child benefit."""
    name, purpose = CHILD_BENEFIT
    return (booking, account, on, "259.00", "EUR", name, f"{purpose} {on:%m%y}")


def family(folder: Path) -> None:
    """Write a mother and her grown daughter, each with an account with two years of bookings."""
    write(folder, "customers", [("mum", "1960-02-01", "Uta", "female"), ("kid", "1992-03-04", "Ada", "female")])
    write(folder, "relations", [("mum", "kid", "child")])
    write(folder, "accounts", [(account, "giro", "EUR", "2015-01-01") for account in ("a-mum", "a-kid")])
    write(folder, "account_holders", [("a-mum", "mum", "owner"), ("a-kid", "kid", "owner")])
    bookings = [row for account in ("a-mum", "a-kid") for row in groceries(account, date(2024, 5, 1), 24)]
    write(folder, "transactions", [*bookings, benefit("kg-1", "a-kid", date(2026, 4, 14))])
