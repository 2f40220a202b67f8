"""A first look at a few free texts: whether any of some patterns may match there at all.

To read the patterns of all signals takes DuckDB a hundred times what a look at a few texts does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import duckdb

from augenblick.signals.literals import BLANK, BORDER, DIGIT, needed_literals
from augenblick.signals.pattern import folded_pattern, plain_pattern
from augenblick.signals.text import folded_sql, with_plain_sql

MOST = 50
"""More texts than that are matched by all patterns at once."""


@dataclass(frozen=True)
class FewTexts:
    """Texts in both forms, without blanks and with any digit as `literals.DIGIT`."""

    plain: tuple[str, ...]
    folded: tuple[str, ...]

    def may_match(self, patterns: Iterable[str]) -> bool:
        """Say whether any pattern may match any of the texts; False only where none does."""
        return any(
            _may_hold(self.plain, plain_pattern(pattern)) or _may_hold(self.folded, folded_pattern(pattern))
            for pattern in patterns
        )


def few_texts(connection: duckdb.DuckDBPyConnection, source: str, column: str) -> FewTexts | None:
    """Return the texts of a column of a subquery; None where they are more than a few."""
    plain = with_plain_sql(source, f"coalesce({column}, '')", "said")
    rows = connection.execute(f"SELECT DISTINCT said, {folded_sql('said')} FROM ({plain}) LIMIT {MOST + 1}").fetchall()
    if len(rows) > MOST:
        return None
    return FewTexts(tuple(_bare(said) for said, _ in rows), tuple(_bare(folded) for _, folded in rows))


def _may_hold(texts: Iterable[str], form: str) -> bool:
    """Say whether any text holds one string of each set that a match of a pattern holds; True where none is known."""
    sought = _sought(form)
    return any(all(any(s in text for s in strings) for strings in sought) for text in texts)


@lru_cache(maxsize=10_000)
def _sought(form: str) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(_bare(string.replace(BORDER, "").replace(BLANK, "")) for string in strings)
        for strings in needed_literals(form)
    )


def _bare(text: str) -> str:
    return re.sub("[0-9]", DIGIT, "".join(text.split())).upper()
