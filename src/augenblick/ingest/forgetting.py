"""One person taken out of the durable tables, with all that is theirs alone."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from augenblick.ingest.contract import contract

Pseudonym = Callable[[str], str]
BLACKED_OUT = "[gelöscht]"

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


def forget(connection: duckdb.DuckDBPyConnection, customer: str, pseudonym: Pseudonym) -> dict[str, int]:
    """Delete a customer from every table; return how many rows of each went or were blacked out.

    Accounts nobody else owns go with their bookings; names and account numbers of the person in bookings of others
    are blacked out. Tombstones (pseudonyms of customer and accounts) keep all of it from coming back.
    """
    connection.execute(_TABLE)
    bound = {"customer": customer}
    names = [row[0] for row in connection.execute(_NAMES, bound).fetchall() if row[0]]
    accounts = connection.execute(_ACCOUNTS, bound).fetchall()
    ids, ibans = [row[0] for row in accounts], [row[1] for row in accounts if row[1]]
    for kind, value in [("customer", customer), *(("account", each) for each in ids)]:
        connection.execute("INSERT INTO bank.tombstones VALUES (?, ?)", [kind, pseudonym(value)])
    counts = _delete(connection, customer, ids)
    counts["transactions blacked out"] = _black_out(connection, names, ibans)
    counts["rejects"] = _drop_rejects(connection, [customer, *ids, *ibans, *names])
    return {name: count for name, count in counts.items() if count}


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
    _drop_rejects(connection, [said for kind, said in rows if (kind, pseudonym(said)) in stones])
    customers = connection.execute("SELECT customer_id FROM bank.customers ORDER BY customer_id").fetchall()
    return [name for (name,) in customers if ("customer", pseudonym(name)) in stones]


def _delete(connection: duckdb.DuckDBPyConnection, customer: str, accounts: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    tables = {table.name: table.columns for table in contract().tables} | {"moment_identities": ("customer_id",)}
    existing = {
        row[0]
        for row in connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'bank'").fetchall()
    }
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


def _black_out(connection: duckdb.DuckDBPyConnection, names: list[str], ibans: list[str]) -> int:
    """Black out the person's names and account numbers in what bookings of others say; return in how many."""
    said = [*names, *ibans]
    if not said:
        return 0
    hit = " OR ".join(f"contains(lower({column}), lower(said))" for column in (*_TEXTS, "counterparty_iban"))
    texts = ", ".join(
        f"{column} = CASE WHEN EXISTS (SELECT 1 FROM (SELECT unnest($said::VARCHAR[]) AS said) "
        f"WHERE contains(lower({column}), lower(said))) THEN '{BLACKED_OUT}' ELSE {column} END"
        for column in _TEXTS
    )
    row = connection.execute(
        f"UPDATE bank.transactions SET {texts}, counterparty_iban = CASE WHEN counterparty_iban IN "
        f"(SELECT unnest($said::VARCHAR[])) THEN NULL ELSE counterparty_iban END "
        f"WHERE EXISTS (SELECT 1 FROM (SELECT unnest($said::VARCHAR[]) AS said) WHERE {hit})",
        {"said": said},
    ).fetchone()
    return int(row[0]) if row else 0


def _drop_rejects(connection: duckdb.DuckDBPyConnection, said: list[str]) -> int:
    row = connection.execute(
        "DELETE FROM bank.rejects WHERE EXISTS (SELECT 1 FROM (SELECT unnest($said::VARCHAR[]) AS said) "
        "WHERE contains(row, said) OR contains(reason, said))",
        {"said": said},
    ).fetchone()
    return int(row[0]) if row else 0
