"""How right the moments are: what a run found, held against labels of what truly happened."""

from augenblick.evaluation.fitting import fit
from augenblick.evaluation.labels import read_labels
from augenblick.evaluation.matching import TOLERANCE
from augenblick.evaluation.proposal import (
    MomentProposal,
    Proposal,
    Quality,
    Reliability,
    WeightProposal,
    propose,
)
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
from augenblick.evaluation.verdicts import Verdict, labelled_verdicts, said

__all__ = [
    "TOLERANCE",
    "Band",
    "Cause",
    "EvaluationReport",
    "FalseAlarm",
    "FormScore",
    "Missed",
    "MomentProposal",
    "MomentScore",
    "Proposal",
    "Quality",
    "Reliability",
    "TrapScore",
    "Verdict",
    "WeightProposal",
    "evaluate",
    "fit",
    "labelled_verdicts",
    "propose",
    "read_labels",
    "said",
]
