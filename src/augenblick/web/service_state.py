"""Pages on how the service fares: its health, what it works on, its snapshots, how quickly it answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse

from augenblick import __version__
from augenblick.model.errors import NotLoaded
from augenblick.model.progress import Progress
from augenblick.pipeline.examining import Finding, examine
from augenblick.publish import current_snapshot
from augenblick.store import DataDirectory
from augenblick.web.desk import Desk, PageRoute, inside, own_form, progressing
from augenblick.web.editor import directory_of
from augenblick.web.operations import operator
from augenblick.web.pace import outcomes, paces

router = APIRouter(include_in_schema=False, route_class=PageRoute)
EXAMINATION = ("examine",)
LASTING = ("publish", "erasure")
"""Kinds of work that, once begun, are brought to their end."""
MOST_SLOW = 50


Operator = Annotated[Desk, Depends(operator("query"))]
Text = Annotated[str, Form(max_length=200)]


@router.get("/operation")
def state(desk: Operator) -> Response:
    """Show whether the service is as it should be, what it works on, and its snapshots."""
    piece = desk.works.look(EXAMINATION)
    if told := progressing(desk, piece, "_loading.html"):
        return told
    found = desk.request.app.state
    return desk.page(
        "service_state.html",
        version=__version__,
        standing=found.switch.standing(),
        as_of=found.settings.as_of,
        snapshots=_snapshots(directory_of(desk)),
        pieces=[(kind, each) for about, each in desk.works.all() if (kind := _kind(about)) and each is not piece],
        lasting=LASTING,
        piece=piece,
    )


@router.post("/operation/examination")
def begin(desk: Operator, token: Text) -> Response:
    """Begin to look at everything in the data directory, as `augenblick doctor` does."""
    own_form(desk, token)
    writer = desk.request.app.state.writer

    def work(progress: Progress) -> list[Finding]:
        progress("examine", 0, 1)
        found: list[Finding] = writer.reading(examine)
        return found

    desk.works.begin(EXAMINATION, work)
    return RedirectResponse("/operation", 303)


@router.post("/operation/stop")
def stop(desk: Operator, token: Text, number: Annotated[int, Form()], back: Text = "/operation") -> Response:
    """Stop a piece of work that may be stopped."""
    own_form(desk, token)
    for about, piece in desk.works.all():
        if piece.number == number and _kind(about) not in LASTING:
            piece.stop()
    return RedirectResponse(inside(back), 303)


@router.get("/operation/pace")
def pace(desk: Operator) -> Response:
    """Show how quickly requests and questions are answered, and which questions took longest."""
    found = desk.request.app.state
    return desk.page(
        "pace.html",
        routes=paces(found.metrics.seconds, "route"),
        stages=paces(found.metrics.stage_seconds, "stage"),
        outcomes=outcomes(found.metrics.queries),
        slow=found.slow_queries.slowest(MOST_SLOW),
        roles=desk.policy.roles,
    )


def _kind(about: object) -> str | None:
    """Return the kind of a piece of work; what else it is about may name a customer and is told nobody here."""
    kinds = ("check", "impact", "publish", "disclosure", "erasure", "load", "examine", "trial", "readiness")
    return next((part for part in about if part in kinds), None) if isinstance(about, tuple) else None


def _snapshots(directory: DataDirectory) -> list[dict[str, Any]]:
    """Return the snapshots, the newest first: name, when taken, size in bytes, whether it is the one answered from."""
    if not directory.snapshots.is_dir():
        return []
    try:
        current = current_snapshot(directory).name
    except NotLoaded:
        current = ""
    found = sorted((path for path in directory.snapshots.iterdir() if path.is_dir()), reverse=True)
    return [
        {
            "name": path.name,
            "taken": datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(),
            "bytes": _size(path),
            "current": path.name == current,
        }
        for path in found
    ]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
