"""Pages of change sets: what each changes, what the check says, whom it would touch, how it comes into force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse

from augenblick.api.access import admit
from augenblick.api.change_work import ChangeWork
from augenblick.api.editors import APPROVES, DATA_PROTECTION
from augenblick.content.finding import Finding
from augenblick.editing import Difference, difference, publication
from augenblick.editing.discussion import remark, remarks
from augenblick.editing.edition import edition_of
from augenblick.editing.impact import Impact
from augenblick.editing.versions import ChangeSet, Versions
from augenblick.explain import Explanation, WhyNot, render_why_not
from augenblick.explain.text import MAIN_FIELDS
from augenblick.explain.words import Language
from augenblick.model.errors import BadOntology, NotPermitted
from augenblick.model.progress import Progress
from augenblick.web.desk import Desk, PageRoute, own_form, person, seated
from augenblick.web.editor import amounts_of, directory_of, form_of
from augenblick.web.relatives import brief
from augenblick.web.waterfall import waterfalls

router = APIRouter(include_in_schema=False, route_class=PageRoute)
EXAMPLES = 2
CASES = "cases"
"""The work that has cases expect what they show by a change set."""
Text = Annotated[str, Form(max_length=2000)]


async def _reviewer(desk: Annotated[Desk, Depends(seated())]) -> Desk:
    if desk.session.role not in APPROVES:
        raise NotPermitted("Your role does not look at changes of the content.")
    return desk


Reviewer = Annotated[Desk, Depends(_reviewer)]


@router.get("/changes")
def changes(desk: Reviewer) -> Response:
    """List the change sets that wait, and the versions with which is in force."""
    versions = _versions(desk)
    found = versions.changes()
    waiting = [each for each in reversed(found) if each.published is None]
    return desk.page("changes.html", waiting=waiting, versions=versions.all()[::-1], current=versions.current)


@router.get("/changes/{name}")
def change(desk: Reviewer, name: str) -> Response:
    """Show a change set: what it changes, and what was found out about it."""
    versions = _versions(desk)
    found = versions.change(name)
    return desk.page(
        "change.html",
        place=f"/changes/{name}",
        change=found,
        found=difference_between(versions.root(found.base), versions.change_root(name)),
        own=publication.is_author(found, desk.session.name),
        remarks=remarks(versions, name),
        overtaken=publication.overtaken(versions, found) if found.published is None else (),
        loosened=_loosened(versions.root(found.base), versions.change_root(name)),
        is_protection=desk.session.role == DATA_PROTECTION,
        current=versions.current,
        **telling(desk),
        amounts=amounts_of(desk),
        pieces={kind: desk.works.look(work_of(desk).about(name, kind)) for kind in (*_KINDS, CASES)},
    )


@router.get("/changes/{name}/{kind}")
def piece(desk: Reviewer, name: str, kind: str) -> Response:
    """Show how far a check, an impact or a publication is, or its outcome; alone for scripts, else with its change."""
    if not desk.by_script or kind not in (*_KINDS, CASES):
        return RedirectResponse(f"/changes/{name}", 303)
    found = _versions(desk).change(name)
    piece = desk.works.look(work_of(desk).about(found.name, kind))
    if kind == "publish" and not (piece and piece.going_on):
        return Response(headers={"HX-Refresh": "true"})
    values = {**telling(desk), "amounts": amounts_of(desk), "own": publication.is_author(found, desk.session.name)}
    return desk.page("_piece.html", **values, kind=kind, place=f"/changes/{name}", piece=piece, change=found)


@router.post("/changes/{name}/remarks")
def say(desk: Reviewer, name: str, token: Text, text: Text) -> Response:
    """Keep what somebody says of a change set."""
    own_form(desk, token)
    remark(_versions(desk), name, author=desk.session.name, text=text, at=_now())
    return RedirectResponse(f"/changes/{name}#discussion", 303)


@router.post("/changes/{name}/stop")
def stop(desk: Reviewer, name: str, token: Text, kind: Text) -> Response:
    """Stop a check or an impact that is going on."""
    own_form(desk, token)
    if kind != "publish" and (found := desk.works.look(work_of(desk).about(name, kind))):
        found.stop()
    return RedirectResponse(f"/changes/{name}", 303)


@router.post("/changes/{name}/begin")
def begin(desk: Reviewer, name: str, token: Text, kind: Text) -> Response:
    """Begin a check, an impact or the publication of a change set."""
    own_form(desk, token)
    if kind not in _KINDS:
        raise NotPermitted("That cannot be done with a change set.")
    found = _versions(desk).change(name)
    if kind == "publish":
        publication.confirm_approver(found, desk.session.name)
    desk.works.begin(work_of(desk).about(name, kind), partial(_KINDS[kind], work_of(desk), found))
    return RedirectResponse(f"/changes/{name}#{kind}", 303)


@router.post("/changes/{name}/cases")
def accept(
    desk: Reviewer, name: str, token: Text, reason: Text, case: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Begin to propose a change set anew in which cases (paths) expect what they show by it."""
    own_form(desk, token)
    found, work = _versions(desk).change(name), work_of(desk)
    publication.confirm_author(found, desk.session.name)
    if case:
        propose = partial(work.with_outcomes, found, cases=tuple(case), reason=reason)
        desk.works.begin(work.about(name, CASES), propose)
    return RedirectResponse(f"/changes/{name}#{CASES}", 303)


@router.post("/versions/rollback")
def rollback(desk: Reviewer, token: Text, reason: Text, to: Text = "") -> Response:
    """Make an earlier version the one in force again."""
    own_form(desk, token)
    name, role = desk.session.name, desk.session.role
    protection = name if role == DATA_PROTECTION else None
    publication.rollback(_versions(desk), by=name, reason=reason, at=_now(), to=to or None, data_protection=protection)
    return RedirectResponse("/changes", 303)


def work_of(desk: Desk) -> ChangeWork:
    """Return the work of the person signed in."""
    session = desk.session
    state, whose = desk.request.app.state, (session.name, session.role, session.purpose)
    return ChangeWork(*whose, directory_of(desk), state.writer, state.long_work, state.policy)


_KINDS: dict[str, Callable[[ChangeWork, ChangeSet, Progress], Any]] = {
    "check": ChangeWork.checked,
    "impact": partial(ChangeWork.impact, most=EXAMPLES),
    "publish": ChangeWork.published,
}


def _told(told: Explanation | WhyNot | None, language: Language) -> dict[str, Any]:
    """Return how an example's side is shown: a waterfall, or why there was no moment."""
    if isinstance(told, Explanation):
        return {"told": told, "falls": waterfalls(told)}
    return {"text": render_why_not(told, language) if told else ""}


TELLING: dict[str, Any] = {"side": _told, "fields": MAIN_FIELDS, "unclean": BadOntology.code, "form_of": form_of}
"""What templates need to tell an example, and that a check found faults."""


def telling(desk: Desk) -> dict[str, Any]:
    """Return that with what of an impact the person may know."""
    work = work_of(desk)
    return {**TELLING, "may_know": work.told, "holds": work.holds, "names": partial(_names, desk)}


def _names(desk: Desk, found: Impact) -> dict[str, dict[str, Any]]:
    """Return by number whom the examples are of, as far as the gate shows them; the audit log has it then."""
    customers = [each.moved.customer_id for each in found.examples]
    if not customers:
        return {}
    session = desk.session
    actor = person(desk.request, session)
    known = replace(desk, caller=admit(desk.request, ("explain",), session.purpose, session.role, actor))
    known.note("impact", customers)
    return {each: brief(known, each) for each in customers}


def _versions(desk: Desk) -> Versions:
    return Versions(directory_of(desk))


@lru_cache(maxsize=64)
def difference_between(before: Path, after: Path) -> Difference:
    """Return what differs between two versions, or a version and a change set; neither folder is written again."""
    return difference(edition_of(before), edition_of(after))


@lru_cache(maxsize=16)
def _loosened(base: Path, root: Path) -> tuple[Finding, ...]:
    return tuple(publication.loosenings(edition_of(base), edition_of(root)))


def _now() -> datetime:
    return datetime.now(UTC)
