"""Why a moment is believed, and why not: as data, text, and PROV-O."""

from augenblick.explain.build import Explainer
from augenblick.explain.model import Contribution, Explanation, Premise, Source
from augenblick.explain.prov import to_prov
from augenblick.explain.story import story
from augenblick.explain.text import headline, render
from augenblick.explain.what_if import Change, for_offer, what_if
from augenblick.explain.why_not import PatternVerdict, WhyNot, render_why_not, why_not

__all__ = [
    "Change",
    "Contribution",
    "Explainer",
    "Explanation",
    "PatternVerdict",
    "Premise",
    "Source",
    "WhyNot",
    "for_offer",
    "headline",
    "render",
    "render_why_not",
    "story",
    "to_prov",
    "what_if",
    "why_not",
]
