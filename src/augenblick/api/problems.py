"""Problem details (RFC 9457) for every error, and the one place where errors get their HTTP status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from augenblick.model import errors
from augenblick.model.errors import AugenblickError

MEDIA_TYPE = "application/problem+json"
DOCUMENTATION = "https://w3id.org/augenblick/errors#"

STATUS: dict[type[AugenblickError], int] = {
    errors.AugenblickError: 500,
    errors.InputError: 400,
    errors.HostileFile: 422,
    errors.ContentError: 422,
    errors.BadRule: 400,
    errors.StateError: 409,
    errors.NotLoaded: 503,
    errors.Busy: 503,
    errors.NotFound: 404,
    errors.QueryTimeout: 504,
    errors.Outdated: 503,
    errors.CannotWrite: 507,
    errors.BrokenGraph: 503,
    errors.StoreUnavailable: 503,
    errors.ToolMissing: 503,
    errors.GateError: 503,
    errors.NotPermitted: 403,
    errors.ServiceError: 400,
    errors.NotSignedIn: 401,
    errors.TooManyRequests: 429,
    errors.NotAcceptable: 406,
    errors.UnsupportedMediaType: 415,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.TooSlow: 408,
    errors.Overloaded: 503,
}
"""A class has the status of the nearest class above it that is listed."""

_RETRY_SECONDS = {429: "10", 503: "5"}


def status_of(error: AugenblickError) -> int:
    """Return the HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: int, detail: str, *, code: str | None = None, hint: str | None = None, **more: Any) -> Response:
    """Return a response of problem details; `more` are further members."""
    body = {
        "type": f"{DOCUMENTATION}{code}" if code else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
        **more,
    }
    headers = {"Retry-After": _RETRY_SECONDS[status]} if status in _RETRY_SECONDS else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="augenblick"'
    content = orjson.dumps({name: value for name, value in body.items() if value is not None})
    return Response(content, status, headers=headers, media_type=MEDIA_TYPE)


def problem_of(error: AugenblickError) -> Response:
    """Return the response of an error; where it happened is told of what the caller sent only, never of this host."""
    shown = isinstance(error, (errors.InputError, errors.ContentError))
    where = {"where": error.where} if shown and error.where else {}
    return problem(status_of(error), error.message, code=error.code, hint=error.hint, **where)


def install(app: FastAPI) -> None:
    """Let the application answer every error with problem details."""
    app.add_exception_handler(AugenblickError, _augenblick)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


async def _augenblick(_: Request, error: Exception) -> Response:
    if not isinstance(error, AugenblickError):
        raise error
    return problem_of(error)


async def _validation(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    # What was sent is not repeated: it may be a customer's data.
    fields = [{"field": ".".join(str(part) for part in each["loc"]), "reason": each["msg"]} for each in error.errors()]
    return problem(422, "The request is not as it must be.", code=errors.BadParameter.code, errors=fields)


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    response = problem(error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response
