"""The bank's identity provider: OpenID Connect's authorization code flow with PKCE (RFC 7636), as a relying party.

The ID token is checked as OpenID Connect Core 3.1.3.7 asks: signature by the provider's keys and an algorithm of the
setting (never `none`), issuer, audience, expiry, nonce.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError

from augenblick.api.identity import REREAD_SECONDS, Actor, Keys, actor_from
from augenblick.api.settings import Settings
from augenblick.model.errors import NotPermitted, ToolMissing

DISCOVERY = "/.well-known/openid-configuration"
MOST_BYTES = 1_000_000
_SECONDS = 5
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun in a browser: what only it can bring back, and where it wants to go then."""

    state: str
    nonce: str
    verifier: str
    back: str

    @staticmethod
    def anew(back: str) -> Begun:
        """Return one with fresh secrets."""
        return Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), back)

    @property
    def challenge(self) -> str:
        """The verifier's digest (S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Provider:
    """Leads people to the provider and takes them back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = threading.Lock()
        self._told: dict[str, str] = {}
        self._keys: Keys | None = None

    @property
    def there(self) -> bool:
        """Whether one is configured."""
        return self._settings.oidc_issuer is not None

    def address(self, begun: Begun, back_to: str) -> str:
        """Return where the browser goes to sign in; the provider sends it back to `back_to`."""
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id or "",
            "redirect_uri": back_to,
            "scope": self._settings.oidc_scopes,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        start = self._discovered()["authorization_endpoint"]
        return f"{start}{'&' if '?' in start else '?'}{urlencode(asked)}"

    def actor(self, begun: Begun, state: str, code: str, back_to: str) -> Actor:
        """Return who came back with the code.

        Raises `NotPermitted` where it is not the sign-in that was begun or its token is not accepted; `ToolMissing`
        where the provider does not answer.
        """
        if not code or not secrets.compare_digest(state.encode(), begun.state.encode()):
            raise NotPermitted("This is not the sign-in that was begun here.", hint="sign in again")
        claims = self._claims(self._redeemed(begun, code, back_to), begun.nonce)
        subject = str(claims.get(self._settings.oidc_subject_claim) or "")
        if not subject:
            raise NotPermitted("The sign-in names nobody.", hint="see `oidc_subject_claim`")
        return actor_from(claims, subject, self._settings)

    def _redeemed(self, begun: Begun, code: str, back_to: str) -> str:
        """Return the ID token for the code."""
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "client_id": settings.oidc_client_id or "",
            "code_verifier": begun.verifier,
        }
        if settings.oidc_client_secret:
            form["client_secret"] = settings.oidc_client_secret.get_secret_value()
        answer = self._asked(self._discovered()["token_endpoint"], form)
        if not isinstance(answer.get("id_token"), str):
            raise NotPermitted("The identity provider gave no ID token.", hint="is `openid` among `oidc_scopes`?")
        return str(answer["id_token"])

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        settings = self._settings
        registry = jwt.JWTClaimsRegistry(
            None,
            settings.token_skew_seconds,
            iss={"essential": True, "value": settings.oidc_issuer or ""},
            aud={"essential": True, "value": settings.oidc_client_id or ""},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._decoded(token)
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            hint = f"{type(error).__name__}: sign in again; if it stays, see the settings of the provider"
            raise NotPermitted("The identity provider's token is not accepted.", hint=hint) from None
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != settings.oidc_client_id:
            raise NotPermitted("The identity provider's token is for somebody else.")
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        allowed = list(self._settings.token_algorithms)
        keys = self._provider_keys()
        try:
            return jwt.decode(token, keys.current(at_latest=self._settings.token_keys_seconds), allowed).claims
        except (JoseError, ValueError):  # a key the provider has changed since
            return jwt.decode(token, keys.current(at_latest=REREAD_SECONDS), allowed).claims

    def _provider_keys(self) -> Keys:
        if self._keys is None:
            self._keys = Keys(self._discovered()["jwks_uri"], self._settings.token_keys_seconds)
        return self._keys

    def _discovered(self) -> dict[str, str]:
        """Return what the provider tells of itself, asked once."""
        with self._turn:
            if not self._told:
                issuer = self._settings.oidc_issuer or ""
                told = self._asked(issuer.rstrip("/") + DISCOVERY)
                if told.get("issuer") != issuer or not all(isinstance(told.get(name), str) for name in _NEEDED):
                    raise ToolMissing("The identity provider is not the one of the settings.", hint="see `oidc_issuer`")
                self._told = {name: told[name] for name in _NEEDED}
            return self._told

    def _asked(self, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ToolMissing("The identity provider is not reached by https.", hint="see `oidc_issuer`")
        body = urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(address, body, {"Accept": "application/json"})  # noqa: S310 - checked above
        try:
            with _OPENER.open(request, timeout=_SECONDS) as answer:
                told = json.loads(answer.read(MOST_BYTES))
        except HTTPError as error:
            error.close()
            if form is not None and error.code in (400, 401):
                raise NotPermitted("The identity provider refuses this sign-in.", hint="sign in again") from None
            raise ToolMissing("The identity provider does not answer.", hint="try again in a while") from None
        except (OSError, ValueError):
            raise ToolMissing("The identity provider does not answer.", hint="try again in a while") from None
        return told if isinstance(told, dict) else {}


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows nothing: codes and secrets go to the address of the provider alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Straight)
