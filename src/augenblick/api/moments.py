"""`/v1/moments`: by type and time; one with its reasons."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from augenblick import pipeline
from augenblick.api.access import Caller, admitted
from augenblick.api.answer import Spoken, dossiers, json_answer, plain, unchanged
from augenblick.api.shapes import PROBLEMS, Dialogue, Moment, MomentPage, WhatIf, shape
from augenblick.api.trail import audited
from augenblick.explain.words import Language
from augenblick.model.errors import BadParameter, NotFound
from augenblick.offers import dialogue

router = APIRouter(prefix="/v1/moments", tags=["moments"], responses=PROBLEMS)
MOST = 200
ME = "me"
"""For the caller where an adviser is asked for."""

Reader = Annotated[Caller, Depends(admitted("offers", "explain"))]
Adviser = Annotated[Caller, Depends(admitted("offers"))]
Explainer = Annotated[Caller, Depends(admitted("explain"))]
MomentId = Annotated[
    str,
    Path(
        max_length=500,
        description="The moment's IRI, or the part after the data base.",
        examples=["moment/kid/childbirth/2026-04-14"],
    ),
]


@router.get("", response_model=None, responses=shape(MomentPage))
async def page(
    request: Request,
    caller: Reader,
    spoken: Spoken,
    moment_type: Annotated[
        str | None, Query(alias="type", max_length=100, description="A moment type's slug.", examples=["childbirth"])
    ] = None,
    since: Annotated[date | None, Query(description="Moments that occurred on this day or later.")] = None,
    until: Annotated[date | None, Query(description="Moments that occurred on this day or earlier.")] = None,
    adviser: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Moments of the customers this adviser looks after, as the bank's `customers` name them; "
            "`me`: of the caller's own. A choice among what the caller may see, no permission.",
        ),
    ] = None,
    cursor: Annotated[str | None, Query(max_length=800, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most moments of a page.")] = 50,
) -> Response:
    """Return moments by type, time and adviser, the latest first, page by page; one of them must be given."""
    if moment_type is None and since is None and not adviser:
        raise BadParameter(
            "Give a type, since or an adviser.", where="query", hint="e.g. ?type=childbirth&since=2026-01-01"
        )
    found = request.app.state.content.moment(moment_type) if moment_type else None
    if moment_type and found is None:
        raise BadParameter(f"There is no moment type '{moment_type}'.", where="type")
    views, following = dossiers(request).page(
        caller.access,
        spoken,
        moment_type=found.iri if found else None,
        since=since,
        until=until,
        before=place_of(cursor) if cursor else None,
        most=limit,
        adviser=caller.adviser if adviser == ME else adviser or None,
    )
    await request.app.state.trail.note(
        caller, "moments", dict.fromkeys(view["customer_id"] for view in views) or [None]
    )
    return json_answer({"moments": views, "next": cursor_of(following) if following else None}, language=spoken)


@router.get("/{moment:path}/explanation", response_model=None)
def explanation(request: Request, caller: Explainer, spoken: Spoken, moment: MomentId) -> Response:
    """Return why the moment is believed: weights, and under each what it rests on, down to the booking line."""
    seen = _seen(request, caller, spoken, moment)
    state = request.app.state
    found = state.writer.reading(
        lambda directory: pipeline.explain(directory, seen, access=caller.access, content=state.content)
    )
    return unchanged(request, plain(found.to_dict()), None)


@router.get("/{moment:path}/counterfactual", response_model=None, responses=shape(list[WhatIf]))
def counterfactual(
    request: Request,
    caller: Explainer,
    spoken: Spoken,
    moment: MomentId,
    product: Annotated[str | None, Query(max_length=300, description="A product's slug or IRI.")] = None,
) -> Response:
    """Return the smallest changes in data or consent that would take the moment away or change its state.

    With `product`: that would change whether it is offered. The smallest of all comes first.
    """
    seen = _seen(request, caller, spoken, moment)
    state = request.app.state
    found = state.writer.reading(
        lambda directory: pipeline.what_if(
            directory, seen, access=caller.access, product=product, content=state.content
        )
    )
    told = [
        {"kind": c.kind, "sentence": c.sentence.in_language(spoken), "without": list(c.without), "size": c.size}
        for c in found
    ]
    return unchanged(request, told, spoken)


@router.get("/{moment:path}/dialogue", response_model=None, responses=shape(Dialogue))
async def how_to_say(request: Request, caller: Adviser, spoken: Spoken, moment: MomentId) -> Response:
    """Return who speaks of the moment, where, when and in which words."""
    view = await _one(request, caller, spoken, moment, "dialogue")
    state = request.app.state
    found = dialogue(state.content, state.content.moment(view["type"]).iri, spoken)
    if found is None:
        raise NotFound("Nothing is to be said of this moment.")
    return unchanged(request, found.to_dict(), spoken)


@router.get("/{moment:path}", response_model=None, responses=shape(Moment))
async def one(request: Request, caller: Reader, spoken: Spoken, moment: MomentId) -> Response:
    """Return one moment."""
    return unchanged(request, await _one(request, caller, spoken, moment, "moment"), spoken)


async def _one(request: Request, caller: Caller, spoken: Language, moment: str, question: str) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        return dossiers(request).moment(caller.access, moment, spoken)

    return await audited(request, caller, question, lambda view: str(view["customer_id"]), look)


def _seen(request: Request, caller: Caller, spoken: Language, moment: str) -> str:
    """Return the IRI of a moment the caller may see; what is asked of it is written down where it is answered."""
    return str(dossiers(request).moment(caller.access, moment, spoken)["moment_id"])


def cursor_of(place: tuple[str, str]) -> str:
    """Return the cursor of the page that begins behind a place."""
    return base64.urlsafe_b64encode("\n".join(place).encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[str, str]:
    """Return the place behind which a cursor's page begins.

    Raises `BadParameter` for what is no cursor.
    """
    try:
        day, moment = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("\n")
    except (binascii.Error, ValueError) as error:
        raise BadParameter("The cursor is none of this service.", where="cursor") from error
    return day, moment
