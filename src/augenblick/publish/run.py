"""SPARQL on a snapshot, in a process of its own that is killed at its deadline.

Oxigraph has no query timeout, and results touched from another thread abort the process: the worker
opens the snapshot, runs the query, serializes the result itself and sends the bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augenblick.model.errors import BadParameter
from augenblick.policy import Access
from augenblick.publish.dataset import dataset, open_graphs
from augenblick.publish.ordering import in_order
from augenblick.publish.pool import REMOTE_WORKER, WorkerPool
from augenblick.publish.publication import led, there
from augenblick.publish.query import FORMATS, PREFIXES, refuse_calls_outside, with_parameters
from augenblick.publish.remote import RemoteStore
from augenblick.publish.snapshots import STORE
from augenblick.publish.worker import GRAPHS, RESULTS

MEMORY_MEGABYTES = 8192


@dataclass(frozen=True)
class QueryAnswer:
    """A query's serialized result; `kind` is SELECT, ASK or GRAPH."""

    kind: str
    content: bytes


def run_query(
    snapshot: Path,
    sparql: str,
    *,
    access: Access,
    parameters: Mapping[str, tuple[str, str]] | None = None,
    result_format: str = "json",
    seconds: float = 60.0,
    store: RemoteStore | None = None,
) -> QueryAnswer:
    """Return the answer of a read-only SPARQL query on those graphs of a snapshot that are open to the access, as one.

    Whether the actor may ask at all is the gate's to say (`Gate.admit`). What lies in other graphs is not in the
    dataset: no path, count, order, DESCRIBE or GRAPH sees it. An order or choice that is not the query's own is one of
    the terms alone. `parameters` maps a name to (kind, text); `$name` in the query stands for that value. With
    `store` the remote store that holds the snapshot answers. Raises `BadRule` for a query that cannot be parsed or that
    calls out (`SERVICE`), `QueryTimeout` at the deadline, `StoreUnavailable`.
    """
    refuse_calls_outside(sparql)
    if result_format not in FORMATS:
        raise BadParameter(f"There is no format '{result_format}'.", hint=f"one of: {', '.join(FORMATS)}")
    request = {
        "store": str(snapshot / STORE),
        **in_order(with_parameters(sparql, parameters or {})).task,
        "prefixes": PREFIXES,
        "results": result_format if result_format in RESULTS else None,
        "graphs": result_format if result_format in GRAPHS else "turtle",
    }
    return asyncio.run(_answer(request, snapshot, f"{access.role}/{access.purpose}", seconds, store))


async def _answer(
    request: dict[str, Any], snapshot: Path, whom: str, seconds: float, store: RemoteStore | None
) -> QueryAnswer:
    pool = WorkerPool(1, memory_megabytes=MEMORY_MEGABYTES)
    answering = WorkerPool(1, memory_megabytes=MEMORY_MEGABYTES, program=REMOTE_WORKER) if store else pool
    try:
        seen = dataset(request["query"], await open_graphs(pool, snapshot, whom))
        request |= {"default": list(seen.default), "named": list(seen.named)}
        if store:
            request = led(request, there(snapshot, store), store)
        async with answering.answer(request, seconds=seconds) as answer:
            content = b"".join([chunk async for chunk in answer.chunks])
            return QueryAnswer(answer.kind, content)
    finally:
        await pool.close()
        await answering.close()
