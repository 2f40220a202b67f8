"""One writer for a data directory: rows in, the difference they make out."""

from __future__ import annotations

import time
from datetime import date, datetime

import duckdb

from augenblick.content import Content
from augenblick.ingest import LoadReport, Rows, ingest_rows
from augenblick.model.terms import DATA_BASE
from augenblick.pipeline.clock import ZONE
from augenblick.pipeline.detection import detect, nothing_loaded
from augenblick.pipeline.loading import take_in
from augenblick.pipeline.update.report import Moments, UpdateReport, changes, moments_of
from augenblick.store import DataDirectory, has_table


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
        at = loaded_at or datetime.now(ZONE)
        before = self._moments()
        begun = time.perf_counter()
        load = self._load(rows, removed or {}, source, at)
        report = UpdateReport(load, seconds={"ingest": time.perf_counter() - begun})
        if load.loaded or load.removed:
            self._derive_anew(report, before)
        return report

    def _load(self, rows: Rows, removed: Rows, source: str, at: datetime) -> LoadReport:
        def take(connection: duckdb.DuckDBPyConnection) -> LoadReport:
            return ingest_rows(connection, rows, removed=removed, source=source, loaded_at=at)

        return take_in(self._directory, take)[0]

    def _derive_anew(self, report: UpdateReport, before: Moments) -> None:
        found = detect(self._directory, as_of=self._as_of, content=self._content, base=self._base)
        report.recomputed = True
        report.seconds |= found.seconds
        if found.published is not None:
            report.snapshot = found.published.snapshot
            report.quads_added, report.quads_removed = found.published.added, found.published.removed
        report.moments = list(changes(before, self._moments()))

    def _moments(self) -> Moments:
        if not self._directory.derived_file.exists():
            return {}
        connection = self._directory.connect()
        try:
            known = has_table(connection, "moments", schema="moments")
            return moments_of(connection) if known else {}
        finally:
            connection.close()
