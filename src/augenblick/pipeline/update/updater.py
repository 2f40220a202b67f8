"""One writer for a data directory: rows in, the difference they make out."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from augenblick.content import Content
from augenblick.ingest import Blackening, LoadReport, RejectedRow, Rows, ingest, ingest_rows, rejected_rows
from augenblick.model.errors import NotLoaded
from augenblick.model.progress import Progress, silent
from augenblick.model.tables import has_table
from augenblick.model.terms import DATA_BASE
from augenblick.pipeline.clock import ZONE, today
from augenblick.pipeline.detection import detect, last_load, nothing_loaded
from augenblick.pipeline.taking_in import take_in
from augenblick.pipeline.update.following import follow
from augenblick.pipeline.update.heeding import heed_consents
from augenblick.pipeline.update.report import Moments, UpdateReport, changes, moments_of
from augenblick.store import DataDirectory

MOST_REJECTS = 1000
"""So many rejects are told one by one; all stand in `bank.rejects`."""


@dataclass(frozen=True)
class Taken:
    """What became of a delivery's rows, durable now; but for consents nothing follows from them yet."""

    load: LoadReport
    rejects: list[RejectedRow]
    seconds: float
    heeded: UpdateReport | None = None
    """What changed consents changed at once."""

    @property
    def changed(self) -> bool:
        """Whether the bank tables are others than before."""
        return bool(self.load.loaded or self.load.removed)


class Updater:
    """Keeps what was derived in a data directory in step with its bank tables, row by row, as of one date.

    After every call of `apply` moments, offers and the published graph are those a whole run would find. Only one
    process may write to a directory; between calls the directory is free for readers.
    Raises `NotLoaded` when nothing was ingested yet.
    """

    def __init__(self, directory: DataDirectory, content: Content, *, as_of: date, base: str = DATA_BASE) -> None:
        if not directory.bank_file.exists():
            raise nothing_loaded(directory)
        self._directory = directory
        self._content = content
        self._as_of = as_of
        self._base = base

    def apply(
        self,
        rows: Rows,
        *,
        removed: Rows | None = None,
        source: str = "update",
        loaded_at: datetime | None = None,
    ) -> UpdateReport:
        """Take rows into the bank tables, `removed` ones (their keys) out of them, and derive what follows.

        `rows` are those of the contract's tables, by table, each a mapping from columns to values; `source` names
        the delivery where a proof leads back to it. The rows are checked as a folder's are: what cannot be taken
        becomes a reject, what is there already changes nothing. A booking is corrected by removing the old row and
        giving the new one in one call. Raises `BadParameter` for unknown tables and columns, and for removed rows
        that others refer to.
        """
        taken = self.take(rows, removed=removed, source=source, loaded_at=loaded_at)
        report = self.derive() if taken.changed else UpdateReport(taken.load)
        if taken.heeded is not None:
            report.moments = [*taken.heeded.moments, *report.moments]
        report.load = taken.load
        report.seconds = {"ingest": taken.seconds, **report.seconds}
        return report

    def take(
        self, rows: Rows, *, removed: Rows | None = None, source: str = "update", loaded_at: datetime | None = None
    ) -> Taken:
        """Do the first half of `apply`: when it returns, the rows are durable, and consents among them count."""
        at = loaded_at or datetime.now(ZONE)
        return self._take(
            lambda bank, blackening: ingest_rows(
                bank, rows, removed=removed or {}, source=source, loaded_at=at, blackening=blackening
            ),
        )

    def take_folder(self, folder: Path, *, progress: Progress = silent) -> Taken:
        """Take the files of a folder in, as `take` does rows; a file known by its digest changes nothing.

        Raises what `ingest.ingest` raises.
        """
        return self._take(
            lambda bank, blackening: ingest(
                bank, folder, loaded_at=datetime.now(ZONE), progress=progress, blackening=blackening
            )
        )

    def derive(self) -> UpdateReport:
        """Do the second half of `apply`, for all that was taken in since the last derivation.

        Where what came in touches few people, only for these and all who hang together with them.
        """
        followed = follow(self._directory, self._content, as_of=self._as_of, base=self._base, at=today())
        if followed is not None:
            return followed
        before = self._moments()
        report = UpdateReport(LoadReport())
        found = detect(self._directory, as_of=self._as_of, content=self._content, base=self._base)
        report.recomputed = True
        report.seconds |= found.seconds
        report.published(found.published)
        report.moments = list(changes(before, self._moments()))
        return report

    def loads(self) -> tuple[int, int]:
        """Return the numbers of the last load, and of the last that the derived tables know of."""
        connection = self._directory.connect()
        try:
            known = has_table(connection, "run")
            row = connection.execute("SELECT load_id FROM run").fetchone() if known else None
            return last_load(connection), int(row[0]) if row else 0
        except duckdb.BinderException:  # a run of an older release
            return last_load(connection), 0
        finally:
            connection.close()

    def _take(self, bring: Callable[[duckdb.DuckDBPyConnection, Blackening], LoadReport]) -> Taken:
        begun = time.perf_counter()
        rejects: list[RejectedRow] = []

        def take(connection: duckdb.DuckDBPyConnection, blackening: Blackening) -> LoadReport:
            report = bring(connection, blackening)
            if report.load_id is not None and (report.rejects or report.emptied):
                rejects.extend(rejected_rows(connection, report.load_id, most=MOST_REJECTS))
            return report

        published = self._content.version == (self._directory.published_version or "")
        load, consents_changed = take_in(self._directory, take, content=self._content if published else None)
        heeded = None
        if consents_changed:
            with suppress(NotLoaded):  # nothing is published yet
                heeded = heed_consents(self._directory, at=today(), content=self._content)
        return Taken(load, rejects, time.perf_counter() - begun, heeded)

    def _moments(self) -> Moments:
        if not self._directory.derived_file.exists():
            return {}
        connection = self._directory.connect()
        try:
            known = has_table(connection, "moments", schema="moments")
            return moments_of(connection) if known else {}
        finally:
            connection.close()
