"""The shapes of REST answers, as the OpenAPI document tells them, with examples tests hold against the service."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Responses = dict[int | str, dict[str, Any]]


class Shape(BaseModel):
    """One answer; nothing stands in it that is not described."""

    model_config = ConfigDict(extra="forbid")


class Brief(Shape):
    """A customer found by a search."""

    customer_id: str
    given_name: str | None
    family_name: str | None
    birth_name: str | None
    birth_date: date | None
    city: str | None


class Moment(Shape):
    """A life moment of a customer."""

    moment_id: str = Field(description="Its IRI; the part after the data base names it, too.")
    customer_id: str
    type: str = Field(description="The moment type's slug.")
    label: str
    occurred_from: date
    occurred_to: date
    detected_on: date
    valid_until: date
    confidence: float = Field(ge=0, le=1)
    state: Literal["tentative", "confirmed", "acted", "dismissed", "expired"]


class Layer(Shape):
    """What one layer of conditions says of an offer."""

    layer: Literal["eligible", "applicable", "suitable", "contact"]
    fulfilled: bool
    reasons: list[str]


class Offer(Shape):
    """A product for a moment: offered, or which layer says no, with the reasons."""

    product: str
    label: str
    verdict: Literal["offered", "not eligible", "not applicable", "not suitable", "not contact"]
    rank: int
    reasons: list[str]
    layers: list[Layer]
    words: str | None


class Dialogue(Shape):
    """How to speak about a moment; spans in days from when it occurred."""

    dialogue: str
    channel_order: list[str]
    conducted_by: Literal["human", "automatic"]
    tone: str
    words: str
    must_not_say: str
    hand_over: str
    earliest_days: int
    latest_days: int


class WhatIf(Shape):
    """A smallest change that would change what is told of a moment or offer; `without`: patterns that would be missing.

    `size` counts what would have to be different at once.
    """

    kind: Literal["data", "consent", "data and consent"]
    sentence: str
    without: list[str]
    size: int


class MomentWithOffers(Moment):
    """An open moment with its offers and its dialogue."""

    offers: list[Offer]
    dialogue: Dialogue | None


class Kin(Shape):
    """A recorded relation: `of` says whose relation the word names, the other's or one's own."""

    relation: str
    of: Literal["other", "self"]
    valid_from: date | None
    valid_to: date | None
    customer_id: str | None = Field(description="None where the person has not agreed to be told of.")


class Standing(Shape):
    """Where a customer stands with a need; `since`: the day of the contact that shows it."""

    need: str
    need_label: str | None
    phase: str | None = Field(description="A moment of truth or a mode of the messy middle; none: no contact yet.")
    phase_label: str | None
    since: date | None


class Customer(Shape):
    """What is known of a customer."""

    customer_id: str
    person: dict[str, Any]
    accounts: list[dict[str, Any]]
    contracts: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    moments: list[Moment]
    as_of: date


class MomentPage(Shape):
    """Moments, the latest first; `next` is the cursor of the next page."""

    moments: list[Moment]
    next: str | None


class Said(Shape):
    """What somebody said of a moment."""

    action: Literal["confirmed", "dismissed", "acted", "reopened", "outcome"]
    reason: str | None
    note: str | None
    actor: str
    role: str
    at: datetime


class ChangeTold(Shape):
    """What became of a moment; `cause` is the action or the delivery that led to it."""

    seq: int = Field(description="Grows with time; tells nothing of how many changes lie between two.")
    at: datetime
    kind: Literal["appeared", "changed", "vanished"]
    moment_id: str
    customer_id: str
    moment_type: str
    old_state: str | None
    new_state: str | None
    old_confidence: float | None
    new_confidence: float | None
    cause: str


class ChangePage(Shape):
    """Changes, the earliest first; `next` is the cursor to go on with."""

    changes: list[ChangeTold]
    next: int


class Subscriber(Shape):
    """How far a subscriber of the change feed is."""

    name: str
    after: int = Field(description="The last change it took.")
    waiting: int = Field(description="Changes it is to be told of yet, at most 1000 are counted.")
    attempts: int = Field(description="Failed attempts at the next one.")
    error: str | None
    dead_letters: int


class RowTold(Shape):
    """A row that was kept out, or came in without one of its values; rows are counted from 1."""

    table: str | None
    file: str
    row: int
    field: str | None
    reason: str
    hint: str | None


class Window(Shape):
    """Where in the change feed a delivery's changes stand: behind `after`, as far as the caller may see any."""

    after: int


class Delivery(Shape):
    """What became of a delivery; `visible`: all that follows from it is."""

    delivery: int | None = Field(description="Its number; none where nothing of it was new.")
    state: Literal["taken", "visible"]
    totals: dict[str, int]
    rejects: list[RowTold]
    emptied: list[RowTold] = Field(description="Values not taken over from rows that were taken.")
    warnings: list[dict[str, str | None]]
    changes: Window | None
    snapshot: int | None
    seconds: dict[str, float]


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str | None = None
    hint: str | None = None


class DeliveryProblem(Problem):
    """A delivery of which no row could be taken, or a request that is not as it must be (then with `errors`)."""

    rejects: list[RowTold] | None = None
    errors: list[dict[str, str]] | None = None


def shape(kind: Any, *, status: int = 200) -> Responses:
    """Return the OpenAPI entry of an answer."""
    return {status: {"model": kind}}


PROBLEMS: Responses = {
    status: {"model": Problem, "description": text}
    for status, text in (
        (400, "Something asked for is not as it must be."),
        (401, "An access token is needed."),
        (403, "The role or the purpose does not allow it."),
        (404, "There is nothing of that name the caller may see."),
        (409, "The state does not allow it."),
        (413, "Too large."),
        (422, "The request is not as it must be."),
        (429, "Too many requests."),
        (503, "Not ready, or too much is asked at once."),
    )
}
