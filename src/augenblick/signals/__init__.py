"""What bookings mean: one vectorised pass from `bank.*` to `evidence.*`."""

from augenblick.signals.detection import NOTHING_NEW, SignalReport, detect, detect_interactions
from augenblick.signals.saying_nothing import carried
from augenblick.signals.tables import READS, create_tables

__all__ = ["NOTHING_NEW", "READS", "SignalReport", "carried", "create_tables", "detect", "detect_interactions"]
