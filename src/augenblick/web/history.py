"""Pages of the past: who changed what of the content, when and why, and who brought each statement about a term."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from augenblick.editing import Difference
from augenblick.editing.history import Blamed, blame
from augenblick.editing.versions import Switch, Version, Versions
from augenblick.model.errors import NotFound
from augenblick.web.changes import Reviewer, difference_between
from augenblick.web.desk import PageRoute
from augenblick.web.editor import directory_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True)
class Event:
    """Another version came into force; what that changed against the one before, if there was one."""

    switch: Switch
    version: Version
    found: Difference | None


@router.get("/history")
def history(desk: Reviewer) -> Response:
    """List every publication and rollback with what it changed, the latest first."""
    versions = Versions(directory_of(desk))
    events = [_event(versions, switch) for switch in reversed(versions.log())]
    return desk.page("history.html", events=events, current=versions.current)


@router.get("/history/term")
def term(desk: Reviewer, iri: str = "") -> Response:
    """Show who brought each statement about a term (its IRI, or a name with the house's prefix), when and why."""
    versions = Versions(directory_of(desk))
    found: list[Blamed] = []
    missing: NotFound | None = None
    try:
        found = blame(versions, iri.strip())
    except NotFound as error:
        missing = error
    return desk.page("blame.html", status=404 if missing else 200, term=iri.strip(), found=found, missing=missing)


def _event(versions: Versions, switch: Switch) -> Event:
    version = versions.version(switch.version)
    before = switch.before or version.prior
    if before is None or before == version.name:
        return Event(switch, version, None)
    return Event(switch, version, difference_between(versions.root(before), versions.root(version.name)))
