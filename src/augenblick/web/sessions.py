"""Who sits before the pages: name, role and purpose in a signed cookie."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass, replace

COOKIE = "augenblick_session"
HOURS = 12
_KEY = secrets.token_bytes(32)
"""Made anew at every start: nobody stays signed in over a restart, and no key lies on a disk."""


@dataclass(frozen=True)
class Session:
    """One sign-in. `token` is sent with every form, so that no other site's form is taken for ours."""

    name: str
    role: str
    purpose: str
    token: str
    until: float

    def for_purpose(self, purpose: str) -> Session:
        """Return the session with another purpose of use."""
        return replace(self, purpose=purpose)


def begin(name: str, role: str, purpose: str) -> Session:
    """Return a new session."""
    return Session(name, role, purpose, secrets.token_urlsafe(24), time.time() + HOURS * 3600)


def sealed(session: Session, key: bytes = _KEY) -> str:
    """Return the session as a cookie's value."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(session)).encode()).decode()
    return f"{body}.{_seal(body, key)}"


def opened(cookie: str | None, key: bytes = _KEY) -> Session | None:
    """Return the session of a cookie, None where it is missing, changed or over."""
    body, _, seal = (cookie or "").partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(body, key).encode()):
        return None
    try:
        session = Session(**json.loads(base64.urlsafe_b64decode(body)))
    except (ValueError, TypeError, binascii.Error):
        return None
    return session if session.until > time.time() else None


def _seal(body: str, key: bytes) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
