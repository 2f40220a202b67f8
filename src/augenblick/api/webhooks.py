"""Subscribers of the change feed: each gets every change it may see, in order, until it takes it or it is given up."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from anyio import to_thread

from augenblick.api import events, logs
from augenblick.api.access import Caller
from augenblick.api.journal import Journal
from augenblick.api.metrics import Metrics
from augenblick.api.settings import MOST_PAUSE, Webhook
from augenblick.api.trail import Trail
from augenblick.model.errors import AugenblickError
from augenblick.pipeline import today
from augenblick.pipeline.dossier import Dossiers
from augenblick.policy import Access, Consents, Gate, Policy

DOOR = "events"
POLL_SECONDS = 1.0
MOST_COUNTED = 1000
"""Changes that are counted as waiting; what lies behind them is not."""
_TABLES = """
CREATE TABLE IF NOT EXISTS hooks (
    name TEXT PRIMARY KEY, seq INTEGER, attempts INTEGER, due REAL, error TEXT, taken INTEGER
);
CREATE TABLE IF NOT EXISTS dead_letters (name TEXT, seq INTEGER, error TEXT, PRIMARY KEY (name, seq));
"""
Send = Callable[[str, str, dict[str, Any], int], str | None]


class Subscription:
    """One subscriber and how far it is; what it has taken is kept, so that a restart goes on there.

    Raises `NotPermitted` and `BadParameter` where its role may not get events for its purpose.
    """

    def __init__(
        self,
        hook: Webhook,
        journal: Journal,
        dossiers: Dossiers,
        policy: Policy,
        trail: Trail,
        metrics: Metrics,
        *,
        source: str,
        send: Send = events.send,
    ) -> None:
        self.hook = hook
        self._journal = journal
        self._dossiers = dossiers
        self._policy = policy
        self._trail = trail
        self._metrics = metrics
        self._source = source
        self._send = send
        self._caller()  # refuses a role or purpose that may not
        journal.script(_TABLES)
        journal.need_column("hooks", "taken", "INTEGER")
        journal.rows("INSERT OR IGNORE INTO hooks VALUES (?, ?, 0, 0, NULL, NULL)", hook.name, journal.last())

    def heed(self, policy: Policy) -> None:
        """Decide by another policy from now on whether the subscriber may be told."""
        self._policy = policy

    async def run(self, ending: Callable[[], bool]) -> None:
        """Pass changes on as they come, until the service ends."""
        while not ending():
            try:
                if await self.pass_on(time.time()):
                    continue
            except (AugenblickError, OSError, sqlite3.Error) as error:  # the next attempt may go well
                logs.say("webhook", error=error, name=self.hook.name)
            await asyncio.sleep(POLL_SECONDS)

    async def pass_on(self, now: float) -> bool:
        """Send the next change if one is due; return whether there was one."""
        ((seq, attempts, due),) = self._journal.rows(
            "SELECT seq, attempts, due FROM hooks WHERE name = ?", self.hook.name
        )
        waits = now < due <= now + MOST_PAUSE  # due later than that: the clock was set back
        if waits or not (found := self._journal.after(seq, 1)):
            return False
        (change,) = found
        error = await self._sent(change, now)
        if error is None:
            self._step(change["seq"], 0, 0.0, None)
        elif attempts + 1 >= self.hook.attempts:
            self._journal.rows(
                "INSERT OR REPLACE INTO dead_letters VALUES (?, ?, ?)", self.hook.name, change["seq"], error
            )
            self._step(change["seq"], 0, 0.0, error)
        else:
            self._step(seq, attempts + 1, now + self.hook.pause(attempts), error)
        return True

    async def resend(self, now: float) -> int:
        """Send the dead letters again; return how many were taken."""
        taken = 0
        rows = self._journal.rows("SELECT seq FROM dead_letters WHERE name = ? ORDER BY seq", self.hook.name)
        for (seq,) in rows:
            found = self._journal.after(seq - 1, 1)
            if not found or found[0]["seq"] != seq or await self._sent(found[0], now) is None:
                self._journal.rows("DELETE FROM dead_letters WHERE name = ? AND seq = ?", self.hook.name, seq)
                taken += 1
        return taken

    def replay(self, after: int) -> None:
        """Go on behind a change, which sends everything behind it again."""
        self._step(after, 0, 0.0, None)
        self._journal.rows("UPDATE hooks SET taken = ? WHERE name = ?", after, self.hook.name)

    def state(self) -> dict[str, Any]:
        """Return how far the subscriber is, what keeps it, and how many changes were given up.

        Of changes it is not to see nothing is told.
        """
        ((seq, attempts, error, taken),) = self._journal.rows(
            "SELECT seq, attempts, error, taken FROM hooks WHERE name = ?", self.hook.name
        )
        ((dead,),) = self._journal.rows("SELECT count(*) FROM dead_letters WHERE name = ?", self.hook.name)
        access = self._caller().access
        waiting = sum(self._may_be_told(access, change) for change in self._journal.after(seq, MOST_COUNTED))
        return {
            "name": self.hook.name,
            "after": taken or 0,
            "waiting": waiting,
            "attempts": attempts,
            "error": error,
            "dead_letters": dead,
        }

    async def _sent(self, change: dict[str, Any], now: float) -> str | None:
        caller = self._caller()
        if not self._may_be_told(caller.access, change):
            return None
        await self._trail.note(caller, "changes", [change["customer_id"]])
        event = events.cloud_event(change, self._source)
        hook = self.hook
        error = await to_thread.run_sync(self._send, hook.url, hook.secret.get_secret_value(), event, int(now))
        self._metrics.webhooks.labels(hook.name, "taken" if error is None else "failed").inc()
        if error:
            logs.say("webhook", name=hook.name, seq=change["seq"], reason=error)
        else:
            self._journal.rows("UPDATE hooks SET taken = ? WHERE name = ?", change["seq"], hook.name)
        return error

    def _may_be_told(self, access: Access, change: dict[str, Any]) -> bool:
        about = (change["customer_id"], change["moment_id"], change["moment_type"], change["standing"])
        return self._dossiers.may_be_told(access, *about)

    def _caller(self) -> Caller:
        access = Access(
            role=self.hook.role, purpose=self.hook.purpose, actor_id=f"webhook:{self.hook.name}", at=today()
        )
        return Caller(access, Gate(self._policy, Consents()).admit(access, DOOR), DOOR)

    def _step(self, seq: int, attempts: int, due: float, error: str | None) -> None:
        self._journal.rows(
            "UPDATE hooks SET seq = ?, attempts = ?, due = ?, error = ? WHERE name = ?",
            seq, attempts, due, error, self.hook.name,
        )  # fmt: skip
