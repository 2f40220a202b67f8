"""The one place of this process that opens the data directory's databases: many readers, or one writer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from augenblick.model.errors import Busy
from augenblick.store import DataDirectory

T = TypeVar("T")
PATIENCE_SECONDS = 20.0
"""How long those wait who are answered while somebody looks at a screen."""
GLANCE_SECONDS = 2.0
"""How long a page waits for a part that it can do without."""


class Writer:
    """Lets explanations read together and whatever writes be alone; DuckDB takes only one way of opening at a time."""

    def __init__(self, directory: DataDirectory) -> None:
        self._directory = directory
        self._turn = threading.Condition()
        self._readers = 0
        self._writing = False
        self._waiting = 0

    def reading(self, work: Callable[[DataDirectory], T], *, patience: float = PATIENCE_SECONDS) -> T:
        """Return what the work gives, beside other readers.

        Raises `Busy` where a writer does not come to an end within so many seconds.
        """
        with self._turn:
            if not self._turn.wait_for(lambda: not self._writing and not self._waiting, patience):
                raise busy()
            self._readers += 1
        try:
            return work(self._directory)
        finally:
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    @contextmanager
    def alone(self, *, patience: float | None = None) -> Iterator[DataDirectory]:
        """Give the directory to one writer; readers that come later wait.

        Raises `Busy` where it is not to be had within so many seconds (default: waits).
        """
        with self.alone_unless(lambda: False, patience=patience) as directory:
            if directory is None:
                raise busy()
            yield directory

    @contextmanager
    def alone_unless(
        self, needless: Callable[[], bool], *, patience: float | None = None
    ) -> Iterator[DataDirectory | None]:
        """Give the same; nothing is given, and nobody waited for, once it is needless or patience ends."""
        with self._turn:
            self._waiting += 1
            try:
                self._turn.wait_for(lambda: (not self._writing and not self._readers) or needless(), patience)
                given = not self._writing and not self._readers
                self._writing = self._writing or given
            finally:
                self._waiting -= 1
                self._turn.notify_all()
        try:
            yield self._directory if given else None
        finally:
            if given:
                with self._turn:
                    self._writing = False
                    self._turn.notify_all()

    def nudge(self) -> None:
        """Let those who wait look again whether they need to."""
        with self._turn:
            self._turn.notify_all()


def busy() -> Busy:
    """Return the error of whoever does not get the directory in time."""
    return Busy("What came in is being worked on.", hint="send it again in a while")
