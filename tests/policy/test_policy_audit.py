"""The log of questions: whole, chained, and free of names and answers."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from augenblick.content.model import Words
from augenblick.model.errors import BrokenAudit
from augenblick.policy import Access, AuditLog, Decision, Outcome
from augenblick.policy.audit import HEAD, LOG

ACCESS = Access(role="adviser", purpose="advice", actor_id="a.schmidt", at=date(2026, 5, 31))
NOON = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)
DECISION = Decision(Outcome.WITHHELD, Words("Nein.", "No."), "Art. 9")


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    found = AuditLog(tmp_path)
    for customer in ("C1", "C2", "C1"):
        found.record(ACCESS, "offers", subject=customer, question="offers", decision=DECISION, asked_at=NOON)
    return found


def test_log_as_written_verifies_and_tells_who_asked_about_whom(log: AuditLog) -> None:
    assert log.verify() == 3
    asked = list(log.entries(subject="C1"))
    assert [entry.number for entry in asked] == [1, 3]
    assert {(e.actor, e.role, e.purpose, e.door, e.outcome) for e in asked} == {
        ("a.schmidt", "adviser", "advice", "offers", "withheld")
    }


def test_processes_that_append_by_turns_write_one_log(log: AuditLog, tmp_path: Path) -> None:
    for each in (AuditLog(tmp_path), log, log, AuditLog(tmp_path), log):
        each.record(ACCESS, "offers", subject="C3", question="offers", decision=DECISION, asked_at=NOON)
    assert [entry.number for entry in log.entries(subject="C3")] == [4, 5, 6, 7, 8]
    assert log.verify() == 8


@pytest.mark.parametrize("block", [7, 1 << 16])
def test_latest_entries_come_first_whatever_is_read_at_once(
    log: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("augenblick.policy.audit._BLOCK", block)
    strange = replace(ACCESS, actor_id="Zoë\u2028 Ünal")
    log.record(strange, "offers", subject="C2", question="offers", decision=DECISION, asked_at=NOON)
    assert [entry.number for entry in log.latest()] == [4, 3, 2, 1]
    assert [entry.number for entry in log.latest(subject="C2")] == [4, 2]
    assert next(log.latest()).actor == "Zoë\u2028 Ünal"
    assert log.verify() == 4
    with (tmp_path / LOG).open("ab") as file:
        file.write(b'{"number": 5, "asked')
    assert [entry.number for entry in log.latest()] == [4, 3, 2, 1]


def test_log_of_nothing_has_no_latest_entries(tmp_path: Path) -> None:
    assert list(AuditLog(tmp_path).latest()) == []


def test_log_holds_no_customers_number(log: AuditLog, tmp_path: Path) -> None:
    assert "C1" not in (tmp_path / LOG).read_text("utf-8")


@pytest.mark.parametrize("change", ["alter", "remove first", "remove last", "swap", "insert", "garble"])
def test_log_that_was_tampered_with_is_found_out(log: AuditLog, tmp_path: Path, change: str) -> None:
    file = tmp_path / LOG
    lines = file.read_text("utf-8").splitlines()
    changed = {
        "alter": [lines[0].replace("withheld", "permitted"), *lines[1:]],
        "remove first": lines[1:],
        "remove last": lines[:-1],
        "swap": [lines[1], lines[0], lines[2]],
        "insert": [*lines, json.dumps(json.loads(lines[-1]) | {"number": 4})],
        "garble": [lines[0][:-5], *lines[1:]],
    }[change]
    file.write_text("\n".join(changed) + "\n", "utf-8")
    with pytest.raises(BrokenAudit):
        log.verify()


def test_log_that_was_deleted_whole_is_found_out(log: AuditLog, tmp_path: Path) -> None:
    (tmp_path / LOG).unlink()
    assert (tmp_path / HEAD).exists()
    with pytest.raises(BrokenAudit, match="more was written"):
        log.verify()


def test_log_without_any_question_is_whole(tmp_path: Path) -> None:
    assert AuditLog(tmp_path).verify() == 0


def ask(log: AuditLog, customer: str) -> None:
    log.record(ACCESS, "offers", subject=customer, question="offers", decision=DECISION, asked_at=NOON)


def test_log_whose_head_was_taken_away_is_found_out(log: AuditLog, tmp_path: Path) -> None:
    (tmp_path / HEAD).unlink()
    with pytest.raises(BrokenAudit):
        log.verify()


@pytest.mark.parametrize("left", [0, 1, 40])
def test_log_of_a_process_killed_before_it_wrote_the_head_goes_on(log: AuditLog, tmp_path: Path, left: int) -> None:
    head = (tmp_path / HEAD).read_bytes()
    begin = (tmp_path / LOG).stat().st_size
    ask(log, "C3")
    ask(log, "C4")
    (tmp_path / HEAD).write_bytes(head)  # as it was before the two
    os.truncate(tmp_path / LOG, (tmp_path / LOG).stat().st_size - left)
    whole = 5 if left == 0 else 4
    assert AuditLog(tmp_path).verify() == whole
    ask(AuditLog(tmp_path), "C5")
    assert AuditLog(tmp_path).verify() == whole + 1
    assert (tmp_path / LOG).stat().st_size > begin


def test_log_on_a_disk_that_fills_up_amid_an_entry_stays_whole(
    log: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def filling(file: int, content: Any) -> int:
        if len(content) > 50:
            return write(file, content[:50])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "write", filling)
        with pytest.raises(OSError, match="No space"):
            ask(log, "C3")
    assert log.verify() == 3
    ask(log, "C3")
    assert log.verify() == 4


def test_log_whose_first_head_found_no_room_begins_when_there_is_some(tmp_path: Path) -> None:
    (tmp_path / LOG).touch()
    (tmp_path / HEAD).touch()
    assert AuditLog(tmp_path).verify() == 0
    ask(AuditLog(tmp_path), "C1")
    assert AuditLog(tmp_path).verify() == 1


def test_log_with_the_head_of_an_earlier_release_goes_on(log: AuditLog, tmp_path: Path) -> None:
    number, digest, _ = (tmp_path / HEAD).read_text().split()
    (tmp_path / HEAD).write_text(f"{number} {digest}\n")
    assert log.verify() == 3
    ask(log, "C3")
    assert log.verify() == 4
