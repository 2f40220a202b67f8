"""Why rows were refused and what went wrong, and how to mend it, in the reader's language; both come in English."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from augenblick.explain.words import Language
from augenblick.model.errors import AugenblickError

_ROWS, _FAILURES = "refusal_words.toml", "failure_words.toml"
Kind = Literal["reason", "hint"]


def told(kind: Kind, text: str, language: Language) -> str | None:
    """Return a row's reason or hint in the language; None where there are no words for it but the English ones."""
    return text if language == "en" else _german(_ROWS, kind, text)


def failure(error: AugenblickError, language: Language) -> str | None:
    """Return what went wrong, with its hint, in the language; None where it has no German words of its own."""
    if language == "en":
        return f"{error.message} ({error.hint})" if error.hint else error.message
    message = _german(_FAILURES, "message", error.message)
    hint = _german(_FAILURES, "hint", error.hint) if error.hint else None
    return f"{message} ({hint})" if message and hint else message


def _german(file: str, kind: str, text: str) -> str | None:
    for english, german in _sentences(file)[kind]:
        if found := english.fullmatch(text):
            return german.format(text, *found.groups())
    return None


@cache
def _sentences(file: str) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    written = tomllib.loads((Path(__file__).parent / file).read_text(encoding="utf-8"))
    return {kind: [(re.compile(each["english"]), each["german"]) for each in said] for kind, said in written.items()}
