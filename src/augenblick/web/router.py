"""All pages together."""

from __future__ import annotations

from fastapi import APIRouter

from augenblick.web import (
    adviser,
    analyst,
    assets,
    changes,
    deciding,
    editor,
    expert,
    found_lately,
    history,
    nowhere,
    operations,
    overview,
    processing,
    protection,
    relatives,
    rights,
    service_state,
    shadow,
    sign_in,
    style,
    today,
    trying,
)

_PROTECTION = (protection, deciding, processing, rights)


def routers() -> list[APIRouter]:
    """Return the routers of the pages, for `create_app`."""
    rooms = (
        sign_in,
        today,
        adviser,
        relatives,
        overview,
        analyst,
        trying,
        editor,
        expert,
        changes,
        shadow,
        found_lately,
        history,
        style,
        *_PROTECTION,
        operations,
        service_state,
        nowhere,
    )
    return [assets.router, analyst.asking, *(room.router for room in rooms)]
