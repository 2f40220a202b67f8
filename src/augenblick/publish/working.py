"""Working graphs: what callers of a role write for themselves, kept apart from all that is published.

They belong to one role and purpose, and nobody else sees them: whoever reads them could have read what was written
into them. `working.sqlite` holds them, durably; a view (`working/<role>.<purpose>/<snapshot>-<revision>`) is the
snapshot's store with them in it, made anew for each snapshot, so that publishing knows nothing of them. What they say
of a customer, moment or other thing of the bank's that is not open to role and purpose any more is in no view.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augenblick.publish.pool import WorkerPool
from augenblick.publish.query import PREFIXES
from augenblick.publish.snapshots import STORE

FILE = "working.sqlite"
VIEWS = "working"
KEPT_VIEWS = 2
"""Views of a role and purpose that stay: the newest, and the one a query may just be about to open."""
PROGRAM = Path(__file__).with_name("working_worker.py")
_BUILDING_SECONDS = 300.0
UNFINISHED = ".new"
_TABLES = """
CREATE TABLE IF NOT EXISTS triples (
    whom TEXT, graph TEXT, triple TEXT, PRIMARY KEY (whom, graph, triple)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS revisions (whom TEXT PRIMARY KEY, revision INTEGER) WITHOUT ROWID;
"""

_ROW = "whom = :whom AND graph = :graph"
_WRITTEN = {
    "clear": f"DELETE FROM triples WHERE {_ROW}",
    "-": f"DELETE FROM triples WHERE {_ROW} AND triple = :triple",
    "+": "INSERT OR IGNORE INTO triples VALUES (:whom, :graph, :triple)",
}
_COUNTED = "INSERT INTO revisions VALUES (:whom, 1) ON CONFLICT (whom) DO UPDATE SET revision = revision + 1"


@dataclass(frozen=True)
class Seen:
    """What a role sees for a purpose: the snapshot's folder, and the graphs of it that are open."""

    snapshot: Path
    whom: str
    open: tuple[str, ...]

    @property
    def bank(self) -> str:
        """What the names of the bank's things begin with."""
        return next((name.partition("graph/")[0] for name in self.open if "/graph/" in name), "\0")


@dataclass(frozen=True)
class Update:
    """What is to be done: steps, the whole text whose grammar is to be confirmed, and what it may cost."""

    steps: list[dict[str, Any]]
    seconds: float
    triples: int
    text: str | None = None
    base: str = ""


@dataclass
class _Held:
    """What somebody's graphs hold, as of a state of the file."""

    state: tuple[int, int]
    graphs: tuple[str, ...] = ()
    triples: int = 0


def rotate(newest: Path) -> None:
    """Let go of the views beside a new one that nobody will ask for any more; those being made stay."""
    others = [each for each in newest.parent.iterdir() if each != newest and not each.name.endswith(UNFINISHED)]
    for old in sorted(others, key=lambda each: each.stat().st_mtime)[: -(KEPT_VIEWS - 1)]:
        shutil.rmtree(old, ignore_errors=True)


class WorkingGraphs:
    """The working graphs of a data directory, written by one process."""

    def __init__(self, folder: Path, *, memory_megabytes: int) -> None:
        self._folder = folder
        self._pool = WorkerPool(1, memory_megabytes=memory_megabytes, program=PROGRAM)
        self._file: sqlite3.Connection | None = None
        self._held: dict[str, _Held] = {}
        self._turn = threading.Lock()
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def close(self) -> None:
        """End the process that writes and close the file."""
        await self._pool.close()
        if self._file is not None:
            self._file.close()
            self._file = None

    def graphs(self, whom: str) -> tuple[str, ...]:
        """Return the names of the graphs that hold anything, sorted."""
        return self._now(whom).graphs

    def revision(self, whom: str) -> int:
        """Return how often they were written; each time another number."""
        return self._now(whom).state[0]

    async def view(self, seen: Seen) -> Path | None:
        """Return the store of what is open with the working graphs in it; None where there are none."""
        if not self.graphs(seen.whom):
            return None
        async with self._locks[seen.whom]:
            return await self._view(seen)

    async def apply(self, seen: Seen, update: Update) -> None:
        """Apply an update; it is durable, and seen by the next query, when this returns.

        Raises `BadRule` for one that cannot be applied, `TooLarge`, `QueryTimeout`, `Overloaded`; nothing is written
        then.
        """
        async with self._locks[seen.whom]:
            now = self._now(seen.whom)
            target = self._path(seen, now.state[0] + 1)
            store = await self._view(seen) if now.graphs else seen.snapshot / STORE
            request = {
                **self._request(seen, store, target),
                "steps": update.steps,
                "have": now.triples,
                "triples": update.triples,
                "prefixes": PREFIXES,
                "base": update.base or None,
                **({"checked": update.text} if update.text is not None else {}),
            }
            changes = await self._done(request, update.seconds)
            await asyncio.to_thread(self._keep, seen.whom, changes)
            self._named(target)

    async def _view(self, seen: Seen) -> Path:
        target = self._path(seen, self.revision(seen.whom))
        if not target.is_dir():
            rows = {"rows": str(self._folder / FILE), "whom": seen.whom, "have": 0, "triples": 0}
            await self._done({**self._request(seen, seen.snapshot / STORE, target), **rows}, _BUILDING_SECONDS)
            self._named(target)
        return target

    def _path(self, seen: Seen, revision: int) -> Path:
        folder = self._folder / VIEWS / seen.whom.replace("/", ".")
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{seen.snapshot.name}-{revision}"

    def _request(self, seen: Seen, store: Path, target: Path) -> dict[str, Any]:
        into = target.with_name(target.name + UNFINISHED)
        return {"store": str(store), "into": str(into), "open": list(seen.open), "bank": seen.bank}

    async def _done(self, request: dict[str, Any], seconds: float) -> list[tuple[str, str, str]]:
        try:
            async with self._pool.answer(request, seconds=seconds) as answer:
                lines = b"".join([chunk async for chunk in answer.chunks]).splitlines()
        except BaseException:
            shutil.rmtree(request["into"], ignore_errors=True)
            raise
        return [tuple(json.loads(line)) for line in lines]

    def _named(self, target: Path) -> None:
        """Give a view its name, and let go of those nobody will ask for any more."""
        shutil.rmtree(target, ignore_errors=True)
        target.with_name(target.name + UNFINISHED).rename(target)
        rotate(target)

    def _keep(self, whom: str, changes: Iterable[Sequence[str]]) -> None:
        file = self._open()
        with self._turn, file:  # commits at the end, takes back after an error
            file.execute("BEGIN IMMEDIATE")
            for sign, graph, triple in changes:
                file.execute(_WRITTEN[sign], {"whom": whom, "graph": graph, "triple": triple})
            file.execute(_COUNTED, {"whom": whom})

    def _now(self, whom: str) -> _Held:
        if not (self._folder / FILE).exists():
            return _Held((0, 0))
        file = self._open()
        (version,) = file.execute("PRAGMA data_version").fetchone()
        row = file.execute("SELECT revision FROM revisions WHERE whom = ?", [whom]).fetchone()
        state = (row[0] if row else 0, version)
        held = self._held.get(whom)
        if held is None or held.state != state:
            sql = "SELECT graph, count(*) FROM triples WHERE whom = ? GROUP BY graph ORDER BY graph"
            found = file.execute(sql, [whom]).fetchall()
            held = _Held(state, tuple(graph for graph, _ in found), sum(count for _, count in found))
            self._held[whom] = held
        return held

    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = f"file:{self._folder / FILE}"
            self._file = sqlite3.connect(path, uri=True, isolation_level=None, check_same_thread=False)
            self._file.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}")
        return self._file
