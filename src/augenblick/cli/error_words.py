"""What the command line says of an error, in German where that is asked for; the rooms below speak English."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from augenblick.explain.words import Language
from augenblick.model.errors import AugenblickError

_FILE = Path(__file__).with_name("error_words.toml")


class Told(NamedTuple):
    """An error as it is told: what is wrong, where, and how to mend it."""

    message: str
    where: str
    hint: str


def told(error: AugenblickError, language: Language) -> Told:
    """Return an error in the language; what has no German words is told in general, the English sentence beside it."""
    message, where, hint = error.message, error.where or "", error.hint or ""
    if language == "en":
        return Told(message, where, hint)
    if error.german != type(error).german:
        message = error.german
    else:
        message = _said("message", message) or f"{error.german} ({message})"
    return Told(message, _said("place", where) or where, _said("hint", hint) or hint)


def _said(kind: str, text: str) -> str | None:
    for english, german in _sentences()[kind]:
        if found := english.fullmatch(text):
            return german.format(text, *found.groups())
    return None


@cache
def _sentences() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    written = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        kind: [(re.compile(each["english"], re.DOTALL), each["german"]) for each in said]
        for kind, said in written.items()
    }
