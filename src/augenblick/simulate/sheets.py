"""The statements of a file, each with its account, bookings and balances."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from augenblick.model.statement import Account, Balance, Booking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from augenblick.model.statement import Statement


@dataclass(frozen=True, slots=True)
class Sheet:
    """One statement of one account: its bookings and balances."""

    statement_id: str
    account: Account
    bookings: list[Booking]
    balances: list[Balance]


def sheets(statement: Statement) -> Iterator[Sheet]:
    """The statement's bookings by account and statement number, in file order, each with its balances."""
    accounts = {account.id: account for account in statement.accounts}
    balances: dict[tuple[str, str], list[Balance]] = {}
    for balance in statement.balances:
        balances.setdefault((balance.statement_id or "", balance.account_id), []).append(balance)
    runs = groupby(statement.entries, lambda each: (each.statement_id or "", each.account_iban, each.account_id_other))
    for (statement_id, iban, other), bookings in runs:
        account = accounts.get(iban or other or "", Account(iban, other))
        yield Sheet(statement_id, account, list(bookings), balances.get((statement_id, account.id), []))
    if not statement.entries:
        account = statement.account or Account()
        statement_id = next(iter(statement.statement_ids), "")
        yield Sheet(statement_id, account, [], balances.get((statement_id, account.id), []))
