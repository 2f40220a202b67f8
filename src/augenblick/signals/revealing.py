"""Free texts outside bookings (topics, notes, raw rows) in which a signal or a described text shows."""

from __future__ import annotations

from collections.abc import Iterable

from augenblick.content.model import Signal
from augenblick.signals.booking import creditor
from augenblick.signals.condition import matches_sql, quoted
from augenblick.signals.text import folded_sql, with_plain_sql


def revealing_sql(source: str, expression: str, signals: Iterable[Signal], *, anywhere: bool = False) -> str:
    """Return SQL for the rows of a subquery with one more column, `reveals`: whether a text shows one of the signals.

    Sign, amount and kind of transaction are not asked for: a text tells what it tells. `anywhere` lets exceptions not
    count and seeks creditor identifiers, too: for texts that hold everything of a row.
    """
    conditions = [condition for signal in signals if (condition := _condition(signal, anywhere=anywhere))]
    plain = with_plain_sql(source, f"coalesce({expression}, '')", "said")
    reveals = " OR ".join(conditions) or "false"
    folded = f"SELECT *, {folded_sql('said')} AS said_folded FROM ({plain})"
    return f"SELECT * EXCLUDE (said, said_folded), {reveals} AS reveals FROM ({folded})"


def _condition(signal: Signal, *, anywhere: bool) -> str:
    if signal.all_keys and not anywhere:  # its texts alone say too little
        return ""
    found = matches_sql("said", (*signal.text_patterns, *signal.counterparty_patterns, *signal.topic_patterns))
    if anywhere:
        looks = [f"contains(said_folded, {quoted(creditor(each)[4:])})" for each in signal.creditor_ids]
        return " OR ".join(filter(None, (found, *looks)))
    unless = matches_sql("said", signal.exceptions)
    return f"({found} AND NOT {unless})" if found and unless else found
