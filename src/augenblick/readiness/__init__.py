"""Data readiness: what each moment needs of a bank's data, what of it is there, and what would help most."""

from augenblick.readiness.inputs import Input, needs
from augenblick.readiness.report import InputState, MomentReadiness, ReadinessReport, Unlock
from augenblick.readiness.weighing import readiness, shown_moments

__all__ = ["Input", "InputState", "MomentReadiness", "ReadinessReport", "Unlock", "needs", "readiness", "shown_moments"]
