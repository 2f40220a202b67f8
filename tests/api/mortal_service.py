"""A service and its callers in one process that is made again and again, to be killed at any moment.

Run as a script it gets everything ready once and forks a process for each line on its standard input (a `Life` as
JSON); `MortalService` is the other side. What a caller was answered is told line by line as it comes.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

AS_OF = date(2026, 6, 30)
MOMENT = "moment/kid/childbirth/2026-04-14"
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
STEPS = frozenset(
    ("execute", "executemany", "executescript", "replace", "rename", "unlink", "link", "mkdir", "rmdir", "ftruncate",
     "fsync", "pwrite", "write", "backup", "flush", "extend", "bulk_load", "close", "sendfile")
)  # fmt: skip
"""Calls out of Python that may change a file: between two of them a process can be killed on purpose."""
PACKAGE = f"{os.sep}augenblick{os.sep}"


def booking(name: str) -> dict[str, str]:
    """Return a row that means nothing."""
    known = {"account_id": "a-kid", "booking_date": "2026-06-12", "amount": "-1.00", "currency": "EUR"}
    return {"transaction_id": name, **known}


@dataclass(frozen=True)
class Life:
    """Where a process goes on in each caller's list, and before which of its steps it dies."""

    rows: int
    words: int
    backups: int
    steps: int | None = None


@dataclass
class Told:
    """What the callers of one process were answered, by kind, and how many steps it lived."""

    answered: dict[str, list[int]] = field(default_factory=dict)
    steps: int = 0

    def __getitem__(self, kind: str) -> list[int]:
        return self.answered.get(kind, [])


class MortalService:
    """Makes the processes and kills them."""

    def __init__(self, data: Path, content: Path) -> None:
        command = [sys.executable, __file__, str(data), str(content)]
        self._nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._line()

    def close(self) -> None:
        """End."""
        self._nursery.communicate()

    def live(self, life: Life, seconds: float) -> Told:
        """Let a process live so long, or until its step, and return what it had answered when it was gone."""
        assert self._nursery.stdin
        self._nursery.stdin.write(json.dumps(asdict(life)).encode() + b"\n")
        process = int(self._line()[1])
        killing = threading.Timer(seconds, os.kill, [process, signal.SIGKILL])
        killing.start()
        told = Told()
        for kind, number, steps in self._until_gone():
            told.answered.setdefault(kind, []).append(int(number))
            told.steps = int(steps)
        killing.cancel()
        return told

    def _until_gone(self) -> Iterator[list[str]]:
        while (line := self._line())[0] != "gone":
            yield line

    def _line(self) -> list[str]:
        assert self._nursery.stdout
        line = self._nursery.stdout.readline().decode().split()
        assert line, "the processes cannot be made"
        return line


class Steps:
    """Counts steps, and ends the process before the one it was told."""

    def __init__(self, last: int | None) -> None:
        self.count = 0
        self._last = last
        self._turn = threading.Lock()

    def watch(self) -> None:
        """Count in this thread and in those to come."""
        threading.setprofile(self._look)
        sys.setprofile(self._look)

    def _look(self, frame: FrameType, event: str, called: Any) -> None:
        if event != "c_call" or called.__name__ not in STEPS or PACKAGE not in frame.f_code.co_filename:
            return
        with self._turn:
            self.count += 1
            if self.count == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


class Callers:
    """Those who call a service: one delivers, one says what became of a moment, one reads, one keeps backups."""

    def __init__(self, client: Any, data: Path, life: Life, steps: Steps) -> None:
        self._client = client
        self._data = data
        self._life = life
        self._steps = steps

    async def call(self) -> None:
        """Call until the process is killed."""
        await asyncio.gather(self._deliver(), self._say(), self._read(), self._keep())

    def _tell(self, kind: str, number: int) -> None:
        os.write(1, f"{kind} {number} {self._steps.count}\n".encode())

    async def _post(self, path: str, key: str, headers: dict[str, str], body: Any) -> None:
        """Send until it is answered: while others write that may take a while."""
        while True:
            answer = await self._client.post(path, json=body, headers={**headers, "Idempotency-Key": key})
            if answer.status_code == 200:
                return
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.05)

    async def _deliver(self) -> None:
        for n in range(self._life.rows, sys.maxsize):
            await self._post("/v1/tables/transactions/rows", f"row-{n:06}", CRM, booking(f"k-{n}"))
            self._tell("row", n)

    async def _say(self) -> None:
        for n in range(self._life.words, sys.maxsize):
            action = ("acted", "reopened")[n % 2]
            word = {"action": action, "reason": str(n), "note": str(n)}
            await self._post(f"/v1/moments/{MOMENT}/feedback", f"word-{n:06}", ADVISER, word)
            self._tell("word", n)

    async def _read(self) -> None:
        for n in range(sys.maxsize):
            answer = await self._client.get("/v1/customers/kid", headers=ADVISER)
            if answer.status_code == 200:
                self._tell("read", n)
            await asyncio.sleep(0.2)

    async def _keep(self) -> None:
        from augenblick.pipeline.keeping import backup
        from augenblick.store import DataDirectory

        for n in range(self._life.backups, sys.maxsize):
            await asyncio.to_thread(backup, DataDirectory(self._data), self._data.with_name("backups") / str(n))
            self._tell("backup", n)
            await asyncio.sleep(1.5)


async def live(data: Path, content: Any, life: Life) -> None:
    """Run the service and its callers in this process until it is killed."""
    import httpx

    from augenblick.api import create_app, read_settings

    given = {"data": data, "as_of": AS_OF, "query_workers": 1, "requests_per_minute": 10**9, "retention": "off"}
    steps = Steps(life.steps)
    steps.watch()
    app = create_app(read_settings(None, **given), content=content)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=None) as client:
            await Callers(client, data, life, steps).call()


def rehearse(data: Path, content: Any) -> None:
    """Derive once in a copy: what a process plans the first time takes longer than it then lives.

    Without publishing, since no thread of a store survives a fork.
    """
    from augenblick.pipeline import Updater
    from augenblick.pipeline.update import following
    from augenblick.store import DataDirectory

    with tempfile.TemporaryDirectory() as place, mock.patch.object(following, "replace_some", return_value=None):
        copy = Path(shutil.copytree(data, Path(place) / "data"))
        Updater(DataDirectory(copy), content, as_of=AS_OF).apply({"transactions": [booking("rehearsed")]})


def main() -> None:
    """Make a process for each line that comes in, and tell when it is gone."""
    import httpx  # noqa: F401 - what a process would have to read first

    from augenblick.api import create_app  # noqa: F401
    from augenblick.content import load_content

    content = load_content(Path(sys.argv[2]))
    rehearse(Path(sys.argv[1]), content)
    os.write(1, b"ready\n")
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            try:
                asyncio.run(live(Path(sys.argv[1]), content, Life(**json.loads(line))))
            finally:
                os._exit(3)
        os.write(1, f"born {process}\n".encode())
        _, status = os.waitpid(process, 0)
        assert os.WIFSIGNALED(status), "a process ended by itself"
        os.write(1, b"gone\n")


if __name__ == "__main__":
    main()
