"""What is older than its retention period goes by itself: when the service starts, and once a day."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import Any

import duckdb
from anyio import to_thread

from augenblick import pipeline
from augenblick.api import logs
from augenblick.model.errors import AugenblickError
from augenblick.store import DataDirectory

POLL_SECONDS = 1.0


class Retention:
    """Deletes what is overdue and has everything derived without it."""

    def __init__(self, state: Any) -> None:
        self._state = state
        self._kept: date | None = None

    async def watch(self, ending: Callable[[], bool], *, after: asyncio.Task[None]) -> None:
        """Keep the periods until the service ends, once it has caught up; where that fails the log says why."""
        await asyncio.wait([after])
        while not ending():
            if self._state.settings.retention and self._kept != (day := self._today()):
                await to_thread.run_sync(self._try, day, limiter=self._state.turns)
            await asyncio.sleep(POLL_SECONDS)

    def keep(self, on: date) -> dict[str, int]:
        """Delete what is older than its period on the day; return how many rows of each table that were.

        What followed from it is gone from answers and told in the change feed when this returns.
        """
        state = self._state
        if not state.writer.reading(lambda directory: self._overdue(directory, on)):
            return {}
        with state.writer.alone() as directory, state.consents.heeded(directory):
            removed = pipeline.expire(directory, on=on, content=state.content)
        state.deliveries.catch_up()
        return removed

    def _overdue(self, directory: DataDirectory, on: date) -> dict[str, int]:
        if not directory.bank_file.exists() or not directory.derived_file.exists():
            return {}
        with closing(directory.connect(read_only=True)) as connection:
            return pipeline.overdue(connection, self._state.content, on=on)

    def _today(self) -> date:
        return self._state.settings.as_of or pipeline.today()

    def _try(self, day: date) -> None:
        try:
            removed = self.keep(day)
        except (AugenblickError, OSError, sqlite3.Error, duckdb.Error) as error:
            logs.say("retention periods not kept", level=logging.ERROR, error=error)
        else:
            if removed:
                logs.say("deleted what is older than its retention period", rows=removed)
        self._kept = day  # a failure waits for the next day or start: what failed is told, not tried again each second
