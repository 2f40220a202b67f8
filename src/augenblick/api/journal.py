"""What the service itself keeps, durably: changes in their order, and answers to writes by their idempotency keys."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from augenblick.api.positions import SETBACK, looked_until
from augenblick.api.told import TABLES as TOLD
from augenblick.api.told import follow, numbered
from augenblick.lookup import LOOKUP_FILE
from augenblick.model.errors import Conflict

FILE = "service.sqlite"
CHUNK = 500
"""Changes read from the file at a time."""
STEPS = 100_000
"""Of SQLite's machine, between two looks whether to go on."""
_TABLES = """
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, kind TEXT, moment_id TEXT, customer_id TEXT, moment_type TEXT,
    old_state TEXT, new_state TEXT, old_confidence REAL, new_confidence REAL, cause TEXT,
    standing TEXT
);
CREATE TABLE IF NOT EXISTS requests (
    actor TEXT, key TEXT, digest TEXT, status INTEGER, answer TEXT, PRIMARY KEY (actor, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (delivery INTEGER PRIMARY KEY, answer TEXT, derived INTEGER);
DELETE FROM requests WHERE status = 0;
"""
"""A request of status 0 is being worked on; one that is so when the file is opened died with its process."""


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
        self._seen = folder / LOOKUP_FILE
        self._file = sqlite3.connect(f"file:{folder / FILE}", uri=True, isolation_level=None, check_same_thread=False)
        self._file.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES} {TOLD}")
        self.need_column("changes", "standing", "TEXT")
        self._take_over()
        (self._handed,) = self._file.execute("SELECT coalesce(max(seq), 0) FROM handed").fetchone()

    def need_column(self, table: str, column: str, kind: str) -> None:
        """Add a column that files of earlier releases lack."""
        with self._lock:
            if column not in {row[1] for row in self._file.execute(f"PRAGMA table_info({table})")}:
                self._file.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def _take_over(self) -> None:
        """Take over what a file of an earlier release says was told; it knew of whole moments only."""
        with self._lock:
            known = {row[1] for row in self._file.execute("PRAGMA table_info(told)")}
            if known:
                standing = "standing" if "standing" in known else "NULL"
                self._file.execute(
                    "INSERT OR IGNORE INTO told_faces SELECT moment_id, 0, customer_id, moment_type, state, "
                    f"confidence, {standing}, NULL FROM told"
                )
                self._file.execute("DROP TABLE told")

    def script(self, sql: str) -> None:
        """Run statements, such as those that make a table of somebody else's."""
        with self._lock:
            self._file.executescript(sql)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of one statement, which is durable then."""
        with self._lock:
            return self._file.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def follow(self, cause: str, *, customer: str | None = None, unless: Callable[[], bool] = lambda: False) -> int:
        """Keep what is otherwise in the look-up file than was told last, and return how many changes that is.

        Of one customer, if named: that takes less time.
        What is found when nothing was ever told is no change. Told once, whatever ends the process meanwhile.
        Raises sqlite3.OperationalError, nothing being kept, as soon as `unless` holds.
        """
        if not self._seen.exists():
            return 0
        with self._lock:
            self._file.set_progress_handler(unless, STEPS)
            try:
                return follow(self._file, self._seen, cause, customer=customer)
            finally:
                self._file.set_progress_handler(None, 0)

    def note(self, changes: Iterable[Change]) -> int:
        """Keep changes, in their order; return the number of the last."""
        now = datetime.now(UTC)
        at = now.isoformat(timespec="milliseconds")
        rows = [(change.moment_id, at, *vars(change).values()) for change in changes]
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            numbered(self._file, now)
            self._file.executemany(
                "INSERT INTO changes (seq, at, kind, moment_id, customer_id, moment_type, old_state, new_state, "
                "old_confidence, new_confidence, cause) VALUES (position(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._file.executemany(
                "UPDATE told_faces SET state = ? WHERE moment_id = ? AND milder = 0", [(row[7], row[3]) for row in rows]
            )
            self._file.execute("COMMIT")
            return self._last()

    def last(self) -> int:
        """Return the number of the last change, 0 where there is none."""
        with self._lock:
            return self._last()

    def after(self, seq: int, most: int) -> list[dict[str, Any]]:
        """Return the changes behind a number, the earliest first; `standing` is the gate's, to be told to nobody."""
        with self._lock:
            cursor = self._file.execute("SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", [seq, most])
            names = [column[0] for column in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return [change | {"standing": json.loads(change["standing"] or "null")} for change in found]

    def page(
        self, after: int, most: int, may_see: Callable[[dict[str, Any]], bool]
    ) -> tuple[list[dict[str, Any]], int]:
        """Return the first `most` changes behind a number that may be seen, and the number to go on behind.

        Neither tells of changes that may not be seen, however many there are.
        """
        shown: list[dict[str, Any]] = []
        at = after
        while True:
            now = int(datetime.now(UTC).timestamp() * 1000)
            found = self.after(at, CHUNK)
            shown += [change for change in found if may_see(change)]
            if len(shown) >= most:
                return shown[:most], int(shown[most - 1]["seq"])
            if len(found) < CHUNK:
                return shown, max(after, self._handed_out(now), *(int(change["seq"]) for change in shown))
            at = int(found[-1]["seq"])

    def _handed_out(self, now: int) -> int:
        """Return the cursor of an instant; what is told later lies behind it, whatever the clock says then.

        That is written down once a minute at most: a minute ahead, which is now.
        """
        cursor = looked_until(now)
        with self._lock:
            if cursor > self._handed:
                self._handed = looked_until(now + SETBACK)
                self._file.execute("INSERT OR REPLACE INTO handed VALUES (1, ?)", [self._handed])
        return cursor

    def begin(self, actor: str, key: str, request: Any) -> tuple[int, Any] | None:
        """Return status and answer that the same request had before under the key; None where it is this one's turn.

        Raises `Conflict` where the key was used for another request, or that one is still being worked on.
        """
        with self._lock:
            row = self._file.execute(
                "SELECT digest, status, answer FROM requests WHERE actor = ? AND key = ?", [actor, key]
            ).fetchone()
            if row is None:
                self._file.execute("INSERT INTO requests VALUES (?, ?, ?, 0, '')", [actor, key, _digest(request)])
                return None
        if row[0] != _digest(request):
            raise Conflict("The idempotency key was used for another request.", hint="take a new key for each request")
        if row[1] == 0:
            raise Conflict("The request with this key is still being worked on.", hint="send it again in a while")
        return row[1], json.loads(row[2])

    def release(self, actor: str, key: str) -> None:
        """Give a key free whose request failed."""
        with self._lock:
            self._file.execute("DELETE FROM requests WHERE actor = ? AND key = ? AND status = 0", [actor, key])

    def keep(self, actor: str, key: str, request: Any, status: int, answer: Any) -> None:
        """Keep the answer to a request under its key."""
        row = [actor, key, _digest(request), status, json.dumps(answer)]
        with self._lock:
            self._file.execute("INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, ?)", row)

    def note_delivery(self, delivery: int, answer: Any, *, derived: bool) -> None:
        """Keep what a deliverer was told."""
        with self._lock:
            self._file.execute(
                "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?)", [delivery, json.dumps(answer), derived]
            )

    def derived(self, delivery: int) -> None:
        """Note that what follows from all deliveries up to this one is derived."""
        with self._lock:
            self._file.execute("UPDATE deliveries SET derived = 1 WHERE delivery <= ?", [delivery])

    def delivery(self, delivery: int) -> dict[str, Any] | None:
        """Return what was told of a delivery, with its state as it is now; None where there was none."""
        with self._lock:
            row = self._file.execute("SELECT answer, derived FROM deliveries WHERE delivery = ?", [delivery]).fetchone()
        return {**json.loads(row[0]), **({"state": "visible"} if row[1] else {})} if row else None

    def _last(self) -> int:
        return int(self._file.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])


def _digest(request: Any) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
