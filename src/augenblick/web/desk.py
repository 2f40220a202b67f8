"""A person before the pages: session and language, admitted through the gate, and the page they get."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from anyio import from_thread
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import URL

from augenblick.api import logs
from augenblick.api.access import Caller, actor_of, admit
from augenblick.api.answer import confirm_customer
from augenblick.api.editors import APPROVES, EDITS
from augenblick.api.identity import Actor
from augenblick.api.long_work import LongWork, Piece
from augenblick.api.problems import status_of
from augenblick.api.writer import GLANCE_SECONDS, Writer
from augenblick.content import Content
from augenblick.explain.words import Language
from augenblick.model.errors import AugenblickError, BadParameter, Busy, NotFound, NotLoaded, NotPermitted, NotSignedIn
from augenblick.pipeline.dossier import Dossiers
from augenblick.pipeline.reading import NOTHING
from augenblick.policy import Decision, Policy
from augenblick.store import DataDirectory
from augenblick.web import sessions, words
from augenblick.web.rendering import POLICY, page
from augenblick.web.sessions import Session

T = TypeVar("T")
ASK_AGAIN = 3
"""Seconds after which a page that waits for the bank's tables asks again."""


class NotReadYet(Busy):
    """The service has just started and still reads what the answer needs."""


@dataclass(frozen=True)
class Desk:
    """Who asks for a page, in which language, and for what they were admitted (None: no door is needed)."""

    request: Request
    session: Session
    language: Language
    caller: Caller | None = None

    @property
    def content(self) -> Content:
        """The ontology the service runs on."""
        return self.request.app.state.content  # type: ignore[no-any-return]

    @property
    def policy(self) -> Policy:
        """The policy the gate decides by."""
        return self.request.app.state.policy  # type: ignore[no-any-return]

    @property
    def dossiers(self) -> Dossiers:
        """The reading of customers."""
        return self.request.app.state.dossiers  # type: ignore[no-any-return]

    @property
    def works(self) -> LongWork:
        """What goes on for a while in the service."""
        return self.request.app.state.long_work  # type: ignore[no-any-return]

    @property
    def by_script(self) -> bool:
        """Whether a page's script asks, for a part of that page."""
        return "HX-Request" in self.request.headers

    @property
    def admitted(self) -> Caller:
        """The caller the gate has let in."""
        assert self.caller is not None  # noqa: S101 - pages of customers name a door
        return self.caller

    def as_of(self) -> date:
        """Return the day the moments are told as of."""
        return self.dossiers.as_of()

    def confirm_customer(self, customer: str) -> None:
        """Raise `NotFound` for a number that no customer has."""
        confirm_customer(self.request, self.admitted.access, customer)

    def note(self, question: str, subjects: Iterable[str | None], decision: Decision | None = None) -> None:
        """Write into the audit log that the person asked about each of the subjects; on disk when it returns.

        Called where a request is answered, in a worker thread.
        """
        trail = self.request.app.state.trail
        from_thread.run(trail.note, self.admitted, question, list(dict.fromkeys(subjects)) or [None], decision)

    def look(self, question: str, customer: str | None, reading: Callable[[], T]) -> T:
        """Return what is read of a customer once the audit log has it, as it has who asked in vain."""
        try:
            found = reading()
        except NotFound:
            self.note(question, [customer], NOTHING)
            raise
        self.note(question, [customer])
        return found

    def reading(self, work: Callable[[DataDirectory], T]) -> T:
        """Return what the work gives of the bank's tables; raises `Busy` soon where somebody writes to them.

        The page then says what it waits for, and comes by itself.
        """
        writer: Writer = self.request.app.state.writer
        return writer.reading(work, patience=GLANCE_SECONDS)

    def await_rules(self) -> None:
        """Wait a moment for the rules, read when the service starts; raises `NotReadYet` where it takes longer.

        The page then says so, and comes by itself.
        """
        warming = self.request.app.state.warming
        warming.join(GLANCE_SECONDS)
        if warming.is_alive():
            raise NotReadYet("The rules are being read.")

    def page(self, template: str, *, status: int = 200, policy: str = POLICY, **values: Any) -> Response:
        """Return the template as a page."""
        return shown(self.request, self.language, template, self.session, status=status, policy=policy, **values)


def progressing(desk: Desk, piece: Piece | None, part: str, **values: Any) -> Response | None:
    """Return to a page that asks by script how far a piece of work is: the part that tells it, at its end a refresh.

    None: the whole page was asked for.
    """
    if not desk.by_script:
        return None
    if piece is None or not piece.going_on:
        return Response(headers={"HX-Refresh": "true"})
    return desk.page(part, piece=piece, **values)


def shown(
    request: Request,
    language: Language,
    template: str,
    session: Session | None,
    *,
    status: int = 200,
    policy: str = POLICY,
    **values: Any,
) -> Response:
    """Return a template as a page, with what all pages need."""
    found: Policy = request.app.state.policy
    frame = {
        "session": session,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "role": found.roles[session.role] if session else None,
        "purposes": purposes(found, session.role) if session else {},
        "may_edit": session is not None and session.role in EDITS,
        "may_approve": session is not None and session.role in APPROVES,
    }
    html = page(template, language, **{**frame, **values})
    headers = {"Content-Security-Policy": policy, "Content-Language": language, "Vary": "Cookie, Accept-Language"}
    return HTMLResponse(html, status, headers=headers)


def purposes(policy: Policy, role: str) -> dict[str, Any]:
    """Return the purposes for which the role may see anything, with their labels."""
    permitted = {purpose for (who, purpose, _), rule in policy.rules.items() if who == role and rule.permits}
    return {code: label for code, label in policy.purposes.items() if code in permitted}


def language_of(request: Request) -> Language:
    """Return the language chosen, else the browser's, else German."""
    chosen = request.cookies.get(words.COOKIE)
    if chosen in ("de", "en"):
        return "en" if chosen == "en" else "de"
    for part in request.headers.get("accept-language", "").lower().split(","):
        if part.strip().startswith(("de", "en")):
            return "en" if part.strip().startswith("en") else "de"
    return "de"


def seated(*doors: str) -> Callable[[Request], Awaitable[Desk]]:
    """Return a dependency that gives the desk of who is signed in and may use one of the doors, if any are named.

    Raises `NotSignedIn` and `NotPermitted`.
    """

    async def dependency(request: Request) -> Desk:
        session = sessions.opened(request.cookies.get(sessions.COOKIE))
        if session is None or session.role not in request.app.state.policy.roles:
            raise NotSignedIn("You are not signed in.")
        actor = person(request, session)
        if session.role not in actor.roles:
            raise NotPermitted("The token no longer carries the role you chose.", hint="sign in again")
        if doors and not session.purpose:
            raise NotPermitted("Your role sees no customer data.", hint="the policy says which roles do")
        caller = admit(request, doors, session.purpose, session.role, actor) if doors else None
        if caller:
            await request.app.state.consents.heed()
        return Desk(request, session, language_of(request), caller)

    return dependency


def person(request: Request, session: Session | None, name: str = "") -> Actor:
    """Return who sits before the pages: whom the identity provider signed in, else who sent the request.

    Raises `NotSignedIn`.
    """
    if session is not None and session.roles:
        return Actor(session.name, session.roles, session.purposes, session.adviser)
    return actor_of(request, session.name if session and not name else name)


def own_form(desk: Desk, token: str) -> None:
    """Raise `NotPermitted` for a form that is not from this session's own pages."""
    if token != desk.session.token:
        raise NotPermitted("This form is not from your own page.", hint="load the page again")


class PageRoute(APIRoute):
    """Answers errors as a page a person can read; who is not signed in is led to the sign-in."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return the handler."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except NotSignedIn:
                return _to_the_sign_in(request)
            except AugenblickError as error:
                return failed(request, error)
            except RequestValidationError:
                return failed(request, BadParameter("Something asked for is not as it must be."))
            except Exception as error:  # noqa: BLE001 - the last fence, as of REST: nothing inside is shown outside
                logs.say("failed", level=logging.ERROR, error=error)
                return failed(request, AugenblickError("Something went wrong."), logged=logs.request_id.get())

        return handler


def _to_the_sign_in(request: Request) -> Response:
    """Lead to the sign-in, and from there back to the page one is at: of a form or a part, the page it stands on."""
    by_script = "HX-Request" in request.headers
    at = request.url
    if by_script or request.method != "GET":
        at = URL(request.headers.get("hx-current-url") or request.headers.get("referer") or "/")
        at = at if at.netloc in ("", request.url.netloc) else URL("/")
    place = f"/sign-in?back={quote(at.path + (f'?{at.query}' if at.query else ''), safe='/')}"
    return Response(headers={"HX-Redirect": place}) if by_script else RedirectResponse(place, 303)


def failed(request: Request, error: AugenblickError, *, logged: str | None = None) -> Response:
    """Return the page of an error, without anything of this host; `logged`: the id under which the log has more."""
    session = sessions.opened(request.cookies.get(sessions.COOKIE))
    if isinstance(error, Busy) and request.method == "GET":
        return _waiting(request, session, early=isinstance(error, NotReadYet))
    status = status_of(error)
    if isinstance(error, NotLoaded) and session and request.method == "GET" and "HX-Request" not in request.headers:
        return shown(request, language_of(request), "empty.html", session, status=status, error=error)
    template = "_failed.html" if "HX-Request" in request.headers else "error.html"
    key = f"error.status_{status}" if words.knows(f"error.status_{status}") else "error.status_500"
    return shown(request, language_of(request), template, session, status=status, error=error, key=key, logged=logged)


def _waiting(request: Request, session: Session | None, *, early: bool) -> Response:
    """Return the page, or the part of one, that says what is waited for and then asks again by itself."""
    by_script = "HX-Request" in request.headers
    works: LongWork = request.app.state.long_work
    piece = next((each for _, each in works.all() if each.going_on), None) if not early else None
    template, status = ("_waiting.html", 200) if by_script else ("waiting.html", 503)
    answer = shown(
        request, language_of(request), template, session, status=status, piece=piece, again=ASK_AGAIN, early=early
    )
    answer.headers["Retry-After"] = str(ASK_AGAIN)
    return answer


def inside(path: str) -> str:
    """Return the path if it leads to a page here, else the first page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
