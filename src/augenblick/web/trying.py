"""An edit tried on made-up people while it is typed: what comes of a moment, a signal or a product in the cases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response

from augenblick.api.long_work import Piece
from augenblick.content.cases import identity_of
from augenblick.editing.edits import Edit
from augenblick.editing.product_trial import Assumed, ProductTrial, examples
from augenblick.editing.product_trial import tried as product_tried
from augenblick.editing.signal_trial import tried as signal_tried
from augenblick.editing.trial import Trial, only_scores, rescored, tried
from augenblick.explain import render_why_not
from augenblick.model.errors import BadOntology, NotFound
from augenblick.model.progress import Progress
from augenblick.model.terms import MOMENT, PRODUCT, SIGNAL
from augenblick.web.desk import Desk, PageRoute, own_form
from augenblick.web.drafts import Draft, declarations_of, draft_of
from augenblick.web.editor import Expert, Submitted, directory_of
from augenblick.web.protection import consent_labels
from augenblick.web.waterfall import waterfalls

router = APIRouter(include_in_schema=False, route_class=PageRoute)
TRIAL = "trial"


@router.post("/moments/{name}/edit/trial")
def trial(desk: Expert, name: str, form: Submitted) -> Response:
    """Return what the edits in the form would find in the example chosen, or how far finding out is.

    Where only weights changed that is told at once, from what was seen before; else the whole line runs.
    """
    own_form(desk, str(form.get("token", "")))
    moment = desk.content.moment(name)
    wanted = str(form.get("example", ""))
    if not wanted:
        return Response(media_type="text/html")
    case = next((path for path in moment.cases if path.stem == wanted), None) if moment else None
    if moment is None or case is None:
        raise NotFound("There is no such example.")
    draft = draft_of(declarations_of(directory_of(desk)), MOMENT + name, form)
    if draft.problems():
        return desk.page("_trial.html", piece=None, told=None)
    edits = list(draft.edits())
    quick = only_scores(edits)
    piece = _played(desk, draft, [] if quick else edits, case)
    found: Trial | None = piece.outcome if piece.state == "done" else None
    told = rescored(found, edits) if found and quick and edits else found
    return desk.page("_trial.html", piece=piece, told=told, quick=quick and bool(edits), **_telling(desk, told))


@router.post("/signals/{name}/edit/trial")
def signal_trial(desk: Expert, name: str, form: Submitted) -> Response:
    """Return which bookings and interactions of the example chosen, or of all, the signal in the form is found in."""
    own_form(desk, str(form.get("token", "")))
    draft = draft_of(declarations_of(directory_of(desk)), _known(desk, SIGNAL + name), form)
    example = str(form.get("example", ""))
    if draft.problems():
        return desk.page("_trial.html", piece=None, told=None)
    try:
        told = signal_tried(desk.content, draft.edited(draft.base), draft.owner)
    except BadOntology as error:
        return desk.page("_failed.html", error=error, logged=None)
    shown = told.of(example) if example else told.changed
    return desk.page("_signal_trial.html", told=told, shown=shown, example=example)


@router.post("/products/{name}/edit/trial")
def product_trial(desk: Expert, name: str, form: Submitted) -> Response:
    """Return whether the product in the form fits in the example chosen, and why, or how far finding out is."""
    own_form(desk, str(form.get("token", "")))
    product = _known(desk, PRODUCT + name)
    draft = draft_of(declarations_of(directory_of(desk)), product, form)
    wanted = str(form.get("example", ""))
    if not wanted:
        return Response(media_type="text/html")
    case = next((file for file in examples(desk.content, product) if identity_of(file) == wanted), None)
    if case is None:
        raise NotFound("There is no such example.")
    if draft.problems():
        return desk.page("_trial.html", piece=None, told=None)
    agreed = tuple(sorted(consent_labels(desk.policy))) if form.get("agreed") else ()
    assumed = Assumed(agreed, holds=bool(form.get("holds")))
    edition = draft.edited(draft.base)

    def work(progress: Progress) -> ProductTrial:
        return product_tried(desk.content, edition, case, product, assumed, progress=progress)

    piece = _piece(desk, draft.owner, (wanted, assumed), list(draft.edits()), work)
    told = piece.outcome if piece.state == "done" else None
    labels = {moment.slug: moment.label for moment in desk.content.moments}
    return desk.page("_product_trial.html", piece=piece, told=told, labels=labels)


def _known(desk: Desk, iri: str) -> str:
    """Return the IRI of a signal or product there is; raises NotFound."""
    if desk.content.signal(iri) is None and desk.content.product(iri) is None:
        raise NotFound("There is nothing of that name to edit.")
    return iri


def _played(desk: Desk, draft: Draft, edits: list[Edit], case: Path) -> Piece:
    """Return the run of a moment's case with the edits."""
    edition = draft.edited(draft.base) if edits else draft.base

    def work(progress: Progress) -> Trial:
        return tried(edition, case, draft.owner, progress=progress)

    return _piece(desk, draft.owner, case.stem, edits, work)


def _piece(desk: Desk, owner: str, example: Hashable, edits: list[Edit], work: Callable[[Progress], Any]) -> Piece:
    """Return the run of an example with the edits, begun if it was not; runs of the same with others are stopped."""
    digest = hashlib.sha256(repr(sorted(map(repr, edits))).encode()).hexdigest()
    about = (TRIAL, desk.content.version, owner, example, digest)
    for other, piece in desk.works.all():
        if isinstance(other, tuple) and other[:4] == about[:4] and other != about and piece.going_on:
            piece.stop()
    found = desk.works.look(about)
    if found is not None and found.state != "stopped":
        return found
    return desk.works.begin(about, work)


def _telling(desk: Desk, told: Trial | None) -> dict[str, Any]:
    """Return what the template needs to tell a trial's reasons."""
    if told is None:
        return {}
    return {
        "falls": waterfalls(*told.found),
        "fields": {},
        "absent": [(each, render_why_not(each, desk.language)) for each in told.absent],
    }
