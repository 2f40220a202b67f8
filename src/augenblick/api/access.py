"""What a caller may do: the role acted in, the purpose of use, and the policy's word on both."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Header, Request

from augenblick.api.identity import REMEMBERED, Actor
from augenblick.model.errors import BadParameter, NotPermitted, TooManyRequests
from augenblick.pipeline import today
from augenblick.policy import Access, AuditLog, Consents, Gate, Policy, Role

PURPOSE = "Purpose-Of-Use"
ACTING = "Acting-Role"
LOCAL = "local"
"""The subject of everybody where no sign-in is configured."""


@dataclass(frozen=True)
class Caller:
    """An admitted request: what the gate is asked with, the role, and as whom customers name the actor as adviser."""

    access: Access
    role: Role
    door: str
    adviser: str = ""

    @property
    def whom(self) -> str:
        """Return role and purpose as the published graph names them."""
        return f"{self.access.role}/{self.access.purpose}"


class Admissions:
    """Whom a policy admits on a day, so that it is asked once; who is refused is judged and noted each time."""

    def __init__(self) -> None:
        self._policy: Policy | None = None
        self._day: date | None = None
        self._known: dict[Hashable, Caller] = {}

    def of(self, policy: Policy, day: date) -> dict[Hashable, Caller]:
        """Return the callers by who asked, at which doors, for what and in which role."""
        if policy is not self._policy or day != self._day or len(self._known) > REMEMBERED:
            self._policy, self._day, self._known = policy, day, {}
        return self._known


def admitted(*doors: str, heeding: bool = True) -> Callable[..., Awaitable[Caller]]:
    """Return a dependency that gives the caller if one of the doors is open to a role of theirs for the purpose.

    `heeding`: what is published follows the consents of now first, which waits for who writes. Answers that tell of no
    customer do without.
    """

    async def dependency(
        request: Request,
        purpose: Annotated[str | None, Header(alias=PURPOSE, description="What the answer is for.")] = None,
        acting: Annotated[str | None, Header(alias=ACTING, description="The role acted in, of several.")] = None,
    ) -> Caller:
        caller = admit(request, doors, purpose, acting)
        if heeding:
            await request.app.state.consents.heed()
        return caller

    return dependency


def admit(
    request: Request, doors: tuple[str, ...], purpose: str | None, acting: str | None, actor: Actor | None = None
) -> Caller:
    """Return the caller of a request if a role of theirs may use one of the doors for the purpose.

    The actor is who sent the request, where none is given.

    Raises `NotSignedIn`, `NotPermitted` (which enters the audit log), `BadParameter` (a purpose is missing or unknown),
    `TooManyRequests`.
    """
    state = request.app.state
    actor = actor or actor_of(request)
    state.pace.count(actor.subject)
    policy: Policy = state.policy
    day = today()
    key = (actor, doors, purpose, acting)
    admissions: dict[Hashable, Caller] = state.admissions.of(policy, day)
    if known := admissions.get(key):
        return known
    roles = [role for role in actor.roles if role in policy.roles and acting in (None, role)]
    refused: NotPermitted | None = None
    asked: Access | None = None
    for role in roles:
        meant = _purpose(policy, actor, role, purpose)
        if meant is None:
            continue
        access = Access(role=role, purpose=meant, actor_id=actor.subject, at=day)
        for door in doors:
            try:
                held = Gate(policy, Consents()).admit(access, door)
            except NotPermitted as error:
                refused, asked = error, access
            else:
                admissions[key] = Caller(access, held, door, actor.adviser)
                return admissions[key]
    if refused is not None and asked is not None:
        about = request.path_params.get("customer")
        AuditLog(state.settings.data).refused(asked, doors[0], subject=about)
    if refused is not None or not roles:
        raise refused or NotPermitted("The token carries no role that may do this.", hint="ask for one of the policy")
    raise BadParameter(f"The purpose of use is missing: {_purposes(policy)}.", hint=f"send the header `{PURPOSE}`")


def actor_of(request: Request, name: str = LOCAL) -> Actor:
    """Return who sent the request; everybody on loopback has all roles, by any name, where no sign-in is configured."""
    state = request.app.state
    if state.sign_in.open:
        return Actor(name or LOCAL, tuple(state.policy.roles), adviser=name or LOCAL)
    return state.sign_in.actor(request.headers.get("authorization"))  # type: ignore[no-any-return]


def _purpose(policy: Policy, actor: Actor, role: str, asked: str | None) -> str | None:
    """Return the purpose: the one asked for, the only one the token is bound to, or the only one the role has."""
    if asked is not None:
        if asked not in policy.purposes:
            raise BadParameter(f"There is no purpose '{asked}'.", hint=_purposes(policy))
        if actor.purposes and asked not in actor.purposes:
            raise NotPermitted(f"The token is not for the purpose '{asked}'.")
        return asked
    permitted = {of for (who, of, _), rule in policy.rules.items() if who == role and rule.permits}
    found = permitted & set(actor.purposes) if actor.purposes else permitted
    return found.pop() if len(found) == 1 else None


def _purposes(policy: Policy) -> str:
    return "one of " + ", ".join(sorted(policy.purposes))


class Pace:
    """Counts requests by actor; a bucket that fills evenly over a minute."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._buckets: dict[str, tuple[float, float]] = {}

    def count(self, subject: str) -> None:
        """Count one.

        Raises `TooManyRequests`.
        """
        now = time.monotonic()
        left, at = self._buckets.get(subject, (float(self._most), now))
        left = min(self._most, left + (now - at) * self._most / 60)
        if left < 1:
            raise TooManyRequests(f"More than {self._most} requests a minute.", hint="slow down")
        self._buckets[subject] = (left - 1, now)
