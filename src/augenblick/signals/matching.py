"""The one pass over all bookings: which booking carries which signals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import duckdb

from augenblick.content.model import Signal
from augenblick.model.errors import BadOntology
from augenblick.signals.booking import readable_sql
from augenblick.signals.condition import ACCOUNTS, condition_sql, has_booking_keys, quoted
from augenblick.signals.marker import kept_hits_sql
from augenblick.signals.pattern import folded_pattern, plain_pattern
from augenblick.signals.prefilter import UNKNOWN, Rarity, guard_sql, look_sql, sample, with_raw_sql
from augenblick.signals.text import SEPARATOR, TAG, folded_sql

_COLUMNS = (
    "transaction_id", "account_id", "booking_date", "amount", "counterparty_name", "counterparty_iban",
    "ultimate_party", "creditor_id", "mandate_id", "purpose", "purpose_code", "gvc", "btc", "mcc",
)  # fmt: skip


def find_hits(
    connection: duckdb.DuckDBPyConnection,
    signals: Sequence[Signal],
    as_of: str,
    *,
    bookings: str = "bank.transactions",
    few: bool = False,
) -> int:
    """Fill the temporary table `hits`, one row per booking and signal it carries; return its size.

    `hits(transaction_id, account_id, booking_date, amount, counterparty, ultimate, creditor, iban, naming,
    captured, mandate_id, signal_no)`, where `naming` is all that is said in the booking, kept for joint accounts
    only, `captured` is what the signal's key patterns find in the text, and `signal_no` counts the given signals
    from 0. `bookings` is the table looked at. Bookings after `as_of` (SQL date) and those of the temporary table
    `returned` are left out. A booking whose text was blacked out carries what its marker says.
    `few` says that it is quicker to ask first which signals may be there at all; it needs the table `sides`, see
    `_match_few`. Raises `BadOntology` for a pattern that is no RE2 expression.
    """
    _confirm_patterns(tuple(signals))
    order = specific_first(signals)
    if few:
        _match_few(connection, signals, as_of, bookings)
    else:
        _match(connection, signals, as_of, bookings)
    connection.execute(kept_hits_sql(signals, bookings, as_of))
    connection.execute("DELETE FROM hits WHERE transaction_id IN (SELECT transaction_id FROM returned)")
    _drop_less_specific(connection, signals, order)
    row = connection.execute("SELECT count(*) FROM hits").fetchone()
    return int(row[0]) if row else 0


def _match_few(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str, bookings: str) -> None:
    """Do what `_match` does, for so few bookings that to read all signals' patterns takes longer than to match them.

    Which signals may be carried at all is looked at first; only their patterns are tried. The temporary table
    `sides(iban, kind)` holds the accounts at the bank that the bookings name as their other side.
    """
    chosen = f"(SELECT {', '.join(_COLUMNS)} FROM {bookings} WHERE booking_date <= {as_of})"
    looks = ", ".join(f"coalesce(bool_or({guard_sql(signal)}), false)" for signal in signals)
    found = connection.execute(f"SELECT {looks} FROM ({with_raw_sql(chosen)})".replace(ACCOUNTS, "FROM sides "))
    possible = (found.fetchall() or [()])[0]
    some = [s if carried else Signal(iri=s.iri) for s, carried in zip(signals, possible, strict=True)]
    sql = _pass_sql(some, UNKNOWN, chosen).replace(ACCOUNTS, "FROM sides ")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE hits AS {sql}")


def _match(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str, bookings: str) -> None:
    rarity = sample(connection, bookings)
    # Kept on the way: what the look leaves of each batch of bookings is too little to reckon with batch by batch.
    connection.execute(f"CREATE OR REPLACE TEMP TABLE seen AS {_seen_sql(signals, as_of, rarity, bookings)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE hits AS {_pass_sql(signals, rarity)}")
    connection.execute("DROP TABLE seen")


@lru_cache(maxsize=8)
def _confirm_patterns(signals: tuple[Signal, ...]) -> None:
    """Check the patterns of signals once in a process: to try them takes longer than to match a few bookings."""
    with duckdb.connect() as connection:
        check_patterns(connection, signals)


def check_patterns(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal]) -> None:
    """Raise `BadOntology` for the first pattern that DuckDB's RE2 does not take."""
    forms = {form: (pattern, signal) for signal in signals for pattern in _patterns(signal) for form in _forms(pattern)}
    tried = ", ".join(f"regexp_matches('', {quoted(form)})" for form in forms)
    try:
        connection.execute(f"SELECT {tried or 'true'}")
    except duckdb.Error:
        for form, (pattern, signal) in forms.items():
            _check_form(connection, form, pattern, signal)


def _patterns(signal: Signal) -> tuple[str, ...]:
    booking = (*signal.text_patterns, *signal.counterparty_patterns, *signal.except_patterns)
    return (*booking, *signal.topic_patterns, *signal.key_patterns)


def _forms(pattern: str) -> tuple[str, str]:
    return plain_pattern(pattern), folded_pattern(pattern)


def _check_form(connection: duckdb.DuckDBPyConnection, form: str, pattern: str, signal: Signal) -> None:
    try:
        connection.execute(f"SELECT regexp_matches('', {quoted(form)})")
    except duckdb.Error as error:
        raise BadOntology(
            f"The pattern {pattern!r} is no RE2 regular expression.",
            where=f"<{signal.iri}>",
            hint=f"RE2 has no look-ahead and no back-references; it says: {str(error).splitlines()[0]}",
        ) from error


def specific_first(signals: Sequence[Signal]) -> list[int]:
    """Return the signals' numbers so that what `unless_carries` names comes before the signal that names it.

    Raises `BadOntology` where signals exclude each other in a circle.
    """
    numbers = {signal.iri: number for number, signal in enumerate(signals)}
    order: list[int] = []
    open_: list[int] = []

    def visit(number: int) -> None:
        if number in order:
            return
        if number in open_:
            circle = " → ".join(f"<{signals[n].iri}>" for n in [*open_[open_.index(number) :], number])
            raise BadOntology(
                f"Signals exclude each other in a circle: {circle}.", hint="drop one aug:unlessCarries of them"
            )
        open_.append(number)
        for iri in signals[number].unless_carries:
            if iri in numbers:
                visit(numbers[iri])
        order.append(open_.pop())

    for number in range(len(signals)):
        visit(number)
    return order


def _seen_sql(signals: Sequence[Signal], as_of: str, rarity: Rarity, bookings: str) -> str:
    look = look_sql(signals, rarity)
    return f"SELECT {', '.join(_COLUMNS)} FROM {bookings} WHERE booking_date <= {as_of} AND ({look})"


def _pass_sql(signals: Sequence[Signal], rarity: Rarity, seen: str = "seen") -> str:
    joint = "account_id IN (SELECT account_id FROM joint_accounts)"
    said = f"concat_ws(' ', counterparty, ultimate, ultimate_party, regexp_replace(purpose, '{TAG}', ' ', 'g'))"
    return f"""
SELECT transaction_id, account_id, booking_date, amount, counterparty, ultimate, creditor,
  nullif(upper(replace(counterparty_iban, ' ', '')), '') AS iban, CASE WHEN {joint} THEN {said} END AS naming,
  {captured_sql(signals)} AS captured, mandate_id, signal_no
FROM (SELECT *, unnest(list_filter(carried, lambda n: n IS NOT NULL)) AS signal_no
  FROM (SELECT *, {_carried_sql(signals, rarity)} AS carried FROM ({_parties_sql(seen)})))"""


def captured_sql(signals: Sequence[Signal]) -> str:
    """Return SQL for what the key patterns of the booking's signal capture, letters and digits only; else NULL.

    The patterns of one signal are tried in their order of spelling, the first that captures anything counts.
    """
    cases = [
        f"WHEN {number} THEN coalesce({', '.join(_capture_sql(pattern) for pattern in sorted(signal.key_patterns))})"
        for number, signal in enumerate(signals)
        if signal.key_patterns
    ]
    return f"CASE signal_no {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def _capture_sql(pattern: str) -> str:
    found = f"regexp_extract(text, {quoted(plain_pattern(pattern))}, 1)"
    return f"nullif(regexp_replace({found}, '[^A-Z0-9]', '', 'g'), '')"


def _parties_sql(seen: str) -> str:
    """Return SQL for the bookings seen, with both forms of text and the names of the other side apart."""
    first = f"split_part(text, '{SEPARATOR}', 1)"
    second = f"split_part(text, '{SEPARATOR}', CASE WHEN counterparty IS NULL THEN 1 ELSE 2 END)"
    return f"""
SELECT *, {folded_sql("counterparty_text")} AS counterparty_text_folded,
  {folded_sql("ultimate_text")} AS ultimate_text_folded
FROM (SELECT *, {folded_sql("text")} AS text_folded,
        CASE WHEN counterparty IS NULL THEN '' ELSE {first} END AS counterparty_text,
        CASE WHEN ultimate IS NULL THEN '' ELSE {second} END AS ultimate_text
  FROM ({readable_sql(f"({with_raw_sql(seen)})")}))"""


def _carried_sql(signals: Sequence[Signal], rarity: Rarity) -> str:
    """Return SQL for the list of numbers of the signals a candidate carries, with NULLs between."""

    def entries(excluded: str) -> str:
        chosen = [
            # Nested, since only what stands behind THEN is left alone where the guard fails.
            f"CASE WHEN {guard_sql(signal, rarity)} THEN CASE WHEN {condition_sql(signal)} THEN {number} END END"
            for number, signal in enumerate(signals)
            if signal.direction != excluded and has_booking_keys(signal)
        ]
        return f"[{', '.join(['NULL::INTEGER', *chosen])}]"

    return f"CASE WHEN amount > 0 THEN {entries('debit')} ELSE {entries('credit')} END"


def _drop_less_specific(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], order: Sequence[int]) -> None:
    numbers = {signal.iri: number for number, signal in enumerate(signals)}
    for number in order:
        specific = [str(numbers[iri]) for iri in signals[number].unless_carries if iri in numbers]
        if specific:
            connection.execute(
                f"DELETE FROM hits WHERE signal_no = {number} AND transaction_id IN "
                f"(SELECT transaction_id FROM hits WHERE signal_no IN ({', '.join(specific)}))"
            )
