"""Why rows of a load were refused and how to mend them, in the reader's language; the load itself writes English."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from augenblick.explain.words import Language

_FILE = Path(__file__).parent / "refusal_words.toml"
Kind = Literal["reason", "hint"]


def told(kind: Kind, text: str, language: Language) -> str | None:
    """Return a reason or hint in the language; None where there are no words for it but the English ones."""
    if language == "en":
        return text
    for english, german in _sentences()[kind]:
        if found := english.fullmatch(text):
            return german.format(text, *found.groups())
    return None


@cache
def _sentences() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    written = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {kind: [(re.compile(each["english"]), each["german"]) for each in said] for kind, said in written.items()}
