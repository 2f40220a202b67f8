"""The one place of this process that opens the data directory's databases: many readers, or one writer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from augenblick.store import DataDirectory

T = TypeVar("T")


class Writer:
    """Lets explanations read together and whatever writes be alone; DuckDB takes only one way of opening at a time."""

    def __init__(self, directory: DataDirectory) -> None:
        self._directory = directory
        self._turn = threading.Condition()
        self._readers = 0
        self._writing = False
        self._waiting = 0

    def reading(self, work: Callable[[DataDirectory], T]) -> T:
        """Return what the work gives, beside other readers."""
        with self._turn:
            self._turn.wait_for(lambda: not self._writing and not self._waiting)
            self._readers += 1
        try:
            return work(self._directory)
        finally:
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    @contextmanager
    def alone(self) -> Iterator[DataDirectory]:
        """Give the directory to one writer; readers that come later wait."""
        with self._turn:
            self._waiting += 1
            self._turn.wait_for(lambda: not self._writing and not self._readers)
            self._waiting -= 1
            self._writing = True
        try:
            yield self._directory
        finally:
            with self._turn:
                self._writing = False
                self._turn.notify_all()
