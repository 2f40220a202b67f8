"""The bank's data surveyed: how ready they are for the moments."""

from __future__ import annotations

from augenblick.content import Content
from augenblick.pipeline.reading import last_run
from augenblick.readiness import ReadinessReport
from augenblick.readiness import readiness as survey
from augenblick.reason import FactBase
from augenblick.store import DataDirectory

SMALLEST_GROUP = 10
"""How many customers a figure about the whole bank must count, and its steps, for who may not see every one of them."""


def readiness(directory: DataDirectory, *, content: Content | None = None, smallest: int = 1) -> ReadinessReport:
    """Return how ready the data of the last run are for each moment, as of its day; raises `NotLoaded`.

    With `smallest` inputs of fewer customers count as missing, and all figures go in steps of so many: else one fact
    that is withheld from who reads them would show by a figure being another.
    """
    with last_run(directory, content) as run:
        facts = FactBase(run.connection)
        report = survey(run.connection, facts, run.content, as_of=run.as_of, smallest=smallest)
    return report.in_steps(smallest)
