"""An edit tried on made-up people while it is typed: what the edited content finds in one of the moment's cases."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response

from augenblick.api.long_work import Piece
from augenblick.editing.edits import Edit
from augenblick.editing.trial import Trial, only_scores, rescored, tried
from augenblick.explain import render_why_not
from augenblick.model.errors import NotFound
from augenblick.model.progress import Progress
from augenblick.model.terms import MOMENT
from augenblick.web.desk import Desk, PageRoute, own_form
from augenblick.web.drafts import Draft, declarations_of, draft_of
from augenblick.web.editor import Expert, Submitted, directory_of
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
    piece = _piece(desk, draft, [] if quick else edits, case)
    found: Trial | None = piece.outcome if piece.state == "done" else None
    told = rescored(found, edits) if found and quick and edits else found
    return desk.page("_trial.html", piece=piece, told=told, quick=quick and bool(edits), **_telling(desk, told))


def _piece(desk: Desk, draft: Draft, edits: list[Edit], case: Path) -> Piece:
    """Return the run of a case with the edits, begun if it was not; the same person's run of others is stopped."""
    digest = hashlib.sha256(repr(sorted(map(repr, edits))).encode()).hexdigest()
    about = (TRIAL, desk.content.version, draft.owner, case.stem, digest)
    for other, piece in desk.works.all():
        if isinstance(other, tuple) and other[:4] == about[:4] and other != about and piece.going_on:
            piece.stop()
    found = desk.works.look(about)
    if found is not None and found.state != "stopped":
        return found
    edition = draft.edited(draft.base) if edits else draft.base

    def work(progress: Progress) -> Trial:
        return tried(edition, case, draft.owner, progress=progress)

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
