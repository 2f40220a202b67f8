"""What bookings mean: one vectorised pass from `bank.*` to `evidence.*`."""

from augenblick.signals.detection import SignalReport, detect
from augenblick.signals.tables import create_tables

__all__ = ["SignalReport", "create_tables", "detect"]
