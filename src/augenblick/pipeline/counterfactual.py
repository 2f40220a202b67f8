"""What would have to be different for a moment not to be found, or a product to be offered or not."""

from __future__ import annotations

from collections.abc import Iterator

from augenblick.content import Content
from augenblick.explain import Change, for_offer
from augenblick.explain import what_if as explain_what_if
from augenblick.model.errors import NotFound
from augenblick.pipeline.advice import OfferVerdict
from augenblick.pipeline.reading import LastRun, advised, explained, last_run
from augenblick.policy import Access
from augenblick.store import DataDirectory

_OF_CONTACT = """
SELECT DISTINCT unnest(reasons_de) FROM (FROM offers.verdicts UNION ALL FROM offers.milder_verdicts)
WHERE layer = 'contact' AND NOT fulfilled
"""


def what_if(
    directory: DataDirectory,
    moment: str,
    *,
    access: Access,
    product: str | None = None,
    content: Content | None = None,
) -> tuple[Change, ...]:
    """Return the smallest changes in data or consent that would change what the access is told, the smallest first.

    Of the moment; or of the offer of a product (slug or IRI) for it: what keeps it from being made, or what would
    take it away. Raises what `explain` raises, and `NotFound` for a product that is not told of with the moment.
    """
    with last_run(directory, content) as run:
        explanation = explained(run, moment, access)
        changes = explain_what_if(explanation, run.content, run.policy, access)
        if product is None:
            return changes
        offer = _offer(run, explanation.customer_id, explanation.moment_id, product, access)
        hindrances = () if offer.verdict == "offered" else offer.reasons
        of_contact = frozenset(row[0] for row in run.connection.execute(_OF_CONTACT).fetchall())
        return for_offer(offer.label, hindrances, of_contact, tuple(_that_take_it_away(changes)))


def _that_take_it_away(changes: tuple[Change, ...]) -> Iterator[Change]:
    """Give the changes without those of data that only make the moment less sure: they stand before it."""
    of_data = [change for change in changes if change.kind == "data"]
    yield from (change for change in changes if change.kind != "data" or change is of_data[-1])


def _offer(run: LastRun, customer: str, moment: str, product: str, access: Access) -> OfferVerdict:
    found = run.content.product(product)
    for advice in advised(run, customer, access).moments:
        for offer in advice.offers:
            if advice.moment_id == moment and found is not None and offer.product == found.iri:
                return offer
    raise NotFound("No such product is told of with the moment.", hint="`augenblick offers CUSTOMER` lists them")
