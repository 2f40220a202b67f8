"""Who calls: OAuth 2.0 bearer tokens (JWT, RFC 9068) checked against the bank's keys."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from augenblick.api.settings import Settings
from augenblick.model.errors import NotSignedIn, ToolMissing

REMEMBERED = 4096
"""Tokens whose signature need not be checked again until they end."""
REREAD_SECONDS = 10
"""How soon an unknown key makes the keys be read again."""
_FETCH_SECONDS = 5


@dataclass(frozen=True)
class Actor:
    """Who answers for a request: the token's subject, the roles it has, the purposes it is bound to (none: any).

    `adviser`: as whom the bank's customers name them, if they look after any.
    """

    subject: str
    roles: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    adviser: str = ""


class Keys:
    """The keys tokens are signed with, from a file or a URL, read again when they are old or one is missing."""

    def __init__(self, source: str, seconds: int) -> None:
        self._source = source
        self._seconds = seconds
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._keys: KeySet | None = None

    def current(self, *, at_latest: float) -> KeySet:
        """Return the keys, not older than so many seconds.

        Raises `ToolMissing` where they cannot be read and none are known.
        """
        with self._lock:
            if self._keys is None or time.monotonic() - self._read_at > min(at_latest, self._seconds):
                self._keys = self._read()
                self._read_at = time.monotonic()
            return self._keys

    def _read(self) -> KeySet:
        try:
            if self._source.startswith(("https://", "http://127.0.0.1", "http://localhost")):
                with urllib.request.urlopen(self._source, timeout=_FETCH_SECONDS) as answer:  # noqa: S310
                    text = answer.read()
            else:
                text = Path(self._source).read_bytes()
            return KeySet.import_key_set(json.loads(text))
        except (OSError, ValueError, TypeError, KeyError, JoseError) as error:
            if self._keys is not None:
                return self._keys
            raise ToolMissing("The keys of access tokens cannot be read.", hint="see `token_keys`") from error


class SignIn:
    """Turns an Authorization header into an actor."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys = Keys(settings.token_keys, settings.token_keys_seconds) if settings.token_keys else None
        self._known: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    @property
    def open(self) -> bool:
        """Whether nobody needs a token."""
        return self._keys is None

    def actor(self, header: str | None) -> Actor:
        """Return who sent the header.

        Raises `NotSignedIn`, without telling more than what to mend.
        """
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedIn("An access token is needed.", hint="send `Authorization: Bearer …`")
        token = token.strip()
        until, actor = self._known.get(token, (0.0, None))
        if actor is not None and time.time() < until:
            return actor
        claims = self._claims(token)
        actor = actor_from(claims, str(claims["sub"]), self._settings)
        self._known[token] = (float(claims["exp"]) + self._settings.token_skew_seconds, actor)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return actor

    def _claims(self, token: str) -> dict[str, Any]:
        settings = self._settings
        wanted: dict[str, Any] = {
            "aud": {"essential": True, "value": settings.token_audience},
            "exp": {"essential": True},
            "sub": {"essential": True},
        }
        if settings.token_issuer:
            wanted["iss"] = {"essential": True, "value": settings.token_issuer}
        registry = jwt.JWTClaimsRegistry(None, settings.token_skew_seconds, **wanted)
        try:
            claims = self._decoded(token)
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotSignedIn("The access token is not accepted.", hint=_why(error)) from None
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        assert self._keys is not None  # noqa: S101 - an open service asks for no token
        allowed = list(self._settings.token_algorithms)
        try:
            return jwt.decode(token, self._keys.current(at_latest=self._settings.token_keys_seconds), allowed).claims
        except (JoseError, ValueError):  # a key the bank has changed since
            return jwt.decode(token, self._keys.current(at_latest=REREAD_SECONDS), allowed).claims


def actor_from(claims: dict[str, Any], subject: str, settings: Settings) -> Actor:
    """Return whom a token's claims are of, with the roles it carries and the purposes it is bound to."""
    roles = _listed(claims.get(settings.token_roles_claim)) + _listed(claims.get("scope"))
    names = tuple(dict.fromkeys(role.removeprefix("augenblick:") for role in roles))
    adviser = subject if settings.adviser_claim is None else str(claims.get(settings.adviser_claim) or "")
    return Actor(subject, names, tuple(_listed(claims.get("purpose"))), adviser)


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [str(each) for each in value] if isinstance(value, Sequence) else []


def _why(error: Exception) -> str:
    """Return what is wrong, as far as the holder of a good token needs it."""
    name = type(error).__name__
    return {
        "ExpiredTokenError": "it has expired",
        "InvalidClaimError": "issuer, audience or another claim is not as it must be",
        "MissingClaimError": "it lacks a claim: exp, aud, sub or iss",
    }.get(name, "signature, algorithm or form is not accepted")
