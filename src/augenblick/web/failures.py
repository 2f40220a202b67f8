"""What went wrong, as pages say it: in the reader's language, and without what helps only where commands are given."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from augenblick.explain.words import Language
from augenblick.model.errors import AugenblickError

_FILE = Path(__file__).parent / "failure_words.toml"


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
    return {kind: [(english.pattern, text) for english, text in said] for kind, said in _sentences(language).items()}


def _said(kind: str, text: str, language: Language) -> str | None:
    """Return a sentence in the language; None where it has no words in it, or none that would help here."""
    for english, words in _sentences(language)[kind]:
        if found := english.fullmatch(text):
            return words.format(text, *(group or "" for group in found.groups())) or None
    return text if language == "en" else None


@cache
def _sentences(language: Language) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    written = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        kind: [
            (re.compile(each["english"], re.DOTALL), each["german"] if language == "de" else each.get("instead", "{0}"))
            for each in said
        ]
        for kind, said in written.items()
    }
