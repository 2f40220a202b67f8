"""A labelled export scored: the last run of a data directory, or a run of its own that leaves nothing behind."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from augenblick.evaluation import TOLERANCE, EvaluationReport
from augenblick.evaluation import evaluate as score
from augenblick.explain import Explanation
from augenblick.model.errors import BadParameter
from augenblick.model.progress import Progress, silent
from augenblick.pipeline.clock import today
from augenblick.pipeline.detection import detect
from augenblick.pipeline.loading import load
from augenblick.pipeline.reading import last_run
from augenblick.store import DataDirectory


@dataclass(frozen=True)
class Evaluation:
    """A report, and the proofs of its false alarms if they were asked for."""

    report: EvaluationReport
    proofs: tuple[Explanation, ...] = ()


def evaluate(
    folder: Path,
    *,
    directory: DataDirectory | None = None,
    as_of: date | None = None,
    tolerance: int = TOLERANCE,
    progress: Progress = silent,
) -> EvaluationReport:
    """Return how right the moments are by the labels in `folder`; see `evaluate_with_proofs`."""
    found = evaluate_with_proofs(folder, directory=directory, as_of=as_of, tolerance=tolerance, progress=progress)
    return found.report


def evaluate_with_proofs(
    folder: Path,
    *,
    directory: DataDirectory | None = None,
    as_of: date | None = None,
    tolerance: int = TOLERANCE,
    proofs: bool = False,
    progress: Progress = silent,
) -> Evaluation:
    """Return how right the moments are by the labels in `folder`, with `proofs` also why each false one was believed.

    With a data directory its last run is scored, as of that run's date; without one the export is loaded and
    detected in a temporary place, as of `as_of` (default: the day of its last booking). Raises `NotLoaded` when
    the directory has no run, `BadParameter` when `as_of` is not the run's date.
    """
    if directory is not None:
        return _score(folder, directory, as_of, tolerance, proofs)
    with tempfile.TemporaryDirectory(prefix="augenblick-") as place:
        temporary = DataDirectory(Path(place))
        load(temporary, folder, progress=progress)
        day = as_of or _last_booking(temporary) or today()
        detect(temporary, as_of=day, progress=progress)
        return _score(folder, temporary, day, tolerance, proofs)


def _score(folder: Path, directory: DataDirectory, as_of: date | None, tolerance: int, proofs: bool) -> Evaluation:
    with last_run(directory) as run:
        if as_of is not None and as_of != run.as_of:
            raise BadParameter(
                f"The last run was as of {run.as_of.isoformat()}.",
                where="--as-of",
                hint="run `augenblick detect --as-of …` again, or leave --as-of out",
            )
        report = score(run.connection, folder, as_of=run.as_of, tolerance=tolerance)
        if not proofs:
            return Evaluation(report)
        explainer = run.explainer()
        return Evaluation(report, tuple(explainer.moment(alarm.moment_id) for alarm in report.false_alarms))


def _last_booking(directory: DataDirectory) -> date | None:
    connection = directory.connect(read_only=False)
    try:
        row = connection.execute("SELECT max(booking_date) FROM bank.transactions").fetchone()
        return row[0] if row else None
    finally:
        connection.close()
