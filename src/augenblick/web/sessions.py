"""Who sits before the pages: name, role and purpose in a signed cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

COOKIE = "augenblick_session"
HOURS = 12
_KEY = secrets.token_bytes(32)
"""Made anew at every start: nobody stays signed in over a restart, and no key lies on a disk."""


@dataclass(frozen=True)
class Session:
    """One sign-in. `token` is sent with every form, so that no other site's form is taken for ours.

    Where an identity provider signed the person in, `roles` are those that came with it, `purposes` what they are
    bound to (none: any), and `adviser` is as whom the bank's customers name them.
    """

    name: str
    role: str
    purpose: str
    token: str
    until: float
    roles: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    adviser: str = ""

    def for_purpose(self, purpose: str) -> Session:
        """Return the session with another purpose of use."""
        return replace(self, purpose=purpose)


def begin(
    name: str,
    role: str,
    purpose: str,
    *,
    roles: tuple[str, ...] = (),
    purposes: tuple[str, ...] = (),
    adviser: str = "",
) -> Session:
    """Return a new session."""
    until = time.time() + HOURS * 3600
    return Session(name, role, purpose, secrets.token_urlsafe(24), until, roles, purposes, adviser)


def sealed(session: Session, key: bytes = _KEY) -> str:
    """Return the session as a cookie's value."""
    return seal(asdict(session), key)


def opened(cookie: str | None, key: bytes = _KEY) -> Session | None:
    """Return the session of a cookie, None where it is missing, changed or over."""
    try:
        values = unseal(cookie, key)
        session = Session(**{**values, **{name: tuple(values[name]) for name in ("roles", "purposes")}})
    except (ValueError, TypeError, KeyError):
        return None
    return session if session.until > time.time() else None


def seal(values: dict[str, Any], key: bytes = _KEY) -> str:
    """Return values as a cookie's value that nobody else can make."""
    body = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    return f"{body}.{_seal(body, key)}"


def unseal(cookie: str | None, key: bytes = _KEY) -> dict[str, Any]:
    """Return the values of a cookie; raises ValueError where it is missing or changed."""
    body, _, given = (cookie or "").partition(".")
    if not hmac.compare_digest(given.encode(), _seal(body, key).encode()):
        raise ValueError("The cookie is not as it was written.")
    values = json.loads(base64.urlsafe_b64decode(body))
    if not isinstance(values, dict):
        raise ValueError("The cookie holds no values.")
    return values


def _seal(body: str, key: bytes) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
