"""Workers that answer SPARQL for as long as they behave: asked one thing at a time, killed at the deadline, replaced.

A worker is a process (`worker.py`) that keeps the snapshot last asked open. Data flow through a pipe
that holds little, so a slow reader slows its query and nothing piles up.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from augenblick.model.errors import (
    AugenblickError,
    BadRule,
    BrokenGraph,
    CannotWrite,
    NotAcceptable,
    Overloaded,
    QueryTimeout,
    TooLarge,
)
from augenblick.publish.remote import unavailable

PATIENCE = 10
"""A reader may take so many times the query's own time until it is cut off."""
MOST_WANTED = 160
"""So many signs of what a parser expected are still help to who reads them."""
_WORKER = Path(__file__).with_name("worker.py")
"""Run as a file by itself: a worker starts in a fraction of the time the package needs."""
REMOTE_WORKER = Path(__file__).with_name("remote_worker.py")
"""The same for queries that a remote store answers."""


@dataclass
class Answer:
    """A query's answer on its way: `kind` is SELECT, ASK or GRAPH, `form` how it is serialized."""

    kind: str
    form: str
    chunks: AsyncIterator[bytes]


@dataclass
class Deadline:
    """The seconds a worker has left; time its reader takes counts on the wall only."""

    seconds: float
    spent: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Return what is left, at least a moment."""
        wall = PATIENCE * self.seconds - (time.monotonic() - self.begun)
        return max(min(self.seconds - self.spent, wall), 0.001)


def _nothing(_: str) -> None:
    """Tell nobody."""


class Worker:
    """One process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, memory_megabytes: int, program: Path = _WORKER) -> Worker:
        """Start one."""
        command = (sys.executable, "-I", str(program), str(memory_megabytes))
        return cls(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=1 << 18))

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.returncode is None

    async def ask(self, request: dict[str, Any]) -> None:
        """Send a request."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        await self._process.stdin.drain()

    async def frame(self, deadline: Deadline) -> tuple[bytes, bytes]:
        """Return the next frame.

        Raises `QueryTimeout` at the deadline and `Overloaded` where the process died.
        """
        begun = time.monotonic()
        try:
            async with asyncio.timeout(deadline.left()):
                return await self._frame()
        except TimeoutError:
            raise QueryTimeout(
                f"The query did not end within {deadline.seconds:g} seconds and was stopped.",
                hint="bind more of it, or add LIMIT",
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Overloaded(
                "The query's worker was lost; most likely the query needed more memory than it may have.",
                hint="bind more of it, or add LIMIT",
            ) from None
        finally:
            deadline.spent += time.monotonic() - begun

    async def _frame(self) -> tuple[bytes, bytes]:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        head = await self._process.stdout.readexactly(5)
        length = int.from_bytes(head[1:], "big")
        return head[:1], await self._process.stdout.readexactly(length) if length else b""

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        if self.alive:
            self._process.kill()
        await self._process.communicate()  # closes the pipes


class WorkerPool:
    """At most `size` workers; callers wait for one in order, `waiting` of them at most."""

    def __init__(
        self, size: int, *, memory_megabytes: int, waiting: int = sys.maxsize, program: Path = _WORKER
    ) -> None:
        self._free = asyncio.Semaphore(size)
        self._size = size
        self._idle: list[Worker] = []
        self._memory = memory_megabytes
        self._most_waiting = waiting
        self._waiting = 0
        self._program = program
        self.on_lost: Callable[[str], None] = _nothing

    async def warm(self) -> None:
        """Start all workers, so that nobody waits for one later."""
        started = [Worker.start(self._memory, self._program) for _ in range(self._size - len(self._idle))]
        self._idle += await asyncio.gather(*started)

    async def close(self) -> None:
        """End the workers that are idle."""
        idle, self._idle = self._idle, []
        for worker in idle:
            await worker.end()

    @asynccontextmanager
    async def answer(self, request: dict[str, Any], *, seconds: float) -> AsyncIterator[Answer]:
        """Give the answer of a request; whoever leaves before its end has the worker killed.

        Raises `BadRule` (the query), `NotAcceptable` (no such form), `TooLarge`, `QueryTimeout`, and `Overloaded`
        where too many wait or the worker died.
        """
        await self._admitted()
        worker: Worker | None = None
        try:
            worker = await self._worker()
            reading = _Reading(worker, Deadline(seconds))
            yield await reading.begin(request)
            if not reading.ended:
                self.on_lost("left")
        except (QueryTimeout, Overloaded) as error:
            self.on_lost("deadline" if isinstance(error, QueryTimeout) else "died")
            raise
        finally:
            await asyncio.shield(self._put_back(worker, usable=worker is not None and reading.ended))

    async def _admitted(self) -> None:
        if self._free.locked() and self._waiting >= self._most_waiting:
            raise Overloaded("Too many queries wait already.", hint="try again in a few seconds")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    async def _worker(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await worker.end()
        return await Worker.start(self._memory, self._program)

    async def _put_back(self, worker: Worker | None, *, usable: bool) -> None:
        try:
            if worker is not None and usable and worker.alive:
                self._idle.append(worker)
            elif worker is not None:
                await worker.end()
        finally:
            self._free.release()


class _Reading:
    """One answer as it comes in."""

    def __init__(self, worker: Worker, deadline: Deadline) -> None:
        self._worker = worker
        self._deadline = deadline
        self.ended = False

    async def begin(self, request: dict[str, Any]) -> Answer:
        try:
            await self._worker.ask(request)
        except ConnectionError:
            raise Overloaded("The query's worker was lost.", hint="try again") from None
        kind, content = await self._worker.frame(self._deadline)
        if kind == b"E":
            self.ended = True
            raise failure(json.loads(content), request)
        head = json.loads(content)
        return Answer(head["kind"], head["form"], self._chunks(request))

    async def _chunks(self, request: dict[str, Any]) -> AsyncIterator[bytes]:
        while True:
            kind, content = await self._worker.frame(self._deadline)
            if kind == b"D":
                yield content
                continue
            self.ended = True
            if end := json.loads(content):
                raise failure(end, request)
            return


def _readable(said: str) -> str:
    """Return a parser's complaint without a list of every sign it would have taken."""
    place, _, wanted = said.partition(": expected one of ")
    return said if len(wanted) <= MOST_WANTED else f"{place} (line:column): something is missing or too much here."


def failure(end: dict[str, Any], request: dict[str, Any]) -> AugenblickError:
    """Return the error a worker's last frame tells of."""
    said = end["error"]
    if end["kind"] == "form":
        return NotAcceptable(f"The query's answer has no such form: {said}.", hint="use CONSTRUCT, or another format")
    if end["kind"] == "limit":
        if said == "triples":
            return TooLarge(f"There would be more than {request[said]} triples.", hint="delete some first")
        most = request.get("rows") if said == "rows" else round((request.get("bytes") or 0) / 1e6)
        return TooLarge(f"The answer has more than {most} {said}.", hint="add LIMIT, or ask for a part at a time")
    if end["kind"] == "query":
        what = "update" if "into" in request else "query"
        return BadRule(f"The {what} cannot be run: {_readable(said)}", hint=end.get("hint"))
    if end["kind"] == "room":
        return CannotWrite("There is no room on the disk to sort the answer.", hint="make room, or ask for less")
    if end["kind"] == "remote":
        if said == "rejected":
            return BadRule("The remote store cannot run the query.", hint="say it in plain SPARQL 1.1")
        return unavailable(said)
    return BrokenGraph("The published graph cannot be read.", hint="run `augenblick doctor`")
