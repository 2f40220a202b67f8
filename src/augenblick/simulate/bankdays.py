"""Days on which German banks book: no weekends, no nationwide holidays, neither 24 nor 31 December."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int64]

_FIRST_YEAR, _LAST_YEAR = 1990, 2060
_EPOCH = date(1970, 1, 1).toordinal()
_EASTER_OFFSETS = (-2, 1, 39, 50)  # Good Friday, Easter Monday, Ascension, Whit Monday
_FIXED = ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)


def closed_days(year: int) -> set[date]:
    """The days of a year, weekends apart, on which no bank in Germany books."""
    moving = {easter(year) + timedelta(days=n) for n in _EASTER_OFFSETS}
    return moving | {date(year, month, day) for month, day in _FIXED}


def day_number(day: date) -> int:
    """Days since 1970-01-01, the unit all bookings are computed in."""
    return day.toordinal() - _EPOCH


def from_number(number: int) -> date:
    """The date a day number stands for."""
    return date.fromordinal(int(number) + _EPOCH)


_BASE = day_number(date(_FIRST_YEAR, 1, 1))


@cache
def _open_days() -> npt.NDArray[np.bool_]:
    count = day_number(date(_LAST_YEAR, 12, 31)) - _BASE + 1
    weekday = (np.arange(count) + from_number(_BASE).weekday()) % 7
    is_open = weekday < 5
    for year in range(_FIRST_YEAR, _LAST_YEAR + 1):
        for day in closed_days(year):
            is_open[day_number(day) - _BASE] = False
    return is_open


@cache
def _following() -> Days:
    index = np.where(_open_days(), np.arange(len(_open_days())), len(_open_days()) - 1)
    return np.minimum.accumulate(index[::-1])[::-1]


@cache
def _preceding() -> Days:
    return np.maximum.accumulate(np.where(_open_days(), np.arange(len(_open_days())), 0))


def shifted(days: Days, forward: npt.NDArray[np.bool_]) -> Days:
    """Each day moved to a booking day: the next where `forward`, else the one before."""
    offset = days - _BASE
    return np.where(forward, _following()[offset], _preceding()[offset]) + _BASE


def booked_on(day: date, *, forward: bool = True) -> date:
    """The booking day of a payment due on `day`."""
    return from_number(int(shifted(np.array([day_number(day)]), np.array([forward]))[0]))


def add_months(day: date, months: int, *, on: int | None = None) -> date:
    """The date `months` later, on the same day of the month (or `on`), or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(on or day.day, calendar.monthrange(year, month + 1)[1]))
