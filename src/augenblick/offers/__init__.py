"""Moments × products: offers judged in four layers, each verdict with its reason; the dialogue of a moment."""

from augenblick.offers.conditions import conditions_of
from augenblick.offers.dialogue import DialogueText, dialogue
from augenblick.offers.evaluate import evaluate
from augenblick.offers.report import OfferReport
from augenblick.offers.tables import create_tables

__all__ = ["DialogueText", "OfferReport", "conditions_of", "create_tables", "dialogue", "evaluate"]
