"""The whole line, each stage after the one before; what the command line and later the service call."""

from augenblick.pipeline.advice import CustomerOffers
from augenblick.pipeline.asking import ask, heed_consents, republish
from augenblick.pipeline.detection import DetectReport, detect, detect_in
from augenblick.pipeline.erasing import Certificate, erase
from augenblick.pipeline.evaluating import Evaluation, evaluate, evaluate_with_proofs
from augenblick.pipeline.loading import load, today
from augenblick.pipeline.reading import explain, last_run, offers_of, surest_kin_moment, why_not
from augenblick.pipeline.rules import rules_of
from augenblick.pipeline.update import MomentChange, Updater, UpdateReport

__all__ = [
    "Certificate",
    "CustomerOffers",
    "DetectReport",
    "Evaluation",
    "MomentChange",
    "UpdateReport",
    "Updater",
    "ask",
    "detect",
    "detect_in",
    "erase",
    "evaluate",
    "evaluate_with_proofs",
    "explain",
    "heed_consents",
    "last_run",
    "load",
    "offers_of",
    "republish",
    "rules_of",
    "surest_kin_moment",
    "today",
    "why_not",
]
