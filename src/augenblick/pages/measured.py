"""What was measured of a moment: precision and recall on an export nobody had seen, and on simulated families."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from augenblick.content import default_root
from augenblick.pages.markdown import both, sections, table

_RESULTS = {
    "unseen": ("fremder Export, beim ersten Mal", "another's export, scored before anybody had seen it"),
    "accuracy": ("simulierte Familien", "simulated families"),
}
"""How the files of results begin (the last by name counts), and what they were measured on."""


def measured(slug: str, folder: Path | None = None) -> str:
    """Return the section on a moment's measured quality; empty where no results lie beside the content."""
    place = folder or default_root() / "benchmarks" / "results"
    rows = [
        row for kind, words in _RESULTS.items() for score in _scores(place, kind) if (row := _row(slug, score, words))
    ]
    if not rows:
        return ""
    head = ("gemessen an", "measured on"), ("Ereignisse", "events"), ("Genauigkeit", "precision"), ("Treffer", "recall")
    columns = [both(*words) for words in (*head, ("Fehlalarme", "false alarms"), ("Fallen", "traps"))]
    return sections((f"## {both('Gemessene Güte', 'Measured quality')}", table(columns, rows)))


@cache
def _scores(place: Path, kind: str) -> tuple[dict[str, Any], ...]:
    files = sorted(place.glob(f"{kind}-*.json"))
    if not files:
        return ()
    found: dict[str, Any] = json.loads(files[-1].read_text(encoding="utf-8"))
    return ({"file": files[-1].name, **(found.get("lively") or found)},)


def _row(slug: str, score: dict[str, Any], words: tuple[str, str]) -> tuple[str, ...] | None:
    one = next((moment for moment in score["moments"] if moment["moment"] == slug), None)
    if one is None:
        return None
    return (
        f"{both(*words)} (`{score['file']}`)",
        str(one["truths"]),
        _share(one["precision"]),
        _share(one["recall"]),
        str(one["false"]),
        f"{one['trap_hits']}/{one['traps']}",
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
