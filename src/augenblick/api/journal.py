"""What the service itself keeps, durably: changes in their order, and answers to writes by their idempotency keys."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from augenblick.model.errors import Conflict

FILE = "service.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, kind TEXT, moment_id TEXT, customer_id TEXT, moment_type TEXT,
    old_state TEXT, new_state TEXT, old_confidence REAL, new_confidence REAL, cause TEXT
);
CREATE TABLE IF NOT EXISTS requests (
    actor TEXT, key TEXT, digest TEXT, status INTEGER, answer TEXT, PRIMARY KEY (actor, key)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Change:
    """What became of a moment, and why."""

    kind: str
    moment_id: str
    customer_id: str
    moment_type: str
    old_state: str | None
    new_state: str | None
    old_confidence: float | None
    new_confidence: float | None
    cause: str


class Journal:
    """The service's own file; written by one thread at a time, read by any."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        self._file.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def note(self, changes: Iterable[Change]) -> int:
        """Keep changes, in their order; return the number of the last."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows = [(at, *vars(change).values()) for change in changes]
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany(
                "INSERT INTO changes (at, kind, moment_id, customer_id, moment_type, old_state, new_state, "
                "old_confidence, new_confidence, cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._file.execute("COMMIT")
            return self._last()

    def last(self) -> int:
        """Return the number of the last change, 0 where there is none."""
        with self._lock:
            return self._last()

    def after(self, seq: int, most: int) -> list[dict[str, Any]]:
        """Return the changes behind a number, the earliest first."""
        with self._lock:
            cursor = self._file.execute("SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", [seq, most])
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def answered(self, actor: str, key: str, request: Any) -> tuple[int, Any] | None:
        """Return status and answer that the same request with the same key got before, None where it is new.

        Raises `Conflict` where the key was used for another request.
        """
        with self._lock:
            row = self._file.execute(
                "SELECT digest, status, answer FROM requests WHERE actor = ? AND key = ?", [actor, key]
            ).fetchone()
        if row is None:
            return None
        if row[0] != _digest(request):
            raise Conflict("The idempotency key was used for another request.", hint="take a new key for each request")
        return row[1], json.loads(row[2])

    def keep(self, actor: str, key: str, request: Any, status: int, answer: Any) -> None:
        """Keep the answer to a request under its key."""
        row = [actor, key, _digest(request), status, json.dumps(answer)]
        with self._lock:
            self._file.execute("INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, ?)", row)

    def _last(self) -> int:
        return int(self._file.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])


def _digest(request: Any) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
