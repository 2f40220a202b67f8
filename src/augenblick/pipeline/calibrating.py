"""Weights proposed from what was confirmed and dismissed in the last run, or from a labelled export."""

from __future__ import annotations

from pathlib import Path

from augenblick.evaluation import TOLERANCE, Proposal, labelled_verdicts, propose, said
from augenblick.pipeline.reading import last_run
from augenblick.store import DataDirectory

_DECLARATION = "Declared"
"""The kind of pattern that repeats a verdict and is no evidence for it."""


def calibrate(directory: DataDirectory, *, labels: Path | None = None, tolerance: int = TOLERANCE) -> Proposal:
    """Return weights proposed from verdicts on the moments of the last run; changes nothing.

    Verdicts are those of customers and advisers, or with `labels` the labels of the export in that folder (whose data
    the directory holds), matched with `tolerance` days. Raises `NotLoaded` without a run and what reading labels
    raises.
    """
    with last_run(directory) as run:
        left_out = [pattern.iri for pattern in run.content.patterns if pattern.kind == _DECLARATION]
        if labels is None:
            return propose(said(run.connection, left_out=left_out), run.content)
        verdicts = labelled_verdicts(run.connection, labels, as_of=run.as_of, left_out=left_out, tolerance=tolerance)
        return propose(verdicts, run.content)
