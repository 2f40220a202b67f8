"""A customer is erased while the service runs: out of its databases, its own file, and what it holds in memory."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from augenblick import pipeline
from augenblick.api.long_work import Piece
from augenblick.model.progress import Progress
from augenblick.pipeline import Certificate

ERASURE = "erasure"


def begin(state: Any, customer: str, *, who: str) -> tuple[str, Piece]:
    """Begin to erase a customer, after the erasures begun before; return the name the certificate will have."""
    reference = str(uuid.uuid4())
    piece = state.long_work.begin((ERASURE, who, reference), partial(_erased, state, customer, reference))
    return reference, piece


def look(state: Any, reference: str, *, who: str) -> Piece | None:
    """Return how far an erasure is that somebody began, None where this process knows of none."""
    return state.long_work.look((ERASURE, who, reference))  # type: ignore[no-any-return]


def _erased(state: Any, customer: str, reference: str, progress: Progress) -> Certificate:
    """Erase a customer; requests about customers wait meanwhile. Raises `NotFound` when there is no such customer."""
    progress("erase", 0, 1)
    with state.writer.alone() as directory, state.consents.heeded(directory):
        on = state.settings.as_of or pipeline.today()
        certificate: Certificate = pipeline.erase(
            directory, customer, on=on, content=state.content, reference=reference
        )
        # What was told of customers before may speak of this one.
        state.long_work.forget("disclosure", "impact", "past")
    state.deliveries.catch_up()
    return certificate
