"""Work that takes longer than a page may: one piece at a time, with progress, an outcome and a way to stop it."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from augenblick.api import logs
from augenblick.model.errors import AugenblickError
from augenblick.model.progress import Progress

_NUMBERS = count(1)
REMEMBERED = 50
"""Outcomes that are kept for those who come back; what is not done yet is kept whatever there is of it."""


class Stopped(Exception):
    """Somebody stopped the work, or the service ends."""


class Piece:
    """One piece of work: waiting, running, done, failed or stopped; who looks sees how far it is."""

    def __init__(self) -> None:
        self.number = next(_NUMBERS)
        self.state = "waiting"
        self.stage, self.done, self.total = "", 0, 0
        self.outcome: Any = None
        self.error: AugenblickError | None = None
        self.seconds = 0.0
        self._stop = threading.Event()

    @property
    def going_on(self) -> bool:
        """Whether it has not come to its end."""
        return self.state in ("waiting", "running")

    def stop(self) -> None:
        """Let it end at its next step."""
        self._stop.set()
        if self.state == "waiting":
            self.state = "stopped"

    def progress(self, stage: str, done: int, total: int) -> None:
        """Take note of how far it is; raises `Stopped`."""
        self.stage, self.done, self.total = stage, done, total
        if self._stop.is_set():
            raise Stopped

    def run(self, work: Callable[[Progress], Any]) -> None:
        """Do it."""
        if self._stop.is_set():
            return
        self.state, begun = "running", time.monotonic()
        try:
            self.outcome = work(self.progress)
            self.state = "done"
        except Stopped:
            self.state = "stopped"
        except AugenblickError as error:
            self.state, self.error = "failed", error
        except Exception as error:  # noqa: BLE001 - the last fence, as of pages: nobody else would hear of it
            logs.say("failed", level=logging.ERROR, error=error)
            self.state, self.error = "failed", AugenblickError("Something went wrong.", hint="the log tells more")
        finally:
            self.seconds = time.monotonic() - begun


class LongWork:
    """All pieces of a service, by what they are about; the same one is not begun twice."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="long-work")
        self._pieces: OrderedDict[Hashable, Piece] = OrderedDict()
        self._turn = threading.Lock()

    def begin(self, about: Hashable, work: Callable[[Progress], Any]) -> Piece:
        """Return the piece about something, begun anew unless it is going on."""
        with self._turn:
            found = self._pieces.get(about)
            if found is None or not found.going_on:
                found = self._pieces[about] = Piece()
                self._pieces.move_to_end(about)
                self._pool.submit(found.run, work)
            ended = [each for each, piece in self._pieces.items() if not piece.going_on]
            for each in ended[: max(0, len(self._pieces) - REMEMBERED)]:
                del self._pieces[each]
            return found

    def drop(self, about: Hashable) -> None:
        """Let go of the piece about something."""
        with self._turn:
            self._pieces.pop(about, None)

    def forget(self, *kinds: str) -> None:
        """Let go of the outcomes of pieces that are about something of these kinds."""
        with self._turn:
            for about, piece in list(self._pieces.items()):
                if isinstance(about, tuple) and not piece.going_on and any(kind in about for kind in kinds):
                    del self._pieces[about]

    def close(self) -> None:
        """Wait for what was begun; nothing more can be begun."""
        self._pool.shutdown()

    def all(self) -> list[tuple[Hashable, Piece]]:
        """Return all pieces that are kept with what each is about, the latest first."""
        with self._turn:
            return sorted(self._pieces.items(), key=lambda each: each[1].number, reverse=True)

    def look(self, about: Hashable) -> Piece | None:
        """Return the piece about something, None where none was begun."""
        return self._pieces.get(about)
