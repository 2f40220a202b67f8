"""The adviser's first page: what is new and what else is open, the most urgent first, of one's own customers or all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response

from augenblick.api.moments import cursor_of, place_of
from augenblick.web.desk import Desk, PageRoute, seated
from augenblick.web.occasions import Occasion, occasion
from augenblick.web.relatives import brief

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Adviser = Annotated[Desk, Depends(seated("offers"))]
Whose = Literal["", "mine", "all"]
Place = tuple[str, str]

NEW = timedelta(days=30)
"""For how long a moment counts as new."""
LOOK_BACK, AHEAD = timedelta(days=400), timedelta(days=30)
PAGE = 80
MOST_LOOKED_AT, MOST_AHEAD = 160, 40
"""Of so many open moments, the latest first, the most urgent come first; earlier ones follow behind them."""
MOST_SHOWN = 60


@dataclass(frozen=True)
class _Choice:
    """What was asked for: whose customers, of which moment type, from behind which place, how many in that set."""

    adviser: str | None
    moment: str
    before: str
    start: int


@router.get("/today")
def today(
    desk: Adviser,
    moment: Annotated[str, Query(max_length=100)] = "",
    whose: Whose = "",
    before: Annotated[str, Query(max_length=800)] = "",
    start: Annotated[int, Query(ge=0, le=MOST_LOOKED_AT + MOST_AHEAD)] = 0,
) -> Response:
    """Show what is new and what else is open, the most urgent first; of one moment type (its slug), if asked for.

    Of the customers the bank names the caller as the adviser of, unless all are asked for or it names them of none.
    """
    as_of = desk.as_of()
    named, me = bool(desk.dossiers.advisers(1)), desk.admitted.adviser
    has_own = bool(me) and desk.dossiers.looks_after(me)
    mine = has_own if whose == "" else whose == "mine" and named
    choice = _Choice(me if mine else None, moment, before, start)
    found, following, kinds = _set(desk, choice, as_of)
    found.sort(key=lambda o: (not o.found_since(as_of - NEW), o.timing(as_of) == "later", o.until))
    shown = [(each, brief(desk, each.moment["customer_id"])) for each in found[start : start + MOST_SHOWN]]
    desk.note("today", [each.moment["customer_id"] for each, _ in shown])
    new = [pair for pair in shown if pair[0].found_since(as_of - NEW)]
    whose = "mine" if mine else "all"
    kept = {"whose": whose, "moment": moment}
    values: dict[str, Any] = {"new": new, "open": shown[len(new) :], "whose": whose, "named": named, "has_own": has_own}
    values |= {"more": _more(kept, choice, len(found), following), "since": place_of(before)[0] if before else None}
    return desk.page("today.html", as_of=as_of, kinds=kinds, chosen=moment, start=start, **values)


def _set(
    desk: Desk, choice: _Choice, as_of: date
) -> tuple[list[Occasion], Place | None, list[tuple[str, str, int | None]]]:
    """Return the open occasions looked at, where earlier ones follow, and what may be chosen: (label, slug, number)."""
    every, following = _recent(desk, choice, as_of)
    if following is None and not choice.before:
        counted = Counter((each.moment["label"], each.moment["type"]) for each in every)
        kinds: list[tuple[str, str, int | None]] = sorted((*kind, n) for kind, n in counted.items())
    else:  # what stands in one set says little of all
        kinds = sorted((each.label.in_language(desk.language), each.slug, None) for each in desk.content.moments)
    if not choice.moment:
        return every, following, kinds
    chosen = desk.content.moment(choice.moment)
    if chosen is None:
        return [], None, kinds
    return *_recent(desk, choice, as_of, chosen.iri), kinds


def _recent(
    desk: Desk, choice: _Choice, as_of: date, moment_type: str | None = None
) -> tuple[list[Occasion], Place | None]:
    """Return the open occasions of the latest moments from behind the place, and of those soon to come before it."""
    place = place_of(choice.before) if choice.before else None
    views, following = _views(desk, choice, moment_type, as_of - LOOK_BACK, as_of, place, MOST_LOOKED_AT)
    if place is None:
        soon = (as_of + timedelta(days=1), as_of + AHEAD)
        views += _views(desk, choice, moment_type, *soon, None, MOST_AHEAD)[0]
    occasions = (occasion(desk.content, view, desk.language) for view in views)
    return [each for each in occasions if each.open and each.timing(as_of) != "past"], following


def _views(
    desk: Desk, choice: _Choice, moment_type: str | None, since: date, until: date, place: Place | None, most: int
) -> tuple[list[dict[str, Any]], Place | None]:
    """Return the latest open moments that happened between two days, at most so many, and where the next follow."""
    found: list[dict[str, Any]] = []
    while len(found) < most:
        views, place = desk.dossiers.page(
            desk.admitted.access,
            desk.language,
            moment_type=moment_type,
            since=since,
            until=until,
            before=place,
            most=min(PAGE, most),
            adviser=choice.adviser,
            open_only=True,
        )
        found += views
        if place is None:
            break
    return found, place


def _more(kept: dict[str, str], choice: _Choice, found: int, following: Place | None) -> str | None:
    """Return the address of what follows: the rest of the set, then the set of what happened earlier."""
    after = choice.start + MOST_SHOWN
    if after < found:
        return "/today?" + urlencode(kept | {"before": choice.before, "start": after})
    return "/today?" + urlencode(kept | {"before": cursor_of(following)}) if following else None
