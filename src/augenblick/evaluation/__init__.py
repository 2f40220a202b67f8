"""How right the moments are: what a run found, held against labels of what truly happened."""

from augenblick.evaluation.labels import read_labels
from augenblick.evaluation.matching import TOLERANCE
from augenblick.evaluation.report import (
    Band,
    Cause,
    EvaluationReport,
    FalseAlarm,
    FormScore,
    Missed,
    MomentScore,
    TrapScore,
)
from augenblick.evaluation.scoring import evaluate

__all__ = [
    "TOLERANCE",
    "Band",
    "Cause",
    "EvaluationReport",
    "FalseAlarm",
    "FormScore",
    "Missed",
    "MomentScore",
    "TrapScore",
    "evaluate",
    "read_labels",
]
