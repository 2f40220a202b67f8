"""What went wrong, as pages say it: in the reader's language, and without what helps only where commands are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from augenblick.explain.words import Language
from augenblick.model import rewording
from augenblick.model.errors import AugenblickError

_FILE = Path(__file__).parent / "failure_words.toml"
_BY: dict[Language, tuple[str, str | None]] = {"de": ("german", None), "en": ("instead", "{0}")}


@dataclass(frozen=True)
class Failure:
    """What is the matter and what to do about it; `english` is the failure's own sentence where there is no German."""

    message: str
    hint: str | None = None
    english: str | None = None


def told(error: AugenblickError, language: Language) -> Failure:
    """Return how a page tells of the error."""
    own = error.german if language == "de" and error.german != type(error).german else None
    message = own or _said("message", error.message, language)
    hint = _said("hint", error.hint, language) if error.hint else None
    if message is not None:
        return Failure(message, hint)
    return Failure(error.german, english=f"{error.message} ({error.hint})" if error.hint else error.message)


def sentences(language: Language) -> dict[str, list[tuple[str, str]]]:
    """Return every sentence as regular expression and text, for scripts that are told of failures by REST."""
    return {
        kind: [(english.pattern, text) for english, text in said]
        for kind, said in rewording.sentences(_FILE, *_BY[language]).items()
    }


def _said(kind: str, text: str, language: Language) -> str | None:
    """Return a sentence in the language; None where it has no words in it, or none that would help here."""
    found = rewording.reworded(_FILE, kind, text, *_BY[language])
    if found is None:
        return text if language == "en" else None
    return found or None
