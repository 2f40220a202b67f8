"""All pages together."""

from __future__ import annotations

from fastapi import APIRouter

from augenblick.web import (
    adviser,
    analyst,
    assets,
    changes,
    editor,
    expert,
    history,
    operations,
    overview,
    protection,
    sign_in,
)


def routers() -> list[APIRouter]:
    """Return the routers of the pages, for `create_app`."""
    rooms = (sign_in, adviser, overview, analyst, editor, expert, changes, history, protection, operations)
    return [assets.router, *(room.router for room in rooms)]
