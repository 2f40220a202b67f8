"""SPARQL 1.1 Protocol at `/sparql`: what is asked is read here, answered in a worker, and streamed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.types import Receive, Scope, Send

from augenblick.api.access import Caller, admitted
from augenblick.api.answer import etag
from augenblick.api.graphs import Graphs
from augenblick.api.negotiation import GRAPHS, RESULTS, best, media_type
from augenblick.api.settings import limits_of
from augenblick.api.slow_queries import ANSWERED, LEFT
from augenblick.api.updates import said, updated
from augenblick.model.errors import AugenblickError, BadParameter, NotAcceptable, UnsupportedMediaType
from augenblick.policy.audit import query_name
from augenblick.publish.pool import Answer
from augenblick.publish.query import refuse_calls_outside

router = APIRouter(tags=["SPARQL"])
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
ENOUGH = 65_536
"""Bytes that are gathered before the answer begins; what is smaller goes out in one piece with its length."""
SparqlCaller = Annotated[Caller, Depends(admitted("sparql"))]


@dataclass
class Asked:
    """What a protocol request says: the query and the dataset it names."""

    query: str
    default: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)


async def lead_browser(request: Request) -> None:
    """Lead who wants a page and asks nothing to the page for queries, where there is one."""
    page, asks = request.app.state.query_page, {"query", "update"} & set(request.query_params)
    if page and not asks and best(request.headers.get("accept"), {**GRAPHS, "html": ("text/html",)}) == "html":
        raise HTTPException(303, headers={"Location": page})


@router.get("/sparql", response_class=Response, include_in_schema=False, dependencies=[Depends(lead_browser)])
@router.get("/sparql/", response_class=Response, include_in_schema=False, dependencies=[Depends(lead_browser)])
async def get(request: Request, caller: SparqlCaller) -> Response:
    """Answer a query in the URL; without one, describe the service."""
    pairs = _pairs(request.scope["query_string"], where="URL")
    if not any(name in ("query", "update") for name, _ in pairs):
        return await describe(request, caller)
    return await answered(request, caller, asked(pairs))


@router.post("/sparql", response_class=Response, include_in_schema=False)
@router.post("/sparql/", response_class=Response, include_in_schema=False)
async def post(request: Request, caller: SparqlCaller) -> Response:
    """Answer a query in the body, as a form or as it is."""
    pairs = _pairs(request.scope["query_string"], where="URL")
    kind = content_type(request)
    body = await request.body()
    if kind == FORM:
        pairs += _pairs(body, where="body")
        if any(name == "update" for name, _ in pairs):
            return await updated(request, caller, said(pairs))
        return await answered(request, caller, asked(pairs))
    if kind == UPDATE:
        return await updated(request, caller, said([*pairs, ("update", text_of(body))]))
    if kind == QUERY:
        return await answered(request, caller, asked([*pairs, ("query", text_of(body))]))
    raise UnsupportedMediaType("The body is no SPARQL.", hint=f"send it as {QUERY}, {UPDATE} or {FORM}")


def asked(pairs: list[tuple[str, str]]) -> Asked:
    """Return what the parameters ask.

    Raises `BadParameter` unless there is exactly one query.
    """
    queries = [value for name, value in pairs if name == "query"]
    if any(name == "update" for name, _ in pairs):
        raise BadParameter("An update is no query.", where="update", hint="POST it")
    if len(queries) != 1:
        raise BadParameter(f"There must be one query, not {len(queries)}.", where="query")
    return Asked(
        queries[0],
        [value for name, value in pairs if name == "default-graph-uri"],
        [value for name, value in pairs if name == "named-graph-uri"],
    )


async def answered(request: Request, caller: Caller, query: Asked) -> Response:
    """Return the answer to a query, 304 where the caller has it already."""
    refuse_calls_outside(query.query)
    graphs: Graphs = request.app.state.graphs
    view = await graphs.view_of(caller)
    accept = request.headers.get("accept")
    forms = {"results": best(accept, RESULTS), "graphs": best(accept, GRAPHS)}
    if not any(forms.values()):
        raise NotAcceptable("No form of a query's answer is taken.", hint=f"Accept one of {', '.join(_media_types())}")
    limits = limits_of(request.app.state.settings, caller.access.role)
    base = str(request.url.replace(query=""))
    work = await graphs.work(view, caller, query.query, limits, base=base, default=query.default, named=query.named)
    await request.app.state.trail.note(caller, query_name(query.query), [None])
    return Streamed(
        request.app, work | forms, limits.seconds, request.headers.get("if-none-match", ""), caller.access.role
    )


async def describe(request: Request, caller: Caller) -> Response:
    """Return the service description."""
    form = best(request.headers.get("accept"), GRAPHS)
    if form is None:
        raise NotAcceptable("The service description has no such form.", hint="Accept text/turtle")
    graphs: Graphs = request.app.state.graphs
    allowed = await graphs.allowed(graphs.view(), caller)
    content = graphs.description(str(request.url.replace(query="")), caller, allowed, form)
    return Response(content, media_type=media_type(form), headers={"ETag": etag(content), "Vary": "Accept"})


class Streamed(Response):
    """An answer that is fetched while it is sent; a caller who leaves has the query killed."""

    def __init__(self, app: Any, work: dict[str, Any], seconds: float, held: str, role: str) -> None:
        super().__init__()
        self._state = app.state
        self._work = work
        self._seconds = seconds
        self._held = held
        self._role = role

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not sending.done():
                sending.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            sending.result()

    async def _send(self, send: Send) -> None:
        begun, outcome = time.perf_counter(), LEFT
        try:
            async with self._state.graphs.answer(self._work, seconds=self._seconds) as answer:
                await _sent(answer, send, self._held)
                outcome = ANSWERED  # from here on the caller may leave
                self._state.metrics.query_seconds.labels(answer.kind).observe(time.perf_counter() - begun)
        except AugenblickError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._note(outcome, time.perf_counter() - begun)

    def _note(self, outcome: str, seconds: float) -> None:
        self._state.metrics.queries.labels(outcome).inc()
        self._state.slow_queries.note(query_name(self._work["asked"]), self._role, seconds, outcome)


async def _sent(answer: Answer, send: Send, held: str) -> None:
    """Send an answer, 304 where the caller holds it already; a long one goes out as it comes and bears no ETag."""
    first, more = await _first(answer.chunks)
    headers = [(b"vary", b"Accept, Authorization, Purpose-Of-Use"), (b"cache-control", b"private, no-cache")]
    tag = None if more else etag(first)
    if tag:
        headers.append((b"etag", tag.encode()))
    if tag and tag in held:
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers.append((b"content-type", media_type(answer.form).encode()))
    if not more:
        headers.append((b"content-length", str(len(first)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": first, "more_body": more})
    if more:
        async for chunk in answer.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _first(chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """Return the beginning of the answer and whether there may be more."""
    gathered = []
    size = 0
    async for chunk in chunks:
        gathered.append(chunk)
        size += len(chunk)
        if size >= ENOUGH:
            return b"".join(gathered), True
    return b"".join(gathered), False


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _pairs(text: bytes, *, where: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise BadParameter("The parameters are not URL-encoded UTF-8.", where=where) from error


def content_type(request: Request) -> str:
    """Return the media type of a body, which is UTF-8.

    Raises `UnsupportedMediaType` for another charset.
    """
    name, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    charset = next((p[8:].strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"SPARQL comes in UTF-8, not in {charset[:20]}.")
    return name


def text_of(body: bytes) -> str:
    """Return a body as text.

    Raises `BadParameter` where it is not UTF-8.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadParameter("The body is not UTF-8.", where="body") from error


def _media_types() -> list[str]:
    return [names[0] for names in (*RESULTS.values(), *GRAPHS.values())]
