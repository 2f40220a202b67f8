"""A disk that is full or may only be read, a graph whose files are damaged, a clock that jumps: what then happens."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import duckdb
import pytest

from augenblick.api import journal as journals
from augenblick.api.journal import Change, Journal
from augenblick.ingest import LoadReport
from augenblick.model.errors import CannotWrite
from augenblick.pipeline import Updater
from augenblick.pipeline.examining import examine
from augenblick.pipeline.update import UpdateReport
from augenblick.policy import AuditLog
from augenblick.publish import current_snapshot
from augenblick.store import DataDirectory, disk
from running_service import Served

ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service", "Prefer": "respond-async"}
ANALYST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}
MOMENT = "moment/kid/childbirth/2026-04-14"
BOOKING = {"transaction_id": "x-1", "account_id": "a-kid", "booking_date": "2026-06-12", "amount": "-1.00"}
ASK = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow: DuckDB, SQLite and the audit log meet a real refusal of the system."""
    most, limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, limit))


@pytest.fixture
def running(serve, detected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    shutil.copytree(detected, tmp_path / "data")
    # What follows from a delivery is other tests' matter.
    monkeypatch.setattr(Updater, "derive", lambda _: UpdateReport(LoadReport()))
    return serve()


def said(running: Served) -> dict[str, int]:
    """Ask, deliver and say something; return the statuses."""
    client = running.client
    row = BOOKING | {"currency": "EUR"}
    return {
        "customer": client.get("/v1/customers/kid", headers=ADVISER).status_code,
        "query": client.get("/sparql", params=ASK, headers=ANALYST).status_code,
        "delivery": client.post("/v1/tables/transactions/rows", json=row, headers=CRM).status_code,
        "word": client.post(f"/v1/moments/{MOMENT}/feedback", json={"action": "acted"}, headers=ADVISER).status_code,
    }


def test_service_on_a_full_disk_refuses_what_it_cannot_write_down_and_goes_on_when_there_is_room(running) -> None:
    with full_disk():
        assert set(said(running).values()) == {507}
        refused = running.client.get("/v1/customers/kid", headers=ADVISER)
        assert running.client.get("/healthz").status_code == 200
    assert (refused.json()["code"], "doctor" in refused.json()["hint"]) == ("AB306", True)
    assert said(running) == {"customer": 200, "query": 200, "delivery": 202, "word": 200}
    told = running.client.get(f"/v1/moments/{MOMENT}/history", headers=ADVISER).json()
    assert [word["action"] for word in told] == ["acted"]
    assert AuditLog(running.settings.data).verify() == 2  # the two answers: what was refused was not answered
    looked = running.server.config.app.state.writer.reading(examine)
    assert [finding for finding in looked if finding.state == "bad"] == []


def test_service_is_not_ready_while_its_disk_has_no_room(running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert running.client.get("/readyz").status_code == 200
    monkeypatch.setattr(disk, "LITTLE_BYTES", 1 << 62)
    answer = running.client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "AB306")


def test_service_does_not_start_where_it_cannot_write(serve, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CannotWrite, match="cannot be written"):
        serve(data=tmp_path / "file" / "data")


@pytest.mark.parametrize(
    ("error", "its"),
    [
        (OSError(28, "No space left on device"), True),
        (OSError("IO error: No space left on device: While appending to file"), True),
        (OSError(30, "Read-only file system"), True),
        (sqlite3.OperationalError("database or disk is full"), True),
        (sqlite3.OperationalError("attempt to write a readonly database"), True),
        (duckdb.IOException('IO Error: Could not write all bytes to file "x"'), True),
        (OSError(2, "No such file or directory"), False),
        (sqlite3.OperationalError("no such table: disk is fine"), False),
        (ValueError("no space left"), False),
    ],
)
def test_error_of_the_disk_is_told_from_any_other(error: Exception, its: bool) -> None:
    assert (disk.refused(error) is not None) == its


def test_damaged_graph_stops_queries_only_and_is_mended_as_doctor_says(
    serve, detected: Path, tmp_path: Path, content
) -> None:
    directory = DataDirectory(shutil.copytree(detected, tmp_path / "data"))
    snapshot = current_snapshot(directory)
    for file in (snapshot / "store").glob("*.sst"):
        file.write_bytes(b"\0" * file.stat().st_size)  # in place: the live store shares the file
    running = serve()
    answer = running.client.get("/sparql", params=ASK, headers=ANALYST)
    assert (answer.status_code, answer.json()["code"]) == (503, "AB307")
    assert running.client.get("/v1/customers/kid", headers=ADVISER).status_code == 200
    (found,) = [finding for finding in examine(directory) if finding.state == "bad"]
    assert found.about == "graph"
    assert found.mend is not None
    assert all(name in found.mend for name in (snapshot.name, "live/", "augenblick detect"))


class Clock:
    """Shows the time the test says."""

    at = timedelta()

    @classmethod
    def now(cls, zone: tzinfo) -> datetime:
        return datetime(2026, 6, 1, tzinfo=zone) + cls.at


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(days=400), timedelta(seconds=-30)])
def test_clock_that_jumps_makes_no_follower_miss_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta, restarted: bool
) -> None:
    monkeypatch.setattr(journals, "datetime", Clock)
    kept, after, seen = Journal(tmp_path), 0, []
    for number, at in enumerate([timedelta(), jump, timedelta(minutes=1), timedelta(minutes=3)]):
        Clock.at = at
        kept.note([Change("changed", f"moment/{number}", "kid", "t", None, "acted", None, 0.9, "run")])
        for _ in range(2):  # the second time there is nothing new: the cursor is the clock's
            shown, after = kept.page(after, 10, lambda _: True)
            seen += [change["moment_id"] for change in shown]
        if restarted:
            kept.close()
            kept = Journal(tmp_path)
    kept.close()
    assert seen == [f"moment/{number}" for number in range(4)]
    assert Clock.now(UTC).tzinfo is UTC
