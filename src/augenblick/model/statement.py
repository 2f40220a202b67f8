"""What a statement file says: bookings, balances, accounts, and what of it could not be read.

camt and MT940 readers fill these classes and the writers of `augenblick.simulate.statements` take them,
so a file that was written comes back as the same bookings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

MAX_WARNINGS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One booking on one account; the names are those of the contract's table `transactions`.

    `amount` is signed (negative: money left the account). `entry` counts the file's entries from 1 and
    `detail` the payments within a batch entry (0: the entry is one booking). `status` is BOOK, PDNG
    (announced, may still change or vanish) or INFO. `reversal` marks a returned or recalled payment. There is no
    `transaction_id`: banks number bookings in no way that outlives the file, so whoever loads them makes one.
    """

    entry: int
    amount: Decimal
    currency: str
    booking_date: date
    value_date: date | None = None
    counterparty_name: str | None = None
    counterparty_iban: str | None = None
    creditor_id: str | None = None
    mandate_id: str | None = None
    end_to_end_id: str | None = None
    purpose: str | None = None
    purpose_code: str | None = None
    gvc: str | None = None
    btc: str | None = None
    mcc: str | None = None
    ultimate_party: str | None = None
    reversal_of: str | None = None
    account_iban: str | None = None
    account_id_other: str | None = None
    statement_id: str | None = None
    detail: int = 0
    line: int | None = None
    status: str = "BOOK"
    reversal: bool = False
    return_reason: str | None = None
    booking_text: str | None = None
    additional_info: str | None = None
    bank_reference: str | None = None
    customer_reference: str | None = None
    message_id: str | None = None
    payment_information_id: str | None = None
    instruction_id: str | None = None
    network_id: str | None = None
    uetr: str | None = None
    creditor_reference: str | None = None
    counterparty_account_other: str | None = None
    counterparty_bic: str | None = None
    proprietary_code: str | None = None
    primanota: str | None = None
    charges: Decimal | None = None
    instructed_amount: Decimal | None = None
    instructed_currency: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance of an account at the end of a day.

    `kind` is the ISO 20022 code (OPBD, CLBD, CLAV, ITBD …); MT940's tags are translated to it.
    """

    kind: str
    amount: Decimal
    currency: str
    on: date
    statement_id: str | None = None
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The account a statement speaks of: its IBAN, or whatever else the bank calls it."""

    iban: str | None = None
    other: str | None = None
    currency: str | None = None
    owner: str | None = None

    @property
    def id(self) -> str:
        """The IBAN if there is one, else the bank's own number, else an empty string."""
        return self.iban or self.other or ""


@dataclass(frozen=True, slots=True)
class Reject:
    """An entry, balance or field that could not be taken over, where it stands, why, and what to do."""

    entry: int | None
    line: int | None
    field: str
    reason: str
    hint: str


@dataclass(slots=True)
class Statement:
    """Everything one file says: bookings in file order, balances, accounts, rejects and warnings.

    `format` is camt or mt940; `version` the message (`camt.053.001.08`, `MT942`). `warnings` are sentences on
    what was assumed (an encoding, a missing date) or does not add up; no booking was lost over them.
    """

    format: str
    version: str = ""
    encoding: str = "utf-8"
    entries: list[Booking] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    statement_ids: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def account(self) -> Account | None:
        """The first account of the file; most files have only one."""
        return self.accounts[0] if self.accounts else None

    def warn(self, sentence: str) -> None:
        """Note an assumption once; after `MAX_WARNINGS` of them further ones only say so."""
        if sentence not in self.warnings and len(self.warnings) < MAX_WARNINGS:
            last = len(self.warnings) == MAX_WARNINGS - 1
            self.warnings.append("more warnings were left out" if last else sentence)
