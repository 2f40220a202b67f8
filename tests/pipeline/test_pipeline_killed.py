"""A run that is killed leaves what the last whole run left, and the next run comes out as if nothing had been."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from augenblick import pipeline
from augenblick.content import Content
from augenblick.lookup import LOOKUP_FILE
from augenblick.publish import current_snapshot
from augenblick.store import DataDirectory
from small_bank import benefit, family, write

BEFORE, AFTER = date(2026, 4, 30), date(2026, 5, 31)
KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from augenblick import pipeline
from augenblick.store import DataDirectory

point = sys.argv[2]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def report(stage, done, total):
    if f"{stage} {done}" == point:
        die()
    if point == "graph not yet in place" and stage == "publish":
        Path.replace = die
    if point == "snapshot not yet whole" and stage == "publish":
        os.link = die

pipeline.detect(DataDirectory(Path(sys.argv[1])), as_of=date(2026, 5, 31), progress=report)
"""
POINTS = [
    "facts 1",
    "graph not yet in place",
    pytest.param("publish 0", marks=pytest.mark.slow),
    pytest.param("snapshot not yet whole", marks=pytest.mark.slow),
    pytest.param("publish 1", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> DataDirectory:
    """A data directory with one whole run and a later export that no run has seen."""
    folder = tmp_path_factory.mktemp("killed")
    directory = DataDirectory(folder / "data")
    family(folder / "april")
    pipeline.load(directory, folder / "april")
    pipeline.detect(directory, as_of=BEFORE, content=shipped)
    write(folder / "may", "transactions", [benefit("kg-2", "a-kid", date(2026, 5, 14))])
    pipeline.load(directory, folder / "may")
    return directory


@pytest.fixture(scope="module")
def outcome(whole: DataDirectory, tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> bytes:
    """The graph of an undisturbed second run."""
    directory = copied(whole, tmp_path_factory.mktemp("undisturbed"))
    pipeline.detect(directory, as_of=AFTER, content=shipped)
    return (directory.live_store / "graph.nq").read_bytes()


def copied(directory: DataDirectory, folder: Path) -> DataDirectory:
    shutil.copytree(directory.path, folder / "data")
    return DataDirectory(folder / "data")


@pytest.mark.parametrize("point", POINTS)
def test_killed_run_leaves_the_last_one_and_the_next_is_whole(
    whole: DataDirectory, outcome: bytes, tmp_path: Path, shipped: Content, point: str
) -> None:
    directory = copied(whole, tmp_path)
    before = (current_snapshot(directory) / "graph.nq").read_bytes()
    looked_up = (directory.path / LOOKUP_FILE).read_bytes()
    command = [sys.executable, "-c", KILLED, str(directory.path), point]
    killed = subprocess.run(command, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()

    with pipeline.last_run(directory, shipped) as run:
        assert run.as_of == BEFORE
        (story,) = run.connection.execute(
            "SELECT moment_id FROM moments.moments WHERE slug = 'grandchild-birth'"
        ).fetchone()
        assert run.explainer().moment(story).contributions
    published = (current_snapshot(directory) / "graph.nq").read_bytes()
    assert published == (outcome if point == "publish 1" else before)
    assert ((directory.path / LOOKUP_FILE).read_bytes() == looked_up) == (point != "publish 1")

    if point != "facts 1":
        pipeline.detect(directory, as_of=AFTER, content=shipped)
        assert (directory.live_store / "graph.nq").read_bytes() == outcome
        assert (current_snapshot(directory) / "graph.nq").read_bytes() == outcome
