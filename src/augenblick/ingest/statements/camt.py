"""camt.052, camt.053 and camt.054 messages of any version → statements and their bookings.

The message is read as a stream, entry by entry. An entry that cannot be read becomes a reject; XML that is
broken or cut off is an error, since nobody knows what is missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from augenblick.model.errors import UnknownFormat, UnreadableFile
from augenblick.model.statement import Account, Balance, Booking, Reject, Statement

from . import camt_entry, sepa
from .amounts import Malformed, currency, decimal_amount, iso_date
from .iban import iban
from .message_xml import Source, leaves, line_of, local_name, subtrees

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from lxml import etree

    from .limits import Limits

VERSION = re.compile(r"camt\.05[234]\.001\.\d{2}")
_STATEMENTS = ("Stmt", "Rpt", "Ntfctn")
_WANTED = ("Document", *_STATEMENTS, "Acct", "Bal", "Ntry")
_OPENING = frozenset({"OPBD", "PRCD"})
_CLOSING = frozenset({"CLBD", "ITBD"})


class Reader:
    """Reads one message; `bookings` yields what it finds and fills `statement` with all else."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.source = Source(path, limits)
        encoding = self.source.encoding
        self.statement = Statement("camt", encoding=encoding.name)
        if encoding.warning:
            self.statement.warn(encoding.warning)
        self._accounts: set[Account] = set()
        self._entry = 0
        self._begin("")

    def _begin(self, statement_id: str, created: date | None = None) -> None:
        self._statement_id = statement_id
        self._created = created
        self._account = Account()
        self._balances: list[Balance] = []
        self._sums: dict[str, Decimal] = {}
        self._complete = True

    def bookings(self) -> Iterator[Booking]:
        """The file's bookings in order."""
        found = False
        for event, element in subtrees(self.source, _WANTED):
            name = local_name(element)
            if event == "start":
                if name == "Document":
                    self._version(element)
                elif name in _STATEMENTS:
                    found = True
                    self._begin("")
                continue
            yield from self._end(name, element)
        if not found:
            raise UnreadableFile(
                "the message holds no statement (Stmt, Rpt or Ntfctn)",
                where=self.source.path.name,
                hint="ask the bank for the file again",
            )

    def _end(self, name: str, element: etree._Element) -> Iterator[Booking]:
        parent = element.getparent()
        if name in _STATEMENTS:
            self._check_sums()
        elif parent is None or local_name(parent) not in _STATEMENTS:
            return
        elif name == "Acct":
            self._head(parent)
            self._take_account(leaves(element))
        elif name == "Bal":
            self._take_balance(leaves(element), line_of(element))
        elif name == "Ntry":
            yield from self._take_entry(element)

    def _version(self, document: etree._Element) -> None:
        namespace = document.tag.rpartition("}")[0].lstrip("{")
        version = VERSION.search(namespace)
        if not version:
            raise UnknownFormat(
                f"the document is of {namespace.rpartition(':')[2] or 'no namespace'}",
                where=self.source.path.name,
                hint="statements are camt.052, camt.053 or camt.054",
            )
        self.statement.version = version[0]

    def _head(self, parent: etree._Element) -> None:
        """Identification and creation date, which stand before the account."""
        texts = {local_name(child): (child.text or "").strip() for child in parent.iterchildren("*")}
        try:
            created = iso_date(texts["CreDtTm"], "CreDtTm") if texts.get("CreDtTm") else None
        except Malformed:
            created = None
        self._begin(sepa.clean(texts.get("Id", "")), created)
        self.statement.statement_ids.append(self._statement_id)

    def _take_account(self, found: camt_entry.Leaves) -> None:
        def first(*paths: str) -> str | None:
            return next((found[path][0] for path in paths if path in found), None)

        self._account = Account(
            iban(first("Id/IBAN")),
            first("Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN", "Id/UPIC"),
            first("Ccy"),
            first("Ownr/Nm", "Ownr/Pty/Nm"),
        )
        if self._account not in self._accounts:
            self._accounts.add(self._account)
            self.statement.accounts.append(self._account)

    def _take_balance(self, found: camt_entry.Leaves, line: int | None) -> None:
        def first(*paths: str) -> str | None:
            return next((found[path][0] for path in paths if path in found), None)

        try:
            amount = decimal_amount(first("Amt"), "Bal/Amt")
            unit = currency(first("Amt@Ccy"), "Bal/Amt@Ccy")
            day = iso_date(first("Dt/Dt", "Dt/DtTm") or "", "Bal/Dt")
        except Malformed as error:
            self._reject(error, line, None)
            return
        kind = first("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd", "Tp/Prtry") or ""
        signed = -amount if first("CdtDbtInd") == "DBIT" else amount
        balance = Balance(kind, signed, unit, day, self._statement_id or None, self._account.id)
        self._balances.append(balance)
        self.statement.balances.append(balance)

    def _take_entry(self, element: etree._Element) -> Iterator[Booking]:
        self._entry += 1
        own, payments = camt_entry.entry(element)
        try:
            found = camt_entry.bookings(own, payments, self._account.iban, self._created)
        except Malformed as error:
            self._reject(error, line_of(element), self._entry)
            return
        if "BookgDt/Dt" not in own and "BookgDt/DtTm" not in own:
            self.statement.warn("entries without booking date: value date or the message's date taken")
        for values in found:
            if batch := values.pop("batch", 0):
                self.statement.warn(
                    f"entry {self._entry}: {batch} payments do not add up to its amount; kept as one booking"
                )
            self._add(values)
            yield Booking(**{**values, **self._context(), "line": line_of(element)})

    def _context(self) -> camt_entry.Values:
        return {
            "entry": self._entry,
            "account_iban": self._account.iban,
            "account_id_other": self._account.other,
            "statement_id": self._statement_id or None,
        }

    def _add(self, values: camt_entry.Values) -> None:
        if values["status"] == "BOOK":
            unit = str(values["currency"])
            self._sums[unit] = self._sums.get(unit, values["amount"] * 0) + values["amount"]

    def _check_sums(self) -> None:
        """Warn when opening balance and booked entries do not give the closing balance."""
        opening = next((each for each in self._balances if each.kind in _OPENING), None)
        closing = next((each for each in self._balances if each.kind in _CLOSING), None)
        if not (opening and closing and self._complete and opening.currency == closing.currency):
            return
        difference = closing.amount - opening.amount - self._sums.get(opening.currency, opening.amount * 0)
        if difference:
            self.statement.warn(
                f"statement {self._statement_id}: closing balance differs from opening and entries by {difference}"
            )

    def _reject(self, error: Malformed, line: int | None, entry: int | None) -> None:
        self._complete = False
        self.statement.rejects.append(Reject(entry, line, error.field, error.reason, error.hint))
        if len(self.statement.rejects) > self.source.limits.rejects:
            raise UnreadableFile(f"more than {self.source.limits.rejects} rejects", where=self.source.path.name)


def bookings(path: Path, limits: Limits) -> tuple[Statement, Iterator[Booking]]:
    """The statement (filled while the bookings are drawn) and its bookings, in constant memory."""
    reader = Reader(path, limits)
    return reader.statement, reader.bookings()
