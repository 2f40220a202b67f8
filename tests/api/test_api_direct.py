"""Routes that read their parameters themselves answer as FastAPI's own do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.routing import APIRoute

from augenblick.api.direct import DirectDoor, DirectRoute

Purpose = Annotated[str | None, Header(alias="Purpose-Of-Use", max_length=8)]


async def purpose(request: Request, said: Purpose = None, role: Annotated[str, Header()] = "none") -> str:
    if said == "refused":
        raise HTTPException(403)
    return f"{request.method} {said} {role}"


async def needed(key: Annotated[str, Header()]) -> str:
    return key


def router_of(kind: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/r", route_class=kind)

    @router.get("/one/{customer}")
    async def one(
        request: Request, said: Annotated[str, Depends(purpose)], customer: Annotated[str, Path(max_length=3)]
    ) -> Response:
        return Response(f"{request.url.path} {said} {customer}")

    @router.get("/two/{customer}")
    async def two(customer: str, key: Annotated[str, Depends(needed)]) -> Response:
        return Response(f"{customer} {key}")

    @router.get("/three/{customer}")
    async def three(customer: int, most: Annotated[int, Query()] = 3) -> Response:
        return Response(f"{customer} {most}")

    return router


def app_of(kind: type[APIRoute], *, door: bool = False) -> FastAPI:
    router = router_of(kind)
    app = FastAPI()
    app.include_router(router)
    if door:
        app.add_middleware(DirectDoor, routes=router.routes)
    return app


def answer(app: FastAPI, path: str, headers: dict[str, str]) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("one/kid", {}, 200),
        ("one/kid", {"Purpose-Of-Use": "advice", "Role": "crm"}, 200),
        ("one/kid", {"Purpose-Of-Use": "refused"}, 403),
        ("one/kid", {"Purpose-Of-Use": "much too long"}, 422),
        ("one/kids", {}, 422),
        ("one/%C3%A4", {}, 200),
        ("two/kid", {}, 422),
        ("two/kid", {"Key": "k"}, 200),
        ("three/7", {}, 200),
        ("three/x", {}, 422),
        ("three/7?most=x", {}, 422),
    ],
)
def test_request_is_answered_as_by_fastapis_own_route(path: str, headers: dict[str, str], status: int) -> None:
    apps = app_of(DirectRoute), app_of(DirectRoute, door=True), app_of(APIRoute)
    direct, before, general = (answer(app, f"/r/{path}", headers) for app in apps)
    assert (direct.status_code, direct.content) == (general.status_code, general.content)
    assert (before.status_code, before.content) == (general.status_code, general.content)
    assert direct.status_code == status


@pytest.mark.parametrize(("headers", "passed"), [({}, False), ({"Origin": "https://x.example"}, True)])
def test_only_requests_of_other_origins_reach_the_layers_behind(headers: dict[str, str], passed: bool) -> None:
    app, seen = app_of(DirectRoute), list[str]()

    @app.middleware("http")
    async def behind(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        seen.append(request.url.path)
        return await call_next(request)

    app.add_middleware(DirectDoor, routes=router_of(DirectRoute).routes)
    assert answer(app, "/r/one/kid", headers).status_code == 200
    assert bool(seen) is passed
