"""An export of the simulated bank: one folder, complete in itself, in one format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from augenblick.model.statement import Account, Balance, Booking, Statement
from augenblick.simulate.statements import write_camt053, write_mt940
from augenblick.simulate.tables import SCHEMAS, TRUTH_TABLES, Writer

FORMATS = ("csv", "parquet", "camt.053", "mt940")
_STATEMENTS: dict[str, tuple[str, Callable[[Statement], bytes]]] = {
    "camt.053": (".xml", write_camt053),
    "mt940": (".sta", write_mt940),
}
_OPENING = Decimal("1500.00")
_RETURNED = frozenset({"109", "159"})
_ALIKE = (
    "counterparty_name", "counterparty_iban", "creditor_id", "mandate_id", "end_to_end_id", "purpose", "purpose_code",
    "gvc", "btc", "mcc", "ultimate_party",
)  # fmt: skip


class Exports:
    """All exports of a simulation: one format lies in the folder itself, several each in a folder of its name.

    Statements stand in place of `transactions`, one file per account, the other tables beside them are CSV.
    The truth is CSV in `truth/`. A context manager.
    """

    def __init__(self, folder: Path, formats: Iterable[str]) -> None:
        chosen = [form for form in FORMATS if form in formats]
        self._folders = {form: folder / form if len(chosen) > 1 else folder for form in chosen}
        self._truth = Writer(folder / "truth", "csv")
        self._tables = {form: Writer(path, _tabular(form)) for form, path in self._folders.items()}
        self._stack = ExitStack()
        self.rows: dict[str, int] = dict.fromkeys(SCHEMAS, 0)

    def __enter__(self) -> Exports:
        for writer in (self._truth, *self._tables.values()):
            self._stack.enter_context(writer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def write(self, tables: dict[str, pa.Table]) -> None:
        """Append a chunk: every table of the contract and of the truth by name."""
        for name, content in tables.items():
            self.rows[name] += len(content)
            if name in TRUTH_TABLES:
                self._truth.write(name, content)
                continue
            for form, writer in self._tables.items():
                if name != "transactions" or form not in _STATEMENTS:
                    writer.write(name, content)
        for form in _STATEMENTS:
            if form in self._folders:
                _write_statements(self._folders[form], form, tables)


def _tabular(form: str) -> str:
    return "csv" if form in _STATEMENTS else form


def _write_statements(folder: Path, form: str, tables: dict[str, pa.Table]) -> None:
    suffix, write = _STATEMENTS[form]
    for account_id, statement in statements(tables):
        (folder / f"{account_id}{suffix}").write_bytes(write(statement))


def statements(tables: dict[str, pa.Table]) -> Iterator[tuple[str, Statement]]:
    """Account by account the statement of its bookings, a sheet per month with balances."""
    ibans = dict(zip(*(tables["accounts"][name].to_pylist() for name in ("account_id", "iban")), strict=True))
    rows = tables["transactions"].to_pylist()
    for account_id, bookings in groupby(rows, lambda row: row["account_id"]):
        yield str(account_id), _statement(ibans[account_id], bookings)


def _statement(iban: str, rows: Iterable[dict[str, Any]]) -> Statement:
    statement = Statement("camt", accounts=[Account(iban=iban, currency="EUR")])
    balance, entry = _OPENING, 0
    for month, bookings in groupby(rows, lambda row: f"{row['booking_date']:%Y-%m}"):
        batch = list(bookings)
        first, last = batch[0]["booking_date"], batch[-1]["booking_date"]
        statement.balances.append(_balance("OPBD", balance, first, month, iban))
        balance += sum((row["amount"] for row in batch), Decimal(0))
        statement.balances.append(_balance("CLBD", balance, last, month, iban))
        statement.statement_ids.append(month)
        for row in batch:
            entry += 1
            statement.entries.append(_booking(entry, row, month, iban))
    return statement


def _balance(kind: str, amount: Decimal, on: date, month: str, iban: str) -> Balance:
    return Balance(kind, amount, "EUR", on, month, iban)


def _booking(entry: int, row: dict[str, Any], month: str, iban: str) -> Booking:
    return Booking(
        entry=entry, amount=row["amount"], currency=row["currency"], booking_date=row["booking_date"],
        value_date=row["value_date"], statement_id=month, account_iban=iban,
        reversal=row["reversal_of"] is not None or row["gvc"] in _RETURNED, **{name: row[name] for name in _ALIKE},
    )  # fmt: skip
