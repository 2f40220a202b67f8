"""Stores that hold only what is open to a role for a purpose, so that queries read one graph instead of many.

Oxigraph looks into each graph of a dataset by itself: on a hundred compartments a join costs a hundred times what it
costs on one. A narrowed store is the snapshot's, by hard links, without the graphs that are closed; all that is left
in it is the dataset. It is made beside the queries, for each snapshot anew, when somebody asks; until it is there,
queries read the snapshot itself, with the same answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from augenblick.model.errors import AugenblickError
from augenblick.publish.pool import WorkerPool
from augenblick.publish.snapshots import STORE
from augenblick.publish.working import PROGRAM, UNFINISHED, VIEWS, rotate

PATIENCE = 2.0
"""For so many seconds a query waits for a store that is being made."""
_SECONDS = 300.0


class NarrowedStores:
    """The narrowed stores of a data directory, made by one process."""

    def __init__(self, folder: Path, *, memory_megabytes: int) -> None:
        self._folder = folder / VIEWS
        self._pool = WorkerPool(1, memory_megabytes=memory_megabytes, program=PROGRAM)
        self._making: dict[Path, asyncio.Task[None]] = {}
        self._failed: set[Path] = set()

    async def close(self) -> None:
        """Give up what is being made and end the process."""
        for task in self._making.values():
            task.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)
        await self._pool.close()

    async def store(self, snapshot: Path, whom: str, opened: Sequence[str]) -> Path | None:
        """Return the store with nothing but the open graphs; None where it is not there in time, or cannot be made."""
        digest = hashlib.blake2b("\n".join(opened).encode(), digest_size=8).hexdigest()
        target = self._folder / f"{whom.replace('/', '.')}.open" / f"{snapshot.name}-{digest}"
        if target.is_dir():
            return target
        if target in self._failed:
            return None
        if target not in self._making:
            self._making[target] = asyncio.create_task(self._make(snapshot, target, opened))
        await asyncio.wait([self._making[target]], timeout=PATIENCE)
        return target if target.is_dir() else None

    async def _make(self, snapshot: Path, target: Path, opened: Sequence[str]) -> None:
        unfinished = target.with_name(target.name + UNFINISHED)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            request = {"store": str(snapshot / STORE), "into": str(unfinished), "only": list(opened)}
            async with self._pool.answer(request, seconds=_SECONDS) as answer:
                async for _ in answer.chunks:
                    pass
            unfinished.rename(target)
            rotate(target)
        except (AugenblickError, OSError):  # more than the process may take, no room: the snapshot answers, slowly
            self._failed.add(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
            self._making.pop(target, None)
