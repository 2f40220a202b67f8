"""The log of questions: whole, chained, and free of names and answers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

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
