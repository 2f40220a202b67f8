"""A customer is erased while the service runs: out of its databases, its own file, and what it holds in memory."""

from __future__ import annotations

from typing import Any

from augenblick import pipeline
from augenblick.model.progress import Progress
from augenblick.pipeline import Certificate


def erase(state: Any, customer: str, progress: Progress) -> Certificate:
    """Erase a customer with all that was derived from them; requests about customers wait meanwhile.

    Raises `NotFound` when there is no such customer.
    """
    progress("erase", 0, 1)
    with state.writer.alone() as directory, state.consents.heeded(directory):
        on = state.settings.as_of or pipeline.today()
        certificate: Certificate = pipeline.erase(directory, customer, on=on, content=state.content)
        # What was told of customers before may speak of this one.
        state.long_work.forget("disclosure", "impact")
    state.deliveries.catch_up()
    return certificate
