"""An edit of a product tried on made-up people: whether it fits in a case's moments, and why, before and now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import duckdb

from augenblick.content import Content, Words, load_content
from augenblick.content.cases import OPEN_STATES, Case, Row, load_case
from augenblick.editing.edition import Edition, laid_out
from augenblick.model.progress import Progress, silent
from augenblick.pipeline.case_line import CaseLine

_LONG_AGO = timedelta(days=730)
_JUDGED = """
SELECT o.customer_id, m.slug, o.verdict, v.layer, v.fulfilled, v.reasons_de, v.reasons_en
FROM offers.offers o JOIN (SELECT moment_id, slug FROM moments.moments) m USING (moment_id)
JOIN offers.verdicts v USING (offer_id) JOIN offer_layers l ON l.product = o.product AND l.layer = v.layer
WHERE o.product = ? ORDER BY o.customer_id, o.moment_id, l.layer_order
"""


@dataclass(frozen=True)
class Assumed:
    """What is assumed of everybody in a case beside what its file says."""

    agreed: tuple[str, ...] = ()
    """The purposes they agreed to."""
    holds: bool = False
    """Whether they have the product."""


@dataclass(frozen=True)
class Layer:
    """One layer of a product's conditions, with why it is fulfilled or not."""

    name: str
    fulfilled: bool
    reasons: Words


@dataclass(frozen=True)
class Judged:
    """A product judged for somebody in a moment (its slug)."""

    customer: str
    moment: str
    verdict: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class ProductTrial:
    """How a product is judged in a case, by the edited content and by the one in force, in the same order."""

    case: Case
    now: tuple[Judged, ...]
    before: tuple[Judged, ...]

    def was(self, judged: Judged) -> Judged | None:
        """Return how the same was judged before."""
        return next((b for b in self.before if (b.customer, b.moment) == (judged.customer, judged.moment)), None)


def tried(
    content: Content, edition: Edition, case_file: Path, product: str, assumed: Assumed, *, progress: Progress = silent
) -> ProductTrial:
    """Return how a product (its IRI) is judged in a case as an edition states it, and as `content` does.

    Raises what reading the content and deriving raise.
    """
    case = load_case(case_file)
    before = _judged(_line(content), content, case, product, assumed)
    progress("content", 0, 1)
    with laid_out(edition) as folder:
        edited = load_content(folder)
        now = _judged(CaseLine(edited, progress), edited, case, product, assumed)
    return ProductTrial(case, now, before)


def examples(content: Content, product: str) -> list[Path]:
    """Return the cases in which somebody has a moment that the product (its IRI) is offered in."""
    offering = [moment for moment in content.moments if product in moment.products]
    return [
        file
        for moment in offering
        for file in sorted(moment.cases)
        if any(each.moment == moment.slug and each.state in OPEN_STATES for each in load_case(file).expect)
    ]


@lru_cache(maxsize=1)
def _line(content: Content) -> CaseLine:
    return CaseLine(content)


def _judged(line: CaseLine, content: Content, case: Case, product: str, assumed: Assumed) -> tuple[Judged, ...]:
    def ask(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str, bool, list[str], list[str]]]:
        return connection.execute(_JUDGED, [product]).fetchall()

    stated = content.product(product)
    codes = stated.contract_codes if stated else ()
    given = replace(case, given={**case.given, **_assumed_rows(case, assumed, codes)})
    layers: dict[tuple[str, str, str], list[Layer]] = {}
    for customer, moment, verdict, layer, fulfilled, de, en in line.asked(given, ask):
        name = customer.removeprefix(f"{case.identity}.")
        layers.setdefault((name, moment, verdict), []).append(
            Layer(layer, fulfilled, Words(" ".join(de), " ".join(en)))
        )
    return tuple(Judged(*who, tuple(told)) for who, told in layers.items())


def _assumed_rows(case: Case, assumed: Assumed, codes: Collection[str]) -> dict[str, list[Row]]:
    """Return the tables of consents and contracts with what is assumed; what a case says itself goes before."""
    since = case.as_of - _LONG_AGO
    people = [row["customer_id"] for row in case.given.get("customers", ())]
    stated = {(row["customer_id"], row["purpose"]) for row in case.given.get("consents", ())}
    agreed: Iterable[Row] = (
        {"customer_id": who, "purpose": purpose, "status": "given", "valid_from": since}
        for who in people
        for purpose in assumed.agreed
        if (who, purpose) not in stated
    )
    held: Iterable[Row] = (
        {"contract_id": f"assumed-{who}", "customer_id": who, "product": code, "opened_on": since}
        for who in people
        for code in sorted(codes)[:1]
        if assumed.holds
    )
    return {
        "consents": [*case.given.get("consents", ()), *agreed],
        "contracts": [*case.given.get("contracts", ()), *held],
    }
