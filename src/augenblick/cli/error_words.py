"""What the command line says of an error, in German where that is asked for; the rooms below speak English."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from augenblick.content.finding_words import unreadable
from augenblick.explain.words import Language
from augenblick.model.errors import AugenblickError, BadOntology
from augenblick.model.rewording import reworded

_FILE = Path(__file__).with_name("error_words.toml")


class Told(NamedTuple):
    """An error as it is told: what is wrong, where, and how to mend it."""

    message: str
    where: str
    hint: str


def told(error: AugenblickError, language: Language) -> Told:
    """Return an error in the language; what has no German words is told in general, the English sentence beside it."""
    message, where, hint = error.message, error.where or "", error.hint or ""
    if isinstance(error, BadOntology) and (fault := unreadable(message, hint)):
        _, message, hint = fault.told(language)
        line = f", {'Zeile' if language == 'de' else 'line'} {fault.line}" if fault.line else ""
        return Told(message, f"{where}{line}", hint)
    if language == "en":
        return Told(message, where, hint)
    if error.german != type(error).german:
        message = error.german
    else:
        message = reworded(_FILE, "message", message) or f"{error.german} ({message})"
    return Told(message, reworded(_FILE, "place", where) or where, reworded(_FILE, "hint", hint) or hint)
