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
import pyarrow as pa
from rdflib import URIRef

from augenblick import moments
from augenblick.content import Content
from augenblick.ingest import create_bank_tables
from augenblick.ingest.texts import marked_sql
from augenblick.model.progress import Progress, silent
from augenblick.model.terms import AUG
from augenblick.pipeline.detection import Resident, begin, detect_in, evidence_in
from augenblick.pipeline.rules import ONTOLOGY, rules_of
from augenblick.pipeline.update.neighbourhood import Neighbourhood, files_after
from augenblick.policy import place, read_policy
from augenblick.reason import MemoryFacts, MemoryReasoner, TooWide
from augenblick.reason.live import Fact, Mask
from augenblick.signals import NOTHING_NEW, SignalReport, create_tables, detect_interactions
from augenblick.store import in_memory, insert_rows, parsing_once

_BY_CUSTOMER = (
    "customers", "customer_changes", "relations", "account_holders", "contracts", "interactions", "consents",
    "declared_moments", "moment_identities", "feedback",
)  # fmt: skip
_BY_ACCOUNT = ("accounts", "transactions")
_OF_PEOPLE = "customer_id IN $customers"
_OF_ACCOUNTS = "account_id IN $accounts"
EVIDENCE = {
    "evidence.steps": f"series_id IN (SELECT series_id FROM evidence.series WHERE {_OF_PEOPLE})",
    "evidence.occurrences": _OF_PEOPLE,
    "evidence.series": _OF_PEOPLE,
    "evidence.hits": _OF_ACCOUNTS,
    "evidence.account_spans": _OF_ACCOUNTS,
}
"""Which rows of the tables of evidence are some people's, in an order in which each still finds what it asks for."""
EVIDENCE_OF_FACTS = (
    f"SELECT * FROM evidence.occurrences WHERE {_OF_PEOPLE}",
    f"SELECT * EXCLUDE (account_last_on) FROM evidence.series WHERE {_OF_PEOPLE}",
    f"SELECT p.* FROM evidence.steps p SEMI JOIN (FROM evidence.series WHERE {_OF_PEOPLE}) s USING (series_id)",
    f"SELECT * EXCLUDE (bookings) FROM evidence.account_spans WHERE {_OF_ACCOUNTS}",
)
"""What facts are made of beside the bank's own tables: bookings become facts where an occurrence names them."""
_TELLING = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
SELECT DISTINCT ?signal { ?sign a aug:PaymentSign ; aug:signal ?signal }
"""
_OPTIMIZERS = {
    "expression_rewriter", "filter_pullup", "filter_pushdown", "in_clause", "join_order", "deliminator",
    "unnest_rewriter", "unused_columns", "column_lifetime",
}  # fmt: skip
"""What DuckDB does to plans before it carries them out: these keep joins from multiplying out.

The others take longer than they save where tables hold a few rows.
"""
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
    told: dict[Fact, Mask] | None
    """All that is said and inferred of the people, with its graphs; None where only what is not said anew changed."""


class SmallLine:
    """Derives for a few people at a time what a run would find of them. One thread at a time."""

    def __init__(self, content: Content, base: str) -> None:
        self._content = content
        self._base = base
        self._connection = parsing_once(in_memory())
        self._connection.execute(
            f"SET threads = 1; SET disabled_optimizers = '{_needless(self._connection)}';"
            "CREATE TEMP TABLE sides (iban VARCHAR, kind VARCHAR); CREATE TEMP TABLE fresh (transaction_id VARCHAR)"
        )
        create_bank_tables(self._connection)
        create_tables(self._connection)
        moments.create_tables(self._connection)
        facts = MemoryFacts(self._connection)
        facts.add_graph(content.graph_in_force, name=ONTOLOGY)
        reasoner = MemoryReasoner(facts, rules_of(content))
        reasoner.run()
        facts.settle()
        facts.dictionary.settle()
        reasoner.back(0)
        self._resident = Resident(facts, reasoner)
        self.telling: tuple[str, ...] = tuple(str(row[0]) for row in facts.select(_TELLING).terms())
        """Signals of payments that suggest a relation to whom they go."""

    @contextmanager
    def derived(
        self,
        bank: duckdb.DuckDBPyConnection,
        people: Neighbourhood,
        *,
        as_of: date,
        at: date,
        data_from: date | None,
        carried: pa.Table | None = None,
    ) -> Iterator[Small]:
        """Give what follows from the rows of some people in the durable tables of a connection.

        Graphs are assigned as consents stand on the day `at`; `data_from` is the day of the bank's first booking,
        `carried` what all bookings that came carry by their text (`signals.carried`), where that is known.
        Where nothing but bookings came and these show nothing that was not seen before, nothing else is derived.
        Raises `TooWide` where it needs a whole run.
        """
        facts, reasoner, connection = self._resident.facts, self._resident.reasoner, self._connection
        try:
            self._fill(bank, people, data_from)
            found = self._find_evidence(bank, people, as_of=as_of, data_from=data_from, carried=carried)
            if people.only_bookings and self._seen_before(bank, people):
                yield Small(connection, facts, people, reasoner.names(), None)
                return
            detect_in(connection, self._content, as_of=as_of, base=self._base, resident=self._resident, found=found)
            place(connection, self._resident.base, read_policy(self._content), at=at)
            yield Small(connection, facts, people, reasoner.names(), self._told())
        finally:
            self._empty()

    @contextmanager
    def found(
        self,
        bank: duckdb.DuckDBPyConnection,
        people: Neighbourhood,
        *,
        as_of: date,
        data_from: date | None,
        progress: Progress = silent,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the tables of what follows from the rows of some people and the evidence a connection has of them.

        `data_from` as `derived` takes it. Raises `TooWide` where it needs a whole run.
        """
        try:
            self._fill(bank, people, data_from)
            known = self._recall_evidence(bank, people, as_of=as_of, data_from=data_from)
            detect_in(
                self._connection,
                self._content,
                as_of=as_of,
                base=self._base,
                progress=progress,
                resident=self._resident,
                found=known,
            )
            yield self._connection
        finally:
            self._empty()

    def _empty(self) -> None:
        """Take the people out, and all that followed from them."""
        self._connection.complete()
        for table in (*_BY_CUSTOMER, *_BY_ACCOUNT):
            self._connection.execute(f"DELETE FROM bank.{table}")
        self._resident.facts.back(0)
        self._resident.reasoner.back(0)
        self._resident.facts.forget()

    def _find_evidence(
        self,
        bank: duckdb.DuckDBPyConnection,
        people: Neighbourhood,
        *,
        as_of: date,
        data_from: date | None,
        carried: pa.Table | None,
    ) -> SignalReport:
        """Fill the tables of evidence: with what is known, where that stays; else from the bookings."""
        if people.only_interactions:
            found = self._recall_evidence(bank, people, as_of=as_of, data_from=data_from)
            files = files_after(bank, people.since)
            detect_interactions(self._connection, self._content.signals, as_of=as_of, files=files)
            return found
        if not people.evidence_stays:
            self._find_sides(bank)
            self._recall_hits(bank, people, carried)
            known = self._recall_interactions(bank, people)
            return evidence_in(
                self._connection, self._content, as_of=as_of, base=self._base, few=True, interactions_known=known
            )
        return self._recall_evidence(bank, people, as_of=as_of, data_from=data_from)

    def _recall_evidence(
        self, bank: duckdb.DuckDBPyConnection, people: Neighbourhood, *, as_of: date, data_from: date | None
    ) -> SignalReport:
        """Fill the tables of evidence with what is known of the people."""
        begin(self._connection, self._content, as_of=as_of, base=self._base)
        for table, condition in EVIDENCE.items():
            self._connection.execute(f"DELETE FROM {table}")
            if table != "evidence.hits":  # nobody looks at them any more
                self._copy(bank, table, condition, people)
        if data_from is not None:
            self._connection.execute("INSERT INTO evidence.account_spans VALUES (?, $2, $2, 1)", [NOBODY, data_from])
        return NOTHING_NEW

    def _copy(self, bank: duckdb.DuckDBPyConnection, table: str, condition: str, people: Neighbourhood) -> None:
        """Put the rows of some people into a table here, from the one of that name there."""
        rows = bank.sql(f"SELECT * FROM {table} WHERE {people.sql(condition)}").to_arrow_table()
        insert_rows(self._connection, table, rows)

    def _seen_before(self, bank: duckdb.DuckDBPyConnection, people: Neighbourhood) -> bool:
        """Say whether the evidence of which facts are made is the same as in the derived tables of a connection."""
        for asked in EVIDENCE_OF_FACTS:
            sql = people.sql(f"{asked} ORDER BY ALL")
            here, there = (c.execute(sql).fetchall() for c in (self._connection, bank))
            if here != there:
                return False
        return True

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
        for tables, condition in ((_BY_CUSTOMER, _OF_PEOPLE), (_BY_ACCOUNT, _OF_ACCOUNTS)):
            for table in tables:
                self._copy(bank, f"bank.{table}", condition, people)
        if data_from is not None:
            self._connection.execute(
                "INSERT INTO bank.transactions (transaction_id, account_id, booking_date, amount, currency) "
                "VALUES ('', ?, ?, 0, 'EUR')",
                [NOBODY, data_from],
            )

    def _recall_hits(self, bank: duckdb.DuckDBPyConnection, people: Neighbourhood, carried: pa.Table | None) -> None:
        """Fill `evidence.hits` with what is known of the bookings, `fresh` with those of which nothing is.

        Of those whose texts were taken out since nothing is known either.
        """
        connection = self._connection
        unknown = files_after(bank, people.since) if carried is None else []
        connection.execute("DELETE FROM fresh; DELETE FROM evidence.hits")
        connection.execute(
            "INSERT INTO fresh SELECT transaction_id FROM bank.transactions "
            f"WHERE _file IN (SELECT unnest(?::INTEGER[])) OR {marked_sql('transactions')}",
            [unknown],
        )
        self._copy(bank, "evidence.hits", _OF_ACCOUNTS, people)
        connection.execute(
            "DELETE FROM evidence.hits WHERE transaction_id IN (FROM fresh) "
            "OR transaction_id NOT IN (SELECT transaction_id FROM bank.transactions)"
        )
        if carried is not None:
            insert_rows(connection, "evidence.hits", carried)

    def _recall_interactions(self, bank: duckdb.DuckDBPyConnection, people: Neighbourhood) -> bool:
        """Take what is known of interactions over where none came; return whether it is."""
        self._connection.execute("DELETE FROM evidence.occurrences")
        if people.came is None or "interactions" in people.came:
            return False
        self._copy(bank, "evidence.occurrences", f"{_OF_PEOPLE} AND interaction_id IS NOT NULL", people)
        return True

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


def _needless(connection: duckdb.DuckDBPyConnection) -> str:
    known = {name for (name,) in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()}
    return ",".join(sorted(known - _OPTIMIZERS))


def looked_up(content: Content) -> list[str]:
    """Return the kinds of accounts that signals look for behind the IBAN of the other side."""
    return sorted({kind for signal in content.signals for kind in signal.counterparty_account_kinds})
