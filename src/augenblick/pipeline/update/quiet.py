"""Bookings that say nothing new are noted, and nothing is derived from them: most bookings are of this kind.

What follows from the others for the people they touch takes many times as long. All that such a booking changes is how
many bookings an account has, and on which day the last one was. That day is a fact that rules read: with the day of
before and that of now they must come to the same, looked up in the tables they were run on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import duckdb
import pyarrow as pa
import pyoxigraph as ox
from rdflib import XSD, Literal, URIRef, Variable

from augenblick import signals
from augenblick.content import Content
from augenblick.ingest import LoadReport
from augenblick.model.terms import AUG
from augenblick.offers import conditions_of
from augenblick.pipeline.detection import shapes_of
from augenblick.pipeline.rules import rules_of
from augenblick.pipeline.update.report import UpdateReport
from augenblick.publish import graph_file, replace_values
from augenblick.reason import FactBase, TooWide, waiting
from augenblick.reason.affected import occurrences
from augenblick.reason.ir import RelationKey, Rule, Triple, relation_of, variables
from augenblick.reason.memory_terms import encoded
from augenblick.reason.tables import TableSolver
from augenblick.store import DataDirectory
from augenblick.validate import KeepsOut

MOST = 50
"""More bookings than that are followed as whatever else comes in."""
_LAST_ON = "lastBookingOn"
_KEY = RelationKey(AUG + _LAST_ON)
_FILES = """
SELECT list(file_id), sum(rows - rejected), (SELECT count(*) FROM bank.touched WHERE load_id > $since)
FROM bank.files WHERE load_id > $since
"""
_ACCOUNTS = """
SELECT account_id, any_value(s.first_on), any_value(s.last_on), min(f.booking_date), max(f.booking_date), count(*)
FROM ({fresh}) f LEFT JOIN evidence.account_spans s USING (account_id) GROUP BY account_id
"""
_NOTED = """
UPDATE evidence.account_spans s SET bookings = s.bookings + n.bookings, last_on = n.last_on
FROM (SELECT unnest($accounts::VARCHAR[]) AS account_id, unnest($last::DATE[]) AS last_on,
             unnest($bookings::BIGINT[]) AS bookings) n WHERE n.account_id = s.account_id
"""
_SERIES = """
UPDATE evidence.series s SET account_last_on = n.last_on
FROM (SELECT unnest($accounts::VARCHAR[]) AS account_id, unnest($last::DATE[]) AS last_on) n
WHERE n.account_id = s.account_id AND s.account_last_on <> n.last_on
"""


@dataclass(frozen=True)
class _Span:
    """An account's bookings: the days of the last one before and now, and how many came."""

    account: str
    before: date
    now: date
    bookings: int


def note_quiet(
    directory: DataDirectory,
    connection: duckdb.DuckDBPyConnection,
    content: Content,
    *,
    loads: tuple[int, int],
    as_of: date,
    base: str,
) -> tuple[UpdateReport | None, pa.Table | None]:
    """Note what came in between two loads where it is but bookings of which nothing follows; else None, nothing done.

    May be None where nothing would follow. With it what all that came carries (`signals.carried`), where that was
    looked at. Raises `NotLoaded` where the graph is to be published as a whole.
    """
    spans, carried = _quiet(connection, content, loads[0], as_of)
    if spans is None:
        return None, carried
    moved = {URIRef(f"{base}account/{encoded(s.account)}"): _day(s.now) for s in spans if s.now != s.before}
    facts = FactBase(connection, tables_only=True) if moved else None
    if facts is not None and not _same_outcome(facts, content, moved):
        return None, carried
    report = UpdateReport(LoadReport())
    if moved:  # first: done again after a crash it changes nothing
        dated = ox.NamedNode(str(XSD.date))
        shown = {str(account): ox.Literal(str(day), datatype=dated) for account, day in moved.items()}
        report.published(replace_values(directory, AUG + _LAST_ON, shown))
        if not directory.kept_open:
            graph_file.settle(directory.live_store)
    connection.execute("BEGIN")
    columns = {"accounts": [s.account for s in spans], "last": [s.now for s in spans]}
    connection.execute(_NOTED, {**columns, "bookings": [s.bookings for s in spans]})
    if facts is not None:
        connection.execute(_SERIES, columns)
        waiting.replace_values(facts, _KEY, moved)
    connection.execute("UPDATE run SET load_id = ?", [loads[1]])
    connection.execute("COMMIT")
    return report, carried


def _quiet(
    connection: duckdb.DuckDBPyConnection, content: Content, since: int, as_of: date
) -> tuple[list[_Span] | None, pa.Table | None]:
    """Return what becomes of the accounts where all that came are bookings that say nothing new, and what these carry.

    None and what they carry where they do; twice None where something else came, or others' bookings matter.
    """
    files, rows, touched = connection.execute(_FILES, {"since": since}).fetchall()[0]
    if not files or touched or not 0 < rows <= MOST:
        return None, None
    fresh = f"SELECT * FROM bank.transactions WHERE _file >= {min(files)} AND _file IN ({', '.join(map(str, files))})"
    found = connection.execute(_ACCOUNTS.format(fresh=fresh)).fetchall()
    if sum(count for *_, count in found) != rows:
        return None, None  # something else came as well
    if any(first is None or earliest < first for _, first, _, earliest, *_ in found):
        return None, None
    carried = signals.carried(connection, content.signals, f"DATE '{as_of.isoformat()}'", fresh)
    if carried is None or carried.num_rows:
        return None, carried
    spans = [_Span(account, last, max(last, latest), bookings) for account, _, last, _, latest, bookings in found]
    return spans, carried


def _day(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)


def _same_outcome(facts: FactBase, content: Content, last_on: Mapping[URIRef, Literal]) -> bool:
    """Say whether all rules that read an account's last booking come to the same with other days."""
    readers = _readers(content)
    accounts = facts.dictionary.ids(last_on)
    if readers is None or (waiting.any_waiting(facts.connection) and waiting.waits(facts, accounts)):
        return False
    solver = TableSolver(facts)
    number = solver.view.numbers.get(_KEY)
    if number is None or not all(len(solver.view.out(number, account)) == 1 for account in accounts):
        return False
    try:
        before = [_made(solver, reader, account) for account in last_on for reader in readers]
        for account, day in zip(accounts, facts.dictionary.ids(last_on.values()), strict=True):
            solver.view.suppose(number, account, day)
        return before == [_made(solver, reader, account) for account in last_on for reader in readers]
    except TooWide:
        return False


def _made(solver: TableSolver, reader: tuple[Rule, Variable], account: URIRef) -> set[tuple[object, ...]]:
    """Return what a rule's heads are made of where one variable is an account."""
    rule, variable = reader
    named = sorted({v for head in rule.heads for v in variables(head)} - {variable})
    return {tuple(row.get(v) for v in named) for row in solver.bound(rule.body, {variable: account})}


@lru_cache(maxsize=4)
def _readers(content: Content) -> Sequence[tuple[Rule, Variable]] | None:
    """Return the rules that read accounts' last bookings, each with the variable of the account.

    None where something else looks at them on which more may rest than a rule's facts.
    """
    said = [c.select for shape in shapes_of(content) for c in shape.constraints if c.keeps_out != KeepsOut()]
    said += [c.select for each in conditions_of(content) for c in each.compiled.constraints]
    if any(re.search(rf"\b{_LAST_ON}\b", select) for select in said):
        return None
    found = []
    for rule in rules_of(content).rules:
        places = [(t, settled) for t, settled in occurrences(rule.body) if relation_of(t).overlaps(_KEY)]
        if any(settled or not _followed(triple) for triple, settled in places):
            return None
        found += [(rule, triple.s) for triple, _ in places if isinstance(triple.s, Variable)]
    return found


def _followed(triple: Triple) -> bool:
    return isinstance(triple.s, Variable)
