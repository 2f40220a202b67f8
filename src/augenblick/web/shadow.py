"""The page of moments in shadow: whom they would find if they were shown, before anybody sees them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from augenblick.api.change_work import ChangeWork
from augenblick.content.model import SHADOW
from augenblick.web.changes import EXAMPLES, Reviewer, telling, work_of
from augenblick.web.desk import PageRoute, own_form

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PLACE, IMPACT = "/shadow", "impact"
Text = Annotated[str, Form(max_length=2000)]


@router.get(PLACE)
def shadow(desk: Reviewer) -> Response:
    """List the moments in shadow, and what they would find, once that was worked out."""
    found = [moment for moment in desk.content.moments if moment.content_state == SHADOW]
    piece = desk.works.look(work_of(desk).about(SHADOW, IMPACT))
    return desk.page("shadow.html", shadows=found, place=PLACE, kind=IMPACT, piece=piece, **telling(desk))


@router.get(f"{PLACE}/{IMPACT}")
def piece(desk: Reviewer) -> Response:
    """Show how far it is, or its outcome; alone for scripts, else on its page."""
    if not desk.by_script:
        return RedirectResponse(PLACE, 303)
    found = desk.works.look(work_of(desk).about(SHADOW, IMPACT))
    return desk.page("_piece.html", place=PLACE, kind=IMPACT, piece=found, **telling(desk))


@router.post(f"{PLACE}/begin")
def begin(desk: Reviewer, token: Text) -> Response:
    """Begin to work out what the moments in shadow would find."""
    own_form(desk, token)
    work = work_of(desk)
    desk.works.begin(work.about(SHADOW, IMPACT), partial(ChangeWork.shadow, work, most=EXAMPLES))
    return RedirectResponse(PLACE, 303)


@router.post(f"{PLACE}/stop")
def stop(desk: Reviewer, token: Text) -> Response:
    """Stop it."""
    own_form(desk, token)
    if found := desk.works.look(work_of(desk).about(SHADOW, IMPACT)):
        found.stop()
    return RedirectResponse(PLACE, 303)
