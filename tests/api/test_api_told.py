"""The change feed tells what the look-up file says otherwise than before, each change once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from augenblick.api import journal as journals
from augenblick.api.journal import Change, Journal
from augenblick.api.positions import Positions, looked_until
from augenblick.lookup import LOOKUP_FILE


@pytest.fixture
def journal(tmp_path: Path):
    opened = Journal(tmp_path)
    yield opened
    opened.close()


def seen(folder: Path, **moments: list[tuple[str, str, float]] | None) -> None:
    """Write what a run would leave: per customer (moment, state, confidence), None for one who has none."""
    with closing(sqlite3.connect(folder / LOOKUP_FILE)) as file:
        file.execute("CREATE TABLE IF NOT EXISTS customers (customer_id TEXT PRIMARY KEY, document TEXT)")
        file.execute("DELETE FROM customers")
        for customer, some in moments.items():
            names = ("moment_id", "state", "confidence")
            told = [dict(zip(names, m, strict=True), moment_type="t") for m in some] if some is not None else None
            file.execute("INSERT INTO customers VALUES (?, ?)", [customer, json.dumps({"moments": told})])
        file.commit()


def kinds(journal: Journal) -> list[tuple[str, str]]:
    return [(change["kind"], change["moment_id"]) for change in journal.after(0, 100)]


def test_feed_tells_nothing_of_what_was_there_when_it_began(journal: Journal, tmp_path: Path) -> None:
    seen(tmp_path, a=[("m1", "confirmed", 0.95)], b=None)
    assert journal.follow("run") == 0
    assert kinds(journal) == []


def test_feed_tells_each_change_once(journal: Journal, tmp_path: Path) -> None:
    seen(tmp_path, a=[("m1", "confirmed", 0.95), ("m2", "tentative", 0.6)], b=None)
    journal.follow("run")
    seen(tmp_path, a=[("m1", "voided", 0.95), ("m2", "confirmed", 0.97)], b=[("m3", "tentative", 0.5)], c=None)
    assert journal.follow("load 2") == 3
    assert journal.follow("load 2") == 0
    assert sorted(kinds(journal)) == [("appeared", "m3"), ("changed", "m2"), ("vanished", "m1")]
    seen(tmp_path, a=None)
    assert journal.follow("load 3") == 2
    assert sorted(kinds(journal)[3:]) == [("vanished", "m2"), ("vanished", "m3")]


class Clock:
    """Shows the time the test says."""

    seconds = 0

    @classmethod
    def now(cls, zone: tzinfo) -> datetime:
        return datetime(2026, 6, 1, tzinfo=zone) + timedelta(seconds=cls.seconds)


def pages_beside(folder: Path, hidden: int, most: int) -> list[object]:
    """Return four pages of a feed of two changes that may be seen, so many others that may not between them."""
    folder.mkdir()
    kept = Journal(folder)
    when = {"open": 0, **{f"hidden-{n}": 3 * n + 3 for n in range(hidden)}, "too": 100}
    for who, Clock.seconds in when.items():
        kept.note([Change("changed", f"moment/{who}", who, "t", None, "acted", None, 0.9, "run")])
    Clock.seconds = 200
    pages, after = [], 0
    for _ in range(4):
        shown, after = kept.page(after, most, lambda change: not change["customer_id"].startswith("hidden"))
        pages.append(([(each["seq"], each["moment_id"]) for each in shown], after))
    kept.close()
    return pages


@pytest.mark.parametrize("most", [1, 2, 200])
def test_page_and_cursor_are_the_same_however_many_changes_may_not_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(journals, "CHUNK", 2)
    monkeypatch.setattr(journals, "datetime", Clock)
    told = [pages_beside(tmp_path / f"{hidden}", hidden, most) for hidden in (0, 9)]
    assert told[0] == told[1]
    assert [moment for shown, _ in told[0] for _, moment in shown] == ["moment/open", "moment/too"]


def test_numbers_grow_by_time_stay_exact_in_json_and_never_meet() -> None:
    first = Positions(1_795_000_000_000, 0)
    some = [first.of("moment/x"), first.of("moment/x"), first.of("moment/y")]
    assert len(set(some)) == 3
    later = Positions(1_795_000_000_001, max(some))
    assert max(some) < later.of("moment/z") < 2**53
    assert looked_until(1_795_000_000_000) < min(some)
