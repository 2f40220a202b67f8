"""The page of all addresses at which nothing is."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from augenblick.model.errors import NotFound
from augenblick.web.desk import failed


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell a browser by a page that there is nothing here, and all others as the service does."""
    if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
        await router.not_found(scope, receive, send)
        return
    error = NotFound("There is no such page.", hint="the first page leads to all others")
    await failed(Request(scope, receive), error)(scope, receive, send)


router = APIRouter(default=nowhere)
