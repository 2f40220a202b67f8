"""`/v1/changes`: what appeared, changed and vanished, by cursor or as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from augenblick.api import events
from augenblick.api.access import Caller, admitted
from augenblick.api.answer import dossiers, json_answer
from augenblick.api.journal import Journal
from augenblick.api.shapes import PROBLEMS, ChangePage, shape
from augenblick.api.trail import Trail

router = APIRouter(prefix="/v1/changes", tags=["changes"], responses=PROBLEMS)
Receiver = Annotated[Caller, Depends(admitted("events"))]
POLL_SECONDS = 0.5
BEAT_SECONDS = 15


@router.get("", response_model=None, responses=shape(ChangePage))
async def page(
    request: Request,
    caller: Receiver,
    after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the answer before; 0 for all.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most changes of an answer.")] = 200,
) -> Response:
    """Return the changes behind a cursor, the earliest first; those of moments the caller may not see are left out.

    Numbers and cursor grow with time and tell nothing of what was left out.
    """
    journal: Journal = request.app.state.journal
    shown, following = await to_thread.run_sync(journal.page, after, limit, partial(_shown, request, caller))
    trail: Trail = request.app.state.trail
    await trail.note(caller, "changes", dict.fromkeys(change["customer_id"] for change in shown))
    return json_answer({"changes": [events.told(change) for change in shown], "next": following})


@router.get("/stream", response_class=StreamingResponse, include_in_schema=False)
async def stream(
    request: Request,
    caller: Receiver,
    last: Annotated[str | None, Header(alias="Last-Event-ID", pattern=r"^\d{1,18}$")] = None,
) -> StreamingResponse:
    """Tell changes as they come (server-sent events); a client that comes back goes on where it was."""
    journal: Journal = request.app.state.journal
    return StreamingResponse(
        _events(request, caller, int(last) if last else journal.last()), media_type="text/event-stream"
    )


async def _events(request: Request, caller: Caller, seq: int) -> AsyncIterator[bytes]:
    journal: Journal = request.app.state.journal
    trail: Trail = request.app.state.trail
    clock = asyncio.get_running_loop().time
    told = clock()  # what is not shown must not show in when a beat comes
    yield b": here\n\n"
    while not request.app.state.ending:
        found = journal.after(seq, 100)
        for change in found:
            seq = change["seq"]
            if _shown(request, caller, change):
                told = clock()
                await trail.note(caller, "changes", [change["customer_id"]])
                yield b"id: %d\nevent: %s\ndata: %s\n\n" % (
                    seq,
                    change["kind"].encode(),
                    orjson.dumps(events.told(change)),
                )
        if clock() - told >= BEAT_SECONDS:
            told = clock()
            yield b": still here\n\n"
        if not found:
            await asyncio.sleep(POLL_SECONDS)


def _shown(request: Request, caller: Caller, change: dict[str, Any]) -> bool:
    told = (change["customer_id"], change["moment_id"], change["moment_type"], change["standing"])
    return dossiers(request).may_be_told(caller.access, *told)
