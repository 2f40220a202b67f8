"""`/healthz`: the process lives. `/readyz`: it can answer. `/metrics`: how it fares."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import generate_latest

from augenblick.api.problems import problem
from augenblick.model.errors import NotLoaded
from augenblick.publish import current_snapshot
from augenblick.store import DataDirectory

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "alive"}


@router.get("/readyz", response_model=None)
async def ready(request: Request) -> Response | dict[str, str]:
    """Say whether there is a graph to answer from and the service is not about to end."""
    if request.app.state.ending:
        return problem(503, "The service is about to end.")
    try:
        snapshot = current_snapshot(DataDirectory(request.app.state.settings.data))
    except NotLoaded as error:
        return problem(503, error.message, code=error.code, hint=error.hint)
    return {"status": "ready", "snapshot": snapshot.name}


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Return the figures in Prometheus' text format."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type="text/plain; version=0.0.4")
