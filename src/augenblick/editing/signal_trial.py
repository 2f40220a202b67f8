"""An edit of a signal tried on made-up people: which bookings and interactions of all cases carry it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from rdflib import Graph, URIRef

from augenblick import signals
from augenblick.content import Content, Signal
from augenblick.content.cases import Case, Row, load_case, together
from augenblick.content.entry import AUG, Entry
from augenblick.content.reading import signal as read_signal
from augenblick.editing.edition import Edition
from augenblick.pipeline.case_line import bank

_IDS: Mapping[str, tuple[str, str]] = {
    "transactions": ("transaction_id", "booking_date"),
    "interactions": ("interaction_id", "occurred_at"),
}
_ABOUT = (
    *("counterparty_name", "ultimate_party", "purpose", "amount", "purpose_code", "gvc", "btc", "mcc", "creditor_id"),
    *("channel", "kind", "topic"),
)
"""What tells two rows of one case apart for a reader, beside their days."""
_CARRYING = "SELECT coalesce(transaction_id, interaction_id), occurred_on FROM evidence.occurrences WHERE signal = ?"


@dataclass(frozen=True)
class Alike:
    """Bookings or interactions of one case that differ by their days only, and whether they carry the signal."""

    case: Case
    row: Row
    days: tuple[date, ...]
    before: bool
    now: bool


@dataclass(frozen=True)
class SignalTrial:
    """What an edited signal is found in, in all cases of the content."""

    cases: int
    rows: tuple[Alike, ...]

    @property
    def changed(self) -> tuple[Alike, ...]:
        """The rows that carry the signal now and did not before, or the other way round."""
        return tuple(each for each in self.rows if each.before != each.now)

    def of(self, identity: str) -> tuple[Alike, ...]:
        """Return the rows of a case, those that carry the signal first."""
        own = (each for each in self.rows if each.case.identity == identity)
        return tuple(sorted(own, key=lambda each: not (each.now or each.before)))

    def carrying(self, *, now: bool) -> int:
        """Return in how many rows the signal is found, now or before."""
        return sum(len(each.days) for each in self.rows if (each.now if now else each.before))


def tried(content: Content, edition: Edition, iri: str) -> SignalTrial:
    """Return in which rows of all cases a signal is found as an edition states it, and as `content` does.

    Raises BadOntology for a signal that cannot be read or matched.
    """
    cases = _cases(content)
    before = _carrying(content, content.signal(iri))
    now = _carrying(content, _stated(edition, iri))
    return SignalTrial(len(cases), tuple(_rows(cases, before, now)))


def _stated(edition: Edition, iri: str) -> Signal:
    graph = Graph()
    places = edition.places[iri]
    for place in places:
        graph.parse(data=edition.texts[place], format="turtle")
    lists = map(str, graph.objects(URIRef(iri), AUG.exceptList))
    for place in sorted({place for each in lists for place in edition.places.get(each, ())} - {*places}):
        graph.parse(data=edition.texts[place], format="turtle")
    return read_signal(Entry(graph, URIRef(iri), Path(places[0])))


@lru_cache(maxsize=2)
def _cases(content: Content) -> tuple[Case, ...]:
    return tuple(load_case(file) for moment in content.moments for file in sorted(moment.cases))


@lru_cache(maxsize=8)
def _carrying(content: Content, signal: Signal | None) -> frozenset[str]:
    """Return the ids of the rows of all cases that carry a signal, with the case's identity before them."""
    if signal is None:
        return frozenset()
    cases = _cases(content)
    until = {case.identity: case.as_of for case in cases}
    connection = bank(together(cases))
    try:
        signals.detect(connection, _with_more_specific(content, signal), as_of=max(until.values()))
        found = connection.execute(_CARRYING, [signal.iri]).fetchall()
    finally:
        connection.close()
    return frozenset(row for row, day in found if day <= until[".".join(row.split(".")[:2])])


def _with_more_specific(content: Content, signal: Signal) -> Sequence[Signal]:
    """Return the signal and those it gives way to, and those they give way to."""
    found = {signal.iri: signal}
    waiting = list(signal.unless_carries)
    while waiting:
        iri = waiting.pop()
        other = content.signal(iri)
        if other is not None and iri not in found:
            found[iri] = other
            waiting += other.unless_carries
    return list(found.values())


def _rows(cases: Iterable[Case], before: frozenset[str], now: frozenset[str]) -> Iterable[Alike]:
    for case in cases:
        alike: dict[tuple[object, ...], tuple[Row, list[date]]] = {}
        for table, (key, day) in _IDS.items():
            for row in case.given.get(table, ()):
                name = f"{case.identity}.{row[key]}"
                told = (table, name in before, name in now, *(row.get(column) for column in _ABOUT))
                when = row[day]
                alike.setdefault(told, (row, []))[1].append(_day(when))
        for (_, was, is_now, *_), (row, days) in alike.items():
            yield Alike(case, row, tuple(sorted(days)), bool(was), bool(is_now))


def _day(value: object) -> date:
    return date.fromisoformat(str(value)[:10])
