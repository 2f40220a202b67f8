"""The change feed's own record of what it has told."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from augenblick.api.journal import Journal
from augenblick.lookup import LOOKUP_FILE

BIRTH = {"moment_id": "moment/kid/childbirth", "moment_type": "childbirth", "state": "confirmed", "confidence": 0.9}


def seen(folder: Path, **moments: list[dict[str, object]] | None) -> None:
    """Write a look-up file with customers and their moments."""
    (folder / LOOKUP_FILE).unlink(missing_ok=True)
    with sqlite3.connect(folder / LOOKUP_FILE) as file:
        file.execute("CREATE TABLE customers (customer_id TEXT, document TEXT)")
        rows = [(customer, json.dumps({"moments": each})) for customer, each in moments.items()]
        file.executemany("INSERT INTO customers VALUES (?, ?)", rows)
    file.close()


def test_journal_passes_over_customers_without_moments_and_tells_what_appears(tmp_path: Path) -> None:
    seen(tmp_path, kid=[BIRTH], mum=None)
    journal = Journal(tmp_path)
    assert journal.follow("run") == 0
    seen(tmp_path, kid=[BIRTH | {"state": "acted"}], mum=None)
    assert journal.follow("run") == 1
    assert [(each["kind"], each["new_state"]) for each in journal.after(0, 10)] == [("changed", "acted")]
    journal.close()


def test_journal_told_to_stop_keeps_nothing_and_tells_it_all_the_next_time(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("augenblick.api.journal.STEPS", 1)
    seen(tmp_path, kid=[BIRTH])
    journal = Journal(tmp_path)
    assert journal.follow("run") == 0
    seen(tmp_path, kid=[BIRTH | {"state": "acted"}])
    with pytest.raises(sqlite3.OperationalError):
        journal.follow("run", unless=lambda: True)
    assert journal.after(0, 10) == []
    assert journal.follow("run") == 1
    journal.close()
