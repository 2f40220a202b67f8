"""Routes that read their parameters themselves answer as FastAPI's own do."""

from __future__ import annotations

import asyncio
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.routing import APIRoute

from augenblick.api.direct import DirectRoute

Purpose = Annotated[str | None, Header(alias="Purpose-Of-Use", max_length=8)]


async def purpose(request: Request, said: Purpose = None, role: Annotated[str, Header()] = "none") -> str:
    if said == "refused":
        raise HTTPException(403)
    return f"{request.method} {said} {role}"


async def needed(key: Annotated[str, Header()]) -> str:
    return key


def app_of(kind: type[APIRoute]) -> FastAPI:
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

    app = FastAPI()
    app.include_router(router)
    return app


def answer(kind: type[APIRoute], path: str, headers: dict[str, str]) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app_of(kind))
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
    direct, general = (answer(kind, f"/r/{path}", headers) for kind in (DirectRoute, APIRoute))
    assert (direct.status_code, direct.content) == (general.status_code, general.content)
    assert direct.status_code == status
