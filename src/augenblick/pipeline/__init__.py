"""The whole line, each stage after the one before; what the command line and later the service call."""

from augenblick.pipeline.detection import DetectReport, detect, detect_in
from augenblick.pipeline.loading import load, today
from augenblick.pipeline.reading import explain, offers_of, why_not

__all__ = ["DetectReport", "detect", "detect_in", "explain", "load", "offers_of", "today", "why_not"]
