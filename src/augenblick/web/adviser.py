"""Pages for who speaks with customers: finding one, one at a glance, why a moment is believed, what is said."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from augenblick import pipeline
from augenblick.api import actions
from augenblick.explain.text import MAIN_FIELDS
from augenblick.model.errors import BadParameter
from augenblick.moments import feedback
from augenblick.web.desk import Desk, PageRoute, own_form, seated
from augenblick.web.life_line import life_line
from augenblick.web.occasions import occasion
from augenblick.web.protection import consent_labels
from augenblick.web.relatives import picture
from augenblick.web.waterfall import waterfalls

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Adviser = Annotated[Desk, Depends(seated("offers"))]
Reader = Annotated[Desk, Depends(seated("offers", "explain"))]
Text = Annotated[str, Form(max_length=500)]
Note = Annotated[str, Form(max_length=2000)]
Explainer = Annotated[Desk, Depends(seated("explain"))]

MOST_FOUND = 25
SAYABLE: tuple[feedback.Action, ...] = ("reopened", "dismissed", "outcome")
"""What may be said of a moment beside its history; the rest stands with the moment."""
_IBAN = re.compile(r"[A-Za-z]{2}\d{2}[A-Za-z0-9 ]{11,40}")


@router.get("/customers")
def customers(desk: Reader, find: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Find customers by name, number or IBAN."""
    desk.as_of()  # raises NotLoaded: nobody can be found yet
    found = _found(desk, find.strip()) if len(find.strip()) > 1 else []
    if find:
        desk.note("search", [each["customer_id"] for each in found])
    return desk.page("_found.html" if desk.by_script else "customers.html", found=found, find=find.strip())


@router.get("/customers/{customer}")
def customer(
    desk: Reader,
    customer: str,
    said: Annotated[str, Query(max_length=200)] = "",
    word: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show one customer at a glance, and what was just said of a moment."""
    access = desk.admitted.access
    view = desk.look("customer", customer, lambda: desk.dossiers.dossier(access, customer, desk.language))
    offers = {}
    if "offers" in desk.admitted.role.doors:
        offers = {m["moment_id"]: m for m in desk.dossiers.offers(access, customer, desk.language)}
    as_of = desk.as_of()
    occasions = sorted(
        (occasion(desk.content, moment, desk.language) for moment in view["moments"]),
        key=lambda o: (o.open and o.solemn, o.moment["occurred_to"], o.moment["confidence"]),
        reverse=True,
    )
    return desk.page(
        "customer.html",
        view=view,
        age=_age(view["person"], as_of),
        as_of=as_of,
        line=life_line(view["moments"], as_of),
        solemn={each.moment["type"] for each in occasions if each.solemn},
        current=[(o, offers.get(o.moment["moment_id"])) for o in occasions if o.open],
        over=[o for o in occasions if not o.open],
        **picture(desk, customer),
        undone=word == "reopened",
        said=next((each for each in occasions if _anchor(each.moment) == said), None),
        confirmed_from={each.slug: float(each.confirmed_from) for each in desk.content.moments},
        contracts=_contract_names(desk),
        consented=_consented(view["consents"]),
        consents={code: label.in_language(desk.language) for code, label in consent_labels(desk.policy).items()},
        may_judge="offers" in desk.admitted.role.doors,
        may_explain="explain" in desk.admitted.role.doors,
    )


@router.get("/why")
def why(desk: Explainer, moment: Annotated[str, Query(max_length=500)]) -> Response:
    """Show why a moment is believed, down to the booking line; alone, or as a part of the customer's page."""
    view = desk.dossiers.moment(desk.admitted.access, moment, desk.language)
    access = desk.admitted.access
    desk.await_rules()
    found = desk.reading(
        lambda directory: pipeline.explain(directory, view["moment_id"], access=access, content=desk.content)
    )
    template = "_proof.html" if desk.by_script else "proof.html"
    return desk.page(template, told=found, falls=waterfalls(found), fields=MAIN_FIELDS, view=view)


@router.get("/said")
def words_said(desk: Adviser, moment: Annotated[str, Query(max_length=500)]) -> Response:
    """Show what was said of a moment and what may be said next; alone, or as a part of the customer's page."""
    view = desk.dossiers.moment(desk.admitted.access, moment, desk.language)
    found = actions.said_of(desk.request, desk.admitted, moment)
    last = feedback.last_word(found)
    may = [each for each in SAYABLE if feedback.allowed(each, view["state"], last)]
    return desk.page("_said.html" if desk.by_script else "said.html", view=view, said=found, may=may)


@router.post("/said")
def said(desk: Adviser, token: Text, moment: Text, action: Text, reason: Text = "", note: Note = "") -> Response:
    """Keep what is said of a moment, as REST does, and show the customer again."""
    own_form(desk, token)
    try:
        word = actions.Word(action=action, reason=reason.strip() or None, note=note.strip() or None)  # type: ignore[arg-type]
    except ValidationError:
        raise BadParameter("That cannot be said of a moment.", where="action") from None
    view = desk.dossiers.moment(desk.admitted.access, moment, desk.language)
    actions.say(desk.request, desk.admitted, desk.language, moment, word)
    anchor = _anchor(view)
    return RedirectResponse(
        f"/customers/{quote(view['customer_id'], safe='')}?said={quote(anchor)}&word={word.action}#{anchor}", 303
    )


def _anchor(view: dict[str, Any]) -> str:
    """Return under which name a moment stands on its customer's page."""
    return f"{view['type']}-{view['occurred_from']}"


def _found(desk: Desk, text: str) -> list[dict[str, Any]]:
    access, search = desk.admitted.access, desk.dossiers.search
    if _IBAN.fullmatch(text):
        return search(access, iban=text, most=MOST_FOUND)
    return search(access, customer=text, most=1) or search(access, name=text, most=MOST_FOUND)


def _contract_names(desk: Desk) -> dict[str, str]:
    """Return what the bank's codes of contracts are called, where a product has the code."""
    labels = {code: each.label for each in desk.content.products for code in each.contract_codes}
    return {code: label.in_language(desk.language) for code, label in labels.items()}


def _consented(consents: list[dict[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """Return by purpose and status for which channels it was stated; none: for all."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in consents:
        ways = found.setdefault((each["purpose"], each["status"]), [])
        if each["channel"]:
            ways.append(each["channel"])
    return found


def _age(person: dict[str, Any], as_of: date) -> int | None:
    """Return the full years of a living person."""
    if not person.get("birth_date") or person.get("death_date"):
        return None
    born = date.fromisoformat(person["birth_date"])
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
