"""Signing in and out, the language, and the purpose one looks for.

Without `token_keys` everybody on loopback chooses name and role: for development. With `oidc_issuer` people sign in at
the bank's identity provider; with `token_keys` alone a proxy before the service signs them in and hands their access
token on. Then only the roles that came with it can be chosen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from augenblick.model.errors import NotFound, NotLoaded, NotPermitted, Outdated
from augenblick.policy import Policy
from augenblick.web import sessions, words
from augenblick.web.desk import Desk, PageRoute, inside, language_of, own_form, person, purposes, seated, shown
from augenblick.web.provider import Begun, Provider
from augenblick.web.sessions import Session

router = APIRouter(include_in_schema=False, route_class=PageRoute)
MOST = 80
MOST_SUGGESTED = 20
BEGUN, MINUTES = "augenblick_signing_in", 10
"""The cookie of a sign-in that was begun, and how long it may take."""
Text = Annotated[str, Form(max_length=MOST)]
Path = Annotated[str, Form(max_length=100_000)]
"""A path with what is asked for there, a whole query at times."""
Signed = Annotated[Desk, Depends(seated())]

FIRST_PAGES_FOR = {"operation": "/loads", "data_protection": "/policy"}
"""Where who asks for a purpose of its own begins."""
FIRST_PAGES = (("offers", "/today"), ("sparql", "/overview"))
"""Where any other role begins: at the page of the first door it may use."""


@router.get("/sign-in")
def form(request: Request, back: str = "/") -> Response:
    """Show who may sign in as what, or where one signs in."""
    session = sessions.opened(request.cookies.get(sessions.COOKIE))
    signed_in = bool(session and session.roles)
    if not request.app.state.sign_in.open and not signed_in and not request.headers.get("authorization"):
        values: dict[str, Any] = {"provider": _provider(request).there, "back": inside(back)}
        return shown(request, language_of(request), "sign_in_elsewhere.html", None, status=401, **values)
    policy = request.app.state.policy
    actor = person(request, session)
    roles = [policy.roles[code] for code in actor.roles if code in policy.roles]
    development = request.app.state.sign_in.open
    advisers = _advisers(request) if development else []
    values = {"roles": roles, "back": inside(back), "development": development, "advisers": advisers}
    return shown(request, language_of(request), "sign_in.html", None, **values)


@router.post("/sign-in")
def sign_in(request: Request, role: Text, name: Text = "", back: Path = "/") -> Response:
    """Begin a session in a role."""
    _refuse_other_sites(request)
    policy = request.app.state.policy
    before = sessions.opened(request.cookies.get(sessions.COOKIE))
    actor = person(request, before if before and before.roles else None, name.strip())
    if role not in actor.roles or role not in policy.roles:
        raise NotPermitted("You do not have this role.", hint="choose one of the list")
    kept: dict[str, Any] = {}
    if before and before.roles:
        kept = {"roles": before.roles, "purposes": before.purposes, "adviser": before.adviser}
    session = sessions.begin(actor.subject, role, _widest(policy, role, actor.purposes), **kept)
    return _seal(request, RedirectResponse(inside(back), 303), session)


@router.get("/sign-in/start")
def start(request: Request, back: str = "/") -> Response:
    """Lead to the identity provider."""
    provider = _provider(request)
    if not provider.there:
        raise NotFound("No identity provider is configured.")
    begun = Begun.anew(inside(back))
    answer = RedirectResponse(provider.address(begun, _back_to(request)), 303)
    # Lax: the browser sends it when the provider leads back here, and with no other site's form.
    answer.set_cookie(
        BEGUN, sessions.seal(asdict(begun)), max_age=MINUTES * 60, path="/sign-in", **_kept(request, "lax")
    )
    return answer


@router.get("/sign-in/callback")
def came_back(request: Request, state: str = "", code: str = "") -> Response:
    """Begin the session of who comes back from the identity provider."""
    try:
        begun = Begun(**sessions.unseal(request.cookies.get(BEGUN)))
    except (ValueError, TypeError):
        raise NotPermitted("This is not the sign-in that was begun here.", hint="sign in again") from None
    actor = _provider(request).actor(begun, state, code, _back_to(request))
    policy = request.app.state.policy
    roles = tuple(role for role in actor.roles if role in policy.roles)
    if not roles:
        raise NotPermitted("Your account carries no role of this service.", hint="ask for one of the policy")
    widest = _widest(policy, roles[0], actor.purposes)
    session = sessions.begin(
        actor.subject, roles[0], widest, roles=roles, purposes=actor.purposes, adviser=actor.adviser
    )
    # A page that goes on by itself: led here from another site, the browser would not send our strict cookie along.
    to = begun.back if len(roles) == 1 else f"/sign-in?back={quote(begun.back)}"
    answer = shown(request, language_of(request), "signed_in.html", None, to=to)
    answer.delete_cookie(BEGUN, path="/sign-in")
    return _seal(request, answer, session)


@router.post("/sign-out")
def sign_out(desk: Signed, token: Text) -> Response:
    """End the session; what the query workspace kept in the browser goes with it."""
    own_form(desk, token)
    answer = RedirectResponse("/sign-in", 303, headers={"Clear-Site-Data": '"storage"'})
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
    if found := FIRST_PAGES_FOR.get(desk.session.purpose):
        return RedirectResponse(found, 303)
    if desk.session.purpose:
        for door, path in FIRST_PAGES:
            if door in doors:
                return RedirectResponse(path, 303)
    return RedirectResponse("/moments", 303)


def _advisers(request: Request) -> list[str]:
    """Return some advisers the bank's data name, to sign in as one of them on a machine for development."""
    try:
        return request.app.state.dossiers.advisers(MOST_SUGGESTED)  # type: ignore[no-any-return]
    except (NotLoaded, Outdated):
        return []


def _provider(request: Request) -> Provider:
    state = request.app.state
    if not hasattr(state, "provider"):
        state.provider = Provider(state.settings)
    return state.provider  # type: ignore[no-any-return]


def _back_to(request: Request) -> str:
    """Return where the provider leads back to, as the browser reaches it."""
    return f"{request.app.state.settings.public_url or str(request.base_url).rstrip('/')}/sign-in/callback"


def _widest(policy: Policy, role: str, bound_to: tuple[str, ...] = ()) -> str:
    """Return the purpose for which the role may see most (of those it is bound to), empty where it sees nothing."""
    permitted = Counter(
        purpose
        for (who, purpose, _), rule in policy.rules.items()
        if who == role and rule.permits and (not bound_to or purpose in bound_to)
    )
    return max(sorted(permitted), key=lambda purpose: permitted[purpose], default="")


def _seal(request: Request, answer: Response, session: Session) -> Response:
    answer.set_cookie(sessions.COOKIE, sessions.sealed(session), path="/", **_kept(request, "strict"))
    return answer


def _kept(request: Request, sent: Literal["lax", "strict"]) -> dict[str, Any]:
    """Return how a cookie is kept: out of scripts' reach, and where pages come by https never sent without."""
    public = request.app.state.settings.public_url or str(request.base_url)
    return {"httponly": True, "samesite": sent, "secure": public.startswith("https:")}


def _refuse_other_sites(request: Request) -> None:
    """Raise `NotPermitted` for a sign-in that another site's page sends: there is no session yet to tell by."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise NotPermitted("This form is not from our own page.", hint="open the sign-in page")
