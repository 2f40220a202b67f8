"""What the evaluation of offers gave, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from augenblick.validate.wording import short

_WORDS = {
    "de": {
        "none": "Es gibt keine Momente, zu denen ein Produkt vorgesehen ist.",
        "summary": "{candidates} mögliche Vorschläge zu {moments} Momenten, {made} davon gemacht.",
        "offered": "gemacht",
        "not eligible": "nicht zulässig",
        "not applicable": "passt nicht",
        "not suitable": "nicht geeignet",
        "not contact": "keine Ansprache erlaubt",
    },
    "en": {
        "none": "There is no moment for which a product is foreseen.",
        "summary": "{candidates} offer candidates for {moments} moments, {made} of them made.",
        "offered": "made",
        "not eligible": "not eligible",
        "not applicable": "not applicable",
        "not suitable": "not suitable",
        "not contact": "contact not allowed",
    },
}


@dataclass(frozen=True)
class OfferReport:
    """Counts of offers by product and verdict."""

    candidates: int
    moments: int
    counts: Mapping[str, Mapping[str, int]]
    """Product IRI → verdict → number of offers, sorted."""

    @property
    def made(self) -> int:
        """The number of offers all layers allow."""
        return sum(verdicts.get("offered", 0) for verdicts in self.counts.values())

    def to_dict(self) -> dict[str, object]:
        """Return the report as JSON takes it."""
        counts = {product: dict(verdicts) for product, verdicts in self.counts.items()}
        return {"candidates": self.candidates, "moments": self.moments, "made": self.made, "counts": counts}

    def text(self, language: str = "de") -> str:
        """Return the report to read, in German ("de") or English (anything else)."""
        words = _WORDS.get(language, _WORDS["en"])
        if not self.candidates:
            return words["none"]
        summary = words["summary"].format(candidates=self.candidates, moments=self.moments, made=self.made)
        lines = [
            f"  {short(product)}: {', '.join(f'{count} {words[verdict]}' for verdict, count in verdicts.items())}"
            for product, verdicts in self.counts.items()
        ]
        return "\n".join([summary, *lines])


def count_offers(connection: duckdb.DuckDBPyConnection) -> OfferReport:
    """Return the counts of what stands in `offers.offers`."""
    counts: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        "SELECT product, verdict, count(*) FROM offers.offers GROUP BY ALL ORDER BY product, verdict DESC"
    ).fetchall()
    for product, verdict, number in rows:
        counts.setdefault(product, {})[verdict] = number
    totals = connection.execute("SELECT count(*), count(DISTINCT moment_id) FROM offers.offers").fetchall()
    return OfferReport(candidates=totals[0][0], moments=totals[0][1], counts=counts)
