"""Seeded German families with life courses, bookings and truth labels, in the contract's formats."""

from augenblick.simulate.exports import FORMATS
from augenblick.simulate.simulation import SimulationReport, simulate

__all__ = ["FORMATS", "SimulationReport", "simulate"]
