"""The whole line, each stage after the one before; what the command line and later the service call."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from augenblick.pipeline.advice import CustomerOffers
    from augenblick.pipeline.asking import ask
    from augenblick.pipeline.calibrating import calibrate
    from augenblick.pipeline.clock import today
    from augenblick.pipeline.counterfactual import what_if
    from augenblick.pipeline.detection import DetectReport, detect, detect_in
    from augenblick.pipeline.disclosing import Disclosure, disclose
    from augenblick.pipeline.erasing import Certificate, erase, finish_erasures
    from augenblick.pipeline.evaluating import Evaluation, evaluate, evaluate_with_proofs
    from augenblick.pipeline.expiring import expire, overdue, overdue_in
    from augenblick.pipeline.loading import load
    from augenblick.pipeline.reading import explain, last_run, offers_of, surest_kin_moment, why_not
    from augenblick.pipeline.reconciling import RelationFinding, Sign, reconcile
    from augenblick.pipeline.rules import rules_of
    from augenblick.pipeline.surveying import SMALLEST_GROUP, readiness
    from augenblick.pipeline.taking_back import end_texts
    from augenblick.pipeline.update import (
        MomentChange,
        Taken,
        Updater,
        UpdateReport,
        heed_consents,
        republish,
        settle_graph,
    )
    from augenblick.pipeline.warming import warm
    from augenblick.pipeline.words import show_words

__all__ = [
    "SMALLEST_GROUP",
    "Certificate",
    "CustomerOffers",
    "DetectReport",
    "Disclosure",
    "Evaluation",
    "MomentChange",
    "RelationFinding",
    "Sign",
    "Taken",
    "UpdateReport",
    "Updater",
    "ask",
    "calibrate",
    "detect",
    "detect_in",
    "disclose",
    "end_texts",
    "erase",
    "evaluate",
    "evaluate_with_proofs",
    "expire",
    "explain",
    "finish_erasures",
    "heed_consents",
    "last_run",
    "load",
    "offers_of",
    "overdue",
    "overdue_in",
    "readiness",
    "reconcile",
    "republish",
    "rules_of",
    "settle_graph",
    "show_words",
    "surest_kin_moment",
    "today",
    "warm",
    "what_if",
    "why_not",
]

_WHERE = {
    name: module
    for module, names in {
        "advice": ("CustomerOffers",),
        "asking": ("ask",),
        "calibrating": ("calibrate",),
        "clock": ("today",),
        "counterfactual": ("what_if",),
        "detection": ("DetectReport", "detect", "detect_in"),
        "disclosing": ("Disclosure", "disclose"),
        "erasing": ("Certificate", "erase", "finish_erasures"),
        "expiring": ("expire", "overdue", "overdue_in"),
        "evaluating": ("Evaluation", "evaluate", "evaluate_with_proofs"),
        "loading": ("load",),
        "reading": ("explain", "last_run", "offers_of", "surest_kin_moment", "why_not"),
        "reconciling": ("RelationFinding", "Sign", "reconcile"),
        "rules": ("rules_of",),
        "surveying": ("SMALLEST_GROUP", "readiness"),
        "taking_back": ("end_texts",),
        "update": (
            *("MomentChange", "Taken", "UpdateReport", "Updater"),
            *("heed_consents", "republish", "settle_graph"),
        ),
        "warming": ("warm",),
        "words": ("show_words",),
    }.items()
    for name in names
}


def __getattr__(name: str) -> object:
    """Return what a module here offers.

    It is imported when it is first asked for: an answer need not wait for all that only loading or detecting takes.
    """
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
