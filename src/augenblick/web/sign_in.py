"""Signing in and out, the language, and the purpose one looks for.

Without an identity provider everybody on loopback chooses name and role. With one (setting `token_keys`), a proxy
before the service signs people in and hands their access token on; then only its roles can be chosen.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from augenblick.api.access import actor_of
from augenblick.model.errors import NotPermitted
from augenblick.policy import Policy
from augenblick.web import sessions, words
from augenblick.web.desk import Desk, PageRoute, inside, language_of, own_form, purposes, seated, shown
from augenblick.web.sessions import Session

router = APIRouter(include_in_schema=False, route_class=PageRoute)
MOST = 80
Text = Annotated[str, Form(max_length=MOST)]
Path = Annotated[str, Form(max_length=2000)]
Signed = Annotated[Desk, Depends(seated())]

FIRST_PAGES = (("offers", "/today"), ("sparql", "/queries"))
"""Where a role begins: at the page of the first door it may use."""


@router.get("/sign-in")
def form(request: Request, back: str = "/") -> Response:
    """Show who may sign in as what."""
    if not request.app.state.sign_in.open and not request.headers.get("authorization"):
        return shown(request, language_of(request), "sign_in_elsewhere.html", None, status=401)
    policy = request.app.state.policy
    actor = actor_of(request)
    roles = [policy.roles[code] for code in actor.roles if code in policy.roles]
    values = {"roles": roles, "back": inside(back), "development": request.app.state.sign_in.open}
    return shown(request, language_of(request), "sign_in.html", None, **values)


@router.post("/sign-in")
def sign_in(request: Request, role: Text, name: Text = "", back: Path = "/") -> Response:
    """Begin a session."""
    _refuse_other_sites(request)
    policy = request.app.state.policy
    actor = actor_of(request, name.strip())
    if role not in actor.roles or role not in policy.roles:
        raise NotPermitted("You do not have this role.", hint="choose one of the list")
    session = sessions.begin(actor.subject, role, _widest(policy, role))
    return _seal(request, RedirectResponse(inside(back), 303), session)


@router.post("/sign-out")
def sign_out(desk: Signed, token: Text) -> Response:
    """End the session."""
    own_form(desk, token)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(sessions.COOKIE)
    return answer


@router.post("/purpose")
def purpose(desk: Signed, token: Text, purpose: Text, back: Path = "/") -> Response:
    """Look for another purpose."""
    own_form(desk, token)
    if purpose not in purposes(desk.policy, desk.session.role):
        raise NotPermitted("Your role sees nothing for this purpose.", hint="choose one of the list")
    return _seal(desk.request, RedirectResponse(inside(back), 303), desk.session.for_purpose(purpose))


@router.get("/language/{language}")
def language(language: str, back: str = "/") -> Response:
    """Speak German or English from now on."""
    answer = RedirectResponse(inside(back), 303)
    if language in ("de", "en"):
        answer.set_cookie(words.COOKIE, language, max_age=365 * 24 * 3600, samesite="lax", httponly=True)
    return answer


@router.get("/")
def first(desk: Signed) -> Response:
    """Lead to the page the role begins at."""
    doors = desk.policy.roles[desk.session.role].doors
    if desk.session.purpose:
        for door, path in FIRST_PAGES:
            if door in doors:
                return RedirectResponse(path, 303)
    return RedirectResponse("/moments", 303)


def _widest(policy: Policy, role: str) -> str:
    """Return the purpose for which the role may see most, empty where it sees nothing."""
    permitted = Counter(purpose for (who, purpose, _), rule in policy.rules.items() if who == role and rule.permits)
    return max(sorted(permitted), key=lambda purpose: permitted[purpose], default="")


def _seal(request: Request, answer: Response, session: Session) -> Response:
    secure = request.url.scheme == "https"
    answer.set_cookie(
        sessions.COOKIE, sessions.sealed(session), httponly=True, samesite="strict", secure=secure, path="/"
    )
    return answer


def _refuse_other_sites(request: Request) -> None:
    """Raise `NotPermitted` for a sign-in that another site's page sends: there is no session yet to tell by."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise NotPermitted("This form is not from our own page.", hint="open the sign-in page")
