"""What comes in while the service runs: one delivery after the other is made durable, then one pass for all of them.

Taking rows in is short, deriving what follows is long: deliveries that arrive meanwhile wait and are then followed up
together. The service's readers look at look-ups and snapshots, which change at once when a pass is done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from augenblick import lookup, pipeline
from augenblick.api.consents import ConsentWatch
from augenblick.api.journal import Journal
from augenblick.api.metrics import Metrics
from augenblick.api.positions import position
from augenblick.api.writer import Writer
from augenblick.content import Content
from augenblick.ingest import RejectedRow
from augenblick.model.errors import AugenblickError, NotLoaded, Outdated
from augenblick.moments import feedback
from augenblick.pipeline import Taken, Updater
from augenblick.pipeline.release import confirm_release
from augenblick.store import DataDirectory

Bring = Callable[[Updater], Taken]
IDLE_SECONDS = 1.0
"""After so long without a delivery the databases are closed: other processes wait longer than that for them."""


@dataclass(frozen=True)
class Step:
    """One pass: up to which load everything is derived, and what it told the change feed."""

    load_id: int = 0
    after: int = 0
    """A number of the change feed behind which its changes stand; it tells of no change before."""
    snapshot: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)


class Deliveries:
    """Takes deliveries in and sees to it that what follows from them is derived and told."""

    def __init__(
        self, writer: Writer, consents: ConsentWatch, content: Content, metrics: Metrics, as_of: date | None
    ) -> None:
        self._writer = writer
        self._consents = consents
        self._content = content
        self._metrics = metrics
        self._as_of = as_of
        self._turn = threading.Condition()
        self._deriving = False
        self._step = Step()
        self._rest = threading.Timer(IDLE_SECONDS, self.let_go)
        self.journal: Journal | None = None
        """The service's journal, while it runs."""

    def use(self, content: Content) -> None:
        """Derive by another version of the content from now on."""
        self._content = content

    def take(self, bring: Bring) -> Taken:
        """Return what became of a delivery; durable when it returns, changed consents heeded.

        Raises `NotLoaded` in an empty data directory, and what the updater raises.
        """
        with self._writing() as directory, self._consents.heeded(directory):
            taken = bring(self._updater(directory))
        for name, count in counts(taken).items():
            self._metrics.rows.labels(name).inc(count)
        return taken

    def bring_into_step(self, load_id: int) -> Step:
        """Return the pass that derived what follows from a load, made now if nobody else makes it."""
        with self._turn:
            self._turn.wait_for(lambda: self._step.load_id >= load_id or not self._deriving)
            if self._step.load_id >= load_id:
                return self._step
            self._deriving = True
        step = None
        try:
            step = self._derive()
        finally:
            with self._turn:
                self._step, self._deriving = step or self._step, False
                self._turn.notify_all()
        return step

    @contextmanager
    def _writing(self) -> Iterator[DataDirectory]:
        """Give the directory, its databases staying open until nothing has come in for a moment."""
        with self._writer.alone() as directory:
            self._rest.cancel()
            if directory.bank_file.exists() and directory.derived_file.exists():
                directory.keep_open()
            try:
                yield directory
            finally:
                self._rest = threading.Timer(IDLE_SECONDS, self.let_go)
                self._rest.daemon = True
                self._rest.start()

    def let_go(self) -> None:
        """Close the databases that were kept open for the next delivery: others may want them.

        What of the graph waits to be put into its tables is put there before.
        """
        self._rest.cancel()
        with self._writer.alone() as directory:
            if directory.kept_open:
                with suppress(AugenblickError), self._consents.heeded(directory):  # else they are looked at again
                    pipeline.settle_graph(directory)
                    directory.let_go()
                directory.let_go()

    def note(self, load_id: int, answer: dict[str, Any]) -> None:
        """Keep what a deliverer was told."""
        self._journal.note_delivery(load_id, answer, derived=load_id <= self._step.load_id)

    def catch_up(self, ending: Callable[[], bool] = lambda: False) -> None:
        """Derive what the last process took in and did not derive, or another release derived; tell what changed.

        Erasures it was killed amid are brought to their end before. Where the service is ending, what changed is left
        to the next one to tell.
        """
        with self._writer.alone() as directory:
            try:
                pipeline.finish_erasures(directory, content=self._content)
                pipeline.settle_graph(directory)
                last, derived = self._updater(directory).loads()
                outdated = not self._readable(directory)
                follow_words(directory)
            except NotLoaded:
                return
        if last > derived or outdated:
            self.bring_into_step(last)
        else:
            self._journal.follow("run", unless=ending)

    def _readable(self, directory: DataDirectory) -> bool:
        try:
            pipeline.heed_consents(directory, at=pipeline.today(), content=self._content)
            with pipeline.last_run(directory, self._content) as run:
                confirm_release(run.connection, directory)
        except Outdated:
            return False
        return lookup.current(directory.path / lookup.LOOKUP_FILE)

    def _derive(self) -> Step:
        with self._writing() as directory, self._consents.heeded(directory, meanwhile=True):
            updater = self._updater(directory)
            load_id = updater.loads()[0]
            report = updater.derive()
            pipeline.heed_consents(directory, at=pipeline.today(), content=self._content)
            after = max(0, position(time.time_ns() // 1_000_000) - 1)
            self._journal.follow(f"load {load_id}")
            self._journal.derived(load_id)
        for stage, seconds in report.seconds.items():
            self._metrics.stage_seconds.labels(stage).observe(seconds)
        return Step(load_id, after, report.snapshot, report.seconds)

    @property
    def _journal(self) -> Journal:
        assert self.journal is not None  # noqa: S101 - set while the service runs
        return self.journal

    def _updater(self, directory: DataDirectory) -> Updater:
        return Updater(directory, self._content, as_of=self._as_of or pipeline.today())


def follow_words(directory: DataDirectory) -> None:
    """Show what was said of moments and kept, but not followed before the process ended."""
    connection = directory.connect()
    try:
        if whose := feedback.unheard(connection):
            pipeline.show_words(directory, connection, whose)
    finally:
        connection.close()


def told(taken: Taken, step: Step | None) -> dict[str, Any]:
    """Return what the deliverer is told: counts, rejects row by row, where in the change feed to look."""
    tables = {report.file: report.table for report in taken.load.files}
    return {
        "delivery": taken.load.load_id,
        "state": "taken" if taken.changed and step is None else "visible",
        "totals": counts(taken),
        "rejects": [_row(row, tables) for row in taken.rejects if not row.loaded],
        "emptied": [_row(row, tables) for row in taken.rejects if row.loaded],
        "warnings": [asdict(warning) for warning in taken.load.warnings],
        "changes": {"after": step.after} if step else None,
        "snapshot": step.snapshot if step else None,
        "seconds": {name: round(spent, 3) for name, spent in _seconds(taken, step).items()},
    }


def counts(taken: Taken) -> dict[str, int]:
    """Return how many rows were read, loaded, there already, rejected and taken out."""
    load = taken.load
    return {name: getattr(load, name) for name in ("rows", "loaded", "unchanged", "rejected", "removed")}


def _row(row: RejectedRow, tables: dict[str, str]) -> dict[str, Any]:
    return {
        "table": tables.get(row.file),
        "file": row.file,
        "row": row.line,
        "field": row.field,
        "reason": row.reason,
        "hint": row.hint,
    }


def _seconds(taken: Taken, step: Step | None) -> dict[str, float]:
    return {"ingest": taken.seconds, **(step.seconds if step else {})}
