"""The application: its rooms put together, nothing decided here."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import duckdb
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.routing import NoMatchFound

from augenblick import __version__
from augenblick.api import (
    actions,
    changes,
    content_versions,
    customers,
    editing,
    graph_store,
    health,
    loading,
    logs,
    moments,
    past,
    phases,
    problems,
    readiness,
    rights,
    sparql,
    statements,
    subscribers,
    warming,
)
from augenblick.api.access import Admissions, Pace
from augenblick.api.consents import ConsentWatch
from augenblick.api.deliveries import Deliveries
from augenblick.api.direct import DirectDoor
from augenblick.api.envelope import Envelope
from augenblick.api.graphs import Graphs
from augenblick.api.identity import SignIn
from augenblick.api.journal import Journal
from augenblick.api.long_work import LongWork
from augenblick.api.metrics import Metrics
from augenblick.api.remote import RemoteWatch
from augenblick.api.retention import Retention
from augenblick.api.settings import Settings, Webhook
from augenblick.api.slow_queries import SlowQueries
from augenblick.api.switching import ContentSwitch
from augenblick.api.trail import Trail
from augenblick.api.webhooks import Subscription
from augenblick.api.writer import Writer
from augenblick.content import Content, load_content
from augenblick.model.errors import AugenblickError
from augenblick.pipeline.dossier import Dossiers
from augenblick.policy import read_policy
from augenblick.publish.remote import attach
from augenblick.store import DataDirectory

MEGABYTE = 1_000_000
DELIVERERS = 8
"""Threads that take deliveries in or wait to; apart from those of all other requests."""
_ROUTERS = (
    customers.router,
    phases.router,
    actions.router,
    moments.router,
    statements.router,
    loading.router,
    sparql.router,
    graph_store.router,
    health.router,
    changes.router,
    editing.router,
    content_versions.router,
    past.router,
    subscribers.router,
    readiness.router,
    rights.router,
)
"""What is asked most stands first: routes are tried in turn. Feedback stands before moments: their paths would take
its own for parts of a moment's name."""
_ASKED = (
    *("Authorization", "Content-Type", "Accept", "Purpose-Of-Use", "Acting-Role", "If-None-Match", "Idempotency-Key"),
    *("Prefer", "Last-Event-ID", "X-Request-Id"),
)
"""Request headers that browser pages of other origins may send."""
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def create_app(settings: Settings, *, content: Content | None = None, more: Sequence[APIRouter] = ()) -> FastAPI:
    """Return the service as an ASGI application; `more` are routers of other rooms, such as the pages.

    Where one of them has a route of the name `queries`, browsers that come to `/sparql` are led there; the `default` of
    one answers where nothing else does.
    """
    app = FastAPI(
        title="Augenblick",
        version=__version__,
        summary="Life moments of bank customers: what happened, what fits, how to say it, and why.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.slow_queries = SlowQueries()
    app.state.ending = False
    app.state.query_page = None
    app.state.content = content or load_content(DataDirectory(settings.data).published_content)
    app.state.policy = read_policy(app.state.content)
    app.state.sign_in = SignIn(settings)
    app.state.admissions = Admissions()
    app.state.pace = Pace(settings.requests_per_minute)
    app.state.dossiers = Dossiers(DataDirectory(settings.data), app.state.content, app.state.policy)
    app.state.trail = Trail(settings.data)
    app.state.writer = Writer(DataDirectory(settings.data))
    app.state.consents = ConsentWatch(DataDirectory(settings.data).bank_file, app.state.writer, app.state.content)
    app.state.deliveries = Deliveries(
        app.state.writer, app.state.consents, app.state.content, app.state.metrics, settings.as_of
    )
    app.state.long_work = LongWork()
    attach(settings.data, settings.remote_store)
    app.state.graphs = Graphs(settings)
    app.state.graphs.tell_lost(lambda reason: app.state.metrics.workers_lost.labels(reason).inc())
    problems.install(app)
    for router in _ROUTERS + tuple(more):
        app.include_router(router)
        if router.default != router.not_found:
            app.router.default = router.default
    with suppress(NoMatchFound):
        app.state.query_page = app.url_path_for("queries")
    _tell_problems(app)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"],
            allow_headers=list(_ASKED),
            expose_headers=["ETag", "X-Request-Id", "Link"],
        )
    app.add_middleware(DirectDoor, routes=[route for router in _ROUTERS for route in router.routes])
    app.add_middleware(
        Envelope,
        metrics=app.state.metrics,
        body_bytes=settings.body_megabytes * MEGABYTE,
        body_seconds=settings.body_seconds,
    )
    return app


def _tell_problems(app: FastAPI) -> None:
    """Let the OpenAPI document say that errors are problem details and how callers sign in."""
    written = app.openapi

    def document() -> dict[str, Any]:
        told = app.openapi_schema or written()
        components = told["components"]
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        told["security"] = [{"bearer": []}]
        for path in told["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    if status >= "400" and "application/json" in answer.get("content", {}):
                        answer["content"] = {problems.MEDIA_TYPE: {"schema": _PROBLEM}}
        return told

    app.openapi = document  # type: ignore[method-assign]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start what works beside the requests, and end it with the service."""
    state = app.state
    state.journal = state.deliveries.journal = Journal(state.settings.data)
    state.turns = CapacityLimiter(DELIVERERS)
    for leftover in state.settings.data.glob(f"{loading.UPLOADS}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    state.hooks = {hook.name: _subscription(app, hook) for hook in state.settings.webhooks}
    passing_on = [asyncio.create_task(each.run(lambda: state.ending)) for each in state.hooks.values()]
    state.switch = ContentSwitch(state)
    caught_up = asyncio.create_task(_caught_up(app))
    switching = asyncio.create_task(state.switch.watch(lambda: state.ending))
    state.retention = Retention(state)
    retaining = asyncio.create_task(state.retention.watch(lambda: state.ending, after=caught_up))
    mirroring = asyncio.create_task(RemoteWatch(state).watch(lambda: state.ending))
    await app.state.graphs.warm()
    state.warming = warming.begin(state.content)
    yield
    app.state.ending = True
    try:
        await asyncio.gather(caught_up, switching, retaining, mirroring, *passing_on)
    finally:
        await app.state.graphs.close()
        await to_thread.run_sync(app.state.deliveries.let_go)
        app.state.journal.close()


async def _caught_up(app: FastAPI) -> None:
    """Catch up; where that fails the service answers what it can, and the log says why."""
    try:
        await to_thread.run_sync(app.state.deliveries.catch_up, lambda: app.state.ending, limiter=app.state.turns)
        await to_thread.run_sync(app.state.switch.follow, limiter=app.state.turns)
    except (AugenblickError, OSError, sqlite3.Error, duckdb.Error) as error:
        if not app.state.ending:
            logs.say("not caught up", level=logging.ERROR, error=error)


def _subscription(app: FastAPI, hook: Webhook) -> Subscription:
    state = app.state
    source = state.settings.public_url or "urn:augenblick"
    return Subscription(hook, state.journal, state.dossiers, state.policy, state.trail, state.metrics, source=source)
