"""Lines in their order, however many: what does not fit into memory waits in a file of sorted runs.

Read by `worker.py` as a file by itself; nothing but the standard library is imported.
"""

from __future__ import annotations

import heapq
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

RUN = 64 << 20
"""Bytes of lines that are sorted in memory at once."""
PIECE = 65_536
"""Bytes of a run that are read at once."""
_BEGIN, END = b'"results":{"bindings":[', b"]}}"
"""What stands around the rows of SPARQL JSON."""
_BETWEEN = re.compile(rb'\}\},\{"(?=[^},])')
"""What stands between two rows that bind something: a quote that ends a text is followed by a brace or comma."""


class TooMany(Exception):
    """There are more lines than there may be."""


class Lines:
    """Takes lines as they are written and gives them back in the order of their bytes.

    `distinct` gives each once. Of all lines in order those from `skipped` on are given, `kept` of them at most. More
    than `most` lines to give raise `TooMany`, as soon as that is sure. `unsorted` leaves them in the order they came.
    The file they wait in lies in `folder` (None: where temporary files do), bears no name and ends with the process.
    """

    def __init__(
        self,
        folder: str | None = None,
        *,
        distinct: bool = False,
        unsorted: bool = False,
        skipped: int = 0,
        kept: int | None = None,
        most: int | None = None,
        run: int = RUN,
    ) -> None:
        self._folder, self._distinct, self._unsorted = folder, distinct, unsorted
        self._skipped, self._kept, self._most, self._run = skipped, kept, most, run
        self._rest = b""
        self._waiting: list[bytes] = []
        self._size = 0
        self._last: bytes | None = None
        self._count = 0
        self._file: Any = None
        self._runs: list[tuple[int, int]] = []

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def flush(self) -> None:
        """Do nothing: what is written is taken at once."""

    def write(self, data: Any) -> int:
        """Take what is written; the last line ends with the last sign."""
        *lines, self._rest = (self._rest + bytes(data)).split(b"\n")
        if self._last is not None:  # so many smaller ones are there that these are not wanted
            lines = [line for line in lines if line < self._last]
        self._waiting += lines
        self._size += sum(map(len, lines)) + 40 * len(lines)
        self._count += len(lines)
        if self._kept is None and not self._distinct:
            self._confirm(self._count - self._skipped)
        if self._size > self._run:
            self._settle()
        return len(data)

    def __iter__(self) -> Iterator[bytes]:
        """Give the lines, each without its end."""
        end = None if self._kept is None else self._skipped + self._kept
        for number, line in enumerate(islice(self._all(), self._skipped, end), start=1):
            self._confirm(number)
            yield line

    def _all(self) -> Iterator[bytes]:
        own = self._sorted()
        if not self._runs:
            return iter(own)
        kept = [self._read(start, end) for start, end in self._runs]
        if self._unsorted:
            return (line for run in (*kept, own) for line in run)
        merged = heapq.merge(*kept, own)
        return (line for line, _ in groupby(merged)) if self._distinct else merged

    def _confirm(self, count: int) -> None:
        if self._most is not None and count > self._most:
            raise TooMany

    def _sorted(self) -> list[bytes]:
        if self._unsorted:
            return self._waiting
        lines = sorted(set(self._waiting) if self._distinct else self._waiting)
        return lines if self._kept is None else lines[: self._skipped + self._kept]

    def _settle(self) -> None:
        """Sort what waits; what is still large goes into the file."""
        self._waiting = self._sorted()
        if self._kept is not None and len(self._waiting) == self._skipped + self._kept:
            self._last = self._waiting[-1] if self._waiting else b""
        self._size = sum(map(len, self._waiting)) + 40 * len(self._waiting)
        if self._size > self._run // 2:
            self._spill()

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - lives as long as this
        start = self._file.tell()
        for at in range(0, len(self._waiting), 4096):
            self._file.write(b"\n".join(self._waiting[at : at + 4096]) + b"\n")
        self._file.flush()
        self._runs.append((start, self._file.tell()))
        self._waiting, self._size = [], 0

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        rest = b""
        while start < end:
            piece = os.pread(self._file.fileno(), min(PIECE, end - start), start)
            start += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines


class Headed:
    """Takes a first line for itself (`head`, without its end) and hands on what follows."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._begun = False
        self.head = b""

    def flush(self) -> None:
        """Do nothing."""

    def write(self, data: Any) -> int:
        """Take what is written."""
        rest = bytes(data)
        if not self._begun:
            first, end, rest = rest.partition(b"\n")
            self.head += first
            self._begun = bool(end)
        if rest:
            self._lines.write(rest)
        return len(data)


class Unbound(Exception):
    """There is a row that binds nothing."""


class Bindings:
    """Takes the rows of a SELECT as SPARQL JSON and hands each on as a line; `head` is what stands before them.

    A row that binds nothing raises `Unbound`: where it ends cannot be told from within a text.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._rest = b""
        self.head = b""

    def flush(self) -> None:
        """Do nothing."""

    def write(self, data: Any) -> int:
        """Take what is written."""
        text = self._rest + bytes(data)
        if not self.head and _BEGIN in text:
            head, begin, text = text.partition(_BEGIN)
            self.head = head + begin
        if self.head:
            if b"{}" in text:
                raise Unbound
            whole, _, self._rest = _BETWEEN.sub(b'}}\n{"', text).rpartition(b"\n")
            if whole:
                self._lines.write(whole + b"\n")
        else:
            self._rest = text
        return len(data)

    def end(self) -> None:
        """Take the last row."""
        if row := self._rest.removesuffix(END):
            self._lines.write(row + b"\n")


class Reader:
    """Lines as a file to read, `first` before them."""

    def __init__(self, lines: Iterable[bytes], first: bytes = b"") -> None:
        self._lines = iter(lines)
        self._ready = first

    def read(self, size: int = -1) -> bytes:
        """Give some signs, at most `size` of them unless that is negative; none at the end."""
        if not self._ready:
            self._ready = b"".join(line + b"\n" for line in islice(self._lines, 1000))
        given, self._ready = (self._ready, b"") if size < 0 else (self._ready[:size], self._ready[size:])
        return given
