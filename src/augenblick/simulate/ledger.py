"""What the simulated bank records: accounts, master data, standing payments; and what really happened (truth)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import NamedTuple

from augenblick.simulate.bankdays import day_number
from augenblick.simulate.checkdigits import german_iban
from augenblick.simulate.dice import Dice
from augenblick.simulate.people import Person
from augenblick.simulate.stock import stock
from augenblick.simulate.wording import Line, compose

OWN_BANK = 1
_LONG_AGO, _FOREVER = date(1995, 1, 1), date(2059, 1, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """The days the bank exports, both included."""

    start: date
    end: date

    def holds(self, day: date) -> bool:
        """Whether the day is exported."""
        return self.start <= day <= self.end

    @property
    def share(self) -> float:
        """Length as a share of two years, at most 1: how much of life's events falls into it."""
        return min(1.0, (self.end - self.start).days / 730)


class Payment(NamedTuple):
    """A standing payment: bookings every so many months from first to last due day."""

    account: int
    line: int
    cents: int
    first: int
    last: int
    every: int
    day: int
    forward: bool
    spread: float
    rise: float
    rise_month: int
    rate: str
    returned: float


class Habit(NamedTuple):
    """Irregular spending of one category: so many bookings per thirty days at random."""

    account: int
    category: str
    city: str
    first: int
    last: int
    rate: float
    level: float


@dataclass(slots=True)
class Truth:
    """One life event of one customer; it shows once so many different things (`needs`) have been seen."""

    customer_id: str
    event: str
    occurred_on: date
    form: str
    needs: int = 1
    not_before: date | None = None
    follows: Truth | None = None
    seen: dict[str, date] = field(default_factory=dict)

    def show(self, day: date, by: str = "") -> None:
        """Note that something in the data (`by`) points to the event since a day."""
        self.seen[by] = min(day, self.seen.get(by, day))

    @property
    def visible(self) -> date | None:
        """The first day the data suffice to tell the event, if they ever do."""
        days = sorted(self.seen.values())
        if len(days) < self.needs:
            return None
        return max(days[self.needs - 1], self.not_before or days[0])


@dataclass(slots=True)
class Ledger:
    """All records of one chunk of clans."""

    window: Window
    chunk: int
    seed: int
    styles: list[int] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    habits: list[Habit] = field(default_factory=list)
    shown_by: list[tuple[int, Truth, str]] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    tables: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    index: dict[str, int] = field(default_factory=dict)
    ibans: dict[str, str] = field(default_factory=dict)
    opened_on: list[int] = field(default_factory=list)
    closed_on: list[int] = field(default_factory=list)

    def record(self, table: str, *values: object) -> None:
        """Add a row to a table of the contract (columns in the contract's order) or of the truth."""
        self.tables.setdefault(table, []).append(values)

    def open_account(self, dice: Dice, kind: str, opened: date | None, closed: date | None = None) -> str:
        """A new account; bookings may be planned for it at once."""
        number = len(self.styles)
        account = f"A{self.chunk:04d}{number:06d}"
        iban = german_iban(OWN_BANK, 1_000_000_000 + self.chunk * 1_000_000 + number)
        self.styles.append(dice.weighted(bank_shares()))
        self.index[account], self.ibans[account] = number, iban
        self.record("accounts", account, iban, kind, "EUR", opened, closed)
        self.opened_on.append(day_number(opened or _LONG_AGO))
        self.closed_on.append(day_number(closed or _FOREVER))
        return account

    def close_account(self, account: str, day: date) -> None:
        """Close an account; nothing is booked on it any more."""
        place = self.index[account]
        self.closed_on[place] = min(self.closed_on[place], day_number(day))
        rows = self.tables["accounts"]
        rows[place] = (*rows[place][:-1], day)

    def line(self, dice: Dice, kind: str, naming: bool = False, /, **words: str) -> int:
        """A new line of a kind; keywords as in `wording.compose`."""
        self.lines.append(compose(dice, kind, naming, **words))
        return len(self.lines) - 1

    def pay(
        self, account: str, line: int, amount: float, first: date, last: date | None = None, *, every: int = 1,
        day: int = 0, forward: bool = True, spread: float = 0.0, rise: float = 0.0, rise_month: int = 1,
        rate: str = "", returned: float = 0.0, shows: Iterable[Truth] = (), by: str = "",
    ) -> None:  # fmt: skip
        """Plan payments in euros (debits negative): once, or until `last` (`None`: without end, see `once`).

        With a `rate` the amount is a number of units of that yearly public rate. They show the truths `by` a name.
        """
        for truth in shows:
            self.shown_by.append((len(self.payments), truth, by))
        self.payments.append(
            Payment(
                self.index[account], line, round(amount * 100), day_number(first), day_number(last or _FOREVER), every,
                day or first.day, forward, spread, rise, rise_month, rate, returned,
            )
        )  # fmt: skip

    def once(
        self, account: str, line: int, amount: float, day: date, *, returned: float = 0.0,
        shows: Iterable[Truth] = (), by: str = "",
    ) -> None:  # fmt: skip
        """Plan a single payment."""
        self.pay(account, line, amount, day, day, returned=returned, shows=shows, by=by)

    def spend(self, account: str, category: str, city: str, first: date, last: date, rate: float, level: float) -> None:
        """Plan irregular spending of a category of `spending.yaml`."""
        low, high = max(first, self.window.start), min(last, self.window.end)
        if low < high:
            habit = Habit(self.index[account], category, city, day_number(low), day_number(high), rate, level)
            self.habits.append(habit)

    def happened(self, person: Person, event: str, day: date, form: str, follows: Truth | None = None) -> Truth:
        """Label a life event; labels of persons who are no customers, or dead, are dropped when written."""
        living = person.is_customer and (person.died is None or day < person.died)
        truth = Truth(person.customer_id if living else "", event, day, form, follows=follows)
        self.truths.append(truth)
        return truth

    def trap(self, person: Person, name: str, first: date, last: date | None = None) -> None:
        """Label something easily taken for an event that it is not."""
        if person.is_customer:
            self.record("traps", person.customer_id, name, first, min(last or first, self.window.end))


@cache
def bank_shares() -> dict[int, float]:
    """The styles of `banks.yaml` by number, with how many accounts of a hundred they have."""
    return {number: style["share"] for number, style in enumerate(stock("banks").values())}
