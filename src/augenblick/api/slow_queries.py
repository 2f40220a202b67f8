"""The slowest questions of late, told without what they ask: by the digest the audit log knows a query by."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

SLOW_SECONDS = 0.25
ANSWERED = "answered"
LEFT = "left"
"""The outcome of a question whose asker did not wait for the answer."""
REMEMBERED = 200


@dataclass(frozen=True)
class SlowQuery:
    """One question: when it was answered, in which role it was asked, how long it took, what came of it."""

    at: datetime
    name: str
    role: str
    seconds: float
    outcome: str


class SlowQueries:
    """Keeps the last questions that took long, while the service runs."""

    def __init__(self) -> None:
        self._found: deque[SlowQuery] = deque(maxlen=REMEMBERED)

    def note(self, name: str, role: str, seconds: float, outcome: str = ANSWERED) -> None:
        """Keep a question that took long or failed."""
        if seconds >= SLOW_SECONDS or outcome != ANSWERED:
            self._found.append(SlowQuery(datetime.now(UTC), name, role, seconds, outcome))

    def slowest(self, most: int) -> list[SlowQuery]:
        """Return the slowest of those kept, the slowest first."""
        return sorted(self._found.copy(), key=lambda each: each.seconds, reverse=True)[:most]
