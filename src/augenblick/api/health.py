"""`/healthz`: the process lives. `/readyz`: it can answer. `/metrics`: how it fares."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import generate_latest

from augenblick.api.access import actor_of
from augenblick.api.problems import problem
from augenblick.model.errors import NotLoaded, NotPermitted
from augenblick.publish import current_snapshot
from augenblick.store import DataDirectory, disk

router = APIRouter(tags=["operation"])
OPERATION = "operation"
"""The purpose of those who run the service."""


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "alive"}


@router.get("/readyz", response_model=None)
async def ready(request: Request) -> Response | dict[str, str]:
    """Say whether there is a graph to answer from, room on the disk, and the service is not about to end."""
    if request.app.state.ending:
        return problem(503, "The service is about to end.")
    try:
        snapshot = current_snapshot(DataDirectory(request.app.state.settings.data))
    except NotLoaded as error:
        return problem(503, error.message, code=error.code, hint=error.hint)
    if no_room := disk.without_room(request.app.state.settings.data):
        return problem(503, no_room.message, code=no_room.code, hint=no_room.hint)
    return {"status": "ready", "snapshot": snapshot.name}


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Return the figures in Prometheus' text format; where people sign in, to who may ask for the service's running.

    They count what happens, whoever may see it: who reads them could tell that something happened that is withheld.
    """
    rules = request.app.state.policy.rules.items()
    allowed = {role for (role, purpose, _), rule in rules if purpose == OPERATION and rule.permits}
    if not allowed.intersection(actor_of(request).roles):
        raise NotPermitted("The service's figures are for those who run it.", hint=f"a role of {sorted(allowed)}")
    return Response(generate_latest(request.app.state.metrics.registry), media_type="text/plain; version=0.0.4")
