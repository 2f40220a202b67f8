"""Consents as they are now: what was withdrawn or objected to since the last publication counts at once."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from augenblick import pipeline
from augenblick.api.writer import Writer
from augenblick.content import Content
from augenblick.model.errors import Busy, NotLoaded

Stamp = tuple[date, tuple[int, ...]]


class ConsentWatch:
    """Looks at the durable database when it or the day has changed; costs a request two looks at the disk else."""

    def __init__(self, bank_file: Path, writer: Writer, content: Content) -> None:
        self._files = (bank_file, bank_file.with_suffix(".duckdb.wal"))
        self._writer = writer
        self._content = content
        self._turn = threading.Lock()
        self._seen: Stamp | None = None

    async def heed(self) -> None:
        """Have everything published follow the consents of now, if it does not yet."""
        if self._stamp() != self._seen:
            await run_in_threadpool(self._heed)

    def _heed(self) -> None:
        with self._turn:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            try:
                with self._writer.alone() as directory:
                    pipeline.heed_consents(directory, at=stamp[0], content=self._content)
            except NotLoaded:
                pass  # nothing is published that could follow
            except Busy:
                return  # another process is loading or detecting and will publish by the consents it leaves
            self._seen = stamp

    def _stamp(self) -> Stamp:
        return pipeline.today(), tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in self._files)
