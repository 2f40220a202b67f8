"""Moments as occasions: until when to speak, how, and how loudly a page may be about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rdflib import Literal, URIRef

from augenblick.content import Content
from augenblick.explain.words import Language
from augenblick.model.terms import AUG
from augenblick.offers import DialogueText, dialogue
from augenblick.pipeline.advice import OPEN

View = dict[str, Any]


@dataclass(frozen=True)
class Occasion:
    """A moment with the time to speak about it; `solemn` asks for quiet."""

    moment: View
    dialogue: DialogueText | None
    since: date
    until: date
    solemn: bool

    @property
    def open(self) -> bool:
        """Whether it is neither acted on, dismissed nor over."""
        return self.moment["state"] in OPEN

    def found_since(self, day: date) -> bool:
        """Whether it was found on that day or later."""
        return date.fromisoformat(self.moment["detected_on"]) >= day

    def timing(self, day: date) -> str:
        """Return whether the time to speak is now, later or past, as of a day."""
        return "later" if day < self.since else ("now" if day <= self.until else "past")


def occasion(content: Content, moment: View, language: Language) -> Occasion:
    """Return a moment, as the dossier tells it, as an occasion."""
    spoken = dialogue(content, moment["type"], language)
    happened, valid = (date.fromisoformat(moment[name]) for name in ("occurred_to", "valid_until"))
    since = happened + (spoken.earliest if spoken else timedelta())
    until = min(valid, happened + spoken.latest) if spoken else valid
    return Occasion(moment, spoken, since, until, spoken is not None and solemn(content, spoken.iri))


def solemn(content: Content, dialogue_iri: str) -> bool:
    """Return whether the ontology says of a dialogue that it is about something grave."""
    return (URIRef(dialogue_iri), URIRef(AUG + "solemn"), Literal(True)) in content.graph
