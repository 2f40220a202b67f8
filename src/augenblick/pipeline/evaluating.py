"""A labelled export scored: the last run of a data directory, or a run of its own that leaves nothing behind."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from augenblick.evaluation import TOLERANCE, EvaluationReport
from augenblick.evaluation import evaluate as score
from augenblick.model.errors import BadParameter
from augenblick.model.progress import Progress, silent
from augenblick.pipeline.detection import detect
from augenblick.pipeline.loading import load, today
from augenblick.pipeline.reading import last_run
from augenblick.store import DataDirectory


def evaluate(
    folder: Path,
    *,
    directory: DataDirectory | None = None,
    as_of: date | None = None,
    tolerance: int = TOLERANCE,
    progress: Progress = silent,
) -> EvaluationReport:
    """Return how right the moments are by the labels in `folder/truth`.

    With a data directory its last run is scored, as of that run's date; without one the export is loaded and
    detected in a temporary place, as of `as_of` (default: the day of its last booking). Raises `NotLoaded` when
    the directory has no run, `BadParameter` when `as_of` is not the run's date.
    """
    if directory is not None:
        return _score(folder, directory, as_of, tolerance)
    with tempfile.TemporaryDirectory(prefix="augenblick-") as place:
        temporary = DataDirectory(Path(place))
        load(temporary, folder, progress=progress)
        day = as_of or _last_booking(temporary) or today()
        detect(temporary, as_of=day, progress=progress)
        return _score(folder, temporary, day, tolerance)


def _score(folder: Path, directory: DataDirectory, as_of: date | None, tolerance: int) -> EvaluationReport:
    with last_run(directory) as run:
        if as_of is not None and as_of != run.as_of:
            raise BadParameter(
                f"The last run was as of {run.as_of.isoformat()}.",
                where="--as-of",
                hint="run `augenblick detect --as-of …` again, or leave --as-of out",
            )
        return score(run.connection, folder, as_of=run.as_of, tolerance=tolerance)


def _last_booking(directory: DataDirectory) -> date | None:
    connection = directory.connect(read_only=False)
    try:
        row = connection.execute("SELECT max(booking_date) FROM bank.transactions").fetchone()
        return row[0] if row else None
    finally:
        connection.close()
