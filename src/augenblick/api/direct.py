"""Routes that are asked most: a request that is as declared is read without FastAPI's general way of reading.

That takes longer than the answer. What a route declares stays what OpenAPI tells and what is checked: a request that is
not as declared goes the general way, which words the problem.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

Reading = Callable[[Request, dict[str, str]], Awaitable[dict[str, Any] | None]]
Answering = Callable[[Request], Awaitable[Response | None]]
_TEXTS = (str, str | None)


class DirectRoute(APIRoute):
    """A route whose parameters are texts of path and headers, the request, and dependencies that take the same."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request; of a route with other parameters FastAPI's own."""
        general, direct = super().get_route_handler(), self.direct()
        if direct is None:
            return general

        async def answered(request: Request) -> Response:
            return await direct(request) or await general(request)

        return answered

    def direct(self) -> Answering | None:
        """Return what answers a request that is as declared; None for a route with other parameters."""
        endpoint: Any = self.endpoint
        reading = _reading(self.dependant)
        if reading is None:
            return None

        async def answered(request: Request) -> Response | None:
            # Of headers that come twice the first counts.
            headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in reversed(request.scope["headers"])}
            values = await reading(request, headers)
            return None if values is None else await endpoint(**values)

        return answered


class DirectDoor:
    """The layer before FastAPI: what a direct route answers does not go through all that FastAPI does for others.

    Errors of the package are for the layer around it to word. Requests of other origins, which may not ask everything,
    and errors FastAPI knows go the general way.
    """

    def __init__(self, app: ASGIApp, *, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        asked = [route for route in routes if isinstance(route, DirectRoute) and "GET" in (route.methods or ())]
        self._routes = [(route, direct) for route in asked if (direct := route.direct())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or hand it on."""
        if scope["type"] == "http" and scope["method"] == "GET" and not scope.get("root_path"):
            for route, direct in self._routes:
                if found := route.path_regex.match(scope["path"]):
                    if response := await _answered(route, direct, found.groupdict(), scope, receive):
                        await response(scope, receive, send)
                        return
                    break
        await self._app(scope, receive, send)


async def _answered(
    route: DirectRoute, direct: Answering, texts: dict[str, str], scope: Scope, receive: Receive
) -> Response | None:
    """Return a route's answer to a request; None where it must go the general way."""
    if any(name == b"origin" for name, _ in scope["headers"]):
        return None
    scope["route"] = route
    try:
        return await direct(Request({**scope, "path_params": texts}, receive))
    except HTTPException:
        return None


def _reading(dependant: Any) -> Reading | None:
    """Return how to get the arguments of a call from a request; None where they are of other kinds."""
    others = (dependant.query_params, dependant.body_params, dependant.cookie_params)
    if any(others) or not inspect.iscoroutinefunction(dependant.call) or _special(dependant):
        return None
    fields = [(f, f.alias, False) for f in dependant.path_params]
    fields += [(f, f.alias.lower(), True) for f in dependant.header_params]
    inner = [(each.name, each.call, _reading(each)) for each in dependant.dependencies]
    if any(f.field_info.annotation not in _TEXTS for f, _, _ in fields) or any(r is None for _, _, r in inner):
        return None

    async def read(request: Request, headers: dict[str, str]) -> dict[str, Any] | None:
        values: dict[str, Any] = {dependant.request_param_name: request} if dependant.request_param_name else {}
        for field, name, header in fields:
            text = (headers if header else request.path_params).get(name)
            if text is None:
                if field.field_info.is_required():
                    return None
                values[field.name] = field.get_default()
                continue
            values[field.name], wrong = field.validate(text, {}, loc=())
            if wrong:
                return None
        for name, call, reading in inner:
            taken = await reading(request, headers)  # type: ignore[misc]
            if taken is None:
                return None
            values[name] = await call(**taken)
        return values

    return read


def _special(dependant: Any) -> bool:
    names = ("websocket", "http_connection", "response", "background_tasks", "security_scopes")
    return any(getattr(dependant, f"{name}_param_name") for name in names)
