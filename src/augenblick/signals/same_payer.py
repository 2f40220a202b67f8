"""What one payer pays again: it is the same thing, whatever a single booking says or leaves unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from augenblick.content.model import Signal
from augenblick.model.marks import BLACKED
from augenblick.signals.condition import bounds_sql
from augenblick.signals.kept_hits import WHOLE

_NEAR_DAYS = 100
"""So close in time to a booking that says what it is another one of the same payer is taken for the same."""
_LEAST, _MOST = 0.8, 1.25
"""What part of the amount of the booking that says what it is the other one has."""


def silent_sql(signal: Signal, number: int, signals: Sequence[Signal], as_of: str) -> str:
    """Return SQL for bookings of which `unsaid_sql` may find some: they fit, on an account that has one of the signal.

    Left out are those in `hits` for another signal, unless it gives way to this one (`unless_carries`), those in
    `returned` and those that were blacked out. To add what is found adds none: it is on the same accounts.
    """
    weaker = [str(n) for n, other in enumerate(signals) if signal.iri in other.unless_carries]
    return f"""
(SELECT * FROM {WHOLE} WHERE {bounds_sql(signal)} AND booking_date <= {as_of}
  AND account_id IN (SELECT account_id FROM hits WHERE signal_no = {number})
  AND NOT starts_with(coalesce(purpose, ''), '{BLACKED}')
  AND transaction_id NOT IN (SELECT transaction_id FROM returned)
  AND transaction_id NOT IN (
    SELECT transaction_id FROM hits WHERE signal_no NOT IN ({", ".join(weaker) or -1})))"""


def unsaid_sql(number: int, source: str) -> str:
    """Return SQL for bookings of the same payer as one in `hits` of the signal: of the same amount, or near and alike.

    They are those of a table of what `silent_sql` gives, without what was added to `hits` since.
    """
    return f"""
(SELECT * FROM {source} b WHERE transaction_id NOT IN (SELECT transaction_id FROM hits WHERE signal_no = {number})
  AND EXISTS (FROM hits h WHERE h.signal_no = {number} AND h.account_id = b.account_id
    AND (h.iban = upper(replace(b.counterparty_iban, ' ', '')) OR h.counterparty = b.counterparty_name)
    AND (b.amount = h.amount OR abs(h.booking_date - b.booking_date) <= {_NEAR_DAYS}
      AND b.amount / h.amount BETWEEN {_LEAST} AND {_MOST})))"""


def unless_excepted(signal: Signal) -> Signal:
    """Return the signal as any text gives it that none of its exceptions matches."""
    return replace(signal, text_patterns=(".",), all_keys=False)


def carried_by_payer(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal]) -> list[int]:
    """Return the numbers of the signals in `hits` that another booking of the same payer may carry unsaid."""
    there = {number for (number,) in connection.execute("SELECT DISTINCT signal_no FROM hits").fetchall()}
    return [number for number, signal in enumerate(signals) if signal.carried_by_payer and number in there]
