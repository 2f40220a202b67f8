"""German of sentences written in English elsewhere: looked up in a file of regular expressions and texts."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path


def in_german(file: Path, kind: str, text: str) -> str | None:
    """Return what a file (TOML; by kind a list of `english`, a regular expression, and `german`) has for a text.

    The whole text must fit; groups stand in the German by number. None where it has nothing.
    """
    for english, german in _sentences(file)[kind]:
        if found := english.fullmatch(text):
            return german.format(text, *found.groups())
    return None


@cache
def _sentences(file: Path) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        kind: [(re.compile(each["english"], re.DOTALL), each["german"]) for each in said]
        for kind, said in written.items()
    }
