"""A small OpenID provider on loopback that signs real tokens, and can be told to sign them wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "augenblick-pages", "not-a-secret-outside-this-test"


class IdentityProvider:
    """Gives codes to whoever asks, and tokens for codes; `claims` and `key` change what it signs."""

    def __init__(self) -> None:
        self.key = self.own_key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.claims: dict[str, Any] = {}
        self.unsigned = False
        self.codes: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def code_for(self, address: str) -> tuple[str, str]:
        """Return code and state as the browser would bring them back from the address it was led to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code, asked["state"]

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return the answer to a code, none where code, secret, verifier or address do not fit; a code works once."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or form.get("client_secret") != SECRET
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "eva", "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], "roles": ["adviser"], **self.claims}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.unsigned:
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def discovery(self) -> dict[str, str]:
        """Return what it tells of itself."""
        endpoints = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in endpoints.items()}

    def keys(self) -> dict[str, Any]:
        """Return its public keys."""
        return KeySet([self.own_key]).as_dict(private=False)


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """Run one for the time of the block."""
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/auth?"):  # the person is known here, and led straight back
                code, state = provider.code_for(self.path)
                self.send_response(302)
                back = provider.codes[code]["redirect_uri"]
                self.send_header("Location", f"{back}?{urlencode({'code': code, 'state': state})}")
                self.end_headers()
                return
            self._answer(provider.keys() if self.path == "/keys" else provider.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _answer(self, told: dict[str, Any] | None) -> None:
            body = json.dumps(told or {"error": "invalid_grant"}).encode()
            self.send_response(200 if told else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
