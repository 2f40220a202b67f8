"""The line run over cases: many of one day at a time in memory, or one with all that was derived of it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import TypeVar

import duckdb
import pyarrow as pa
from rdflib import URIRef

from augenblick import moments, signals
from augenblick.content import Content
from augenblick.content.cases import Case, Found, Row, together
from augenblick.content.model import DRAFT, SHADOW
from augenblick.ingest import create_bank_tables
from augenblick.model.progress import Progress, silent
from augenblick.model.shelf import Shelf
from augenblick.model.terms import DATA_BASE
from augenblick.pipeline.detection import detect_in, evidence_in
from augenblick.pipeline.update.neighbourhood import Neighbourhood
from augenblick.pipeline.update.small_line import EVIDENCE, NOBODY, SmallLine
from augenblick.reason import FactBase, TooWide
from augenblick.store import in_memory, insert_rows

T = TypeVar("T")
_AT_ONCE = 60
"""So many cases are derived together: fewer take longer for each, more are too wide to be followed fact by fact."""
_EVIDENCE = Shelf("evidence", (), most=24)
"""What signals found in the cases of a day: it stays while neither signals nor cases are others."""
_KEPT = tuple(table for table in EVIDENCE if table != "evidence.hits")
_EVIDENCE_BY_CASE = """
WITH told(whose, said) AS (
    SELECT customer_id, 'o' || o::VARCHAR FROM evidence.occurrences o
    UNION ALL SELECT customer_id, 's' || s::VARCHAR FROM evidence.series s
    UNION ALL SELECT s.customer_id, 'p' || p::VARCHAR FROM evidence.steps p JOIN evidence.series s USING (series_id)
    UNION ALL SELECT account_id, 'a' || a::VARCHAR FROM evidence.account_spans a
)
SELECT identity, md5(string_agg(said, chr(0) ORDER BY said)) FROM own_cases
JOIN told ON starts_with(whose, identity || '.') GROUP BY identity
"""
_FOUND = "SELECT customer_id, slug, occurred_from, occurred_to, state FROM moments.moments"
_COUNTED = """
SELECT c.customer_id, t.slug, c.pattern, max(c.weight) FROM moments.contributions c JOIN moments.types t
USING (moment_type) WHERE c.counted GROUP BY ALL
"""
_CUSTOMERS, _ACCOUNT = ("customer_id", "related_customer_id"), "account_id"


class CaseLine:
    """The line of one content over cases, drafts and moments in shadow as if they were live."""

    def __init__(self, content: Content, progress: Progress = silent) -> None:
        self._content = content
        self.shown = content.with_live(DRAFT, SHADOW)
        """The content with these moments live."""
        self.indicated: dict[str, set[str]] = defaultdict(set)
        """The moment types (IRIs) of which indications were found in a case, by its identity."""
        self.counted: dict[str, dict[tuple[str, str], dict[str, float]]] = {}
        """By case the patterns whose evidence counted, with its weight, for each of its customers and slug."""
        self._progress = progress

    @contextmanager
    def evidence(self, cases: Iterable[Case], day: date) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the rows of cases, and what their bookings and interactions are evidence of on the day."""
        self._progress("signals", 0, 1)
        some = list(cases)
        key = _evidence_key(some, day, self._content)
        connection = bank(together(some))
        try:
            kept = _EVIDENCE.get(key)
            if kept is None:
                evidence_in(connection, self.shown, as_of=day, base=DATA_BASE)
                _EVIDENCE.put(key, _written(connection))
            else:
                signals.create_tables(connection)
                moments.create_tables(connection)
                for table, rows in kept.items():
                    insert_rows(connection, table, pa.ipc.open_stream(rows).read_all())
            yield connection
        finally:
            connection.close()

    def digests(self, evidence: duckdb.DuckDBPyConnection, cases: Sequence[Case]) -> dict[str, str]:
        """Return a digest of what the bookings and interactions of each case are evidence of, by its identity."""
        own = pa.table({"identity": [case.identity for case in cases]})
        evidence.register("own_cases", own)
        try:
            told = evidence.execute(_EVIDENCE_BY_CASE).fetchall()
        finally:
            evidence.unregister("own_cases")
        nothing = {case.identity: "" for case in cases}
        return nothing | dict(told)

    def found(
        self, evidence: duckdb.DuckDBPyConnection, cases: Sequence[Case], day: date, data_from: date | None
    ) -> list[Found]:
        """Return the moments found in cases by their evidence, where the bank's bookings begin on `data_from`.

        Raises what the line raises.
        """
        groups = (cases[at : at + _AT_ONCE] for at in range(0, len(cases), _AT_ONCE))
        return [found for some in groups for found in self._derived(evidence, some, day, data_from)]

    def asked(self, case: Case, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Return what is asked of the tables of all that follows from one case; ids have its identity before them.

        Raises what the line raises.
        """
        with self.evidence([case], case.as_of) as evidence:
            try:
                with self._small.found(
                    evidence, _people([case]), as_of=case.as_of, data_from=None, progress=self._progress
                ) as derived:
                    return ask(derived)
            except TooWide:
                with line(self._content, case.tables(), case.as_of, self._progress) as (connection, _):
                    return ask(connection)

    def _derived(
        self, evidence: duckdb.DuckDBPyConnection, cases: Sequence[Case], day: date, data_from: date | None
    ) -> list[Found]:
        try:
            with self._small.found(
                evidence, _people(cases), as_of=day, data_from=data_from, progress=self._progress
            ) as derived:
                return self._noted(derived, cases)
        except TooWide:
            if len(cases) == 1:
                return self._whole(cases[0], day, data_from)
            halves = cases[: len(cases) // 2], cases[len(cases) // 2 :]
            return [found for half in halves for found in self._derived(evidence, half, day, data_from)]

    def _whole(self, case: Case, day: date, data_from: date | None) -> list[Found]:
        tables = case.tables()
        if data_from is not None:
            first: Row = {"transaction_id": NOBODY, "account_id": NOBODY, "booking_date": data_from}
            tables["transactions"] = [*tables.get("transactions", ()), {**first, "amount": 0, "currency": "EUR"}]
        with line(self._content, tables, day, self._progress) as (connection, _):
            return self._noted(connection, [case])

    def _noted(self, derived: duckdb.DuckDBPyConnection, cases: Sequence[Case]) -> list[Found]:
        indicated = derived.execute("SELECT DISTINCT customer_id, moment_type FROM moments.indications").fetchall()
        for case in cases:
            self.indicated[case.identity] |= {t for who, t in indicated if who.startswith(f"{case.identity}.")}
        counted = derived.execute(_COUNTED).fetchall()
        for case in cases:
            own = self.counted[case.identity] = defaultdict(dict)
            for customer, moment, pattern, weight in counted:
                if customer.startswith(f"{case.identity}."):
                    own[customer.removeprefix(f"{case.identity}."), moment][pattern] = weight
        return found_in(derived)

    @cached_property
    def _small(self) -> SmallLine:
        return SmallLine(self.shown, DATA_BASE)


def _evidence_key(cases: Iterable[Case], day: date, content: Content) -> str:
    said = ((signal.iri, p, o) for signal in content.signals for p, o in content.graph[URIRef(signal.iri)])
    digest = hashlib.sha256("\0".join(sorted(" ".join(map(str, each)) for each in said)).encode())
    for case in cases:
        digest.update(f"\0{case.identity}\0".encode() + case.file.read_bytes())
    return f"{day}\0{digest.hexdigest()}"


def _written(connection: duckdb.DuckDBPyConnection) -> dict[str, bytes]:
    """Return the tables of evidence that facts are made of, as Arrow writes them."""
    written = {}
    for table in _KEPT:
        rows, sink = connection.sql(f"FROM {table}").to_arrow_table(), pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as stream:
            stream.write_table(rows)
        written[table] = sink.getvalue().to_pybytes()
    return written


def _people(cases: Iterable[Case]) -> Neighbourhood:
    """Return everybody in cases, with all accounts named there."""
    rows = [row for case in cases for rows in case.tables().values() for row in rows]
    customers = {str(row[name]) for row in rows for name in _CUSTOMERS if row.get(name) is not None}
    accounts = {str(row[_ACCOUNT]) for row in rows if row.get(_ACCOUNT) is not None}
    return Neighbourhood(tuple(sorted(customers)), tuple(sorted(accounts)), since=0, came=None)


@contextmanager
def line(
    content: Content, tables: Mapping[str, Sequence[Row]], day: date, progress: Progress = silent
) -> Iterator[tuple[duckdb.DuckDBPyConnection, FactBase]]:
    """Give what the line makes of the rows of cases, drafts and moments in shadow as if they were live."""
    connection = bank(tables)
    try:
        _, facts = detect_in(connection, content.with_live(DRAFT, SHADOW), as_of=day, progress=progress)
        yield connection, facts
    finally:
        connection.close()


def found_in(connection: duckdb.DuckDBPyConnection, *, of: str = "") -> list[Found]:
    """Return the moments found on a connection, customers' ids with `of` before them."""
    rows = connection.execute(_FOUND).fetchall()
    return [Found(f"{of}{customer}", *more) for customer, *more in rows]


def bank(tables: Mapping[str, Sequence[Row]]) -> duckdb.DuckDBPyConnection:
    """Return a connection of the store's shape whose catalog `bank` holds the rows."""
    connection = in_memory()
    create_bank_tables(connection)
    for table, rows in tables.items():
        columns = sorted({name for row in rows for name in row})
        texts = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in columns}
        insert_rows(connection, f"bank.{table}", pa.table({n: pa.array(t, pa.string()) for n, t in texts.items()}))
    return connection
