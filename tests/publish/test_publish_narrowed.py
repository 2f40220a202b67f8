"""Narrowed stores: nothing in them but what is open, and the same answers as the snapshot gives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
import pytest

from augenblick.publish.narrowed import NarrowedStores
from augenblick.publish.pool import WorkerPool
from augenblick.publish.query import PREFIXES
from augenblick.publish.snapshots import STORE
from augenblick.publish.working import VIEWS

OPENED = ("https://b.example/graph/facts", "https://b.example/graph/facts/Ordinary/0123abcd")
CLOSED = "https://b.example/graph/facts/Criminal/0123abcd"
JOINED = "SELECT ?a ?c { ?a <urn:p> ?b . ?b <urn:p> ?c }"
T = TypeVar("T")


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """Return a snapshot of three graphs with one triple in two of them."""
    folder = tmp_path / "snapshots" / "000001"
    folder.mkdir(parents=True)
    store = ox.Store(str(folder / STORE))
    for number, graph in enumerate((*OPENED, CLOSED)):
        for s, o in ((number, number + 1), (8, 9)):
            store.add(
                ox.Quad(ox.NamedNode(f"urn:{s}"), ox.NamedNode("urn:p"), ox.NamedNode(f"urn:{o}"), ox.NamedNode(graph))
            )
    store.flush()
    return folder


def _with(folder: Path, doing: Callable[[NarrowedStores], Awaitable[T]]) -> T:
    async def done() -> T:
        stores = NarrowedStores(folder, memory_megabytes=512)
        try:
            return await doing(stores)
        finally:
            await stores.close()

    return asyncio.run(done())


def _made(folder: Path, snapshot: Path, opened: tuple[str, ...] = OPENED) -> Path:
    async def until_there(stores: NarrowedStores) -> Path:
        while (found := await stores.store(snapshot, "analyst/analysis", opened)) is None:
            pass
        return found

    return _with(folder, until_there)


def _answer(store: Path, default: tuple[str, ...] | None, named: tuple[str, ...], query: str) -> list[Any]:
    request = {"query": query, "default": default, "named": named, "prefixes": PREFIXES}

    async def asked() -> bytes:
        pool = WorkerPool(1, memory_megabytes=512)
        try:
            work = {"store": str(store), "results": "json", "graphs": None, **request}
            async with pool.answer(work, seconds=60) as answer:
                return b"".join([chunk async for chunk in answer.chunks])
        finally:
            await pool.close()

    return sorted(map(str, json.loads(asyncio.run(asked()))["results"]["bindings"]))


def test_store_holds_nothing_but_the_open_graphs_and_the_snapshot_stays_as_it_is(tmp_path, snapshot) -> None:
    held = ox.Store.read_only(str(_made(tmp_path, snapshot)))
    assert {graph.value for graph in held.named_graphs()} == {*OPENED}
    assert len(held) == 4
    assert len(ox.Store.read_only(str(snapshot / STORE))) == 6


@pytest.mark.parametrize("query", [JOINED, "SELECT * { ?a ?b ?c }", "SELECT ?g ?a { GRAPH ?g { ?a ?b ?c } }"])
def test_answers_are_those_of_the_snapshot(tmp_path, snapshot, query) -> None:
    narrowed = _answer(_made(tmp_path, snapshot), None, OPENED[:1], query)
    assert narrowed == _answer(snapshot / STORE, OPENED, OPENED[:1], query)
    assert narrowed


def test_another_set_of_open_graphs_gets_another_store(tmp_path, snapshot) -> None:
    both, one = _made(tmp_path, snapshot), _made(tmp_path, snapshot, OPENED[:1])
    assert both != one
    assert len(ox.Store.read_only(str(one))) == 2


def test_store_that_cannot_be_made_leaves_the_answer_to_the_snapshot_and_nothing_behind(tmp_path) -> None:
    missing = tmp_path / "snapshots" / "000009"

    async def asked_twice(stores: NarrowedStores) -> list[Path | None]:
        return [await stores.store(missing, "analyst/analysis", OPENED) for _ in range(2)]

    assert _with(tmp_path, asked_twice) == [None, None]
    assert [*(tmp_path / VIEWS).rglob("0*")] == []
