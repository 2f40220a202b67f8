"""Recorded relations held beside what the data show: what is missing, contradicted or expired, and why.

Nothing here changes a relation: a presumption never stands in place of a recorded one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from augenblick.content import default_root
from augenblick.model.odds import probability
from augenblick.pipeline.asking import ask
from augenblick.policy import Access
from augenblick.publish import find_query
from augenblick.publish.query import rows_of
from augenblick.store import DataDirectory

QUERY = "reconciliation"


@dataclass(frozen=True)
class Sign:
    """One piece of a finding's proof: what it is, how much it weighs (natural log-odds), and what shows it."""

    sign: str
    weight: float | None
    reason: str
    shown: str


@dataclass(frozen=True)
class RelationFinding:
    """A relation that is to be looked at: `missing`, `contradicted` or `expired`.

    Attributes:
        relative: The other's customer id; empty where only their existence is known.
        weight: Natural log-odds that a missing relation holds; `None` of what is certain by the records.
        used: Whether views of relatives' moments already use the presumption.
        proof: Its signs, the heaviest first; prior and signs add up to the weight.

    """

    finding: str
    customer: str
    relative: str
    relation: str
    weight: float | None
    used: bool
    proof: tuple[Sign, ...]

    @property
    def probability(self) -> float | None:
        """How likely the relation is by its weight, between 0 and 1."""
        return None if self.weight is None else probability(self.weight)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding for JSON."""
        likely = self.probability
        return {**asdict(self), "probability": None if likely is None else round(likely, 3)}


def reconcile(
    directory: DataDirectory, *, access: Access, lang: str, customer: str | None = None
) -> list[RelationFinding]:
    """Return the relations to look at as the access may see them, of one customer or all; the likeliest first.

    Raises `NotPermitted` where the role may not ask, `NotLoaded` where nothing is published.
    """
    query = find_query((directory.published_content or default_root()) / "queries", QUERY)
    given = {"lang": lang, "customer": customer or "*"}
    answer = ask(directory, query, access=access, given=given, library=True)
    return sorted(_findings(rows_of(answer.content)), key=_urgency)


def _findings(rows: Iterable[Mapping[str, str]]) -> Iterable[RelationFinding]:
    """Rows of one relation and finding are one finding's proof."""
    together: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for row in rows:
        key = (row["finding"], row["customer"], row["relative"], row["relation"])
        together.setdefault(key, []).append(row)
    for (finding, customer, relative, relation), of_one in together.items():
        signs = sorted((_sign(row) for row in of_one), key=lambda sign: -(sign.weight or 0))
        weight, used = of_one[0].get("weight"), of_one[0].get("used") == "true"
        yield RelationFinding(
            finding, customer, relative, relation, float(weight) if weight else None, used, tuple(signs)
        )


def _sign(row: Mapping[str, str]) -> Sign:
    weight = row.get("signWeight")
    return Sign(row.get("sign", ""), float(weight) if weight else None, row["reason"], row.get("shown", ""))


_ORDER = ("contradicted", "expired", "missing")


def _urgency(finding: RelationFinding) -> tuple[int, float, str, str]:
    return _ORDER.index(finding.finding), -(finding.weight or 0), finding.customer, finding.relative
