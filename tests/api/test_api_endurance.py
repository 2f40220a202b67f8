"""Many who say nothing, and mixed load for long: everybody else is answered, and memory stays what it was."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from running_service import Served

IDLE = 1000
WARM, ROUNDS = 4, 12
"""Rounds until everything that is kept on purpose is there, and rounds after them."""
A_ROUND = 15
GROWTH = 0.02
"""By how much memory may grow over all the rounds: what leaks with each request is more."""
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"}
ANALYST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}
COUNT = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
MOMENT = "/v1/moments/moment/kid/childbirth/2026-04-14"


def looked_up(running: Served) -> list[int]:
    """Return how look-up, query and readiness are answered."""
    return [
        running.client.get("/v1/customers/kid/moments", headers=CRM).status_code,
        running.client.get("/sparql", params={"query": COUNT}, headers=ANALYST).status_code,
        running.client.get("/readyz").status_code,
    ]


@pytest.mark.parametrize("said", [b"", b"GET /v1/customers/kid HTTP/1.1\r\nHost: x\r\nAct"], ids=["silent", "amid"])
def test_a_thousand_idle_connections_keep_nobody_waiting(running: Served, said: bytes) -> None:
    address = running.server.servers[0].sockets[0].getsockname()
    assert looked_up(running) == [200, 200, 200]
    with ExitStack() as stack:
        for _ in range(IDLE):
            idle = stack.enter_context(socket.create_connection(address, timeout=10))
            idle.sendall(said)
        assert looked_up(running) == [200, 200, 200]
    assert looked_up(running) == [200, 200, 200]


def mixed(running: Served) -> Iterator[httpx.Response]:
    """Ask what CRM systems, advisers and analysts ask, and what nobody should."""
    client = running.client
    for _ in range(A_ROUND):
        yield client.get("/v1/customers/kid", headers=CRM)
        yield client.get("/v1/customers/kid/moments", headers=ADVISER)
        yield client.get("/v1/customers/kid/offers", headers=ADVISER)
        yield client.get("/v1/customers/nobody", headers=CRM)
        yield client.get("/sparql", params={"query": COUNT}, headers=ANALYST)
        yield client.get("/sparql", params={"query": "SELECT * { ?s ?p"}, headers=ANALYST)
        yield client.post("/v1/customers/lookup", json={"customers": ["kid", "mum", "no"]}, headers=CRM)
        yield client.post("/v1/tables/consents/rows", content=b"{" * 5000, headers=CRM)
        yield client.get("/v1/changes", headers=CRM)
        yield client.get("/nowhere")
        yield client.get("/sparql", params={"query": COUNT}, headers={"Authorization": "Bearer e30.e30."})
    yield client.get(f"{MOMENT}/explanation", headers=ADVISER)
    yield client.get("/v1/customers/kid/why-not/relocation", headers=ADVISER)
    yield client.get(f"{MOMENT}/counterfactual", headers=ADVISER)


def resident(running: Served) -> int:
    """Return the bytes in memory of this process, which is the service's, and of those that answer queries."""
    gc.collect()
    pids = [os.getpid(), *(worker._process.pid for worker in running.server.config.app.state.graphs.pool._idle)]
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_memory_does_not_grow_with_what_is_asked(running: Served) -> None:
    seen: dict[str, list[int]] = {}
    sizes = []
    for _ in range(WARM + ROUNDS):
        for answer in mixed(running):
            seen.setdefault(str(answer.request.url), []).append(answer.status_code)
        sizes.append(resident(running))
    assert not [url for url, found in seen.items() if max(found) >= 500 or len(set(found)) > 1]
    before, after = sizes[WARM - 1], sizes[-1]
    assert after < before * (1 + GROWTH), [size // 2**20 for size in sizes]
