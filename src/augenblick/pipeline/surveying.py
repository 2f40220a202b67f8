"""The bank's data surveyed: how ready they are for the moments."""

from __future__ import annotations

from augenblick.content import Content
from augenblick.pipeline.reading import last_run
from augenblick.readiness import ReadinessReport
from augenblick.readiness import readiness as survey
from augenblick.reason import FactBase
from augenblick.store import DataDirectory


def readiness(directory: DataDirectory, *, content: Content | None = None) -> ReadinessReport:
    """Return how ready the data of the last run are for each moment, as of its day; raises `NotLoaded`."""
    with last_run(directory, content) as run:
        return survey(run.connection, FactBase(run.connection), run.content, as_of=run.as_of)
