"""Signals, facts, validation, reasoning, moments, offers, publish: one direction, one pass."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, cast

import duckdb

from augenblick import facts as fact_mappings
from augenblick import lookup, moments, offers, signals, validate
from augenblick.content import Content, Words, load_content
from augenblick.model.errors import NotLoaded
from augenblick.model.progress import Progress, silent
from augenblick.model.tables import has_table
from augenblick.model.terms import DATA_BASE
from augenblick.moments import exchange
from augenblick.offers import OfferReport
from augenblick.pipeline.expiring import overdue
from augenblick.pipeline.rules import ONTOLOGY, rules_of
from augenblick.pipeline.taking_back import drop_published, drop_told, told_before
from augenblick.policy import Policy, carry, place, placed_quads, read_policy, seal
from augenblick.publish import PublishReport, publish
from augenblick.reason import QUADS_ORDER, FactBase, MemoryFacts, MemoryReasoner, Reasoner, RunReport
from augenblick.signals import SignalReport
from augenblick.store import DataDirectory
from augenblick.validate import ValidationReport

INFERRED = "inferred"


@dataclass
class DetectReport:
    """What a run found and how long each stage took (seconds)."""

    as_of: date
    signals: SignalReport
    facts: dict[str, dict[str, int]]
    validation: ValidationReport
    reasoning: RunReport
    moments: list[tuple[Words, dict[str, int]]]
    offers: OfferReport
    booked: tuple[date, date] | None = None
    """The days of the first and the last booking loaded."""
    overdue: dict[str, int] = field(default_factory=dict)
    """Rows per table that are older than their retention period on that day; they still count."""
    published: PublishReport | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    """Those of `lookup` are among those of `publish`, beside which it runs."""

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "booked": [day.isoformat() for day in self.booked] if self.booked else None,
            "overdue": self.overdue,
            "signals": self.signals.to_dict(),
            "facts": self.facts,
            "validation": self.validation.to_dict(),
            "inferred": self.reasoning.facts,
            "contradictions": self.reasoning.contradictions,
            "moments": [{"de": label.de, "en": label.en, **counts} for label, counts in self.moments],
            "offers": self.offers.to_dict(),
            "published": self.published.to_dict() if self.published else None,
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
        }


@dataclass(frozen=True)
class Resident:
    """A fact base that holds the ontology and what follows from it, and what reasons over it."""

    facts: MemoryFacts
    reasoner: MemoryReasoner

    @property
    def base(self) -> FactBase:
        """The fact base, whose face it has."""
        return cast(FactBase, self.facts)


class Clock:
    """Times stages and tells how far the run is."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done within, under the name of a stage."""
        self._progress(name, 0, 1)
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun
        self._progress(name, 1, 1)


def detect(
    directory: DataDirectory,
    *,
    as_of: date,
    content: Content | None = None,
    base: str = DATA_BASE,
    progress: Progress = silent,
) -> DetectReport:
    """Derive everything anew from the durable tables and publish it.

    The derived database is written beside the old one and takes its place when it is whole. Where texts were taken
    back since the last run, nothing that was published before is left.
    Raises `NotLoaded` when nothing was ingested yet.
    """
    if not directory.bank_file.exists():
        raise nothing_loaded(directory)
    told = told_before(directory)
    with directory.rebuild() as connection:
        if not has_table(connection, "customers", database="bank"):
            raise nothing_loaded(directory)
        content = content or load_content(directory.published_content)
        policy = read_policy(content)  # without a policy that is whole nothing is derived, let alone shown
        report, facts = detect_in(connection, content, as_of=as_of, base=base, progress=progress)
        moments.remember_identities(connection)
        clock = Clock(progress)
        if told:
            drop_published(directory)
        report.published = show(directory, connection, facts, policy, at=as_of, base=base, clock=clock)
        report.seconds |= clock.seconds
    if told:
        drop_told(directory)
    return report


def show(
    directory: DataDirectory,
    connection: duckdb.DuckDBPyConnection,
    facts: FactBase,
    policy: Policy,
    *,
    at: date,
    base: str,
    clock: Clock,
) -> PublishReport:
    """Publish what was derived and write the look-up; sealed last, so that nothing unfinished counts as current.

    The look-up is written while the graph is loaded, which leaves much of a second core; it takes its place afterwards.
    """

    def look_up() -> None:
        with clock.stage("lookup"):
            lookup.prepare(connection, directory.path)

    with clock.stage("publish"):
        place(connection, facts, policy, at=at)
        quads = placed_quads(facts, base, without=fact_mappings.left_out_sql(facts))
        published = publish(directory, connection, quads, order=QUADS_ORDER, meanwhile=look_up)
        lookup.put_in_place(directory.path)
    seal(connection, policy, at)
    return published


def detect_in(
    connection: duckdb.DuckDBPyConnection,
    content: Content,
    *,
    as_of: date,
    base: str = DATA_BASE,
    progress: Progress = silent,
    resident: Resident | None = None,
    found: SignalReport | None = None,
) -> tuple[DetectReport, FactBase]:
    """Run every stage but publishing on a connection of the store's shape; return the report and the fact base.

    With `resident`, of few customers, facts are kept there instead of in tables; what is overdue is not counted.
    `found` is what `evidence_in` returned, where that was done already, or needed not be done (`begin` was).
    """
    clock = Clock(progress)
    if found is None:
        with clock.stage("signals"):
            found = evidence_in(connection, content, as_of=as_of, base=base)
    with clock.stage("facts"):
        facts = resident.base if resident else FactBase(connection)
        with nullcontext() if resident else facts.noted_together():
            counts = fact_mappings.load(facts, connection, as_of=as_of, data_base=base, content=content)
            if resident is None:
                facts.add_graph(content.graph_in_force, name=ONTOLOGY)
    with clock.stage("validate"):
        validation = validate.run(facts, shapes_of(content))
    with clock.stage("reason"):
        rules = rules_of(content)
        reasoner = resident.reasoner if resident else Reasoner(facts, rules)
        reasoning = reasoner.run(into=INFERRED)
    with clock.stage("moments"):
        _moments(connection, facts, reasoner, content, as_of=as_of, base=base)
    with clock.stage("offers"):
        offered = offers.evaluate(connection, facts, content, as_of=as_of, data_base=base)
    with clock.stage("classes"):
        carry(connection, facts, base=base)
    report = DetectReport(
        as_of, found, counts, validation, reasoning, _counts(connection, content), offered, _booked(connection)
    )
    if resident is None:
        report.overdue = overdue(connection, content, on=as_of)
    report.seconds = clock.seconds
    return report, facts


def begin(connection: duckdb.DuckDBPyConnection, content: Content, *, as_of: date, base: str) -> None:
    """Note what a run is of, and empty the tables of moments."""
    connection.execute(
        "CREATE OR REPLACE TABLE run AS SELECT ?::DATE AS as_of, ? AS base, ? AS content, ?::INTEGER AS load_id",
        [as_of, base, content.version, last_load(connection)],
    )
    moments.create_tables(connection)


def evidence_in(
    connection: duckdb.DuckDBPyConnection,
    content: Content,
    *,
    as_of: date,
    base: str = DATA_BASE,
    few: bool = False,
    interactions_known: bool = False,
) -> SignalReport:
    """Find the signals, the first stage of `detect_in`; `few` and the last as `signals.detect` takes them."""
    begin(connection, content, as_of=as_of, base=base)
    return signals.detect(connection, content.signals, as_of=as_of, few=few, interactions_known=interactions_known)


@lru_cache(maxsize=4)
def shapes_of(content: Content) -> list[validate.CompiledShape]:
    """Return the shapes of the data, compiled once per content."""
    return list(validate.compile_shapes(content.shapes, ontology=content.graph))


def _moments(
    connection: duckdb.DuckDBPyConnection,
    facts: FactBase,
    reasoner: Reasoner | MemoryReasoner,
    content: Content,
    *,
    as_of: date,
    base: str,
) -> None:
    """Merge layer by layer; after each, what kin views see of its moments is derived."""
    shown = content.live
    moments.load_types(connection, [moments.merging_rules(t) for t in shown])
    gained = _gained(content)
    layers = moments.layers(shown)
    for layer in layers:
        exchange.take_indications(connection, facts, layer)
        moments.merge(connection, [moments.merging_rules(t) for t in layer], as_of=as_of, base=base)
        exchange.give_moments(facts, layer, base)
        # Nothing looks at the moments of the last layer; only their classes have superclasses.
        seen = gained if layer is not layers[-1] else [moment_type.iri for moment_type in layer]
        reasoner.run(into=INFERRED, affected_by=seen)


@lru_cache(maxsize=4)
def _gained(content: Content) -> frozenset[str]:
    return exchange.gained(rules_of(content), content.live)


def _booked(connection: duckdb.DuckDBPyConnection) -> tuple[date, date] | None:
    row = connection.execute("SELECT min(booking_date), max(booking_date) FROM bank.transactions").fetchone()
    return (row[0], row[1]) if row and row[0] else None


def last_load(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last load that brought or took something, 0 where there was none."""
    if not has_table(connection, "loads", database="bank"):
        return 0
    row = connection.execute("SELECT coalesce(max(load_id), 0) FROM bank.loads").fetchone()
    return int(row[0]) if row else 0


def nothing_loaded(directory: DataDirectory) -> NotLoaded:
    """Return the error of a data directory that no bank file came into yet."""
    return NotLoaded(
        "No bank data has been loaded yet.", where=str(directory.path), hint="run `augenblick ingest FOLDER` first"
    )


def _counts(connection: duckdb.DuckDBPyConnection, content: Content) -> list[tuple[Words, dict[str, int]]]:
    rows = connection.execute("SELECT moment_type, state, count(*) FROM moments.moments GROUP BY ALL").fetchall()
    counts: dict[str, dict[str, int]] = {}
    for moment_type, state, number in rows:
        counts.setdefault(moment_type, {})[state] = number
    return [(t.label, counts.get(t.iri, {})) for t in sorted(content.live, key=lambda t: t.label.de)]
