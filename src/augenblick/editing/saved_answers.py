"""Answers of saved queries on the two sides of an impact; asked is only what reads facts that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from augenblick.content import Content
from augenblick.model.errors import AugenblickError
from augenblick.pipeline.reading import LastRun
from augenblick.publish.library import LibraryQuery, load_library
from augenblick.publish.query import PREFIXES, with_parameters
from augenblick.reason import FactBase
from augenblick.reason.ir import RelationKey
from augenblick.reason.sparql import load_query
from augenblick.reason.stratify import reads

Rows = tuple[int | None, int | None]
"""How many rows an answer has, and a digest of them that does not depend on their order."""
Counts = Mapping[str, Rows]


@dataclass(frozen=True)
class Answers:
    """A saved query: its rows before and after (None where it cannot be asked here), and whether any row is another."""

    query: str
    before: int | None
    after: int | None
    moves: bool


def counted(run: LastRun, names: frozenset[str]) -> Counts:
    """Return the answers of the queries of these names; none for one that the run's content does not have."""
    facts = FactBase(run.connection)
    # A variable that nothing in this bank can bind is a NULL to DuckDB, which it refuses to order by.
    run.connection.execute("SET order_by_non_integer_literal = true")
    asked = _asked(run.content)
    return {name: _rows(facts, asked[name]) if name in asked else (None, None) for name in names}


def compared(before: Counts, after: Counts) -> tuple[Answers, ...]:
    """Return the answers to the same queries side by side, in order of their names."""
    return tuple(Answers(n, before[n][0], after[n][0], before[n] != after[n]) for n in sorted(after))


def that_may_move(connection: duckdb.DuckDBPyConnection, old: Content, new: Content) -> frozenset[str]:
    """Return the names of queries that were edited, or that read a relation with other facts than in the last run.

    The connection is that of `DataDirectory.aside`, on a copy of what the last run derived.
    """
    before, after = _asked(old), _asked(new)
    texts = [{name: query.text for name, query in side.items()} for side in (before, after)]
    edited = {name for name in {*before, *after} if texts[0].get(name) != texts[1].get(name)}
    differing = _Differing(connection)
    return frozenset(edited | {name for name, query in after.items() if differing.reads(query)})


def _asked(content: Content) -> dict[str, LibraryQuery]:
    """Return the saved queries that ask for nothing without a default."""
    library = load_library(content.queries).values()
    return {q.slug: q for q in library if all(p.default is not None for p in q.parameters)}


def _text(query: LibraryQuery) -> str:
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    return prefixes + with_parameters(query.text, query.values({}))


def _rows(facts: FactBase, query: LibraryQuery) -> Rows:
    try:
        answer = facts.select(_text(query))
        rows = f"SELECT count(*), coalesce(bit_xor(hash(t)), 0)::UBIGINT FROM ({answer.sql}) t"
        number, digest = facts.connection.execute(rows).fetchall()[0]
    except AugenblickError:
        return None, None
    return int(number), int(digest)


class _Differing:
    """Which relations hold other facts than in the last run; looked at once each."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._facts = FactBase(connection, tables_only=True)
        self._known: dict[str, bool] = {}
        self._before = {
            row[0] for row in connection.execute("SELECT relation FROM published.graph.relations").fetchall()
        }

    def reads(self, query: LibraryQuery) -> bool:
        """Whether a query reads one that differs."""
        try:
            node, _ = load_query(_text(query))
        except AugenblickError:
            return True
        return any(self._differs(table) for key in {read.key for read in reads(node)} for table in self._tables(key))

    def _tables(self, key: RelationKey) -> Iterable[str]:
        return (relation.table for relation in self._facts.relations() if relation.key.overlaps(key))

    def _differs(self, table: str) -> bool:
        if table not in self._known:
            sides = {self._digest(table), self._digest(f"published.{table}") if table in self._before else (0, None)}
            self._known[table] = len(sides) > 1
        return self._known[table]

    def _digest(self, table: str) -> tuple[object, ...]:
        facts = f"(SELECT * EXCLUDE (rule, step) FROM {table})"
        return self._connection.execute(f"SELECT count(*), bit_xor(hash(t)) FROM {facts} t").fetchall()[0]
