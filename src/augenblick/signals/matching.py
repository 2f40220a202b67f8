"""The one pass over all bookings: which booking carries which signals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import duckdb

from augenblick.content.model import Signal
from augenblick.model.errors import BadOntology
from augenblick.model.tables import filled
from augenblick.signals.booking import readable_sql
from augenblick.signals.condition import ACCOUNTS, bounds_sql, condition_sql, has_booking_keys, quoted, said_sql
from augenblick.signals.kept_hits import FRESH, NAMING, SIDES, WHOLE, keep, recall
from augenblick.signals.marker import blacked_sql, kept_hits_sql
from augenblick.signals.pattern import folded_pattern, plain_pattern, takes_any_digit
from augenblick.signals.prefilter import Rarity, look_sql, possible, sample, with_raw_sql
from augenblick.signals.same_payer import carried_by_payer, silent_sql, unless_excepted, unsaid_sql
from augenblick.signals.text import SEPARATOR, folded_sql
from augenblick.signals.wording import wordings

_COLUMNS = (
    "transaction_id", "account_id", "booking_date", "amount", "counterparty_name", "counterparty_iban",
    "ultimate_party", "creditor_id", "mandate_id", "purpose", "purpose_code", "gvc", "btc", "mcc",
)  # fmt: skip
_HITS = (
    "transaction_id VARCHAR, account_id VARCHAR, booking_date DATE, amount DECIMAL(18,5), counterparty VARCHAR, "
    "ultimate VARCHAR, creditor VARCHAR, iban VARCHAR, naming VARCHAR, captured VARCHAR, mandate_id VARCHAR, "
    "signal_no INTEGER"
)
_FEW = 50
"""Of so few bookings each signal is looked for by itself."""
_GROUP = 12
"""So many signals are looked for together before each of them is."""
_SOME = "CREATE OR REPLACE TEMP TABLE some_bookings"
"""A view is worked out once where it is of few bookings."""


def find_hits(
    connection: duckdb.DuckDBPyConnection,
    signals: Sequence[Signal],
    as_of: str,
    *,
    bookings: str = WHOLE,
    few: bool = False,
) -> int:
    """Fill the temporary table `hits`, one row per booking and signal it carries; return its size.

    `hits(transaction_id, account_id, booking_date, amount, counterparty, ultimate, creditor, iban, naming,
    captured, mandate_id, signal_no)`, where `naming` is all that is said in the booking, kept for joint accounts
    only, `captured` is what the signal's key patterns find in the text, and `signal_no` counts the given signals
    from 0. `bookings` is the table looked at. Bookings after `as_of` (SQL date) and those of the temporary table
    `returned` are left out. A booking whose text was blacked out carries what its marker says.
    `few` is for bookings of a few people that were matched before but for some (see `kept_hits.recall`).
    Raises `BadOntology` for a pattern that is no RE2 expression.
    """
    _confirm_patterns(tuple(signals))
    order = specific_first(signals)
    looked_at = bookings
    if few:
        match_few(connection, signals, as_of, f"(FROM {bookings} SEMI JOIN {FRESH} USING (transaction_id))", SIDES)
        recall(connection)
    elif _view(connection, bookings) and filled(connection, f"{_SOME} AS FROM {bookings} LIMIT {_FEW + 1}") <= _FEW:
        looked_at = "some_bookings"
        match_few(connection, signals, as_of, looked_at)
    else:
        _match(connection, signals, as_of, bookings)
        if bookings == WHOLE:
            keep(connection)
    if connection.execute(f"SELECT 1 FROM {looked_at} WHERE {blacked_sql('purpose')} LIMIT 1").fetchone() is not None:
        connection.execute(kept_hits_sql(signals, looked_at, as_of))
    connection.execute("DELETE FROM hits WHERE transaction_id IN (SELECT transaction_id FROM returned)")
    if bookings == WHOLE:
        _add_unsaid(connection, signals, order, as_of)
    _drop_less_specific(connection, signals, order)
    return _count(connection, "hits")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0


def match_few(
    connection: duckdb.DuckDBPyConnection,
    signals: Sequence[Signal],
    as_of: str,
    bookings: str,
    accounts: str = ACCOUNTS,
) -> None:
    """Do what `_match` does, for so few bookings that to read all signals' patterns takes longer than to match them.

    Which signals may be carried at all is looked at first; only their patterns are tried. `accounts` is where
    accounts at the bank that are the other side are looked up.
    """
    chosen = f"(SELECT {', '.join(_COLUMNS)} FROM {bookings} WHERE booking_date <= {as_of})"
    any_ = connection.execute(f"SELECT 1 FROM {chosen} LIMIT 1").fetchone()
    seen = possible(connection, signals, chosen, accounts) if any_ else [False] * len(signals)
    some = [s if carried else Signal(iri=s.iri) for s, carried in zip(signals, seen, strict=True)]
    numbers = [number for number, signal in enumerate(some) if has_booking_keys(signal)]
    if not numbers:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE hits ({_HITS})")
        return
    sql = _pass_sql(some, f"(SELECT *, {numbers}::INTEGER[] AS candidates FROM {chosen})", told=False)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE hits AS {sql.replace(ACCOUNTS, accounts)}")


def _match(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str, bookings: str) -> None:
    see = _see_each if _view(connection, bookings) else _see  # rows of a view have no place to come back to
    see(connection, signals, as_of, sample(connection, bookings), bookings)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE hits AS {_pass_sql(signals)}")
    connection.execute("DROP TABLE seen")


def _view(connection: duckdb.DuckDBPyConnection, bookings: str) -> bool:
    database, _, name = bookings.rpartition(".")
    found = connection.execute(
        "SELECT 1 FROM duckdb_views() WHERE view_name = ? AND ? IN (database_name, '')", [name, database]
    )
    return found.fetchone() is not None


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
    booking = (*signal.text_patterns, *signal.counterparty_patterns, *signal.exceptions)
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


def _see(
    connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str, rarity: Rarity, bookings: str
) -> None:
    """Fill `seen` with the bookings that may carry signals and the numbers of these as `candidates`.

    Of the bookings that look alike one is looked at. Table by table: DuckDB works out twice what a filter rests on.
    """
    with wordings(connection) as wording:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE worded AS "
            f"SELECT rowid AS place, {wording} AS wording FROM {bookings} WHERE booking_date <= {as_of}"
        )
    alike = "SELECT wording, min(place) AS place FROM worded GROUP BY wording"
    one_each = with_raw_sql(f"(SELECT wording, b.* FROM ({alike}) a JOIN {bookings} b ON b.rowid = a.place)")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE alike AS {one_each}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE read AS {_parties_sql('alike')}")
    candidates = _candidates_sql(signals, rarity)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS SELECT wording, {candidates} AS candidates FROM read")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE seen AS SELECT {', '.join(f'b.{column}' for column in _COLUMNS)}, candidates "
        f"FROM told JOIN worded USING (wording) JOIN {bookings} b ON b.rowid = worded.place WHERE len(candidates) > 0"
    )
    for table in ("worded", "alike", "read", "told"):
        connection.execute(f"DROP TABLE {table}")


def _see_each(
    connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str, rarity: Rarity, bookings: str
) -> None:
    """Do what `_see` does, looking at every booking."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE told AS SELECT * FROM ({with_raw_sql(bookings)}) "
        f"WHERE booking_date <= {as_of} AND ({look_sql(signals, rarity)})"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE seen AS SELECT {', '.join(_COLUMNS)}, {_candidates_sql(signals, rarity)} "
        f"AS candidates FROM ({_parties_sql('told')})"
    )
    connection.execute("DROP TABLE told")


def _candidates_sql(signals: Sequence[Signal], rarity: Rarity) -> str:
    """Return SQL for the list of numbers of the signals a booking may carry, and all that look like it."""
    keyed = [number for number, signal in enumerate(signals) if has_booking_keys(signal)]
    groups = [keyed[at : at + _GROUP] for at in range(0, len(keyed), _GROUP)]
    lists = [
        f"CASE WHEN {look_sql([signals[number] for number in group], rarity)} "
        f"THEN [{', '.join(_candidate_sql(number, signals[number], rarity) for number in group)}] ELSE [] END"
        for group in groups
    ]
    return f"list_filter(flatten([{', '.join(['[NULL::INTEGER]', *lists])}]), lambda n: n IS NOT NULL)"


def _candidate_sql(number: int, signal: Signal, rarity: Rarity) -> str:
    """Return SQL for the signal's number, or NULL; what any digit may stand for is told from one of those alike."""
    return f"CASE WHEN {said_sql(signal) if _told_by_wording(signal) else look_sql([signal], rarity)} THEN {number} END"


def _told_by_wording(signal: Signal) -> bool:
    return all(map(takes_any_digit, (*signal.text_patterns, *signal.counterparty_patterns, *signal.exceptions)))


def _pass_sql(signals: Sequence[Signal], seen: str = "seen", *, told: bool = True) -> str:
    """Return SQL for the bookings seen with the signals they carry of those they may carry.

    `told` says that what is said in them was looked at already where one of those alike tells it: then their text,
    which costs most, is brought into plain form for the other signals only.
    """
    settled = {n for n, s in enumerate(signals) if told and _told_by_wording(s) and not s.key_patterns}
    if not settled:
        return _carried_sql(signals, _parties_sql(seen))
    some, others = (
        [signal if (number in settled) == wanted else Signal(iri=signal.iri) for number, signal in enumerate(signals)]
        for wanted in (True, False)
    )
    listed = ", ".join(map(str, sorted(settled)))
    left = f"SELECT * REPLACE (list_filter(candidates, lambda n: n NOT IN ({listed})) AS candidates) FROM {seen}"
    told_apart = _carried_sql(some, readable_sql(seen), told=True)
    return f"{told_apart} UNION ALL {_carried_sql(others, _parties_sql(f'(FROM ({left}) WHERE len(candidates) > 0)'))}"


def _carried_sql(signals: Sequence[Signal], parties: str, *, told: bool = False) -> str:
    return f"""
SELECT transaction_id, account_id, booking_date, amount, counterparty, ultimate, creditor,
  nullif(upper(replace(counterparty_iban, ' ', '')), '') AS iban, {NAMING} AS naming,
  {captured_sql(signals)} AS captured, mandate_id, signal_no
FROM (SELECT *, unnest(candidates) AS signal_no FROM ({parties}))
WHERE {_carries_sql(signals, told=told)}"""


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


def _parties_sql(source: str) -> str:
    """Return SQL for the bookings of a source, with both forms of text and the names of the other side apart."""
    first = f"split_part(text, '{SEPARATOR}', 1)"
    second = f"split_part(text, '{SEPARATOR}', CASE WHEN counterparty IS NULL THEN 1 ELSE 2 END)"
    return f"""
SELECT *, {folded_sql("counterparty_text")} AS counterparty_text_folded,
  {folded_sql("ultimate_text")} AS ultimate_text_folded
FROM (SELECT *, {folded_sql("text")} AS text_folded,
        CASE WHEN counterparty IS NULL THEN '' ELSE {first} END AS counterparty_text,
        CASE WHEN ultimate IS NULL THEN '' ELSE {second} END AS ultimate_text
  FROM ({readable_sql(source)}))"""


def _carries_sql(signals: Sequence[Signal], *, told: bool) -> str:
    """Return SQL that holds where a booking carries the signal it is a candidate of.

    `told` says that what is said in it was looked at already.
    """
    cases = [
        f"WHEN {number} THEN {(bounds_sql if told else condition_sql)(signal)}"
        for number, signal in enumerate(signals)
        if has_booking_keys(signal)
    ]
    return f"CASE signal_no {' '.join(cases)} END" if cases else "false"


def _add_unsaid(
    connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], order: Sequence[int], as_of: str
) -> None:
    """Add the bookings to `hits` that carry a signal because others of the same payer do (see `same_payer`)."""
    held = carried_by_payer(connection, signals)
    for number in (n for n in order if n in held):
        silent = silent_sql(signals[number], number, signals, as_of)
        taken = f"CREATE OR REPLACE TEMP TABLE silent AS SELECT {', '.join(_COLUMNS)} FROM {silent}"
        if not filled(connection, taken):
            continue
        unsaid = unsaid_sql(number, "silent")
        source = f"(SELECT *, [{number}] AS candidates FROM {unsaid})"
        only = [unless_excepted(s) if n == number else Signal(iri=s.iri) for n, s in enumerate(signals)]
        add = f"INSERT INTO hits BY NAME {_pass_sql(only, source, told=False)}"
        # To look whether there is any such booking takes a tenth of what it takes to read them all, if there is none.
        while connection.execute(f"SELECT 1 FROM {unsaid} LIMIT 1").fetchone() and filled(connection, add):
            pass


def _drop_less_specific(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], order: Sequence[int]) -> None:
    numbers = {signal.iri: number for number, signal in enumerate(signals)}
    there = {number for (number,) in connection.execute("SELECT DISTINCT signal_no FROM hits").fetchall()}
    for number in order:
        specific = [str(numbers[iri]) for iri in signals[number].unless_carries if numbers.get(iri) in there]
        if specific and number in there:
            connection.execute(
                f"DELETE FROM hits WHERE signal_no = {number} AND transaction_id IN "
                f"(SELECT transaction_id FROM hits WHERE signal_no IN ({', '.join(specific)}))"
            )
