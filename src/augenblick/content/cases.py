"""Cases of the moment types: what is given, what must be found, and nothing else.

A case is a YAML file with `title` (and `title_de`, for German pages), `as_of`, `given` (rows of the contract's tables)
and `expect`. A row may carry `repeat: {every: 1 month, times: 6}`: it stands for that many rows whose dates move on and
whose id gets a suffix. Rows of accounts and bookings without `currency` are in EUR, bookings without an id numbered.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import yaml

from augenblick.content.entry import nearest
from augenblick.content.model import Words
from augenblick.model.errors import ContentError

Row = dict[str, object]
Tables = dict[str, list[Row]]

ID_COLUMNS = frozenset(
    {
        "customer_id",
        "related_customer_id",
        "account_id",
        "transaction_id",
        "reversal_of",
        "contract_id",
        "interaction_id",
    }
)
"""Columns that name a row; the cases of one run are kept apart by a prefix on them."""

OPEN_STATES = frozenset({"tentative", "confirmed", "acted"})
"""States of a moment that a case must list; what is dismissed, voided or expired need not be."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is ten times as fast."""
_KEYS = frozenset({"title", "as_of", "given", "expect"})
_GERMAN = "title_de"
NOT_FOUND, NOT_EXPECTED = "expected and not found", "found and not expected"
"""How what is found may differ from what a case expects."""
_EXPECTED_KEYS = frozenset({"customer", "moment", "occurred_between", "state"})
_EVERY = re.compile(r"(\d+) (day|week|month|year)s?\Z")
_OWN_ID: Mapping[str, str] = MappingProxyType(
    {"transactions": "transaction_id", "interactions": "interaction_id", "contracts": "contract_id"}
)
_IN_EUR = frozenset({"accounts", "transactions"})


@dataclass(frozen=True)
class Found:
    """A moment somebody was found in: by the case's line, or expected by its author."""

    customer: str
    moment: str
    occurred_from: date
    occurred_to: date
    state: str

    def __str__(self) -> str:
        return f"{self.customer}: {self.moment} {self.occurred_from} to {self.occurred_to}, {self.state}"


@dataclass(frozen=True)
class Case:
    """One case: rows per table with ids as written in the file, and the moments that must be found."""

    identity: str
    title: Words
    as_of: date
    given: Mapping[str, list[Row]]
    expect: tuple[Found, ...]
    file: Path

    def tables(self) -> Tables:
        """Return the rows with every id prefixed by the case's identity, so that cases can share one run."""
        return {name: [self._prefixed(row) for row in rows] for name, rows in self.given.items()}

    def differences(self, found: Iterable[Found]) -> list[str]:
        """Return in plain sentences how the moments found for this case's customers differ from the expected ones.

        An expected moment is met by one of the same customer, type and state that lies within its dates.
        """
        return [f"{how}: {each}" for how, each in self.differing(found)]

    def differing(self, found: Iterable[Found]) -> list[tuple[str, Found]]:
        """Return the moments that make the difference, each with which way it differs."""
        _, missing, more = self._compared(found)
        return [(NOT_FOUND, f) for f in missing] + [(NOT_EXPECTED, f) for f in more]

    def outcome(self, found: Iterable[Found]) -> tuple[Found, ...]:
        """Return what the case would have to expect for the moments found to be right: what is met stays as it is."""
        met, _, more = self._compared(found)
        return (*met, *more)

    def _compared(self, found: Iterable[Found]) -> tuple[list[Found], list[Found], list[Found]]:
        """Return which expected moments are met and which are missing, and which were found beside them."""
        mine = self.own(found)
        more = [f for f in mine if f.state in OPEN_STATES or f.state in {e.state for e in self.expect}]
        met: list[Found] = []
        missing: list[Found] = []
        for wanted in self.expect:
            fitting = next((f for f in more if _meets(f, wanted)), None)
            (missing if fitting is None else met).append(wanted)
            if fitting is not None:
                more.remove(fitting)
        return met, missing, more

    @property
    def _prefix(self) -> str:
        return f"{self.identity}."

    def own(self, found: Iterable[Found]) -> list[Found]:
        """Return the moments found of the case's customers, who are named as in its file."""
        mine = (each for each in found if each.customer.startswith(self._prefix))
        return [replace(each, customer=each.customer.removeprefix(self._prefix)) for each in mine]

    def _prefixed(self, row: Row) -> Row:
        return {key: f"{self._prefix}{value}" if key in ID_COLUMNS else value for key, value in row.items()}


def load_case(file: Path, *, contract: Mapping[str, Collection[str]] | None = None) -> Case:
    """Return the case a file states, repeats expanded; `contract` (table → columns) also checks its names.

    The identity is made of the moment's folder and the file's name. Raises ContentError naming the file and the mend.
    """
    raw = _read(file)
    given = raw["given"]
    if not isinstance(given, dict) or not all(isinstance(rows, list) for rows in given.values()):
        raise _error(file, "`given` is no mapping from tables to lists of rows", "see docs/architecture.md, Cases")
    tables = {str(name): _rows(file, str(name), rows) for name, rows in given.items()}
    if contract is not None:
        _check_names(file, tables, contract)
    return Case(
        identity=identity_of(file),
        title=Words(de=str(raw.get(_GERMAN, raw["title"])), en=str(raw["title"])),
        as_of=_day(file, raw["as_of"], "as_of"),
        given=tables,
        expect=expected(raw["expect"], where=file),
        file=file,
    )


def identity_of(file: Path) -> str:
    """Return the identity of the case in a file: its moment's folder and its own name."""
    return f"{file.parent.parent.name}.{file.stem}"


def expected(rows: object, *, where: Path) -> tuple[Found, ...]:
    """Return moments expected as a case lists them; raises ContentError for what is none."""
    return tuple(_expected(where, row) for row in _list(where, rows))


def together(cases: Iterable[Case]) -> Tables:
    """Return the rows of several cases (of one as-of date) as one set of tables."""
    tables: Tables = {}
    for case in cases:
        for name, rows in case.tables().items():
            tables.setdefault(name, []).extend(rows)
    return tables


def _error(file: Path, message: str, hint: str | None = None) -> ContentError:
    return ContentError(message, where=str(file), hint=hint)


def _read(file: Path) -> dict[str, object]:
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark else ""
        said = getattr(error, "problem", None) or error
        raise _error(file, f"cannot be read as YAML: {said}{place}", "mend the place named") from error
    if not isinstance(raw, dict):
        raise _error(file, "is no mapping", f"a case has {', '.join(sorted(_KEYS))}")
    for name in sorted(map(str, set(raw) - _KEYS - {_GERMAN})):
        raise _error(file, f"has no use for `{name}`", nearest(name, [*_KEYS, _GERMAN]))
    for name in sorted(_KEYS - set(raw)):
        raise _error(file, f"`{name}` is missing", f"a case has {', '.join(sorted(_KEYS))}")
    return raw


def _check_names(file: Path, tables: Tables, contract: Mapping[str, Collection[str]]) -> None:
    for name, rows in tables.items():
        if name not in contract:
            raise _error(file, f"there is no table `{name}`", nearest(name, contract))
        for column in sorted({column for row in rows for column in row} - set(contract[name])):
            raise _error(file, f"table `{name}` has no column `{column}`", nearest(column, contract[name]))


def _rows(file: Path, table: str, rows: object) -> list[Row]:
    expanded: list[Row] = []
    for number, row in enumerate(_list(file, rows), start=1):
        if not isinstance(row, dict):
            raise _error(file, f"row {number} of `{table}` is no mapping", "write {column: value, …}")
        expanded += _expand(file, table, {**_defaults(table, number), **row})
    return expanded


def _defaults(table: str, number: int) -> Row:
    row: Row = {"currency": "EUR"} if table in _IN_EUR else {}
    return {_OWN_ID[table]: f"{table[0]}{number}", **row} if table in _OWN_ID else row


def _expand(file: Path, table: str, row: Row) -> list[Row]:
    repeat = row.pop("repeat", None)
    if repeat is None:
        return [row]
    every = _EVERY.match(str(repeat.get("every", ""))) if isinstance(repeat, dict) else None
    if not isinstance(repeat, dict) or every is None or not isinstance(repeat.get("times"), int):
        raise _error(file, f"`repeat` is not understood: {repeat}", "write {every: 1 month, times: 6}")
    count, unit, own = int(every[1]), every[2], _OWN_ID.get(table)
    copies = []
    for turn in range(repeat["times"]):
        copy = {key: _moved(value, turn * count, unit) for key, value in row.items()}
        copies.append({**copy, own: f"{row[own]}-{turn + 1}"} if own else copy)
    return copies


def _moved(value: object, count: int, unit: str) -> object:
    if not isinstance(value, date):
        return value
    if unit in ("day", "week"):
        return value + timedelta(days=count * (7 if unit == "week" else 1))
    months = value.year * 12 + value.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return value.replace(year=year, month=month + 1, day=min(value.day, calendar.monthrange(year, month + 1)[1]))


def _list(file: Path, value: object) -> list[object]:
    if not isinstance(value, list):
        raise _error(file, f"a list is wanted, not: {value}", "an empty list is []")
    return value


def _day(file: Path, value: object, what: str) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _error(file, f"`{what}` is no date: {value}", "write 2026-06-30")
    return value


def _expected(file: Path, row: object) -> Found:
    if not isinstance(row, dict) or set(row) != _EXPECTED_KEYS:
        raise _error(file, f"an expected moment is not complete: {row}", f"give {', '.join(sorted(_EXPECTED_KEYS))}")
    between = _list(file, row["occurred_between"])
    if len(between) != 2:
        raise _error(file, "`occurred_between` is no pair of dates", "write [2026-01-10, 2026-04-10]")
    first, last = (_day(file, day, "occurred_between") for day in between)
    return Found(str(row["customer"]), str(row["moment"]), first, last, str(row["state"]))


def _meets(found: Found, wanted: Found) -> bool:
    same = (found.customer, found.moment, found.state) == (wanted.customer, wanted.moment, wanted.state)
    return same and wanted.occurred_from <= found.occurred_from and found.occurred_to <= wanted.occurred_to
