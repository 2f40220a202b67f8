"""Every reading of a person's data enters the audit log before it is answered; what comes together, together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

from augenblick.api.access import Caller
from augenblick.model.errors import NotFound
from augenblick.pipeline.reading import NOTHING
from augenblick.policy import AuditLog, Decision

T = TypeVar("T")
Asked = dict[str, object]


class Trail:
    """The audit log as many requests write to it at once: one write to the disk for all that wait."""

    def __init__(self, folder: Path) -> None:
        self._log = AuditLog(folder)
        self._waiting: list[tuple[Asked, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = CapacityLimiter(1)  # its own: readers must not wait for requests that wait for a writer

    async def note(
        self, caller: Caller, question: str, subjects: Iterable[str | None], decision: Decision | None = None
    ) -> None:
        """Write down that the caller asked about each of the subjects; on disk when it returns."""
        loop = asyncio.get_running_loop()
        futures = []
        for subject in subjects:
            said = self._log.asked(caller.access, caller.door, subject=subject, question=question, decision=decision)
            futures.append(loop.create_future())
            self._waiting.append((said, futures[-1]))
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write())
        await asyncio.gather(*futures)

    async def _write(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting, []
            error: BaseException | None = None
            try:
                await to_thread.run_sync(self._log.append, [said for said, _ in some], limiter=self._thread)
            except Exception as failed:  # noqa: BLE001 - whatever it is, nobody may wait for ever
                error = failed
            for _, future in some:
                if future.done():
                    continue
                if error:
                    future.set_exception(error)
                else:
                    future.set_result(None)


async def audited(
    request: Request, caller: Caller, question: str, subject: str | Callable[[T], str], look: Callable[[], T]
) -> T:
    """Return what the look gives once it is written down who asked; also that there was nothing to be shown.

    `subject` is the customer it is about, or tells it of what the look gave.
    """
    trail: Trail = request.app.state.trail
    try:
        view = look()
    except NotFound:
        await trail.note(caller, question, [subject if isinstance(subject, str) else None], NOTHING)
        raise
    await trail.note(caller, question, [subject if isinstance(subject, str) else subject(view)])
    return view
