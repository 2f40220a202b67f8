"""Routes that are asked most: a request that is as declared is read without FastAPI's general way of reading.

That takes longer than the answer. What a route declares stays what OpenAPI tells and what is checked: a request that is
not as declared goes the general way, which words the problem.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

Reading = Callable[[Request], Awaitable[dict[str, Any] | None]]
_TEXTS = (str, str | None)


class DirectRoute(APIRoute):
    """A route whose parameters are texts of path and headers, the request, and dependencies that take the same."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request; of a route with other parameters FastAPI's own."""
        general = super().get_route_handler()
        endpoint: Any = self.endpoint
        reading = _reading(self.dependant)
        if reading is None:
            return general

        async def answered(request: Request) -> Response:
            values = await reading(request)
            return await general(request) if values is None else await endpoint(**values)

        return answered


def _reading(dependant: Any) -> Reading | None:
    """Return how to get the arguments of a call from a request; None where they are of other kinds."""
    others = (dependant.query_params, dependant.body_params, dependant.cookie_params)
    if any(others) or not inspect.iscoroutinefunction(dependant.call) or _special(dependant):
        return None
    fields = [*((f, False) for f in dependant.path_params), *((f, True) for f in dependant.header_params)]
    inner = [(each.name, each.call, _reading(each)) for each in dependant.dependencies]
    if any(f.field_info.annotation not in _TEXTS for f, _ in fields) or any(r is None for _, _, r in inner):
        return None

    async def read(request: Request) -> dict[str, Any] | None:
        values: dict[str, Any] = {dependant.request_param_name: request} if dependant.request_param_name else {}
        for field, header in fields:
            text = (request.headers if header else request.path_params).get(field.alias)
            if text is None:
                if field.field_info.is_required():
                    return None
                values[field.name] = field.get_default()
                continue
            values[field.name], wrong = field.validate(text, {}, loc=())
            if wrong:
                return None
        for name, call, reading in inner:
            taken = await reading(request)  # type: ignore[misc]
            if taken is None:
                return None
            values[name] = await call(**taken)
        return values

    return read


def _special(dependant: Any) -> bool:
    names = ("websocket", "http_connection", "response", "background_tasks", "security_scopes")
    return any(getattr(dependant, f"{name}_param_name") for name in names)
