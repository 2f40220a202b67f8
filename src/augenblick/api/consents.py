"""Consents as they are now: what was withdrawn or objected to since the last publication counts at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from augenblick import pipeline
from augenblick.api.writer import Writer
from augenblick.content import Content
from augenblick.model.errors import Busy, NotLoaded
from augenblick.store import DataDirectory

Stamp = tuple[date, tuple[int, ...]]


class ConsentWatch:
    """Looks at the durable database when it or the day has changed; costs a request two looks at the disk else."""

    def __init__(self, bank_file: Path, writer: Writer, content: Content) -> None:
        self._files = (bank_file, bank_file.with_suffix(".duckdb.wal"))
        self._writer = writer
        self._content = content
        self._meanwhile = False
        self._seen: Stamp | None = None

    async def heed(self) -> None:
        """Have everything published follow the consents of now, if it does not yet."""
        if not self._meanwhile and self._stamp() != self._seen:
            await run_in_threadpool(self._heed)

    @contextmanager
    def heeded(self, directory: DataDirectory, *, meanwhile: bool = False) -> Iterator[None]:
        """Give the directory, held alone, to who writes and heeds what is written, so that nobody looks again.

        With `meanwhile` requests go on while the work lasts: it changes no consents.
        """
        if self._stamp() != self._seen:
            self._follow(directory, self._stamp()[0])
        self._meanwhile = meanwhile
        self._writer.nudge()
        try:
            yield
            self._seen = self._stamp()
        finally:
            self._meanwhile = False

    def _heed(self) -> None:
        with self._writer.alone_unless(lambda: self._meanwhile or self._stamp() == self._seen) as directory:
            stamp = self._stamp()
            if directory is None or stamp == self._seen:
                return
            try:
                self._follow(directory, stamp[0])
            except Busy:
                return  # another process is loading or detecting and will publish by the consents it leaves
            self._seen = stamp

    def _follow(self, directory: DataDirectory, at: date) -> None:
        with suppress(NotLoaded):  # nothing is published that could follow
            pipeline.heed_consents(directory, at=at, content=self._content)

    def _stamp(self) -> Stamp:
        return pipeline.today(), tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in self._files)
