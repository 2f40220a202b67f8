"""When a booking carries a signal, as one SQL condition per signal."""

from __future__ import annotations

from collections.abc import Iterable

from augenblick.content.model import Signal
from augenblick.signals.booking import creditor
from augenblick.signals.pattern import folded_pattern, plain_pattern

ACCOUNTS = "FROM bank.accounts "
"""Where accounts at the bank are looked up that are the other side of a booking."""


def condition_sql(signal: Signal) -> str:
    """Return SQL that holds where a readable booking (see `booking.readable_sql`) carries the signal.

    Direction and amount fit, no exception matches, and any key matches; with `all_keys` one of each kind given.
    """
    return f"{bounds_sql(signal)} AND {said_sql(signal)}"


def said_sql(signal: Signal) -> str:
    """Return SQL that holds where what is said in a readable booking makes it carry the signal, amounts aside."""
    kinds = (_creditor(signal), code_sql(signal), _counterparty(signal), _text(signal))
    keys = (" AND " if signal.all_keys else " OR ").join(f"({kind})" for kind in kinds if kind)
    unless = f" AND NOT ({matches_sql('text', signal.exceptions)})" if signal.exceptions else ""
    return f"coalesce(({keys}), false){unless}"


def bounds_sql(signal: Signal) -> str:
    """Return SQL that holds where direction and amount of a booking fit the signal."""
    bounds = []
    if signal.direction:
        bounds.append("amount > 0" if signal.direction == "credit" else "amount < 0")
    if signal.minimum_amount is not None:
        bounds.append(f"abs(amount) >= {signal.minimum_amount}")
    if signal.maximum_amount is not None:
        bounds.append(f"abs(amount) <= {signal.maximum_amount}")
    return " AND ".join(bounds) or "true"


def has_booking_keys(signal: Signal) -> bool:
    """Tell whether any key of the signal is one that bookings have."""
    return bool(_creditor(signal) or code_sql(signal) or signal.text_patterns or signal.counterparty_patterns)


def _creditor(signal: Signal) -> str:
    return _one_of("creditor", tuple(creditor(identifier) for identifier in signal.creditor_ids))


def code_sql(signal: Signal) -> str:
    """Return SQL that holds where a booking has one of the codes of the signal; empty without any.

    The kind of account the other side has at the bank is one of them.
    """
    columns = {"gvc": signal.gvc, "purpose_code": signal.purpose_codes, "btc": signal.btc, "mcc": signal.mcc}
    looks = [_one_of(column, values) for column, values in columns.items() if values]
    return " OR ".join([*looks, *_other_side(signal.counterparty_account_kinds)])


def _other_side(kinds: tuple[str, ...]) -> list[str]:
    """Return SQL that holds where the other side is an account of one of the kinds at the bank itself."""
    if not kinds:
        return []
    accounts = f"SELECT upper(replace(iban, ' ', '')) {ACCOUNTS}WHERE {_one_of('kind', kinds)} AND iban <> ''"
    return [f"upper(replace(counterparty_iban, ' ', '')) IN ({accounts})"]


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(quoted(value) for value in values)})" if values else ""


def _text(signal: Signal) -> str:
    return matches_sql("text", signal.text_patterns)


def _counterparty(signal: Signal) -> str:
    """The other side is known by either of its names."""
    patterns = signal.counterparty_patterns
    if not patterns:
        return ""
    return f"({matches_sql('counterparty_text', patterns)} OR {matches_sql('ultimate_text', patterns)})"


def matches_sql(column: str, patterns: Iterable[str]) -> str:
    """Return SQL that holds where any pattern matches the column, plain or folded."""
    chosen = list(dict.fromkeys(patterns))
    if not chosen:
        return ""
    plain = "|".join(f"(?:{plain_pattern(p)})" for p in chosen)
    folded = "|".join(f"(?:{folded_pattern(p)})" for p in chosen)
    return f"(regexp_matches({column}, {quoted(plain)}) OR regexp_matches({column}_folded, {quoted(folded)}))"


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    """Return texts as an SQL list for `IN`."""
    return f"({', '.join(map(quoted, texts)) or 'NULL'})"
