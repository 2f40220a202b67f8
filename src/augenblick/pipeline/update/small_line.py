"""The whole line for a few people, in memory: their rows in, all that follows from them out.

What does not change from people to people (ontology, what follows from it, plans of rules and conditions) stays.
Nothing here depends on the size of the bank.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
from rdflib import URIRef

from augenblick import moments
from augenblick.content import Content
from augenblick.ingest import create_bank_tables
from augenblick.model.terms import AUG
from augenblick.pipeline.detection import Resident, detect_in
from augenblick.pipeline.rules import ONTOLOGY, rules_of
from augenblick.pipeline.update.neighbourhood import Neighbourhood
from augenblick.policy import place, read_policy
from augenblick.reason import MemoryFacts, MemoryReasoner, TooWide
from augenblick.reason.live import Fact, Mask
from augenblick.store import in_memory, insert_rows

_BY_CUSTOMER = (
    "customers", "customer_changes", "relations", "account_holders", "contracts", "interactions", "consents",
    "declared_moments", "moment_identities", "feedback",
)  # fmt: skip
_BY_ACCOUNT = ("accounts", "transactions")
NOBODY = ""
"""The account of a booking that tells since when there are bookings; nobody owns it."""


@dataclass(frozen=True)
class Small:
    """What was derived of some people: the tables of the store's shape, and the facts."""

    connection: duckdb.DuckDBPyConnection
    facts: MemoryFacts
    people: Neighbourhood
    names: dict[str, int]
    """Numbers of rules by name, as the facts' makers name them."""
    told: dict[Fact, Mask]
    """All that is said and inferred of the people, with its graphs."""


class SmallLine:
    """Derives for a few people at a time what a run would find of them. One thread at a time."""

    def __init__(self, content: Content, base: str) -> None:
        self._content = content
        self._base = base
        self._connection = in_memory()
        self._connection.execute("SET threads = 1; CREATE TEMP TABLE sides (iban VARCHAR, kind VARCHAR)")
        create_bank_tables(self._connection)
        moments.create_tables(self._connection)
        facts = MemoryFacts(self._connection)
        facts.add_graph(content.graph_in_force, name=ONTOLOGY)
        reasoner = MemoryReasoner(facts, rules_of(content))
        reasoner.run()
        facts.settle()
        facts.dictionary.settle()
        reasoner.back(0)
        self._resident = Resident(facts, reasoner)

    @contextmanager
    def derived(
        self, bank: duckdb.DuckDBPyConnection, people: Neighbourhood, *, as_of: date, data_from: date | None
    ) -> Iterator[Small]:
        """Give what follows from the rows of some people in the durable tables of a connection.

        `data_from` is the day of the bank's first booking. Raises `TooWide` where it needs a whole run.
        """
        facts, reasoner, connection = self._resident.facts, self._resident.reasoner, self._connection
        try:
            self._fill(bank, people, data_from)
            detect_in(connection, self._content, as_of=as_of, base=self._base, resident=self._resident)
            place(connection, self._resident.base, read_policy(self._content), at=as_of)
            yield Small(connection, facts, people, reasoner.names(), self._told())
        finally:
            connection.complete()
            for table in (*_BY_CUSTOMER, *_BY_ACCOUNT):
                connection.execute(f"DELETE FROM bank.{table}")
            facts.back(0)
            reasoner.back(0)
            facts.forget()

    def _told(self) -> dict[Fact, Mask]:
        """Return the facts that are there because of the people; what is said of the run itself is not."""
        facts = self._resident.facts
        run = facts.dictionary.id(URIRef(AUG + "thisRun"))
        told = {}
        for fact, before, now in facts.net():
            if before & ~now:
                raise TooWide  # what the ontology alone entails does not follow any more
            if fact[1] != run and not before:
                told[fact] = now
        return told

    def _fill(self, bank: duckdb.DuckDBPyConnection, people: Neighbourhood, data_from: date | None) -> None:
        for tables, column, keys in (
            (_BY_CUSTOMER, "customer_id", people.customers),
            (_BY_ACCOUNT, "account_id", people.accounts),
        ):
            for table in tables:
                sql = f"SELECT * FROM bank.{table} WHERE {column} IN (SELECT unnest(?::VARCHAR[]))"
                rows = bank.sql(sql, params=[list(keys)]).to_arrow_table()
                insert_rows(self._connection, f"bank.{table}", rows)
        self._find_sides(bank)
        if data_from is not None:
            self._connection.execute(
                "INSERT INTO bank.transactions (transaction_id, account_id, booking_date, amount, currency) "
                "VALUES ('', ?, ?, 0, 'EUR')",
                [NOBODY, data_from],
            )

    def _find_sides(self, bank: duckdb.DuckDBPyConnection) -> None:
        """Fill `sides`: the accounts at the bank that are the other side of a booking."""
        plain = "upper(replace({}, ' ', ''))"
        rows = self._connection.execute(
            f"SELECT DISTINCT {plain.format('counterparty_iban')} FROM bank.transactions WHERE counterparty_iban <> ''"
        ).fetchall()
        found = bank.sql(
            "SELECT iban, kind FROM bank.accounts WHERE kind IN (SELECT unnest($kinds::VARCHAR[])) "
            f"AND {plain.format('iban')} IN (SELECT unnest($sides::VARCHAR[]))",
            params={"kinds": looked_up(self._content), "sides": [row[0] for row in rows]},
        ).to_arrow_table()
        self._connection.execute("DELETE FROM sides")
        insert_rows(self._connection, "sides", found)


def looked_up(content: Content) -> list[str]:
    """Return the kinds of accounts that signals look for behind the IBAN of the other side."""
    return sorted({kind for signal in content.signals for kind in signal.counterparty_account_kinds})
