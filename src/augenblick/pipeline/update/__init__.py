"""The live path: a few rows change, and what hangs on them follows, equal to a rebuild."""

from augenblick.pipeline.update.heeding import heed_consents, republish
from augenblick.pipeline.update.report import MomentChange, UpdateReport
from augenblick.pipeline.update.settling import settle_graph
from augenblick.pipeline.update.updater import Taken, Updater

__all__ = ["MomentChange", "Taken", "UpdateReport", "Updater", "heed_consents", "republish", "settle_graph"]
