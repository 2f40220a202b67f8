"""Numbers of the change feed: by time and by what changed, so that none tells how many changes lie between two.

Whoever may not see a change would count it otherwise. Numbers grow with time and stay below 2**53, which JSON readers
keep exact.
"""

from __future__ import annotations

import hashlib

PER_MILLISECOND = 4096
WINDOW = 1024
"""Over so many milliseconds the changes that are told at once are spread."""
_BEGUN = 1_577_836_800_000
"""2020-01-01, in milliseconds: numbers count from here."""
SETBACK = 60_000
"""By so many milliseconds a clock may be set back and no cursor lies behind what is told then."""


class Positions:
    """Gives the changes that are told at one instant their numbers, behind all told before."""

    def __init__(self, milliseconds: int, last: int) -> None:
        self._first = max(position(milliseconds), last + 1)
        self._taken: set[int] = set()

    def of(self, moment: str) -> int:
        """Return the number of a moment's change."""
        digest = int.from_bytes(hashlib.sha256(moment.encode()).digest()[:8])
        found = self._first + digest % (WINDOW * PER_MILLISECOND)
        while found in self._taken:
            found += 1
        self._taken.add(found)
        return found


def position(milliseconds: int) -> int:
    """Return the number of an instant, given in milliseconds since 1970."""
    return max(0, milliseconds - _BEGUN) * PER_MILLISECOND


def looked_until(milliseconds: int) -> int:
    """Return a number behind which everything lies that is told after the instant, even by a clock set back a bit."""
    return position(milliseconds - SETBACK)
