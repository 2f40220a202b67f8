"""Seeded German families with life courses, bookings and truth labels, in the contract's formats."""

from augenblick.simulate.simulation import FORMATS, SimulationReport, simulate

__all__ = ["FORMATS", "SimulationReport", "simulate"]
