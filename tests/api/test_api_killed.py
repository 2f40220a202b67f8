"""A service killed at any moment loses nothing it has acknowledged, keeps nothing twice, shows no half graph."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph
import pytest
from mortal_service import AS_OF, CRM, Life, MortalService, Told, booking

import small_bank
from augenblick import pipeline
from augenblick.api import read_settings
from augenblick.api.journal import FILE as JOURNAL
from augenblick.content import Content
from augenblick.lookup import LOOKUP_FILE
from augenblick.pipeline.examining import examine
from augenblick.pipeline.keeping import read_backup
from augenblick.policy import AuditLog
from augenblick.publish import current_snapshot, graph_file
from augenblick.publish.snapshots import STORE
from augenblick.store import DataDirectory
from lean_content import lean_content
from running_service import served

FAST, MANY = 4, 200
LONGEST_SECONDS = 6.0
STEPS = (1, 2500)
"""Before which step of its own a process dies; about 600 are done before it answers anything, 300 for each row."""
EARLY = 4
"""Before steps up to this one nothing is there yet that a service keeps for itself."""
LOOK_CLOSELY_EVERY = 50
Quads = list[bytes]


@dataclass(frozen=True)
class Bank:
    """A small bank's data directory and the content it was derived by."""

    directory: DataDirectory
    content: Content
    root: Path


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    content = lean_content(tmp_path / "content", "childbirth", "grandchild-birth")
    small_bank.family(tmp_path / "export")
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, tmp_path / "export")
    pipeline.detect(directory, as_of=AS_OF, content=content)
    # The first row that is followed costs much more than those behind it.
    pipeline.Updater(directory, content, as_of=AS_OF).apply({"transactions": [booking("first")]})
    (tmp_path / "backups").mkdir()
    return Bank(directory, content, tmp_path / "content")


@pytest.fixture
def service(bank: Bank) -> Iterator[MortalService]:
    made = MortalService(bank.directory.path, bank.root)
    yield made
    made.close()


class Ledger:
    """What was answered over all lives, held against what is there after each."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.rows, self.words, self.backups = 0, 0, 0
        self._reads = 0
        self.kept = Counter[str]()

    def life(self, steps: int | None) -> Life:
        """Return a life that goes on behind what was answered: what was sent and not answered is sent again."""
        return Life(self.rows, self.words, self.backups, steps)

    def confirm(self, told: Told) -> None:
        """Compare."""
        self.rows = max(self.rows, *(n + 1 for n in told["row"]), 0)
        self.words = max(self.words, *(n + 1 for n in told["word"]), 0)
        self._reads += len(told["read"])
        self.kept.update({kind: len(numbers) for kind, numbers in told.answered.items()})
        self._confirm_rows()
        self._confirm_audit()
        self._confirm_backups(told["backup"])
        confirm_whole(current_snapshot(self._bank.directory))
        confirm_told_once(self._bank.directory, begun=self.kept.total() > 0)

    def _confirm_rows(self) -> None:
        connection = self._bank.directory.connect()
        rows = [n for (n,) in connection.execute(
            "SELECT transaction_id[3:]::INTEGER FROM bank.transactions WHERE transaction_id LIKE 'k-%' ORDER BY 1"
        ).fetchall()]  # fmt: skip
        words = [n for (n,) in connection.execute("SELECT note::INTEGER FROM bank.feedback ORDER BY 1").fetchall()]
        connection.close()
        # What was being answered when the process died may be there as well: one more of each, once.
        assert rows in (list(range(self.rows)), list(range(self.rows + 1)))
        assert words in (list(range(self.words)), list(range(self.words + 1)))

    def _confirm_audit(self) -> None:
        log = AuditLog(self._bank.directory.path)
        log.verify()
        assert sum(entry.question == "customer" for entry in log.entries()) >= self._reads

    def _confirm_backups(self, told: list[int]) -> None:
        folder = self._bank.directory.path.parent / "backups"
        whole = sorted(int(each.name) for each in folder.iterdir() if each.name.isdigit())
        assert set(told) <= set(whole)
        for number in whole:
            read_backup(folder / str(number))
            self.backups = max(self.backups, number + 1)
        for number in whole[:-1]:
            shutil.rmtree(folder / str(number))


def confirm_whole(snapshot: Path) -> Quads:
    """Return a snapshot's quads, which are those of its file."""
    # Not compared as text: a store writes numbers in its own way.
    written = pyoxigraph.Store()
    lines = list(graph_file.lines(snapshot))
    written.extend(pyoxigraph.parse(b"".join(lines), format=pyoxigraph.RdfFormat.N_QUADS))
    assert set(pyoxigraph.Store.read_only(str(snapshot / STORE))) == set(written)
    return [line.rstrip() for line in lines]


def confirm_told_once(directory: DataDirectory, *, begun: bool) -> None:
    """See to it that the change feed tells each change of a moment once: it begins where the one before ended.

    Once anything was answered (`begun`) the feed is there; before that a process may have died without making it.
    A word that was kept and not yet told is told by the next process, as what a run found.
    """
    path = directory.path / JOURNAL
    changes: list[tuple[str, str, str]] = []
    if begun or path.exists():
        # Not written to: what a killed process left is for the next one to put right.
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            made = file.execute("SELECT 1 FROM sqlite_schema WHERE name = 'changes'").fetchone()
            if begun or made:
                told = "SELECT moment_id, old_state, new_state FROM changes ORDER BY seq"
                changes = file.execute(told).fetchall()
    states: dict[str, str] = {}
    for moment, old, new in changes:
        assert states.get(moment, old) == old
        states[moment] = new


def confirm_like_a_rebuild(bank: Bank, folder: Path, rows: int) -> None:
    """Start the service once more, deliver a last row, and hold everything against what a whole run derives.

    The row shows something: what else follows from what was said of a moment is derived with the next news of it.
    """
    given = {"data": bank.directory.path, "as_of": AS_OF, "port": 0, "retention": "off"}
    with served(read_settings(None, **given), bank.content) as running:
        path = "/v1/tables/transactions/rows"
        name, purpose = small_bank.CHILD_BENEFIT
        shown = {"amount": "259.00", "counterparty_name": name, "purpose": purpose}
        row = booking(f"shown-{rows}") | shown
        answer = running.client.post(path, json=row, headers=CRM, timeout=120)
        assert answer.status_code == 200, answer.text
    other = DataDirectory(folder / "rebuilt")
    shutil.rmtree(other.path, ignore_errors=True)
    shutil.copytree(bank.directory.path, other.path)
    for part in (other.live_store, other.snapshots):
        shutil.rmtree(part)
    pipeline.detect(other, as_of=AS_OF, content=bank.content)
    assert confirm_whole(current_snapshot(bank.directory)) == confirm_whole(current_snapshot(other))
    assert documents(bank.directory) == documents(other)
    assert [finding for finding in examine(bank.directory) if finding.state == "bad"] == []


def documents(directory: DataDirectory) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(directory.path / LOOKUP_FILE)) as file:
        return file.execute("SELECT customer_id, document FROM customers ORDER BY 1").fetchall()


@pytest.mark.parametrize("rounds", [FAST, pytest.param(MANY, marks=pytest.mark.slow)])
def test_service_killed_at_any_moment_keeps_what_it_acknowledged(
    bank: Bank, service: MortalService, tmp_path: Path, rounds: int
) -> None:
    moments, ledger = random.Random(7), Ledger(bank)
    for steps in range(1, EARLY):
        ledger.confirm(service.live(ledger.life(steps), 60.0))
    for number in range(rounds):
        by_step = number % 3 > 0
        life = ledger.life(moments.randrange(*STEPS) if by_step else None)
        told = service.live(life, 60.0 if by_step else moments.uniform(0.3, LONGEST_SECONDS))
        ledger.confirm(told)
        if (number + 1) % LOOK_CLOSELY_EVERY == 0:
            confirm_like_a_rebuild(bank, tmp_path, number)
    confirm_like_a_rebuild(bank, tmp_path, number)
    assert ledger.kept["read"] > 0
    assert rounds == FAST or min(ledger.kept[kind] for kind in ("row", "word", "backup")) > rounds // 20
