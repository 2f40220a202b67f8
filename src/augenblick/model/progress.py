"""How long work tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called at the start of a step of `stage`: `done` steps of `total` are behind; `total` may grow."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note of how far the stage is."""


def silent(stage: str, done: int, total: int) -> None:
    """Take no note: the progress of callers that show none."""
