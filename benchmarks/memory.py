"""Time and peak resident memory of this process, stage by stage."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Stages:
    """Times stages and takes the peak of resident memory within each.

    On Linux the kernel's high-water mark is put back before each stage, so a stage's peak is its own (it includes
    what earlier stages still hold). Elsewhere the mark only rises. Processor seconds (of all threads) stand beside
    wall time, for they suffer less from what else the machine does.
    """

    def __init__(self) -> None:
        self.measured: dict[str, dict[str, float]] = {}
        self._begun = (0.0, 0.0)
        self._open: str | None = None

    def begin(self) -> None:
        """Begin a stage."""
        _lower_mark()
        self._begun = (time.perf_counter(), time.process_time())

    def end(self, name: str) -> None:
        """End the stage; a name that comes twice adds its seconds up."""
        spent = (time.perf_counter() - self._begun[0], time.process_time() - self._begun[1])
        before = self.measured.get(name, {"seconds": 0.0, "processor": 0.0, "peak_mb": 0.0})
        self.measured[name] = {
            "seconds": round(before["seconds"] + spent[0], 3),
            "processor": round(before["processor"] + spent[1], 3),
            "peak_mb": round(max(before["peak_mb"], peak_megabytes())),
        }

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what runs inside."""
        self.begin()
        yield
        self.end(name)

    def progress(self, name: str, done: int, total: int) -> None:
        """Take the line's own progress for stage borders: (name, 0, n) begins one, (name, n, n) ends it.

        A stage that runs beside another is measured with that.
        """
        if done == 0 and self._open is None:
            self._open = name
            self.begin()
        elif done == total and name == self._open:
            self._open = None
            self.end(name)

    def summary(self) -> dict[str, object]:
        """Return seconds, processor seconds and peak megabytes by stage and of the whole."""
        return {
            "stages": self.measured,
            "seconds": round(sum(stage["seconds"] for stage in self.measured.values()), 3),
            "processor": round(sum(stage["processor"] for stage in self.measured.values()), 3),
            "peak_mb": max(stage["peak_mb"] for stage in self.measured.values()),
        }


def peak_megabytes() -> float:
    """Return the high-water mark of resident memory."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _lower_mark() -> None:
    marks = Path("/proc/self/clear_refs")
    if marks.exists():
        marks.write_text("5", encoding="ascii")
