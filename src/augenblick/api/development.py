"""Keys and tokens for development: what a bank's identity provider does, for one machine."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from augenblick.model.errors import UnreadableFile

ALGORITHM = "ES256"


def token(
    folder: Path,
    *,
    subject: str,
    roles: Sequence[str],
    purposes: Sequence[str],
    audience: str,
    issuer: str | None,
    seconds: int,
) -> str:
    """Return a signed token; the keys are made in the folder where there are none.

    `private.jwk` signs and stays secret; `keys.json` is what the service's `token_keys` names.
    """
    key = _key(folder)
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": subject,
        "aud": audience,
        "iat": now,
        "exp": now + seconds,
        "roles": list(roles),
    }
    if issuer:
        claims["iss"] = issuer
    if purposes:
        claims["purpose"] = list(purposes)
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)


def _key(folder: Path) -> ECKey:
    secret = folder / "private.jwk"
    if secret.exists():
        try:
            return ECKey.import_key(json.loads(secret.read_text(encoding="utf-8")))
        except (OSError, ValueError, JoseError) as error:
            raise UnreadableFile("The development key cannot be read.", where=str(secret)) from error
    folder.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256", auto_kid=True)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(key.as_dict(private=True), file)
    public = {"keys": [key.as_dict(private=False) | {"use": "sig", "alg": ALGORITHM}]}
    (folder / "keys.json").write_text(json.dumps(public, indent=2), encoding="utf-8")
    return key
