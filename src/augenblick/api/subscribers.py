"""`/v1/webhooks`: how far the subscribers of the change feed are; what was given up or missed is sent again."""

from __future__ import annotations

import time
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from augenblick.api.access import admitted
from augenblick.api.answer import json_answer
from augenblick.api.shapes import PROBLEMS, Subscriber, shape
from augenblick.api.webhooks import Subscription
from augenblick.model.errors import NotFound

router = APIRouter(
    prefix="/v1/webhooks",
    tags=["changes"],
    responses=PROBLEMS,
    dependencies=[Depends(admitted("events", "delivery"))],
)
Name = Annotated[str, Path(max_length=60, description="The subscriber's name in the settings.", examples=["crm"])]


@router.get("", response_model=None, responses=shape(list[Subscriber]))
def subscribers(request: Request) -> Response:
    """Return how far each subscriber is."""
    return json_answer([hook.state() for hook in request.app.state.hooks.values()])


@router.post("/{name}/replay", response_model=None, responses=shape(Subscriber))
async def replay(
    request: Request,
    name: Name,
    after: Annotated[int, Query(ge=0, le=2**62, description="Changes behind this one are sent again.", examples=[0])],
) -> Response:
    """Send all changes behind one again."""
    hook = _hook(request, name)
    hook.replay(after)
    return json_answer(await to_thread.run_sync(hook.state))


@router.post("/{name}/dead-letters", response_model=None, responses=shape(Subscriber))
async def resend(request: Request, name: Name) -> Response:
    """Send the changes that were given up once more; those that are taken are dead letters no longer."""
    hook = _hook(request, name)
    await hook.resend(time.time())
    return json_answer(await to_thread.run_sync(hook.state))


def _hook(request: Request, name: str) -> Subscription:
    found: Subscription | None = request.app.state.hooks.get(name)
    if found is None:
        raise NotFound("There is no such subscriber.", hint="the setting `webhooks` lists them")
    return found
