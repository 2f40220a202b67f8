"""A process killed at any moment loses nothing it has acknowledged, keeps nothing twice, shows no half graph."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from augenblick.pipeline.examining import examine
from augenblick.publish import current_snapshot
from augenblick.store import DataDirectory
from lean_content import lean_content

WORK = """
import hashlib, itertools, sys
from datetime import date, datetime
from pathlib import Path
from augenblick.content import load_content
from augenblick.moments import feedback
from augenblick.pipeline import Updater
from augenblick.store import DataDirectory

directory, start = DataDirectory(Path(sys.argv[1])), int(sys.argv[2])
content = load_content(Path(sys.argv[3]))
updater = Updater(directory, content, as_of=date(2026, 6, 30))
print("ready", flush=True)
for n in itertools.count(start):
    row = dict(transaction_id=f"k-{n}", account_id="a-kid", booking_date="2026-06-12", amount="-1.00", currency="EUR")
    updater.take({"transactions": [row]})
    print("taken", n, flush=True)
    connection = directory.connect()
    feedback.record(connection, MOMENT, "outcome", actor="t", role="adviser", at=datetime(2026, 6, 30), note=str(n))
    connection.close()
    print("said", n, flush=True)
    if sys.argv[4] == "derive":
        updater.derive()
        print("derived", n, flush=True)
"""
FAST = 3
MANY = 200


@dataclass
class Round:
    """What one killed process had acknowledged."""

    taken: set[str]
    said: set[str]
    derived: int


def killed(data: Path, start: int, content: Path, mode: str, after: float, moment: str, *, at_work: bool) -> Round:
    """Run the work and kill it so many seconds after it began, or (`at_work`) after it first acknowledged something."""
    script = WORK.replace("MOMENT", repr(moment))
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(data), str(start), str(content), mode], stdout=subprocess.PIPE, bufsize=0
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    first = process.stdout.readline() if at_work else b""
    try:
        out, _ = process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.kill()
        out, _ = process.communicate()
    lines = [line.split() for line in (first + out).decode().splitlines()]
    named = {kind: {n for k, n in lines if k == kind} for kind in ("taken", "said", "derived")}
    return Round(named["taken"], named["said"], len(named["derived"]))


def kept(directory: DataDirectory) -> tuple[list[str], list[str]]:
    connection = directory.connect()
    rows = "SELECT transaction_id[3:] FROM bank.transactions WHERE transaction_id LIKE 'k-%' ORDER BY 1"
    taken = [row[0] for row in connection.execute(rows).fetchall()]
    said = [row[0] for row in connection.execute("SELECT note FROM bank.feedback ORDER BY 1").fetchall()]
    connection.close()
    return taken, said


def confirm(directory: DataDirectory, acknowledged: Round) -> int:
    taken, said = kept(directory)
    assert len(taken) == len(set(taken))
    assert len(said) == len(set(said))
    assert acknowledged.taken <= set(taken)
    assert acknowledged.said <= set(said)
    assert [finding for finding in examine(directory) if finding.state == "bad"] == []
    return len(taken)


@pytest.mark.parametrize(
    ("rounds", "mode", "longest"),
    [
        (FAST, "take", 0.8),
        pytest.param(MANY, "take", 3.0, marks=pytest.mark.slow),
        pytest.param(MANY // 4, "derive", 15.0, marks=pytest.mark.slow),
    ],
)
def test_process_killed_at_any_moment_keeps_what_it_acknowledged(
    detected: Path, tmp_path: Path, rounds: int, mode: str, longest: float
) -> None:
    shutil.copytree(detected, tmp_path / "data")
    lean_content(tmp_path / "content", "childbirth", "grandchild-birth")
    directory = DataDirectory(tmp_path / "data")
    moment = "https://bank.example/id/moment/kid/childbirth/2026-04-14"
    moments, start, acknowledged = random.Random(7), 0, 0
    for number in range(rounds):
        after = moments.uniform(0.05, longest)
        at_work = number % 2 == 1  # however slow the machine is, half of them are killed amid their work
        done = killed(directory.path, start, tmp_path / "content", mode, after, moment, at_work=at_work)
        acknowledged += len(done.taken) + len(done.said)
        start += max(confirm(directory, done) - start, 0)
        assert current_snapshot(directory).is_dir()
    assert acknowledged > 0
