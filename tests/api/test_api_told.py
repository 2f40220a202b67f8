"""The change feed tells what the look-up file says otherwise than before, each change once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from augenblick.api.journal import Journal
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
    assert kinds(journal) == [("vanished", "m1"), ("changed", "m2"), ("appeared", "m3")]
    seen(tmp_path, a=None)
    assert journal.follow("load 3") == 2
    assert kinds(journal)[3:] == [("vanished", "m2"), ("vanished", "m3")]
