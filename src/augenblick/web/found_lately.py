"""Whom a moment found in the last month: numbers for everybody, people for who may be told of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from augenblick.content import MomentType
from augenblick.model.errors import NotFound
from augenblick.model.tables import has_table
from augenblick.store import DataDirectory
from augenblick.web.desk import Desk, PageRoute, seated
from augenblick.web.relatives import brief

router = APIRouter(include_in_schema=False, route_class=PageRoute)
MONTH = timedelta(days=30)
LOOK_BACK = timedelta(days=400)
"""How long before the month a moment may have happened that was found in it."""
MOST_LOOKED_AT = 200
MOST_NAMED = 8
DOORS = ("offers", "explain")

_COUNTS = """
SELECT state, count(*) FROM moments.moments
WHERE moment_type = ? AND detected_on BETWEEN ?::DATE AND ?::DATE GROUP BY state ORDER BY count(*) DESC
"""


async def _reader(desk: Annotated[Desk, Depends(seated())]) -> Desk:
    """Return the desk, admitted to customers where the policy lets the role see any."""
    open_to = desk.policy.roles[desk.session.role].doors & set(DOORS)
    return await seated(*DOORS)(desk.request) if open_to and desk.session.purpose else desk


@router.get("/moments/{slug}/found")
def found(desk: Annotated[Desk, Depends(_reader)], slug: str) -> Response:
    """Tell whom a moment found in the last month; a part of the moment's page where a script asks."""
    moment = desk.content.moment(slug)
    if moment is None:
        raise NotFound("There is no such moment.")
    as_of = desk.as_of()
    people = _people(desk, moment, as_of) if desk.caller else []
    template = "_found_lately.html" if "HX-Request" in desk.request.headers else "found_lately.html"
    return desk.page(template, moment=moment, counts=_counts(desk, moment, as_of), people=people, as_of=as_of)


def _counts(desk: Desk, moment: MomentType, as_of: date) -> dict[str, int]:
    """Return how many were found, by state."""

    def reading(directory: DataDirectory) -> dict[str, int]:
        if not directory.derived_file.exists():
            return {}
        with directory.connect(read_only=True) as connection:
            if not has_table(connection, "moments", schema="moments"):
                return {}
            return dict(connection.execute(_COUNTS, [moment.iri, as_of - MONTH, as_of]).fetchall())

    counted: dict[str, int] = desk.reading(reading)
    return counted


def _people(desk: Desk, moment: MomentType, as_of: date) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the surest of those the reader may be told of, each with the moment; that is in the audit log then."""
    views, _ = desk.dossiers.page(
        desk.admitted.access,
        desk.language,
        moment_type=moment.iri,
        since=as_of - LOOK_BACK,
        until=None,
        before=None,
        most=MOST_LOOKED_AT,
    )
    lately = [view for view in views if date.fromisoformat(view["detected_on"]) >= as_of - MONTH]
    shown = sorted(lately, key=lambda view: -view["confidence"])[:MOST_NAMED]
    desk.note("found lately", [view["customer_id"] for view in shown])
    return [(view, brief(desk, view["customer_id"])) for view in shown]
