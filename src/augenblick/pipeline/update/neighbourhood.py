"""Who is touched by what came in since the last derivation, and everybody whose outcome hangs together with theirs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import duckdb
from rdflib import URIRef

from augenblick import signals
from augenblick.ingest import contract
from augenblick.model.tables import has_table
from augenblick.reason.dictionary import Dictionary
from augenblick.reason.memory_terms import encoded
from augenblick.signals.condition import listed

MOST_CUSTOMERS = 300
"""With more people than that everything is derived anew."""

_HELD = "SELECT DISTINCT account_id FROM bank.account_holders WHERE customer_id IN $some"
_BESIDE = """
SELECT customer_id FROM bank.account_holders WHERE account_id IN $accounts
UNION SELECT related_customer_id FROM bank.relations WHERE customer_id IN $some
UNION SELECT customer_id FROM bank.relations WHERE related_customer_id IN $some
UNION SELECT o.customer_id FROM bank.customers c JOIN bank.customers o USING (street, postal_code)
      WHERE c.customer_id IN $some AND street <> ''
UNION SELECT h.customer_id FROM paid p JOIN bank.account_holders h USING (account_id)
      WHERE p.customer_id IN $some
UNION SELECT customer_id FROM paid WHERE account_id IN $accounts
"""
_PAID = """
CREATE OR REPLACE TEMP TABLE paid AS
SELECT DISTINCT s.customer_id, a.account_id FROM evidence.series s JOIN bank.accounts a
    ON upper(replace(a.iban, ' ', '')) = s.payer
WHERE s.signal IN (SELECT unnest($signals::VARCHAR[]))
"""
_RESTING = """
SELECT person, unnest(others) FROM policy.nodes
WHERE len(others) > 0 AND (person IN ({listed}) OR list_has_any(others, [{listed}]::BIGINT[]))
"""
_OWNERS = """
SELECT DISTINCT customer_id FROM bank.account_holders WHERE account_id IN $accounts
"""
_PERSONS = ("customer_id", "related_customer_id")


@dataclass(frozen=True)
class _Touched:
    customers: set[str]
    accounts: set[str]
    since: int
    came: frozenset[str] | None


@dataclass(frozen=True)
class Neighbourhood:
    """People with all whom they are or may be related to, and so on: nobody else's outcome is touched.

    Beside recorded relations and shared accounts these are who has the same address, whose accounts they pay what
    suggests a relation (as far as the last derivation saw), and whose outcome rested on theirs.
    """

    customers: tuple[str, ...]
    accounts: tuple[str, ...]
    since: int
    """The load after which came what is followed."""
    came: frozenset[str] | None
    """The bank tables in which rows came, nothing having been taken out or replaced; None where something was."""

    def sql(self, asked: str) -> str:
        """Return SQL with the people in place of `$customers` and their accounts in place of `$accounts`."""
        return _spelled(asked, customers=self.customers, accounts=self.accounts)

    @property
    def only_bookings(self) -> bool:
        """Whether nothing but bookings came."""
        return self.came is not None and self.came <= {"transactions"}

    @property
    def evidence_stays(self) -> bool:
        """Whether what came says nothing to who looks for signals: what was found of these people before stands."""
        return bool(self.came) and signals.READS.isdisjoint(self.came or ())

    @property
    def only_interactions(self) -> bool:
        """Whether of what who looks for signals reads nothing but interactions came: what bookings tell stands."""
        return self.came is not None and signals.READS & self.came == {"interactions"}


def neighbourhood(
    connection: duckdb.DuckDBPyConnection,
    since: int,
    base: str,
    *,
    looked_up: Sequence[str],
    telling: Sequence[str],
    consenting: Collection[str] = (),
) -> Neighbourhood | None:
    """Return whom the loads after `since` touch; None where that are too many, or cannot be told.

    Whose consents began or ended meanwhile (`consenting`) are touched as if those had come just now.

    `base` heads the IRIs of customers.

    Accounts of the kinds `looked_up` tell what anybody's bookings to them mean: who all these are nobody can tell.
    Payments that carry signals of those `telling` suggest a relation to whom they go.
    """
    touched = _touched(connection, since, looked_up, consenting)
    connection.execute(_PAID, {"signals": list(telling)})
    return _closed(connection, touched, base) if touched is not None else None


def files_after(bank: duckdb.DuckDBPyConnection, since: int) -> list[int]:
    """Return the files that came after a load."""
    return [file for (file,) in bank.execute("SELECT file_id FROM bank.files WHERE load_id > ?", [since]).fetchall()]


def _touched(
    connection: duckdb.DuckDBPyConnection, since: int, looked_up: Sequence[str], consenting: Collection[str]
) -> _Touched | None:
    customers = set(consenting)
    accounts: set[str] = set()
    if not has_table(connection, "touched", database="bank"):
        return None
    noted = connection.execute(
        "SELECT DISTINCT customer_id, account_id, kind FROM bank.touched WHERE load_id > ?", [since]
    ).fetchall()
    for customer, account, kind in noted:
        if (customer is None and account is None) or kind in looked_up:
            return None
        customers |= {customer} if customer is not None else set()
        accounts |= {account} if account is not None else set()
    files = files_after(connection, since)
    came = {"consents"} if consenting else set[str]()
    for table, column, key in _named(connection, files) if files else ():
        if column == "kind":
            if key in looked_up:
                return None
            continue
        (accounts if column == "account_id" else customers).add(key)
        came.add(table)
    if max(len(accounts), len(customers)) > MOST_CUSTOMERS:
        return None
    return _Touched(customers, accounts, since, None if noted else frozenset(came))


def _named(connection: duckdb.DuckDBPyConnection, files: list[int]) -> list[tuple[str, str, str]]:
    """Return by table and column the people, accounts and kinds of accounts that rows of some files name."""
    # Rows of a load lie together: the smallest number of a file passes nearly all of a table over.
    within = f"_file >= {min(files)} AND _file IN ({', '.join(map(str, files))})"
    asked = [
        f"(SELECT DISTINCT '{table.name}', '{column}', {column} FROM bank.{table.name} "
        f"WHERE {within} AND {column} IS NOT NULL LIMIT {MOST_CUSTOMERS + 1})"
        for table in contract().tables
        for column in (*_PERSONS, "account_id", *(("kind",) if table.name == "accounts" else ()))
        if column in table.columns
    ]
    return connection.execute(" UNION ALL ".join(asked)).fetchall()


def _closed(connection: duckdb.DuckDBPyConnection, touched: _Touched, base: str) -> Neighbourhood | None:
    accounts = touched.accounts
    people = touched.customers | _column(connection, _OWNERS, accounts=accounts)
    held = set(accounts)
    fresh, asked = people, set[str]()
    while fresh:
        if len(people) > MOST_CUSTOMERS:
            return None
        some = _column(connection, _HELD, some=fresh) - held
        held |= some
        fresh = _column(connection, _BESIDE, some=fresh, accounts=some) - people
        if not fresh:
            fresh, asked = _resting(connection, people - asked, base) - people, set(people)
        people |= fresh
    return Neighbourhood(tuple(sorted(people)), tuple(sorted(held)), touched.since, touched.came)


def _resting(connection: duckdb.DuckDBPyConnection, some: Iterable[str], base: str) -> set[str]:
    """Return whose outcome rested on that of some people, or theirs on whose."""
    dictionary, head = Dictionary(connection, "graph"), f"{base}customer/"
    known = dictionary.ids(URIRef(head + encoded(customer)) for customer in some)
    listed = ", ".join(map(str, known)) or "NULL"
    rows = connection.execute(_RESTING.format(listed=listed)).fetchall()
    others = {node for row in rows for node in row if node >= 0} - set(known)  # below 0 is nobody
    return {unquote(str(term).removeprefix(head)) for term in dictionary.terms(others).values()}


def _column(connection: duckdb.DuckDBPyConnection, sql: str, **values: Iterable[str]) -> set[str]:
    return {row[0] for row in connection.execute(_spelled(sql, **values)).fetchall()}


def _spelled(sql: str, **lists: Iterable[str]) -> str:
    """Return SQL with lists of texts in place of their names (`$accounts`).

    Spelled out: DuckDB plans a list of texts in half the time that it takes for a parameter.
    """
    return re.sub(f"[$]({'|'.join(lists)})", lambda found: listed(sorted(lists[found[1]])), sql)
