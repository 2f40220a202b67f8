"""Pages of the past: who changed what of the content, when and why, and who brought each statement about a term."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from augenblick.content import Words
from augenblick.content.sources import short
from augenblick.editing import Difference, Edition
from augenblick.editing.difference import label_of, name_of
from augenblick.editing.history import Blamed, blame
from augenblick.editing.values import iri_of
from augenblick.editing.versions import Switch, Version, Versions
from augenblick.model.errors import NotFound
from augenblick.web.changes import Reviewer, difference_between
from augenblick.web.desk import PageRoute
from augenblick.web.drafts import declarations_of
from augenblick.web.editor import amounts_of, directory_of

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
    return desk.page("history.html", events=events, current=versions.current, amounts=amounts_of(desk))


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
    edition = declarations_of(directory_of(desk)).edition
    return desk.page(
        "blame.html",
        status=404 if missing else 200,
        term=iri.strip(),
        label=label_of(iri_of(iri.strip()), edition) if found else None,
        names=_names(found, edition),
        found=found,
        missing=missing,
    )


def _names(found: list[Blamed], edition: Edition) -> dict[str, Words]:
    """Return what people call the properties and terms that statements name, by their short names."""
    named = {iri: name_of(iri, edition) for iri in {iri_of(each.predicate) for each in found}}
    called = {iri: label_of(iri, edition) for iri in {iri_of(each.value) for each in found if ":" in each.value}}
    return {short(iri): words for iri, words in {**called, **named}.items() if words.en != short(iri) or iri in named}


def _event(versions: Versions, switch: Switch) -> Event:
    version = versions.version(switch.version)
    before = switch.before or version.prior
    if before is None or before == version.name:
        return Event(switch, version, None)
    return Event(switch, version, difference_between(versions.root(before), versions.root(version.name)))
