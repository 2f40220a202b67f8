"""The change feed tells what the look-up file says otherwise than before, each change once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augenblick.api import journal as journals
from augenblick.api.journal import Change, Journal
from augenblick.api.positions import Positions, looked_until
from augenblick.api.told import TABLES, follow
from augenblick.lookup import LOOKUP_FILE
from augenblick.policy import Part, face


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


Moment = tuple[str, str, float]
WORDS = ("old_state", "new_state", "old_confidence", "new_confidence", "moment_id", "kind")


def heard(folder: Path, steps: Sequence[tuple[Moment | None, Moment | None]], most: int) -> list[tuple[object, ...]]:
    """Return what of a moment's changes is told to who sees classes up to `most`.

    A step is what the moment is by ordinary evidence, and the whole it is with secret evidence, where there is any.
    """
    folder.mkdir(exist_ok=True)
    (folder / LOOKUP_FILE).unlink(missing_ok=True)
    with closing(sqlite3.connect(":memory:", uri=True, isolation_level=None)) as file:
        file.executescript(
            f"{TABLES} CREATE TABLE changes (seq INTEGER, at, kind, moment_id, customer_id, moment_type, "
            "old_state, new_state, old_confidence, new_confidence, cause, standing);"
        )
        file.execute("INSERT INTO changes (seq) VALUES (0)")  # the feed has begun
        for plain, secret in steps:
            faces(folder, plain, secret)
            follow(file, folder / LOOKUP_FILE, "run")
        rows = file.execute(f"SELECT {', '.join(WORDS)}, standing FROM changes WHERE seq > 0 ORDER BY seq").fetchall()
    return [row[:-1] for row in rows if told_to(most, json.loads(row[-1]))]


def faces(folder: Path, plain: Moment | None, secret: Moment | None) -> None:
    names = ("moment_id", "state", "confidence")
    whole = secret or plain
    mild = {**dict(zip(names, plain, strict=True)), **ORDINARY} if secret and plain else None
    moment = whole and {
        **dict(zip(names, whole, strict=True)),
        "moment_type": "t",
        "standing": {"strictness": 2, "others": []} if secret else ORDINARY,
        "milder": mild,
    }
    with closing(sqlite3.connect(folder / LOOKUP_FILE)) as file:
        file.execute("CREATE TABLE IF NOT EXISTS customers (customer_id TEXT PRIMARY KEY, document TEXT)")
        file.execute("INSERT OR REPLACE INTO customers VALUES ('a', ?)", [json.dumps({"moments": [moment]})])
        file.commit()


ORDINARY = {"strictness": 0, "others": []}


def told_to(most: int, standing: dict[str, Any]) -> bool:
    def seen_(side: str) -> int | None:
        parts = [[Part(p["strictness"], frozenset(p["others"])) if p else None for p in g] for g in standing[side]]
        return face([(own, whole) for own, whole in parts], lambda part: part.strictness <= most)

    return (seen_("old"), seen_("new")) == (standing["from"], standing["to"])


STATES = st.sampled_from(["tentative", "confirmed", "dismissed", "voided"])
MOMENTS = st.tuples(st.sampled_from(["m/1", "m/2"]), STATES, st.sampled_from([0.6, 0.8, 0.95]))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.none() | MOMENTS, st.none() | MOMENTS), min_size=1, max_size=5))
def test_what_is_told_of_ordinary_evidence_does_not_depend_on_secret_evidence(
    tmp_path: Path, steps: list[tuple[Moment | None, Moment | None]]
) -> None:
    open_ = [(plain, secret and (secret[0], "confirmed", secret[2])) for plain, secret in steps]
    bare = [(plain, None) for plain, _ in steps]
    assert heard(tmp_path / "one", open_, 0) == heard(tmp_path / "two", bare, 0)


def test_who_sees_the_whole_is_told_of_it_and_not_of_its_milder_face(tmp_path: Path) -> None:
    plain, secret = ("m/1", "tentative", 0.6), ("m/2", "confirmed", 0.95)
    steps = [(plain, None), (plain, secret), (plain, None)]
    told = [row[-2:] for row in heard(tmp_path / "x", steps, 2)]
    assert (told[0], {*told[1:3]}, {*told[3:]}) == (
        ("m/1", "appeared"),
        {("m/2", "appeared"), ("m/1", "vanished")},
        {("m/1", "appeared"), ("m/2", "vanished")},
    )
    assert [row[-2:] for row in heard(tmp_path / "x", steps, 0)] == [("m/1", "appeared")]


def test_feed_of_an_earlier_release_goes_on_where_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / journals.FILE)) as file:
        file.execute("CREATE TABLE told (moment_id TEXT PRIMARY KEY, customer_id, moment_type, state, confidence)")
        file.execute("INSERT INTO told VALUES ('m1', 'a', 't', 'confirmed', 0.95)")
        file.commit()
    seen(tmp_path, a=[("m1", "confirmed", 0.95), ("m2", "tentative", 0.6)])
    opened = Journal(tmp_path)
    opened.follow("run")
    assert kinds(opened) == [("appeared", "m2")]
    opened.close()


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
