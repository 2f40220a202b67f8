"""The dialogue of a moment: who speaks, where, when and in which words, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from augenblick.content.model import Content, Dialogue
from augenblick.model.errors import NotFound


@dataclass(frozen=True)
class DialogueText:
    """A dialogue in one language; `earliest` and `latest` count from the day the moment occurred."""

    iri: str
    channel_order: tuple[str, ...]
    conducted_by: str
    tone: str
    words: str
    must_not_say: str
    hand_over: str
    earliest: timedelta
    latest: timedelta

    def to_dict(self) -> dict[str, object]:
        """Return the dialogue as JSON takes it, spans in days."""
        return {
            "dialogue": self.iri,
            "channel_order": list(self.channel_order),
            "conducted_by": self.conducted_by,
            "tone": self.tone,
            "words": self.words,
            "must_not_say": self.must_not_say,
            "hand_over": self.hand_over,
            "earliest_days": self.earliest.days,
            "latest_days": self.latest.days,
        }


def dialogue(content: Content, moment_type: str, language: str) -> DialogueText | None:
    """Return the dialogue of a moment type (IRI or slug) in German ("de") or English, None if it has none.

    Of several the first by IRI is taken. Raises `NotFound` for an unknown moment type.
    """
    found = content.moment(moment_type)
    if found is None:
        known = ", ".join(sorted(moment.slug for moment in content.moments))
        raise NotFound(f"There is no moment type '{moment_type}'.", hint=f"known are: {known}")
    dialogues = sorted(found.dialogues, key=lambda each: each.iri)
    return _spoken(dialogues[0], language) if dialogues else None


def _spoken(found: Dialogue, language: str) -> DialogueText:
    return DialogueText(
        iri=found.iri,
        channel_order=found.channel_order,
        conducted_by=found.conducted_by,
        tone=found.tone.in_language(language),
        words=found.words.in_language(language),
        must_not_say=found.must_not_say.in_language(language),
        hand_over=found.hand_over.in_language(language),
        earliest=found.earliest,
        latest=found.latest,
    )
