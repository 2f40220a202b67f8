"""`/v1/customers`: found by id, name or IBAN; what is known of one, as far as the caller may see it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from augenblick import pipeline
from augenblick.api.access import Caller, admitted
from augenblick.api.answer import Spoken, dossiers, json_answer, plain, unchanged
from augenblick.api.direct import DirectRoute
from augenblick.api.shapes import PROBLEMS, Brief, Customer, Kin, Moment, MomentWithOffers, shape
from augenblick.api.trail import audited
from augenblick.model.errors import BadParameter, NotFound

router = APIRouter(prefix="/v1/customers", tags=["customers"], responses=PROBLEMS, route_class=DirectRoute)
MOST_FOUND = 50
MOST_AT_ONCE = 500

Reader = Annotated[Caller, Depends(admitted("offers", "explain"))]
Explainer = Annotated[Caller, Depends(admitted("explain"))]
Adviser = Annotated[Caller, Depends(admitted("offers"))]
CustomerId = Annotated[
    str, Path(max_length=200, description="The customer's id in the bank's export.", examples=["kid"])
]


class Appointments(BaseModel):
    """The customers of a day's appointments."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"customers": ["kid", "mum"]}})

    customers: list[Annotated[str, Field(max_length=200)]] = Field(
        min_length=1, max_length=MOST_AT_ONCE, description="Customer ids; unknown ones are left out of the answer."
    )


@router.get("", response_model=None, responses=shape(list[Brief]))
async def search(
    request: Request,
    caller: Reader,
    customer_id: Annotated[
        str | None, Query(alias="id", max_length=200, description="A customer's id.", examples=["kid"])
    ] = None,
    name: Annotated[
        str | None, Query(min_length=2, max_length=200, description="The beginning of a name, in either order.")
    ] = None,
    iban: Annotated[str | None, Query(min_length=5, max_length=60, description="An account's IBAN.")] = None,
) -> Response:
    """Find customers; there is no list without a filter."""
    if sum(value is not None for value in (customer_id, name, iban)) != 1:
        raise BadParameter("Give one of id, name and iban.", where="query", hint="e.g. ?name=Muster")
    found = dossiers(request).search(caller.access, customer=customer_id, name=name, iban=iban, most=MOST_FOUND)
    await request.app.state.trail.note(caller, "search", [each["customer_id"] for each in found] or [None])
    return json_answer(found)


@router.post("/lookup", response_model=None, responses=shape(list[Customer]))
async def lookup(request: Request, caller: Reader, spoken: Spoken, wanted: Appointments) -> Response:
    """Return several customers at once, such as those of a day's appointments."""
    found = []
    for customer in dict.fromkeys(wanted.customers):
        try:
            found.append(dossiers(request).dossier(caller.access, customer, spoken))
        except NotFound:
            continue
    await request.app.state.trail.note(caller, "customer", [each["customer_id"] for each in found] or [None])
    return json_answer(found, language=spoken)


@router.get("/{customer}", response_model=None, responses=shape(Customer))
async def one(request: Request, caller: Reader, spoken: Spoken, customer: CustomerId) -> Response:
    """Return what is known of a customer: person, accounts, contracts, consents, moments."""
    view = await audited(
        request, caller, "customer", customer, lambda: dossiers(request).dossier(caller.access, customer, spoken)
    )
    return unchanged(request, view, spoken)


@router.get("/{customer}/moments", response_model=None, responses=shape(list[Moment]))
async def moments(request: Request, caller: Reader, spoken: Spoken, customer: CustomerId) -> Response:
    """Return a customer's moments, the surest first."""
    view = await audited(
        request, caller, "moments", customer, lambda: dossiers(request).moments(caller.access, customer, spoken)
    )
    return unchanged(request, view, spoken)


@router.get("/{customer}/offers", response_model=None, responses=shape(list[MomentWithOffers]))
async def offers(request: Request, caller: Adviser, spoken: Spoken, customer: CustomerId) -> Response:
    """Return the open moments with what fits, what does not and why, and how to speak about it."""
    view = await audited(
        request, caller, "offers", customer, lambda: dossiers(request).offers(caller.access, customer, spoken)
    )
    return unchanged(request, view, spoken)


@router.get("/{customer}/family", response_model=None, responses=shape(list[Kin]))
async def family(request: Request, caller: Reader, customer: CustomerId) -> Response:
    """Return the recorded relations; persons who have not agreed to be told of stay unnamed."""
    view = await audited(request, caller, "family", customer, lambda: dossiers(request).family(caller.access, customer))
    return unchanged(request, view, None)


@router.get("/{customer}/family/{other}", response_model=None, responses=shape(list[Kin]))
async def kin_path(
    request: Request,
    caller: Reader,
    customer: CustomerId,
    other: Annotated[str, Path(max_length=200, description="The other customer's id.", examples=["mum"])],
) -> Response:
    """Return the chain of relations between two customers."""
    view = await audited(
        request, caller, "kin path", customer, lambda: dossiers(request).kin_path(caller.access, customer, other)
    )
    return unchanged(request, view, None)


@router.get("/{customer}/why-not/{moment}", response_model=None)
def why_not(
    request: Request,
    caller: Explainer,
    spoken: Spoken,
    customer: CustomerId,
    moment: Annotated[str, Path(max_length=100, description="A moment type's slug.", examples=["marriage"])],
) -> Response:
    """Return why the customer has no moment of the type: each pattern, and what of it was not there."""
    dossiers(request).dossier(caller.access, customer, spoken)
    state = request.app.state
    if state.content.moment(moment) is None:
        raise NotFound(f"There is no moment type '{moment}'.")
    told = state.writer.reading(
        lambda directory: pipeline.why_not(directory, customer, moment, access=caller.access, content=state.content)
    )
    return unchanged(request, plain(told.to_dict()), spoken)
