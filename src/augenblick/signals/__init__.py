"""What bookings mean: one vectorised pass from `bank.*` to `evidence.*`."""

from augenblick.signals.detection import NOTHING_NEW, SignalReport, detect
from augenblick.signals.saying_nothing import say_nothing
from augenblick.signals.tables import READS, create_tables

__all__ = ["NOTHING_NEW", "READS", "SignalReport", "create_tables", "detect", "say_nothing"]
