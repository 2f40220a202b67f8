"""Engines in turns, each run in a process of its own, and the medians of what they took."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Run = dict[str, Any]
"""What a run said of itself; `stages` holds the times of each."""


def in_turns(engines: Sequence[str], runs: int, run: Callable[[str], Run]) -> dict[str, list[Run]]:
    """Return what each engine said of so many runs, one of each after the other."""
    found: dict[str, list[Run]] = {engine: [] for engine in engines}
    for _ in range(runs):
        for engine in engines:
            found[engine].append(run(engine))
    return found


def alone(command: Sequence[str], env: Mapping[str, str] | None = None) -> Run:
    """Run a command in a process of its own and return the JSON of its last line, which is told aloud."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    said = done.stdout.splitlines()[-1]
    print(said, file=sys.stderr)
    return dict(json.loads(said))


def taken(runs: list[Run], stage: str) -> dict[str, Any]:
    """Return what an engine took in a stage: medians of times, of loading too, and the highest peak of memory."""
    return {
        "seconds": _middle(runs, stage, "seconds"),
        "processor": _middle(runs, stage, "processor"),
        "load": statistics.median(run["stages"]["load"]["processor"] for run in runs),
        "peak_mb": max(run["peak_mb"] for run in runs),
    }


def _middle(runs: list[Run], stage: str, key: str) -> float:
    return round(statistics.median(run["stages"][stage][key] for run in runs), 3)
