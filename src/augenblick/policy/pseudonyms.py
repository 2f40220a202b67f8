"""Names for people that only this data directory's key can make: for audit log and tombstones."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

KEY_FILE = "pseudonyms.key"


class Pseudonyms:
    """Makes the same pseudonym of the same identifier; without the key nobody can tell whose it is."""

    def __init__(self, folder: Path) -> None:
        self._key = _key(folder / KEY_FILE)

    def of(self, identifier: str) -> str:
        """Return the pseudonym of a customer's or account's identifier."""
        return hmac.new(self._key, identifier.encode(), "sha256").hexdigest()[:32]


def _key(file: Path) -> bytes:
    """Return the key, made at first use and readable by the owner alone."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".new")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:
            new.write(secrets.token_bytes(32))
            new.flush()
            os.fsync(new.fileno())
        unfinished.rename(file)
    return file.read_bytes()
