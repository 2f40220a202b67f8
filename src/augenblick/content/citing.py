"""Where a rule stands in the law, as each language cites it."""

from __future__ import annotations

from augenblick.content.model import Words

_BETWEEN = " · "


def cited(source: str) -> Words:
    """Return a source as each language cites it: of a part `German · English` one half, of any other the whole."""
    halves = [part.partition(_BETWEEN) for part in source.split("; ")]
    return Words("; ".join(german for german, _, _ in halves), "; ".join(en or german for german, _, en in halves))
