"""A worker calls nobody, whatever a query says."""

from __future__ import annotations

import asyncio
import os
import platform
import socket
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from augenblick.model.errors import AugenblickError
from augenblick.publish.pool import Deadline, Worker, WorkerPool
from augenblick.publish.worker import NICE


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="the system cannot see to it"
)
@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_query_that_calls_outside_reaches_nobody(tmp_path: Path, silent: str) -> None:
    ox.Store(str(tmp_path / "store")).add(ox.Quad(*(ox.NamedNode(f"urn:{name}") for name in "spog")))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        query = f"SELECT * {{ SERVICE {silent} <http://127.0.0.1:{listening.getsockname()[1]}/> {{ ?s ?p ?o }} }}"
        assert asyncio.run(rows(tmp_path / "store", query)) <= 1
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_worker_yields_to_the_process_that_started_it(tmp_path: Path) -> None:
    ox.Store(str(tmp_path / "store")).add(ox.Quad(*(ox.NamedNode(f"urn:{name}") for name in "spog")))

    async def priority() -> int:
        worker = await Worker.start(1024)
        ask = {"store": str(tmp_path / "store"), "query": "ASK {}", "prefixes": {}, "results": "json", "graphs": None}
        await worker.ask(ask)
        await worker.frame(Deadline(60))
        found = os.getpriority(os.PRIO_PROCESS, worker._process.pid)
        await worker.end()
        return found

    assert asyncio.run(priority()) == min(os.getpriority(os.PRIO_PROCESS, 0) + NICE, 19)


async def rows(store: Path, query: str) -> int:
    """Return how many rows a worker answers a query by that nobody has looked at; none where it cannot."""
    pool = WorkerPool(1, memory_megabytes=1024)
    request = {"store": str(store), "query": query, "prefixes": {}, "default": [], "named": []}
    try:
        async with pool.answer(request | {"results": "csv", "graphs": "turtle"}, seconds=5) as answer:
            return len(b"".join([chunk async for chunk in answer.chunks]).splitlines()) - 1
    except AugenblickError:
        return 0
    finally:
        await pool.close()
