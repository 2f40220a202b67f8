"""Pages for data protection: who may see what for which purpose, and why, as the gate reads it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from augenblick.content import Words
from augenblick.explain.build import label_of
from augenblick.model.errors import BrokenAudit
from augenblick.model.terms import AUG
from augenblick.policy import AuditLog, Policy, Role, Rule
from augenblick.web.desk import Desk, PageRoute, purposes, seated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
MOST_ENTRIES = 200
Officer = Annotated[Desk, Depends(seated("audit"))]
Reader = Annotated[Desk, Depends(seated())]


@dataclass(frozen=True)
class Line:
    """What one role may see for one purpose, a cell for each legal class (None: no rule, so nothing)."""

    purpose: Words
    cells: tuple[Rule | None, ...]


@router.get("/policy")
def policy(desk: Reader) -> Response:
    """Show the policy as a table, with reasons and sources of law."""
    found = desk.policy
    classes = sorted(found.strictness, key=lambda name: found.strictness[name])
    return desk.page(
        "policy.html",
        classes=[label_of(desk.content, AUG + name) for name in classes],
        roles=[(each, _lines(found, each, classes)) for each in found.roles.values()],
        consents=consent_labels(found),
    )


@router.get("/audit")
def audit(desk: Officer, number: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show who asked what, the latest first, and whether the log is whole."""
    log = AuditLog(Path(desk.request.app.state.settings.data))
    try:
        broken, entries = None, log.verify()
    except BrokenAudit as error:
        broken, entries = error, 0
    found = deque(log.entries(subject=number.strip() or None), MOST_ENTRIES) if not broken else ()
    return desk.page("audit.html", entries=list(reversed(found)), total=entries, broken=broken, number=number.strip())


def _lines(policy: Policy, role: Role, classes: list[str]) -> list[Line]:
    return [
        Line(label, tuple(policy.rules.get((role.code, code, name)) for name in classes))
        for code, label in policy.purposes.items()
        if code in purposes(policy, role.code)
    ]


def consent_labels(policy: Policy) -> dict[str, Words]:
    """Return what consents and objections are called, by their code."""
    return {**policy.purposes, **policy.consent_kinds}
