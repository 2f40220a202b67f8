"""Sentences written in English elsewhere, in other words: looked up in a file of regular expressions and texts."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path


def reworded(file: Path, kind: str, text: str, by: str = "german", otherwise: str | None = None) -> str | None:
    """Return what a file has for a text; None where it has nothing. The whole text must fit; see `sentences`."""
    for english, words in sentences(file, by, otherwise)[kind]:
        if found := english.fullmatch(text):
            return words.format(text, *(group or "" for group in found.groups()))
    return None


@cache
def sentences(
    file: Path, by: str = "german", otherwise: str | None = None
) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    """Return the sentences of a file (TOML) by kind, the regular expression `english` and the text named `by` of each.

    Groups stand in the text by number, the whole as 0. `otherwise` is the text where a sentence has none of that name;
    each must have one where it is None.
    """
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        kind: [
            (re.compile(each["english"], re.DOTALL), each[by] if otherwise is None else each.get(by, otherwise))
            for each in said
        ]
        for kind, said in written.items()
    }
