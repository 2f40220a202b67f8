"""Point look-ups in the file: by customer, name, IBAN, moment; pages of moments by type and time."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from augenblick.lookup.names import plain
from augenblick.lookup.writing import LOOKUP_FILE, current
from augenblick.model.errors import NotLoaded, Outdated

Document = dict[str, Any]
_AFTER_ALL = "\U0010ffff"
_WITH_DAY = "SELECT document, (SELECT value FROM meta WHERE name = 'as_of') FROM customers WHERE customer_id = ?"


@dataclass(frozen=True)
class Page:
    """Moments in the order of their time, the latest first, and where the next page begins."""

    moments: list[tuple[str, str, str]]
    """(moment, customer, day)."""
    next: tuple[str, str] | None
    """(day, moment) of the last one, None where no more follow."""


class Lookup:
    """Reads the look-up file of a data directory from any thread; sees a file that took its place at once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOOKUP_FILE
        self._name = str(self._path)
        self._local = threading.local()

    def customer(self, customer: str) -> Document | None:
        """Return a customer's document."""
        row = self._one("SELECT document FROM customers WHERE customer_id = ?", customer)
        return orjson.loads(row[0]) if row else None

    def customer_with_day(self, customer: str) -> tuple[Document, str] | None:
        """Return a customer's document and the day of the run it is from."""
        row = self._one(_WITH_DAY, customer)
        return (orjson.loads(row[0]), row[1]) if row else None

    def customer_of(self, moment: str) -> str | None:
        """Return whose moment it is."""
        row = self._one("SELECT customer_id FROM moments WHERE moment_id = ?", moment)
        return row[0] if row else None

    def by_iban(self, iban: str) -> list[str]:
        """Return the customers who hold the account."""
        return self._first("SELECT customer_id FROM ibans WHERE iban = ?", "".join(iban.split()).upper())

    def by_name(self, name: str, most: int) -> list[str]:
        """Return customers whose name, in either order, begins so; at most so many, by name."""
        wanted = plain(name)
        sql = "SELECT DISTINCT customer_id FROM names WHERE name >= ? AND name < ? ORDER BY name LIMIT ?"
        return self._first(sql, wanted, wanted + _AFTER_ALL, most) if wanted else []

    def looks_after(self, adviser: str) -> bool:
        """Say whether the bank's data name somebody as the adviser of any customer."""
        return self._one("SELECT 1 FROM customers WHERE adviser = ? LIMIT 1", adviser) is not None

    def advisers(self, most: int) -> list[str]:
        """Return the first advisers the bank's data name, by name; at most so many, at the same cost in any bank."""
        found: list[str] = []
        while len(found) < most:
            row = self._one("SELECT min(adviser) FROM customers WHERE adviser > ?", found[-1] if found else "")
            if row is None or row[0] is None:
                break
            found.append(row[0])
        return found

    def moments(
        self,
        *,
        moment_type: str | None,
        since: str | None,
        until: str | None,
        before: tuple[str, str] | None,
        most: int,
        classes: Iterable[int],
        adviser: str | None = None,
        states: Sequence[str] = (),
    ) -> Page:
        """Return moments that occurred in the time, the latest first, from behind the place `before`.

        Of the customers an adviser looks after, and in some states, where these are given.
        `classes` are the ranks of the legal classes wanted; a moment with two standings comes once for each.
        """
        ranks = ", ".join(str(int(rank)) for rank in classes)
        wanted, values = ["state <> 'voided'", f"strictness IN ({ranks})"], list[Any]()
        for condition, value in (
            ("moment_type = ?", moment_type),
            ("occurred_to >= ?", since),
            ("occurred_to <= ?", until),
            ("adviser = ?", adviser),
        ):
            if value is not None:
                wanted.append(condition)
                values.append(value)
        if states:
            wanted.append(f"state IN ({', '.join('?' * len(states))})")
            values += states
        if before is not None:
            wanted.append("(occurred_to, moment_id) < (?, ?)")
            values += before
        sql = (
            f"SELECT DISTINCT moment_id, customer_id, occurred_to FROM moments WHERE {' AND '.join(wanted)} "
            "ORDER BY occurred_to DESC, moment_id DESC LIMIT ?"
        )
        rows = self._file().execute(sql, [*values, most + 1]).fetchall()
        last = rows[most - 1] if len(rows) > most else None
        return Page(rows[:most], (last[2], last[0]) if last else None)

    @property
    def written(self) -> str:
        """Which file it is: another one once all was derived anew."""
        self._file()
        return str(self._local.file[0])

    def meta(self) -> dict[str, str]:
        """Return the run's date and data base, and the file's version."""
        return dict(self._file().execute("SELECT name, value FROM meta").fetchall())

    def _one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._file().execute(sql, values).fetchone()
        return row

    def _first(self, sql: str, *values: Any) -> list[str]:
        return [row[0] for row in self._file().execute(sql, values).fetchall()]

    def _file(self) -> sqlite3.Connection:
        """Return this thread's connection to the file that lies there now."""
        try:
            now = os.stat(self._name)  # noqa: PTH116 - at each question: half of what a `Path` takes
        except OSError:
            raise NotLoaded("No moments have been detected yet.", hint="run `augenblick detect` first") from None
        known: tuple[int, sqlite3.Connection] | None = getattr(self._local, "file", None)
        if known is not None and known[0] == now.st_ino:
            return known[1]
        if known is not None:
            known[1].close()
            self._local.file = None
        file = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, check_same_thread=False)
        if not current(self._path):
            file.close()
            raise Outdated("The look-up file is of another release.", hint="run `augenblick detect`")
        file.execute("PRAGMA mmap_size = 1073741824")
        self._local.file = (now.st_ino, file)
        return file
