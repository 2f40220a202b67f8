"""Writes that can be sent again: the same key with the same request is answered as before and does nothing again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header

from augenblick.api.access import Caller
from augenblick.api.journal import Journal

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=8, max_length=100,
        description="The same key with the same request is answered as before and does nothing again.",
    ),
]  # fmt: skip


def request_name(caller: Caller, key: str | None) -> str | None:
    """Return the name under which what a request wrote can be found again, whatever ended the process meanwhile."""
    return hashlib.sha256(f"{caller.access.actor_id} {key}".encode()).hexdigest() if key else None


def once(
    journal: Journal, caller: Caller, key: str | None, request: Any, work: Callable[[], tuple[int, Any]]
) -> tuple[int, Any]:
    """Return status and answer of the work, or those it had before under the caller's key.

    Raises `Conflict` where the key was used for another request, or the same one is still being worked on; what the
    work raises frees the key.
    """
    if key is None:
        return work()
    actor = caller.access.actor_id
    if before := journal.begin(actor, key, request):
        return before
    try:
        status, answer = work()
    except BaseException:
        journal.release(actor, key)
        raise
    journal.keep(actor, key, request, status, answer)
    return status, answer
