"""The fixed words of the pages in German and English, from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from augenblick.explain.words import Language

COOKIE = "augenblick_language"
_FILE = Path(__file__).parent / "words.toml"
_WORKSPACE = Path(__file__).parent / "workspace_words.toml"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every text by its key (`section.name`), in both languages."""
    sections = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {f"{section}.{name}": texts for section, named in sections.items() for name, texts in named.items()}


@cache
def workspace(language: Language) -> dict[str, str]:
    """Return what the library of the query workspace writes, English, and the text of the language in its place."""
    return {} if language == "en" else tomllib.loads(_WORKSPACE.read_text(encoding="utf-8"))


def say(key: str, language: Language, **values: object) -> str:
    """Return the text with its values put in; a whole number `n` of one takes the text `key_one` where there is one."""
    texts = catalogue()
    if values.get("n") == 1 and f"{key}_one" in texts:
        key = f"{key}_one"
    return texts[key][language].format(**values)


def knows(key: str) -> bool:
    """Whether there is a text of that key."""
    return key in catalogue()
