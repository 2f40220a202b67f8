"""MT940 and MT942 files: messages of fields → bookings.

Written instead of using the PyPI library `mt-940` (5.1), which was tried on all samples. It finds the
right number of entries, but flattens all messages of a file into one (the account of a booking is lost),
keeps a reversed credit (RC) positive, puts the counterparty's IBAN into its name, loses line numbers, and
skips lines that it cannot read without a word. Here what cannot be read becomes a reject with its line.

MT942 announces: its entries get the status PDNG, since the MT940 that follows books them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from augenblick.model.errors import UnreadableFile
from augenblick.model.statement import Account, Balance, Booking, Reject, Statement

from . import owner_information, sepa
from .amounts import Malformed
from .encoding import detect
from .iban import is_valid_iban
from .mt940_fields import (
    Field,
    StatementLine,
    account_number,
    balance,
    fields,
    floor_currency,
    statement_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .limits import Limits

_BALANCES = {"60F": "OPBD", "60M": "OPBD", "62F": "CLBD", "62M": "CLBD", "64": "CLAV", "65": "FWAV"}
_SILENT = frozenset({"21", "13", "13D", "90C", "90D", "90", "-", "940", "942"})
_MT942_ONLY = frozenset({"34F", "13D", "90C", "90D"})
_NO_GVC = "000"
_RETURNED = frozenset({"108", "109", "159", "160"})
_DIRECT_DEBIT = frozenset({"104", "105", "108", "109"})
_FOREIGN = re.compile(r"(?!DE)[A-Z]{2}\d{2}|[A-Z]{4}(?!DE)[A-Z]{2}[A-Z0-9]{2}", re.ASCII)


class Message:
    """What is known of the message being read, and the entry that still waits for its :86:."""

    def __init__(self, reference: str = "") -> None:
        self.reference = reference
        self.number = ""
        self.account = Account()
        self.currency: str | None = None
        self.interim = False
        self.begun = False
        self.line: StatementLine | None = None
        self.line_number = 0
        self.information: list[str] = []
        self.old_information: list[str] = []
        self.opening: Balance | None = None
        self.total = Decimal(0)
        self.complete = True
        self.closed = False

    @property
    def statement_id(self) -> str:
        """The bank's reference and number of the statement."""
        return "/".join(part for part in (self.reference, self.number) if part)

    @property
    def unfinished(self) -> bool:
        """Whether the closing balance that ends every MT940 statement is still to come."""
        return self.begun and not self.interim and not self.closed


class Reader:
    """Reads one file; `bookings` yields what it finds and fills `statement` with all else."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.encoding = detect(path)
        self.statement = Statement("mt940", "MT940", self.encoding.name)
        if self.encoding.warning:
            self.statement.warn(self.encoding.warning)
        self._accounts: set[Account] = set()
        self._message = Message()
        self._entry = 0
        self._handlers: dict[str, Callable[[Field], None]] = {
            "25": self._account,
            "25P": self._account,
            "28": self._number,
            "28C": self._number,
            "34F": self._floor,
            "86": self._information,
            "NS": self._old_information,
            **dict.fromkeys(_BALANCES, self._balance),
        }

    def bookings(self) -> Iterator[Booking]:
        """The file's bookings in order."""
        for item in fields(self.path, self.encoding, self.limits):
            if item.tag in ("20", "61", "62F", "62M", "-", "{"):
                yield from self._booked()
            self._take(item)
        yield from self._booked()
        if self._message.unfinished:
            raise UnreadableFile(
                "the last statement has no closing balance: the file is cut off",
                where=self.path.name,
                hint="fetch the statement again; a cut file is not loaded in part",
            )

    def _take(self, item: Field) -> None:
        if item.tag in _MT942_ONLY:
            self._interim()
        if item.tag == "{" and item.lines[:1] == ["942"]:
            self._message = Message()
            self._interim()
        elif item.tag == "20":
            self._begin(item)
        elif item.tag == "61":
            self._line(item)
        elif handler := self._handlers.get(item.tag):
            handler(item)
        elif item.tag not in _SILENT and item.tag != "{":
            self.statement.warn(f"line {item.line}: tag :{item.tag}: is none of a statement; passed over")

    def _begin(self, item: Field) -> None:
        if self._message.unfinished:
            self._reject(item.line, ":62F:", "the statement before has no closing balance", "fetch it again")
        interim = self._message.interim and not self._message.begun
        self._message = Message(sepa.clean(item.lines[0]))
        self._message.begun = True
        self._message.interim = interim

    def _interim(self) -> None:
        self._message.interim = True
        self.statement.version = "MT942"

    def _account(self, item: Field) -> None:
        message = self._message
        if message.account.id or message.opening or message.line:
            self._reject(item.line, ":25:", "a second account within one statement", "perhaps a mistyped :86:")
            return
        number, other = account_number(item.lines[0])
        message.account = Account(number, sepa.clean(other or "") or None)
        if message.account not in self._accounts:
            self._accounts.add(message.account)
            self.statement.accounts.append(message.account)

    def _number(self, item: Field) -> None:
        self._message.number = sepa.clean(item.lines[0])
        self.statement.statement_ids.append(self._message.statement_id)

    def _floor(self, item: Field) -> None:
        self._message.currency = self._message.currency or floor_currency(sepa.clean(item.lines[0]))

    def _information(self, item: Field) -> None:
        if self._message.line:
            self._message.information += item.lines

    def _old_information(self, item: Field) -> None:
        if self._message.line:
            self._message.old_information += item.lines

    def _balance(self, item: Field) -> None:
        message = self._message
        try:
            amount, unit, day = balance(item.lines[0], message.currency)
        except Malformed as error:
            message.complete = False
            self._reject(item.line, f":{item.tag}:", error.reason, error.hint)
            return
        message.currency = message.currency or unit
        kind = _BALANCES[item.tag]
        found = Balance(kind, amount, unit, day, message.statement_id, message.account.id)
        self.statement.balances.append(found)
        if kind == "OPBD":
            message.opening = found
        if kind == "CLBD":
            message.closed = True
            self._check_sum(found, item.line)

    def _check_sum(self, closing: Balance, line: int) -> None:
        message = self._message
        opening = message.opening
        if opening and message.complete and opening.currency == closing.currency:
            difference = closing.amount - opening.amount - message.total
            if difference:
                self.statement.warn(
                    f"line {line}: closing balance differs from opening balance and entries by {difference}"
                )

    def _line(self, item: Field) -> None:
        self._entry += 1
        message = self._message
        message.line_number = item.line
        message.information, message.old_information = [], []
        try:
            message.line = statement_line(item.lines)
        except Malformed as error:
            message.line, message.complete = None, False
            self._reject(item.line, error.field, error.reason, error.hint, self._entry)

    def _reject(self, line: int, field: str, reason: str, hint: str, entry: int | None = None) -> None:
        self.statement.rejects.append(Reject(entry, line, field, reason, hint))
        if len(self.statement.rejects) > self.limits.rejects:
            raise UnreadableFile(f"more than {self.limits.rejects} rejects", where=self.path.name)

    def _booked(self) -> Iterator[Booking]:
        message = self._message
        line, message.line = message.line, None
        if not line:
            return
        if not message.currency:
            message.complete = False
            self._reject(
                message.line_number, "currency", "no balance or floor limit names one", "see :60F:, :34F:", self._entry
            )
            return
        message.total += line.amount
        yield Booking(**self._values(message, line, message.currency))

    def _values(self, message: Message, line: StatementLine, unit: str) -> dict[str, Any]:
        texts = owner_information.read(message.information) if message.information else {}
        if message.old_information:
            texts = {**texts, **owner_information.read_ns(message.old_information)}
        german = not _FOREIGN.match(message.account.id)
        gvc = texts.pop("gvc", _NO_GVC)
        returned = line.reversal or line.kind == "NRTI" or (german and gvc in _RETURNED)
        reason = texts.pop("return_reason", None)
        texts.pop("instructed", None)
        _parties(texts, line, gvc)
        return {
            "customer_reference": sepa.reference(line.customer_reference),
            **texts,
            "entry": self._entry,
            "line": message.line_number,
            "account_iban": message.account.iban,
            "account_id_other": message.account.other,
            "statement_id": message.statement_id or None,
            "status": "PDNG" if message.interim or line.expected else "BOOK",
            "booking_date": line.booking_date,
            "value_date": line.value_date,
            "amount": line.amount,
            "currency": unit,
            "gvc": gvc if german and gvc != _NO_GVC else None,
            "reversal": returned,
            "return_reason": reason if returned else None,
            "bank_reference": sepa.reference(line.bank_reference),
            "proprietary_code": line.kind,
        }


def _parties(texts: sepa.Fields, line: StatementLine, gvc: str | None) -> None:
    """Name the ultimate party and what :61: itself says of the counterparty.

    ABWA is the other side of a credit and of a direct debit (whose originator is the creditor), ABWE that of
    a transfer sent.
    """
    originator, recipient = texts.pop("originator", None), texts.pop("recipient", None)
    sent = line.amount < 0 and gvc not in _DIRECT_DEBIT and "creditor_id" not in texts
    ultimate = (recipient or originator) if sent else (originator or recipient)
    if ultimate:
        texts["ultimate_party"] = ultimate
    if line.party:
        texts.setdefault("counterparty_name", sepa.clean(line.party))
    supplementary = sepa.clean(line.supplementary)
    if is_valid_iban(supplementary):
        texts.setdefault("counterparty_iban", supplementary)
    elif supplementary:
        texts.setdefault("additional_info", supplementary)


def bookings(path: Path, limits: Limits) -> tuple[Statement, Iterator[Booking]]:
    """The statement (filled while the bookings are drawn) and its bookings, in constant memory."""
    reader = Reader(path, limits)
    return reader.statement, reader.bookings()
