"""The published graph as the service sees it: the snapshot of the moment, the workers, who may see which graphs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augenblick.api.access import Caller
from augenblick.api.description import service_description
from augenblick.api.settings import QueryLimits, Settings
from augenblick.publish import current_snapshot
from augenblick.publish.compartments import stage_of
from augenblick.publish.dataset import dataset, open_graphs
from augenblick.publish.narrowed import NarrowedStores
from augenblick.publish.ordering import in_order
from augenblick.publish.pool import REMOTE_WORKER, Answer, WorkerPool
from augenblick.publish.publication import Publication, led, there
from augenblick.publish.query import PREFIXES
from augenblick.publish.snapshots import STORE
from augenblick.publish.working import Seen, WorkingGraphs
from augenblick.store import DataDirectory

_REMEMBERED = 256


@dataclass(frozen=True)
class View:
    """What queries look at now: a snapshot, its store, and its version as ETags tell it."""

    snapshot: Path
    working: Path | None = None
    """The same with the caller's working graphs in it, where there are any."""
    own: tuple[str, ...] = ()
    """The names of those."""
    publication: Publication | None = None
    """Where it lies in the remote store, if that is to answer."""

    @property
    def store(self) -> Path:
        """The folder of the Oxigraph store."""
        return self.working or self.snapshot / STORE

    @property
    def version(self) -> str:
        """The snapshot's number."""
        return self.snapshot.name


class Graphs:
    """Answers which snapshot is current and which of its graphs a caller may see."""

    def __init__(self, settings: Settings) -> None:
        self._directory = DataDirectory(settings.data)
        self.pool = WorkerPool(
            settings.query_workers,
            memory_megabytes=settings.query_memory_megabytes,
            waiting=settings.query_waiting,
        )
        self._store = settings.remote_store
        self.remote_pool = WorkerPool(
            settings.query_workers,
            memory_megabytes=settings.query_memory_megabytes,
            waiting=settings.query_waiting,
            program=REMOTE_WORKER,
        )
        self.working = WorkingGraphs(settings.data, memory_megabytes=settings.query_memory_megabytes)
        self.narrowed = NarrowedStores(settings.data, memory_megabytes=settings.query_memory_megabytes)
        self._writers = settings.working_graphs
        self._allowed: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()

    def tell_lost(self, told: Callable[[str], None]) -> None:
        """Have every lost worker told, with the reason."""
        self.pool.on_lost = self.remote_pool.on_lost = told

    async def warm(self) -> None:
        """Start the workers, so that nobody waits for one later."""
        await self.pool.warm()
        if self._store:
            await self.remote_pool.warm()

    def view(self) -> View:
        """Return what queries look at now.

        Raises `NotLoaded` when nothing was published.
        """
        return View(current_snapshot(self._directory))

    async def view_of(self, caller: Caller) -> View:
        """Return what the caller's queries look at now: with the working graphs of role and purpose, which lie here.

        What has none is answered by the remote store, where there is one. Raises `NotLoaded` when nothing was
        published, `StoreUnavailable` when it was not published there.
        """
        view = self.view()
        if caller.access.role in self._writers:
            store = await self.working.view(await self._seen(view, caller))
            if store:
                return View(view.snapshot, store, self.working.graphs(caller.whom))
        return View(view.snapshot, publication=there(view.snapshot, self._store)) if self._store else view

    def answer(self, work: dict[str, Any], *, seconds: float) -> AbstractAsyncContextManager[Answer]:
        """Give the answer to a task, as `WorkerPool.answer` does."""
        pool = self.remote_pool if "remote" in work else self.pool
        return pool.answer(work, seconds=seconds)

    async def seen(self, caller: Caller) -> Seen:
        """Return what the caller sees of what is published."""
        return await self._seen(self.view(), caller)

    async def _seen(self, view: View, caller: Caller) -> Seen:
        return Seen(view.snapshot, caller.whom, await self.allowed(view, caller))

    async def close(self) -> None:
        """End the workers."""
        await self.pool.close()
        await self.remote_pool.close()
        await self.working.close()
        await self.narrowed.close()

    async def allowed(self, view: View, caller: Caller) -> tuple[str, ...]:
        """Return the graphs of the view the caller's role may see for the purpose."""
        key = (view.version, caller.whom)
        if key not in self._allowed:
            self._allowed[key] = await open_graphs(self.pool, view.snapshot, caller.whom)
            while len(self._allowed) > _REMEMBERED:
                self._allowed.popitem(last=False)
        return self._allowed[key]

    async def work(
        self,
        view: View,
        caller: Caller,
        query: str,
        limits: QueryLimits,
        *,
        base: str,
        default: Sequence[str] = (),
        named: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Return a worker's task: the query on what of the view is open to the caller, within the limits.

        `default` and `named` are the protocol's. The forms the answer may have (`results`, `graphs`) are the caller's
        to add.
        """
        opened = await self.allowed(view, caller)
        meant = dataset(query, opened, default=default, named=named, own=view.own)
        ordered = in_order(query).task
        here = not view.own and view.publication is None
        every = here and meant.default == opened and not ordered.get("whole")
        narrowed = await self.narrowed.store(view.snapshot, caller.whom, opened) if every else None
        task = {
            "store": str(narrowed or view.store),
            **ordered,
            "folder": str(self._directory.path),
            "asked": query,
            "prefixes": PREFIXES,
            "base": base,
            "default": None if narrowed else meant.default,
            "named": meant.named,
            "rows": limits.rows,
            "bytes": limits.megabytes * 1_000_000,
        }
        return led(task, view.publication, self._store) if view.publication and self._store else task

    def description(self, endpoint: str, caller: Caller, graphs: tuple[str, ...], form: str) -> bytes:
        """Return the service description in one of the graphs' forms."""
        own = self.working.graphs(caller.whom) if caller.access.role in self._writers else ()
        names = sorted({stage_of(graph) for graph in graphs} | {*own})
        return service_description(endpoint, names, form, updates=caller.access.role in self._writers)
