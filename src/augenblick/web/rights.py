"""Pages on which data protection fulfils customers' rights: disclosure (Art. 15 GDPR) and erasure (Art. 17 GDPR)."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse

from augenblick import pipeline
from augenblick.api import forgetting
from augenblick.api.long_work import Piece
from augenblick.explain.text import MAIN_FIELDS
from augenblick.model.errors import BadParameter, NotFound
from augenblick.model.progress import Progress
from augenblick.pipeline import Disclosure
from augenblick.pipeline.disclosing import TABLES
from augenblick.pipeline.disclosure_page import LONG, WIDE, coded, named, said
from augenblick.pipeline.erasing import certificate_of, certificates
from augenblick.web import words
from augenblick.web.desk import Desk, PageRoute, own_form, progressing, seated
from augenblick.web.editor import directory_of
from augenblick.web.waterfall import waterfalls

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Officer = Annotated[Desk, Depends(seated("disclosure"))]
Text = Annotated[str, Form(max_length=200)]
Customer = Annotated[str, Query(max_length=200)]
DISCLOSURE = "disclosure"


@router.get("/rights")
def rights(desk: Officer, customer: Customer = "") -> Response:
    """Show where a disclosure or an erasure begins, and the certificates of those erased."""
    kept = list(certificates(directory_of(desk)))
    return desk.page("rights.html", customer=customer.strip(), certificates=kept, problem=None)


@router.post("/rights/disclosure")
def disclose(desk: Officer, token: Text, customer: Text) -> Response:
    """Begin a disclosure."""
    own_form(desk, token)
    number = _known(desk, customer)
    state, access = desk.request.app.state, desk.admitted.access

    def work(progress: Progress) -> Disclosure:
        progress(DISCLOSURE, 0, 1)
        told: Disclosure = state.writer.reading(lambda directory: pipeline.disclose(directory, number, access=access))
        return told

    desk.works.begin(_about(desk, DISCLOSURE, number), work)
    return RedirectResponse(f"/rights/disclosure?{urlencode({'customer': number})}", 303)


@router.get("/rights/disclosure")
def disclosure(desk: Officer, customer: Customer) -> Response:
    """Show how far a disclosure is, or what is to be told."""
    piece = desk.works.look(_about(desk, DISCLOSURE, customer))
    if piece is None:
        return RedirectResponse(f"/rights?{urlencode({'customer': customer})}", 303)
    told = piece.outcome if piece.state == "done" else None
    values: dict[str, Any] = {"told": told}
    if told:
        values |= _spoken(desk, told) | {"fields": MAIN_FIELDS, "falls": waterfalls(*told.inferred)}
    about = {"customer": customer}
    return _page(desk, piece, "disclosure.html", about=about, kind=DISCLOSURE, **about, **values)


@router.get("/rights/disclosure/file")
def disclosure_file(desk: Officer, customer: Customer, form: Literal["html", "json"] = "html") -> Response:
    """Return a disclosure as the file that is given to the customer."""
    piece = desk.works.look(_about(desk, DISCLOSURE, customer))
    if piece is None or piece.state != "done":
        raise NotFound("There is no such disclosure.", hint="begin it first")
    told: Disclosure = piece.outcome
    text = told.html() if form == "html" else json.dumps(told.to_dict(), ensure_ascii=False, indent=2, default=str)
    media_type = "text/html" if form == "html" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="auskunft.{form}"'}
    return Response(text, media_type=media_type, headers=headers)


@router.post("/rights/erasure")
def erase(desk: Officer, token: Text, customer: Text, again: Text = "", sure: Text = "") -> Response:
    """Begin an erasure once its number was typed twice and the box was ticked."""
    own_form(desk, token)
    number = _known(desk, customer)
    if again.strip() != number or not sure:
        problem = "rights.again_differs" if again.strip() != number else "rights.not_sure"
        kept = list(certificates(directory_of(desk)))
        return desk.page("rights.html", status=422, customer=number, certificates=kept, problem=problem)
    desk.note(forgetting.ERASURE, [number])
    reference, _ = forgetting.begin(desk.request.app.state, number, who=desk.session.name)
    return RedirectResponse(f"/rights/erasure?{urlencode({'reference': reference})}", 303)


@router.get("/rights/erasure")
def erasure(desk: Officer, reference: Annotated[str, Query(max_length=40)]) -> Response:
    """Show how far an erasure is, or its certificate; whose it was is not kept."""
    piece = forgetting.look(desk.request.app.state, reference, who=desk.session.name)
    if piece is None:
        return RedirectResponse("/rights", 303)
    return _page(desk, piece, "erasure.html", about={"reference": reference}, kind=forgetting.ERASURE)


@router.get("/rights/certificates/{reference}")
def certificate(desk: Officer, reference: str) -> Response:
    """Return the certificate of an erasure as a file."""
    found = certificate_of(directory_of(desk), reference)
    if found is None:
        raise NotFound("There is no such certificate.")
    headers = {"Content-Disposition": f'attachment; filename="erasure-{reference}.json"'}
    text = json.dumps(found, ensure_ascii=False, indent=2)
    return Response(text, media_type="application/json", headers=headers)


def _page(desk: Desk, piece: Piece, template: str, *, about: dict[str, str], kind: str, **values: Any) -> Response:
    """Return the page of a piece of work; to who asks again by script how far it is, or to load the page anew."""
    values |= {"kind": kind, "address": f"/rights/{kind}?{urlencode(about)}"}
    told = progressing(desk, piece, "_rights_piece.html", **values)
    return told or desk.page(template, piece=piece, **values)


def _spoken(desk: Desk, told: Disclosure) -> dict[str, Any]:
    """Return how the page words a disclosure's tables: in German as the letter does, in English by codes, spaced."""
    german = desk.language == "de"

    def spoken(column: str, content: object) -> object:
        if german:
            return said(content, told.meanings, column)
        return str(content).replace("_", " ") if coded(content, told.meanings) else content

    return {
        "column": lambda name: named(name) if german or named(name) == name else name.replace("_", " "),
        "spoken": spoken,
        "heading": lambda name: words.say(f"rights.table_{TABLES[name]}", desk.language),
        "long": LONG,
        "wide": WIDE,
        "roles": desk.policy.roles,
        "purposes_of": desk.policy.purposes,
    }


def _known(desk: Desk, customer: str) -> str:
    """Return the number of a customer there is; raises `BadParameter` for none, `NotFound` for an unknown one."""
    number = customer.strip()
    if not number:
        raise BadParameter("A customer's number is missing.")
    desk.confirm_customer(number)
    return number


def _about(desk: Desk, kind: str, customer: str) -> tuple[str, ...]:
    """Return what a piece of work is about: it is the person's own."""
    return (kind, desk.session.name, customer)
