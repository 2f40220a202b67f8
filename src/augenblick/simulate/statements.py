"""Statements as the files a bank sends: camt.053 (version 8) and German MT940.

The inverse of `augenblick.ingest.statements` on what the formats can hold: what these writers write, the
readers give back. What is too long for a format is cut, and what it has no place for is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from augenblick.simulate import camt053, mt940
from augenblick.simulate.sheets import sheets

if TYPE_CHECKING:
    from augenblick.model.statement import Statement


def write_camt053(statement: Statement) -> bytes:
    """The statement as one camt.053.001.08 message in UTF-8.

    Bookings that follow one another with the same statement and account form one `Stmt`, those of one
    `entry` with details one batch. Text beyond the format's lengths is cut (names 140, references 35).
    """
    return camt053.message(list(sheets(statement))).encode()


def write_mt940(statement: Statement) -> bytes:
    """The statement as German MT940 in UTF-8, one message per statement and account.

    The format has no place for BTC, MCC, charges and return reasons of ISO 20022; details of a batch become entries.
    Without balances the message opens at zero, since it must have some.
    """
    return "".join(mt940.message(sheet, number) for number, sheet in enumerate(sheets(statement), 1)).encode()
