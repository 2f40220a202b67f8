"""One person taken out of the durable tables, with all that is theirs alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

import duckdb

from augenblick.ingest.contract import contract
from augenblick.model.marks import BLACKED, FORGOTTEN, whose

Pseudonym = Callable[[str], str]

_NOTHING = "a^"  # what no text matches
_TABLE = "CREATE TABLE IF NOT EXISTS bank.tombstones (kind VARCHAR, pseudonym VARCHAR)"
_TEXTS = ("counterparty_name", "purpose", "ultimate_party")
_NAMES = """
SELECT DISTINCT unnest([given_name || ' ' || family_name, family_name || ' ' || given_name,
    family_name || ', ' || given_name, given_name || ' ' || birth_name, birth_name || ' ' || given_name]) AS said
FROM bank.customers WHERE customer_id = $customer
"""
_ACCOUNTS = """
SELECT account_id, iban FROM bank.accounts a
WHERE account_id IN (SELECT account_id FROM bank.account_holders WHERE customer_id = $customer)
  AND account_id NOT IN (SELECT account_id FROM bank.account_holders
                         WHERE customer_id <> $customer AND role IN ('owner', 'co_owner'))
"""


@dataclass(frozen=True)
class Forgotten:
    """How many rows of each table went or were blacked out, and which words in other files speak of the person.

    `tombstones` are kind and pseudonym of customer and accounts, by which they are known should they come back.
    """

    removed: dict[str, int]
    words: tuple[str, ...]
    tombstones: tuple[tuple[str, str], ...]


def mentions(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds one of the words, plain or URL-encoded, in either case, but not within a longer one."""
    spelt = sorted({spelling for word in words for spelling in (word, quote(word, safe=""))})
    return re.compile(rf"(^|[^0-9A-Za-z])({'|'.join(map(re.escape, spelt))})($|[^0-9A-Za-z])", re.IGNORECASE)


def forget(connection: duckdb.DuckDBPyConnection, customer: str, pseudonym: Pseudonym) -> Forgotten:
    """Delete a customer from every table.

    Accounts nobody else owns go with their bookings; names and account numbers of the person in bookings of others
    are blacked out. Tombstones (pseudonyms of customer and accounts) keep all of it from coming back.
    """
    bound = {"customer": customer}
    names = [row[0] for row in connection.execute(_NAMES, bound).fetchall() if row[0]]
    accounts = connection.execute(_ACCOUNTS, bound).fetchall()
    ids, ibans = [row[0] for row in accounts], [row[1] for row in accounts if row[1]]
    stones = [("customer", pseudonym(customer)), *(("account", pseudonym(each)) for each in ids)]
    bury(connection, stones)
    counts = _delete(connection, customer, ids)
    words = (customer, *ids, *ibans, *names)
    counts["transactions blacked out"] = _black_out(connection, names, ibans)
    counts["marks"] = _unmark(connection, customer)
    counts["feedback blacked out"] = _black_out_feedback(connection, mentions(words).pattern)
    counts["rejects"] = _drop_rejects(connection, [customer, *ids], [*names, *ibans])
    return Forgotten({name: count for name, count in counts.items() if count}, words, tuple(stones))


def bury(connection: duckdb.DuckDBPyConnection, stones: Iterable[tuple[str, str]]) -> None:
    """Keep tombstones, kind and pseudonym of each, that are not there yet."""
    connection.execute(_TABLE)
    for stone in stones:
        connection.execute("INSERT INTO bank.tombstones FROM (VALUES (?, ?)) EXCEPT FROM bank.tombstones", stone)


def returned(connection: duckdb.DuckDBPyConnection, pseudonym: Pseudonym) -> list[str]:
    """Return the customers in the tables who have a tombstone, and drop rejected rows that speak of such."""
    connection.execute(_TABLE)
    stones = set(connection.execute("SELECT kind, pseudonym FROM bank.tombstones").fetchall())
    if not stones:
        return []
    rows = connection.execute(
        "SELECT DISTINCT kind, said FROM (SELECT unnest(['customer', 'customer', 'account']) AS kind, "
        "unnest([json_extract_string(row, '$.customer_id'), json_extract_string(row, '$.related_customer_id'), "
        "json_extract_string(row, '$.account_id')]) AS said FROM bank.rejects WHERE json_valid(row)) "
        "WHERE said IS NOT NULL"
    ).fetchall()
    _drop_rejects(connection, [said for kind, said in rows if (kind, pseudonym(said)) in stones], [])
    customers = connection.execute("SELECT customer_id FROM bank.customers ORDER BY customer_id").fetchall()
    return [name for (name,) in customers if ("customer", pseudonym(name)) in stones]


def _delete(connection: duckdb.DuckDBPyConnection, customer: str, accounts: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    tables = {table.name: table.columns for table in contract().tables}
    tables |= {"moment_identities": ("customer_id",), "feedback": ("customer_id",)}
    tables |= dict.fromkeys(("touched", "texts_kept"), ("customer_id", "account_id"))
    existing = _tables(connection)
    for name, columns in tables.items():
        where = [f"{column} = $customer" for column in ("customer_id", "related_customer_id") if column in columns]
        if "account_id" in columns:
            where.append("account_id IN (SELECT unnest($accounts::VARCHAR[]))")
        if where and name in existing:
            bound = {"customer": customer, "accounts": accounts}
            used = {key: value for key, value in bound.items() if f"${key}" in " ".join(where)}
            row = connection.execute(f"DELETE FROM bank.{name} WHERE {' OR '.join(where)}", used).fetchone()
            counts[name] = int(row[0]) if row else 0
    return counts


def _folded(column: str) -> str:
    """Return SQL of a text without what spellings of one name or account number differ in."""
    folded = f"lower(regexp_replace({column}, '[^[:alnum:]äöüßÄÖÜ]', '', 'g'))"
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        folded = f"replace({folded}, '{umlaut}', '{plain}')"
    return folded


_SAID = f"(SELECT {_folded('name')} AS said FROM (SELECT unnest($said::VARCHAR[]) AS name))"


def _black_out(connection: duckdb.DuckDBPyConnection, names: list[str], ibans: list[str]) -> int:
    """Black out the person's names and account numbers, however they are spelt, in what bookings of others say."""
    said = [*names, *ibans]
    if not said:
        return 0
    hits = {
        column: f"EXISTS (SELECT 1 FROM {_SAID} WHERE contains({_folded(column)}, said))"
        for column in (*_TEXTS, "counterparty_iban")
    }
    blacked = dict.fromkeys(_TEXTS, f"'{FORGOTTEN}'") | {"counterparty_iban": "NULL"}
    changes = ", ".join(f"{c} = CASE WHEN {hit} THEN {blacked[c]} ELSE {c} END" for c, hit in hits.items())
    row = connection.execute(
        f"UPDATE bank.transactions SET {changes} WHERE {' OR '.join(hits.values())}", {"said": said}
    ).fetchone()
    return int(row[0]) if row else 0


def _unmark(connection: duckdb.DuckDBPyConnection, customer: str) -> int:
    """Take out of the marks of texts blacked out before that they named the person."""
    row = connection.execute(
        "UPDATE bank.transactions SET purpose = replace(purpose, $named, '') "
        f"WHERE starts_with(purpose, '{BLACKED}') AND contains(purpose, $named)",
        {"named": f" {whose(customer)}"},
    ).fetchone()
    return int(row[0]) if row else 0


def _black_out_feedback(connection: duckdb.DuckDBPyConnection, speaks: str) -> int:
    """Take the person out of what was said of relatives' moments: out of its evidence and its words."""
    if "feedback" not in _tables(connection):
        return 0
    lists = ", ".join(
        f"{column} = list_filter({column}, lambda said: NOT regexp_matches(said, $speaks, 'i'))"
        for column in ("patterns", "indications")
    )
    texts = ", ".join(
        f"{column} = CASE WHEN regexp_matches({column}, $speaks, 'i') THEN '{FORGOTTEN}' ELSE {column} END"
        for column in ("reason", "note")
    )
    row = connection.execute(
        f"UPDATE bank.feedback SET {lists}, {texts} WHERE regexp_matches(feedback::VARCHAR, $speaks, 'i')",
        {"speaks": speaks},
    ).fetchone()
    return int(row[0]) if row else 0


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'bank'").fetchall()
    return {row[0] for row in rows}


def _drop_rejects(connection: duckdb.DuckDBPyConnection, ids: list[str], said: list[str]) -> int:
    """Drop rejected rows with one of the identifiers, or with a name or account number in any spelling."""
    row = connection.execute(
        f"DELETE FROM bank.rejects WHERE regexp_matches(concat_ws(' ', row, reason), $ids, 'i') "
        f"OR EXISTS (SELECT 1 FROM {_SAID} "
        f"WHERE contains({_folded('row')}, said) OR contains({_folded('reason')}, said))",
        {"ids": mentions(ids).pattern if ids else _NOTHING, "said": said},
    ).fetchone()
    return int(row[0]) if row else 0
