"""Search patterns told in words: what they look for, without signs nobody reads."""

from __future__ import annotations

import pytest

from augenblick.content import load_content
from augenblick.web.pattern_words import finds


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\bKITA\b|FAM(ILIEN)?KASSE", ("KITA", "FAMILIENKASSE", "FAMKASSE")),
        (r"KFZ-?STEUER", ("KFZ-STEUER",)),
        (r"GEBURT.*(SOHN|TOCHTER)", ("GEBURT … SOHN", "GEBURT … TOCHTER")),
        (r"(A|B|C|D|E)-RENTE", ("A/B/C/D/…-RENTE",)),
        (r"SGB ?(II|2)\b", ("SGB II", "SGB 2")),
        (r"\bKG[- ]?\d{3,}", ("KG-‹0–9›",)),
        (r"R\+V|\(NEU\)", ("R+V", "(NEU)")),
        (r"(^|[^A-Z])WEG([^A-Z]|$)", ("… WEG …", "… WEG", "WEG …", "WEG")),
        (r".*", ("…",)),
    ],
)
def test_pattern_is_told_by_the_words_it_looks_for(pattern, words) -> None:
    assert set(finds(pattern)) == set(words)


def test_every_shipped_pattern_is_told_and_without_signs_of_expressions() -> None:
    for signal in load_content().signals:
        for pattern in (*signal.text_patterns, *signal.counterparty_patterns, *signal.except_patterns):
            told = finds(pattern)
            assert told, pattern
            assert not set("\\^$*?|[]{}\0") & set("".join(told)), (pattern, told)
