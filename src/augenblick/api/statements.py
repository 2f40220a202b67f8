"""What a customer says, written down by who speaks with them: a moment, a consent, an objection."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from augenblick.api.access import Caller, admitted
from augenblick.api.answer import Spoken, dossiers
from augenblick.api.customers import CustomerId
from augenblick.api.idempotency import Key
from augenblick.api.loading import ANSWERS, Row, Wish, answered, bringing
from augenblick.api.shapes import PROBLEMS
from augenblick.api.trail import audited
from augenblick.model.errors import BadParameter, NotPermitted
from augenblick.pipeline import today
from augenblick.policy import Consents, Gate

router = APIRouter(prefix="/v1/customers", tags=["statements"], responses=PROBLEMS)
Adviser = Annotated[Caller, Depends(admitted("offers"))]
Purpose = Literal["service", "advice", "advertising", "analysis", "special_category", "criminal_data", "disclosure"]
Channel = Literal["branch", "phone", "email", "post", "sms", "app", "web", "chat", "video", "atm"]


class Declared(BaseModel):
    """A moment the customer or the adviser states, or says is not so."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"moment": "childbirth", "occurred_on": "2026-04-12"}}
    )

    moment: str = Field(max_length=100, description="The moment type's slug.")
    occurred_on: date | None = Field(None, description="When it happened or will happen.")
    source: Literal["customer", "adviser"] = "customer"
    state: Literal["confirmed", "dismissed"] = "confirmed"
    note: str | None = Field(None, max_length=2000)


class ConsentSaid(BaseModel):
    """A consent given, refused or withdrawn; without a channel for every channel."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"purpose": "advertising", "channel": "email", "status": "given"}}
    )

    purpose: Purpose
    status: Literal["given", "refused", "withdrawn"]
    channel: Channel | None = None
    valid_from: date | None = Field(None, description="First day it holds; today where it is left out.")
    valid_to: date | None = Field(None, description="Last day it holds.")


class Objection(BaseModel):
    """A purpose the customer objects to, from today on, in every channel (Art. 21 GDPR)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"purpose": "advice"}})

    purpose: Purpose


@router.post("/{customer}/declared-moments", response_model=None, responses=ANSWERS)
async def declare(
    request: Request,
    caller: Adviser,
    spoken: Spoken,
    work: BackgroundTasks,
    customer: CustomerId,
    said: Declared,
    wish: Wish = None,
    key: Key = None,
) -> Response:
    """Write down a moment that somebody states; what follows is visible with the answer."""
    found = request.app.state.content.moment(said.moment)
    if found is None:
        raise BadParameter(f"There is no moment type '{said.moment}'.", where="moment")
    await _seen(request, caller, spoken, customer)
    decision = Gate(request.app.state.policy, Consents()).decide(caller.access, customer, found.legal_class)
    if not decision.shown:
        raise NotPermitted(decision.reason.in_language(spoken), hint=decision.source)
    row = {"customer_id": customer, **said.model_dump(mode="json"), "moment": found.slug}
    return await _taken(request, caller, work, "declared_moments", row, wish, key)


@router.post("/{customer}/consents", response_model=None, responses=ANSWERS)
async def consent(
    request: Request,
    caller: Adviser,
    spoken: Spoken,
    work: BackgroundTasks,
    customer: CustomerId,
    said: ConsentSaid,
    wish: Wish = None,
    key: Key = None,
) -> Response:
    """Write down a consent; it counts for every answer after this one."""
    await _seen(request, caller, spoken, customer)
    row = {"customer_id": customer, **said.model_dump(mode="json")}
    row["valid_from"] = row["valid_from"] or today().isoformat()
    return await _taken(request, caller, work, "consents", row, wish, key)


@router.post("/{customer}/objections", response_model=None, responses=ANSWERS)
async def objection(
    request: Request,
    caller: Adviser,
    spoken: Spoken,
    work: BackgroundTasks,
    customer: CustomerId,
    said: Objection,
    wish: Wish = None,
    key: Key = None,
) -> Response:
    """Write down an objection; it counts for every answer after this one, in REST and SPARQL."""
    await _seen(request, caller, spoken, customer)
    row: Row = {"customer_id": customer, "purpose": said.purpose, "status": "refused"}
    row["valid_from"] = today().isoformat()
    return await _taken(request, caller, work, "consents", row, wish, key)


async def _seen(request: Request, caller: Caller, spoken: Any, customer: str) -> None:
    """Raise `NotFound` for a customer the caller may not see for this purpose."""
    await audited(
        request, caller, "statement", customer, lambda: dossiers(request).dossier(caller.access, customer, spoken)
    )


async def _taken(
    request: Request, caller: Caller, work: BackgroundTasks, table: str, row: Row, wish: str | None, key: str | None
) -> Response:
    return await answered(request, caller, work, bringing({table: [row]}), wish, key, {table: row})
