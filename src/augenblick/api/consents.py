"""Consents as they are now: what was withdrawn or objected to since the last publication counts at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from augenblick import pipeline
from augenblick.api.writer import PATIENCE_SECONDS, Writer, busy
from augenblick.content import Content
from augenblick.model.errors import Busy, NotLoaded, Outdated
from augenblick.store import DataDirectory

Stamp = tuple[date, tuple[tuple[int, int], ...]]
"""The day, and when each file was last written and how long it is."""


class ConsentWatch:
    """Looks at the durable database when it or the day has changed; costs a request two looks at the disk else."""

    def __init__(self, bank_file: Path, writer: Writer, content: Content) -> None:
        self._files = (str(bank_file), str(bank_file.with_suffix(".duckdb.wal")))
        self._writer = writer
        self._content = content
        self._meanwhile = False
        self._seen: Stamp | None = None

    def use(self, content: Content) -> None:
        """Follow consents by the policy of another version of the content from now on."""
        self._content = content

    async def heed(self) -> None:
        """Have everything published follow the consents of now, if it does not yet."""
        if not self._current():
            await run_in_threadpool(self._heed)

    @contextmanager
    def heeded(self, directory: DataDirectory, *, meanwhile: bool = False) -> Iterator[None]:
        """Give the directory, held alone, to who writes and heeds what is written, so that nobody looks again.

        With `meanwhile` requests go on while the work lasts: it changes no consents. They wait where what is published
        cannot follow the consents of now, being of another release. Other processes can write whenever the databases
        are not open here, so what was written in between may be theirs: it is looked at once more.
        """
        current = self._stamp() == self._seen or self._followed(directory)
        self._meanwhile = meanwhile and current
        self._writer.nudge()
        try:
            yield
            stamp = self._stamp()
            with suppress(Busy):  # else they are looked at again
                if directory.kept_open or self._followed(directory):
                    self._seen = stamp
        finally:
            self._meanwhile = False

    def _followed(self, directory: DataDirectory) -> bool:
        """Follow the consents and say whether that could be done; what another release derived cannot."""
        try:
            self._follow(directory, self._stamp()[0])
        except Outdated:
            return False
        return True

    def _heed(self) -> None:
        with self._writer.alone_unless(self._current, patience=PATIENCE_SECONDS) as directory:
            if self._current():
                return
            if directory is None:
                raise busy()
            stamp = self._stamp()
            try:
                self._follow(directory, stamp[0])
            except Busy:
                return  # another process is loading or detecting and will publish by the consents it leaves
            self._seen = stamp

    def _follow(self, directory: DataDirectory, at: date) -> None:
        with suppress(NotLoaded):  # nothing is published that could follow
            pipeline.heed_consents(directory, at=at, content=self._content)

    def _current(self) -> bool:
        return self._meanwhile or self._stamp() == self._seen

    def _stamp(self) -> Stamp:
        return pipeline.today(), tuple(_written(file) for file in self._files)


def _written(file: str) -> tuple[int, int]:
    try:
        found = os.stat(file)  # noqa: PTH116 - at each request: half of what a `Path` takes
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
