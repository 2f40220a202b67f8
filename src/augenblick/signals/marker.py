"""What stands in place of a text that was blacked out: which signals it gave and of whom, if that may be kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from augenblick.content.model import Signal
from augenblick.model.marks import BLACKED, digest, named_sql, whose


def marker(signals: Iterable[str], person: str | None = None) -> str:
    """Return the text for a row that gave these signals (IRIs); it names none of them in words.

    `person` is the customer whom the text named of several owners of the account, if that may be kept, too.
    """
    kept = sorted(map(digest, signals))
    return " ".join((BLACKED, *kept, *([whose(person)] if kept and person else []))) + "]"


def kept_hits_sql(signals: Sequence[Signal], bookings: str, as_of: str) -> str:
    """Return SQL that adds to `hits` what the texts that were blacked out had given."""
    numbered = ", ".join(f"('{digest(signal.iri)}', {number})" for number, signal in enumerate(signals))
    return f"""
INSERT INTO hits BY NAME
SELECT transaction_id, account_id, booking_date, amount, counterparty_name AS counterparty, counterparty_iban AS iban,
  {named_sql("purpose")} AS naming, signal_no
FROM (SELECT *, unnest({digests_sql("purpose")}) AS digest FROM {bookings}
  WHERE {blacked_sql("purpose")} AND booking_date <= {as_of})
JOIN (VALUES {numbered or "('', 0)"}) AS n(digest, signal_no) USING (digest)"""


def blacked_sql(text: str) -> str:
    """Return SQL for whether a text was blacked out."""
    return f"starts_with({text}, '{BLACKED}')"


def digests_sql(text: str) -> str:
    """Return SQL for the list of what a marker keeps; its first entry is none."""
    return f"string_split(rtrim({text}, ']'), ' ')"
