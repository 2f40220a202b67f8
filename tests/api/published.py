"""A published graph of a few statements, and keys, for tests of the service."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
from joserfc import jwt
from joserfc.jwk import ECKey

from augenblick.publish import publish
from augenblick.store import DataDirectory

BASE = "https://bank.example/id/"
GRAPHS = BASE + "graph/"
OPEN = "https://w3id.org/augenblick/ontology#openTo"
ANALYST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}

Quad = tuple[str, str, str, str]


def publish_quads(data: Path, quads: Iterable[Quad], *, open_to: dict[str, Iterable[str]] | None = None) -> None:
    """Publish quads (graph IRI, then terms in N-Triples) and to whom graphs are open (default: all to analysts)."""
    quads = list(quads)
    opened = open_to if open_to is not None else {g: ["analyst/analysis"] for g, *_ in quads}
    rows = [(f"<{g}>", s, p, o) for g, s, p, o in quads]
    rows += [(f"<{GRAPHS}access>", f"<{g}>", f"<{OPEN}>", f'"{who}"') for g, whom in opened.items() for who in whom]
    with duckdb.connect() as connection:
        columns = ", ".join(f"unnest(${name}::VARCHAR[]) AS {name}" for name in "gspo")
        values = dict(zip("gspo", map(list, zip(*rows, strict=True)), strict=True))
        connection.execute(f"CREATE TABLE quads AS SELECT {columns}", values)
        publish(DataDirectory(data), connection, "SELECT g, s, p, o FROM quads")


def numbers(count: int, graph: str = GRAPHS + "facts") -> list[Quad]:
    """Return so many statements about numbers."""
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    return [(graph, f"<urn:n{n}>", "<urn:value>", f'"{n}"^^<{integer}>') for n in range(count)]


class Issuer:
    """An identity provider of one key; every part of a token can be made wrong."""

    def __init__(self, folder: Path) -> None:
        import json

        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.path = folder / "keys.json"
        self.path.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))

    def token(self, *roles: str, key: ECKey | None = None, alg: str = "ES256", **changed: object) -> str:
        """Return a token; a claim given as None is left out."""
        now = int(time.time())
        claims = {"sub": "anna", "aud": "augenblick", "iat": now, "exp": now + 300, "roles": list(roles)} | changed
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": self.key.kid}, claims, key or self.key)

    def headers(self, *roles: str, of: str | None = None, **changed: object) -> dict[str, str]:
        """Return the headers of a request with such a token."""
        headers = {"Authorization": f"Bearer {self.token(*roles, **changed)}"}  # type: ignore[arg-type]
        return headers | ({"Purpose-Of-Use": of} if of else {})
