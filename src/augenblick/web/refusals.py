"""Why rows of a load were refused and how to mend them, in the reader's language; the load itself writes English."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from augenblick.explain.words import Language
from augenblick.model.rewording import reworded

_FILE = Path(__file__).parent / "refusal_words.toml"
Kind = Literal["reason", "hint"]


def told(kind: Kind, text: str, language: Language) -> str | None:
    """Return a reason or hint in the language; None where there are no words for it but the English ones."""
    if language == "en":
        return text
    return reworded(_FILE, kind, text)
