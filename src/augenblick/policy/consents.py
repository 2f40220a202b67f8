"""What customers have agreed to, refused and withdrawn: which statement counts on a day.

The later statement wins; of two of one day the stricter. A consent that ended, or ends before it begins, permits
nothing; a refusal or withdrawal stands until a later consent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

import duckdb

GIVEN = "given"
_ROWS = "SELECT customer_id, purpose, channel, status, valid_from, valid_to FROM bank.consents"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a customer; without a channel it speaks of every one."""

    channel: str | None
    given: bool
    since: date
    until: date | None = None

    def gives(self, at: date) -> bool:
        """Whether it is a consent that holds on the day."""
        return self.given and (self.until is None or self.since <= self.until >= at)


Stated = tuple[str, str, Statement]
"""A customer, the code of a purpose or kind of consent, and what the customer states of it."""


class Consents:
    """The statements of some customers or of all, by customer and by code of purpose or kind of consent."""

    def __init__(self, statements: Iterable[Stated] = ()) -> None:
        self._by_code: dict[tuple[str, str], list[Statement]] = {}
        for customer, code, statement in statements:
            self._by_code.setdefault((customer, code), []).append(statement)

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, customers: Iterable[str] | None = None) -> Consents:
        """Return what the table `bank.consents` says now, of all customers or of those named."""
        if customers is None:
            rows = connection.execute(_ROWS).fetchall()
        else:
            only = f"{_ROWS} WHERE customer_id IN (SELECT unnest($customers::VARCHAR[]))"
            rows = connection.execute(only, {"customers": sorted(set(customers))}).fetchall()
        return cls((row[0], row[1], Statement(row[2], row[3] == GIVEN, row[4], row[5])) for row in rows)

    def _of(self, customer: str, code: str) -> Sequence[Statement]:
        return self._by_code.get((customer, code), ())

    def given(self, customer: str, code: str, at: date, *, channel: str | None = None, own: bool = False) -> bool:
        """Whether the consent holds on the day, by the channel.

        Without a channel a consent for any one is enough. `own` asks for a consent given for this very channel.
        """
        said = self._of(customer, code)
        if channel is None and not _stands(said, None, at, own=False):
            return any(_stands(said, other, at, own=False) for other in {s.channel for s in said if s.channel})
        return _stands(said, channel, at, own=own)

    def objected(self, customer: str, code: str, at: date, *, channel: str | None = None) -> bool:
        """Whether the customer's last word on the day is a refusal or withdrawal."""
        last = _last(self._of(customer, code), channel, at)
        return last is not None and not last.given


class ConsentsOnDemand(Consents):
    """The statements of some customers, each read when somebody first asks for them: most are never asked for."""

    def __init__(self, customers: AbstractSet[str], read: Callable[[str], Iterable[Stated]]) -> None:
        super().__init__()
        self._waiting = set(customers)
        self._read = read

    def _of(self, customer: str, code: str) -> Sequence[Statement]:
        if customer in self._waiting:
            self._waiting.remove(customer)
            for stated, about, statement in self._read(customer):
                self._by_code.setdefault((stated, about), []).append(statement)
        return super()._of(customer, code)


def _stands(said: Iterable[Statement], channel: str | None, at: date, *, own: bool) -> bool:
    heard = [s for s in said if not (own and s.given and s.channel != channel)]
    last = _last(heard, channel, at)
    return last is not None and last.gives(at)


def _last(said: Iterable[Statement], channel: str | None, at: date) -> Statement | None:
    """Return the statement that counts: the latest, of one day the stricter."""
    heard = [s for s in said if s.since <= at and s.channel in (None, channel)]
    return max(heard, key=lambda s: (s.since, not s.gives(at)), default=None)
