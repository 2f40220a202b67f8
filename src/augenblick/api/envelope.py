"""What surrounds every request: id, limits on its body, security headers, log line, figures, no stack trace."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from augenblick.api import logs
from augenblick.api.metrics import Metrics
from augenblick.api.problems import problem, problem_of
from augenblick.model.errors import AugenblickError, TooLarge, TooSlow
from augenblick.store import disk

_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_CLOSED = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_STRICT = (b"strict-transport-security", b"max-age=31536000")


class Envelope:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, body_bytes: int, body_seconds: float) -> None:
        self._app = app
        self._metrics = metrics
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        identity = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8).encode()
        token = logs.request_id.set(identity.decode())
        answer = _Answer(send, identity, secure=scope["scheme"] == "https")
        begun = time.perf_counter()
        try:
            await self._answered(scope, _Body(receive, headers, self._body_bytes, self._body_seconds), answer)
        finally:
            self._note(scope, answer, time.perf_counter() - begun)
            logs.request_id.reset(token)

    async def _answered(self, scope: Scope, body: _Body, answer: _Answer) -> None:
        try:
            body.refuse_announced()
            await self._app(scope, body.receive, answer.send)
        except AugenblickError as error:
            if answer.status is not None:
                raise  # the connection is cut, so the caller knows that the answer is not whole
            await problem_of(error)(scope, body.receive, answer.send)
        except Exception as error:  # the last fence: nothing inside is shown outside
            logs.say("failed", level=logging.ERROR, error=error)
            if answer.status is not None:
                raise
            if refusal := disk.refused(error):
                await problem_of(refusal)(scope, body.receive, answer.send)
                return
            await problem(500, "Something went wrong; the log has it under this request's id.", code="AB000")(
                scope, body.receive, answer.send
            )

    def _note(self, scope: MutableMapping[str, Any], answer: _Answer, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        status = answer.status or 499
        self._metrics.answered(scope["method"], route, status, seconds)
        logs.say("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


class _Answer:
    """The way out: remembers the status and adds the headers all answers carry."""

    def __init__(self, send: Send, identity: bytes, *, secure: bool) -> None:
        self._send = send
        self._identity = identity
        self._secure = secure
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), (b"x-request-id", self._identity), *_HEADERS]
            names = {name for name, _ in headers}
            if b"content-security-policy" not in names:
                headers.append(_CLOSED)
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store"))
            if self._secure:
                headers.append(_STRICT)
            message = {**message, "headers": headers}
        await self._send(message)


class _Body:
    """The way in: bounds a body's size and the time it may take."""

    def __init__(self, receive: Receive, headers: dict[bytes, bytes], most: int, seconds: float) -> None:
        self._receive = receive
        self._announced = headers.get(b"content-length", b"0")
        self._waiting = b"content-length" in headers or b"transfer-encoding" in headers
        self._most = most
        self._seconds = seconds
        self._seen = 0
        self._until: float | None = None

    def refuse_announced(self) -> None:
        """Raise `TooLarge` for a body whose length says so."""
        if self._announced.isdigit() and int(self._announced) > self._most:
            raise self._too_large()

    async def receive(self) -> Message:
        """Return the next part.

        Raises `TooLarge` and `TooSlow`.
        """
        message = await self._timely() if self._waiting else await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._waiting = self._waiting and message.get("more_body", False)
            if self._seen > self._most:
                raise self._too_large()
        return message

    async def _timely(self) -> Message:
        clock = asyncio.get_running_loop().time
        self._until = self._until or clock() + self._seconds
        try:
            return await asyncio.wait_for(self._receive(), self._until - clock())
        except TimeoutError:
            raise TooSlow(f"The body did not arrive within {self._seconds:g} seconds.") from None

    def _too_large(self) -> TooLarge:
        return TooLarge(f"A body may have {self._most / 1e6:g} MB.", hint="load large files with `augenblick ingest`")
