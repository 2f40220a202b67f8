"""Why a moment is believed, and why not: as data, text, and PROV-O."""

from augenblick.explain.model import Contribution, Explanation, Premise, Source
from augenblick.explain.text import headline, render

__all__ = ["Contribution", "Explanation", "Premise", "Source", "headline", "render"]
