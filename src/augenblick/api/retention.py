"""What has grown older than its retention period, or lost its consent, goes by itself: at the start, and once a day.

What was older already when it was loaded waits for a person (`augenblick expire`), or for the setting that says so:
an export of years ago must not be gone by the start of a service.
"""

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
            if self._kept != (day := self._today()):
                await to_thread.run_sync(self._try, day, limiter=self._state.turns)
            await asyncio.sleep(POLL_SECONDS)

    def keep(self, on: date) -> dict[str, int]:
        """Delete what is older than its period on the day; return how many rows of each table that were.

        What followed from it is gone from answers and told in the change feed when this returns.
        """
        state = self._state
        if not self.overdue(on, aged=self._aged):
            return {}
        with state.writer.alone() as directory, state.consents.heeded(directory):
            removed = pipeline.expire(directory, on=on, content=state.content, aged=self._aged)
        state.deliveries.catch_up()
        return removed

    def end_texts(self) -> int:
        """Black out the texts whose consent has run out by today; return how many."""
        state = self._state
        with state.writer.alone() as directory, state.consents.heeded(directory):
            ended = int(pipeline.end_texts(directory, on=pipeline.today(), content=state.content))
        if ended:
            state.deliveries.catch_up()
        return ended

    def overdue(self, on: date, *, aged: bool = False) -> dict[str, int]:
        """Return how many rows of each table are older than their period; `aged`: and became so after their load."""

        def look(directory: DataDirectory) -> dict[str, int]:
            if not directory.bank_file.exists() or not directory.derived_file.exists():
                return {}
            with closing(directory.connect(read_only=True)) as connection:
                return pipeline.overdue(connection, self._state.content, on=on, aged=aged)

        found: dict[str, int] = self._state.writer.reading(look)
        return found

    @property
    def _aged(self) -> bool:
        return bool(self._state.settings.retention == "aged")

    def _today(self) -> date:
        return self._state.settings.as_of or pipeline.today()

    def _try(self, day: date) -> None:
        off = self._state.settings.retention == "off"
        try:
            ended = self.end_texts()
            removed = {} if off else self.keep(day)
            waiting = {} if off else self.overdue(day)
        except (AugenblickError, OSError, sqlite3.Error, duckdb.Error) as error:
            logs.say("retention periods not kept", level=logging.ERROR, error=error)
        else:
            if ended:
                logs.say("blacked out texts whose consent has ended", texts=ended)
            if removed:
                logs.say("deleted what is older than its retention period", rows=removed)
            if waiting:
                said = "older than its retention period already when loaded: kept until `augenblick expire` is run"
                logs.say(said, level=logging.WARNING, rows=waiting)
        self._kept = day  # a failure waits for the next day or start: what failed is told, not tried again each second
