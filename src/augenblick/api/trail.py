"""Every reading of a person's data enters the audit log before it is answered; what comes together, together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

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
        self._waiting: list[tuple[list[Asked], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        # Its own: readers must not wait for requests that wait for a writer.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")

    async def note(
        self, caller: Caller, question: str, subjects: Iterable[str | None], decision: Decision | None = None
    ) -> None:
        """Write down that the caller asked about each of the subjects; on disk when it returns."""
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        access, door = caller.access, caller.door
        said = [self._log.asked(access, door, subject=s, question=question, decision=decision) for s in subjects]
        if not said:
            return
        self._waiting.append((said, written))
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write())
        await written

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            some, self._waiting = self._waiting, []
            error: BaseException | None = None
            try:
                await loop.run_in_executor(self._thread, self._log.append, [each for said, _ in some for each in said])
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
