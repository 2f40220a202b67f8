"""From planned payments and habits to bookings: dates, amounts, returns and order, for a whole chunk at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from augenblick.simulate.bankdays import Days, day_number, from_number, shifted
from augenblick.simulate.checkdigits import creditor_identifier
from augenblick.simulate.dice import generator
from augenblick.simulate.ledger import Habit, Ledger, Payment
from augenblick.simulate.stock import stock
from augenblick.simulate.wording import Line, codes_of, split_text

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_RETURN_AFTER = 3


@dataclass(slots=True)
class Bookings:
    """Bookings of a chunk as columns; `payment` is -1 for habits, `reverses` the row a return takes back, else -1."""

    account: Ints
    day: Days
    value_day: Days
    cents: Ints
    line: Ints
    payment: Ints
    reverses: Ints

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: Ints | npt.NDArray[np.bool_]) -> Bookings:
        """The bookings of some rows, in that order; `reverses` still points to the old rows."""
        return Bookings(*(getattr(self, name)[rows] for name in self.__slots__))


def expand(ledger: Ledger) -> Bookings:
    """All bookings of a chunk inside the window, ordered by account and day."""
    random = generator(ledger.seed, ledger.chunk, 1)
    due = _join([_standing(ledger, random), _habitual(ledger, random)])
    low, high = day_number(ledger.window.start), day_number(ledger.window.end)
    opened, closed = np.array(ledger.opened_on), np.array(ledger.closed_on)
    inside = (due.day >= np.maximum(low, opened[due.account])) & (due.day <= np.minimum(high, closed[due.account]))
    due = due.take(inside)
    due = _join([due, _returns(ledger, due, random, high)])
    return _ordered(due)


def _join(parts: list[Bookings]) -> Bookings:
    return Bookings(*(np.concatenate([getattr(part, name) for part in parts]) for name in Bookings.__slots__))


def _column(rows: list[Any], name: str, kind: Any = np.int64) -> npt.NDArray[Any]:
    return np.array([getattr(row, name) for row in rows], dtype=kind)


def _months(days: Days) -> Ints:
    months: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def _month_days(months: Ints) -> tuple[Days, Ints]:
    """First day of each month and how many days it has."""
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first, following - first


def _standing(ledger: Ledger, random: np.random.Generator) -> Bookings:
    """Every due day of every payment, moved to a booking day."""
    plan: list[Payment] = ledger.payments
    first, last, every = _column(plan, "first"), _column(plan, "last"), _column(plan, "every")
    begin = _months(first)
    window_first, window_last = (
        int(_months(np.array([day_number(d)]))[0]) for d in (ledger.window.start, ledger.window.end)
    )
    skip = np.maximum(0, -((begin - (window_first - 1)) // every))
    stop = np.minimum(_months(last), window_last + 1)
    counts = np.maximum(0, (stop - begin) // every - skip + 1)
    payment = np.repeat(np.arange(len(plan)), counts)
    nth = np.arange(len(payment)) - np.repeat(np.cumsum(counts) - counts, counts) + skip[payment]
    month_first, length = _month_days(begin[payment] + nth * every[payment])
    due = month_first + np.minimum(_column(plan, "day")[payment], length) - 1
    keep = (due >= first[payment]) & (due <= last[payment])
    payment, due = payment[keep], due[keep]
    day = shifted(due, _column(plan, "forward", np.bool_)[payment])
    cents = _amounts(ledger, plan, payment, due, random)
    none = np.full(len(day), -1)
    return Bookings(_column(plan, "account")[payment], day, day, cents, _column(plan, "line")[payment], payment, none)


def _amounts(ledger: Ledger, plan: list[Payment], payment: Ints, due: Days, random: np.random.Generator) -> Ints:
    """Amounts in cents: grown year by year, at the public rate of the year, varied."""
    cents = _column(plan, "cents").astype(np.float64)[payment]
    rise_month = _column(plan, "rise_month")
    base = np.maximum(_column(plan, "first"), day_number(ledger.window.start))
    years = (_months(due) - rise_month[payment] + 1) // 12 - ((_months(base) - rise_month + 1) // 12)[payment]
    cents = cents * (1 + _column(plan, "rise", np.float64)[payment]) ** np.maximum(years, 0)
    spread = _column(plan, "spread", np.float64)[payment]
    cents = cents * np.exp(spread * random.standard_normal(len(cents)))
    names = _column(plan, "rate", object)[payment]
    calendar_year = _months(due) // 12 + 1970
    for rate in sorted({row.rate for row in plan} - {""}):
        by_year = np.array([_rate_of(rate, year) for year in range(1970, 2101)], dtype=np.float64)
        chosen = names == rate
        cents[chosen] = np.round(_column(plan, "cents")[payment][chosen] * by_year[calendar_year[chosen] - 1970])
    rounded: Ints = np.rint(cents).astype(np.int64)
    return rounded


def _rate_of(rate: str, year: int) -> float:
    """The public rate that holds at the end of a year; the first known one for years before it."""
    table = stock("rates")[rate]
    return float(table[max((first for first in table if first <= year), default=min(table))])


def _habitual(ledger: Ledger, random: np.random.Generator) -> Bookings:
    """Purchases at random days, each at one of the shops of the buyer's city."""
    plan: list[Habit] = ledger.habits
    first, last = _column(plan, "first"), _column(plan, "last")
    span = last - first + 1
    counts = random.poisson(_column(plan, "rate", np.float64) * span / 30.4)
    habit = np.repeat(np.arange(len(plan)), counts)
    bought = first[habit] + (random.random(len(habit)) * span[habit]).astype(np.int64)
    begin, number, median, spread, rounding = _shops(ledger, plan)
    line = begin[habit] + (random.random(len(habit)) ** 1.6 * number[habit]).astype(np.int64)
    level = _column(plan, "level", np.float64)[habit]
    euros = median[habit] * level * np.exp(spread[habit] * random.standard_normal(len(habit)))
    step = rounding[habit]
    cents = -np.maximum(np.rint(euros / step), 1) * step * 100
    day = shifted(bought + 1, np.ones(len(bought), dtype=np.bool_))
    none = np.full(len(day), -1)
    return Bookings(_column(plan, "account")[habit], day, bought, np.rint(cents).astype(np.int64), line, none, none)


def _shops(ledger: Ledger, plan: list[Habit]) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Per habit: first line and number of shops to choose from, and the category's amounts."""
    known: dict[tuple[str, str], tuple[int, int]] = {}
    for habit in plan:
        key = (habit.category, habit.city)
        if key not in known:
            lines = shop_lines(*key)
            known[key] = (len(ledger.lines), len(lines))
            ledger.lines.extend(lines)
    where = np.array([known[habit.category, habit.city] for habit in plan], dtype=np.int64).reshape(-1, 2)
    categories = [stock("spending")[habit.category] for habit in plan]
    levels = np.array([(c["median"], c["spread"], c.get("round", 0.01)) for c in categories]).reshape(-1, 3)
    return where[:, 0], where[:, 1], levels[:, 0], levels[:, 1], levels[:, 2]


def shop_lines(category_name: str, city: str) -> list[Line]:
    """One line for every shop and wording of a category in a city."""
    category = stock("spending")[category_name]
    codes, lines = codes_of(category), []
    for number, pattern in enumerate(category["parties"]):
        party = pattern.replace("<NNNN>", f"{1000 + len(city) * 37 + number}").replace("{city}", city)
        creditor = creditor_identifier(party) if category.get("creditor") else ""
        for text in category["texts"][number % 2 :: 2]:
            pieces, tokens = split_text(text.replace("{city}", city))
            lines.append(Line(party, "", creditor, f"{number + 1:07d}" if creditor else "", "", *codes, pieces, tokens))
    return lines


def _returns(ledger: Ledger, booked: Bookings, random: np.random.Generator, high: int) -> Bookings:
    """Returned payments, booked back in full some days later."""
    chance = np.append(_column(ledger.payments, "returned", np.float64), 0.0)[booked.payment]
    rows = np.flatnonzero(random.random(len(booked)) < chance)
    day = shifted(booked.day[rows] + _RETURN_AFTER, np.ones(len(rows), dtype=np.bool_))
    closed = np.array(ledger.closed_on)[booked.account[rows]]
    kept = (day <= high) & (day <= closed)
    rows, day = rows[kept], day[kept]
    none = np.full(len(rows), -1)
    return Bookings(booked.account[rows], day, day, -booked.cents[rows], booked.line[rows], none, rows)


def _ordered(booked: Bookings) -> Bookings:
    """The same bookings by account, day and place in the plan, `reverses` pointing to the new rows."""
    order = np.lexsort((np.arange(len(booked)), booked.day, booked.account))
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(order)), -1
    ordered = booked.take(order)
    ordered.reverses = place[ordered.reverses]
    return ordered


_FIRST_DAYS = 40
"""Days from an account's first booking within which a payment may only seem to begin: the account did."""


def mark_visible(ledger: Ledger, booked: Bookings) -> None:
    """Note in each truth the first booking that shows it.

    What begins with an account that was opened after the event tells nothing of the event.
    """
    reversed_rows = booked.reverses[booked.reverses >= 0]
    stands = booked.payment >= 0
    stands[reversed_rows] = False
    first = np.full(len(ledger.payments), np.iinfo(np.int64).max)
    np.minimum.at(first, booked.payment[stands], booked.day[stands])
    opened = np.full(int(booked.account.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(opened, booked.account, booked.day)
    begun = np.full(len(ledger.payments), np.iinfo(np.int64).max)
    np.minimum.at(begun, booked.payment[stands], opened[booked.account[stands]])
    for payment, truth, by in ledger.shown_by:
        if first[payment] == np.iinfo(np.int64).max:
            continue
        only_seems = first[payment] - begun[payment] <= _FIRST_DAYS and truth.occurred_on < from_number(begun[payment])
        if not only_seems:
            truth.show(from_number(first[payment]), by)
