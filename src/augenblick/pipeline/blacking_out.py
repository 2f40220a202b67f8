"""Texts of bookings that reveal health, religion, politics, union or sexual life are blacked out when they are loaded.

Amount, date and kind of transaction stay. Who the other side is stays told apart, by a pseudonym. The text stays where
all owners of the account have consented; whether it may be kept that a signal was there, the ontology says, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

import duckdb

from augenblick.content import Content
from augenblick.ingest.keys import BLACKED_COLUMNS
from augenblick.model.marks import BLACKED
from augenblick.policy import Consents
from augenblick.policy.pseudonyms import Pseudonyms
from augenblick.policy.redaction import Redaction, read_redaction
from augenblick.signals.marker import NAME, marker
from augenblick.signals.matching import find_hits
from augenblick.signals.person import find_owners
from augenblick.store import DataDirectory, has_table

_EVER = "DATE '9999-12-31'"
_BEFORE = "SELECT transaction_id, _file, _line FROM bank.transactions"
_ARRIVED = f"""
CREATE OR REPLACE TEMP TABLE arrived AS
SELECT t.* FROM bank.transactions t ANTI JOIN loaded_before USING (transaction_id, _file, _line)
WHERE NOT starts_with(coalesce(purpose, ''), '{BLACKED}')
"""
_CARRIED = """
SELECT r.transaction_id, r.account_id, coalesce(list(h.signal_no) FILTER (h.signal_no IS NOT NULL), []),
       coalesce(r.creditor_id, r.counterparty_iban, r.ultimate_party, r.counterparty_name, '')
FROM revealing r LEFT JOIN hits h USING (transaction_id) GROUP BY ALL ORDER BY r.transaction_id
"""
_INSTEAD = {"purpose": "b.marker", "counterparty_name": f"'{NAME}'", "counterparty_iban": "b.pseudonym"}
_UPDATE = f"""
UPDATE bank.transactions t SET {", ".join(f"{name} = {_INSTEAD.get(name, 'NULL')}" for name in BLACKED_COLUMNS)}
FROM (SELECT unnest($ids) AS id, unnest($markers) AS marker, unnest($pseudonyms) AS pseudonym) b
WHERE t.transaction_id = b.id
"""


def note_loaded(connection: duckdb.DuckDBPyConnection) -> None:
    """Note which bookings are there before a load, in a temporary table."""
    known = (
        _BEFORE
        if has_table(connection, "transactions", database="bank")
        else "SELECT '' AS transaction_id, 0 AS _file, 0 AS _line"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE loaded_before AS {known}")


def arrived(connection: duckdb.DuckDBPyConnection) -> bool:
    """Take the bookings that have come in since `note_loaded`; return whether there are any."""
    if not has_table(connection, "transactions", database="bank"):
        return False
    connection.execute(_ARRIVED)
    return connection.execute("SELECT 1 FROM arrived LIMIT 1").fetchone() is not None


def black_out(directory: DataDirectory, connection: duckdb.DuckDBPyConnection, content: Content, *, at: date) -> int:
    """Black out the revealing texts among the bookings that `arrived`, by consents as of the day; return how many."""
    redaction = read_redaction(content)
    if redaction is None:
        return 0
    rows = _revealing(connection, redaction, content)
    decided = list(_decided(connection, redaction, rows, at))
    names = Pseudonyms(directory.path)
    if decided:
        ids, signals, sides = zip(*decided, strict=True)
        listed = sorted(signal.iri for signal in content.signals)
        values = {
            "ids": list(ids),
            "markers": [marker(listed[number] for number in numbers) for numbers in signals],
            "pseudonyms": [names.of(side)[:20].upper() for side in sides],
        }
        connection.execute(_UPDATE, values)
    for table in ("arrived", "loaded_before", "revealing", "hits", "owners", "joint_accounts", "returned"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    return len(decided)


_Row = tuple[str, str, list[int], str]


def _revealing(connection: duckdb.DuckDBPyConnection, redaction: Redaction, content: Content) -> list[_Row]:
    """Return the revealing bookings: id, account, the numbers of all signals they carry, and the other side."""
    signals = sorted(content.signals, key=lambda signal: signal.iri)
    strict = [signal for signal in signals if signal.legal_class in redaction.classes]
    find_owners(connection)
    connection.execute("CREATE OR REPLACE TEMP TABLE returned (transaction_id VARCHAR)")
    if not find_hits(connection, [*strict, *redaction.texts], _EVER, bookings="arrived"):
        return []
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE revealing AS SELECT * FROM arrived SEMI JOIN hits USING (transaction_id)"
    )
    find_hits(connection, signals, _EVER, bookings="revealing")
    return connection.execute(_CARRIED).fetchall()


def _decided(
    connection: duckdb.DuckDBPyConnection, redaction: Redaction, rows: Iterable[_Row], at: date
) -> Iterator[tuple[str, list[int], str]]:
    """Yield what is blacked out, with the signals that are kept."""
    owners: dict[str, list[str]] = {}
    for account, owner in connection.execute("SELECT account_id, customer_id FROM owners").fetchall():
        owners.setdefault(account, []).append(owner)
    consents = Consents.read(connection)
    for booking, account, signals, side in rows:
        persons = owners.get(account, [])
        if persons and all(_one(consents.given, person, redaction.text_kept_with, at) for person in persons):
            continue
        refused = any(_one(consents.objected, person, redaction.signal_kept_unless, at) for person in persons)
        yield booking, [] if refused else signals, side


def _one(said: Callable[[str, str, date], bool], person: str, codes: Iterable[str], at: date) -> bool:
    return any(said(person, code, at) for code in codes)
