"""The remote store beside the running service: what is published here and not there is brought there by itself.

That is so at the first start with such a store, after it was away or emptied, and when another process published that
was told nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from anyio import to_thread

from augenblick.api import logs
from augenblick.model.errors import NotLoaded, StoreUnavailable
from augenblick.publish import follow
from augenblick.store import DataDirectory

LOOK_SECONDS = 5.0
_POLL_SECONDS = 0.5


class RemoteWatch:
    """Sees to it that the remote store has what is published."""

    def __init__(self, state: Any) -> None:
        self._directory = DataDirectory(state.settings.data)
        self._there = state.settings.remote_store is not None
        self._said: str | None = None

    async def watch(self, ending: Callable[[], bool]) -> None:
        """Look again and again until the service ends; the log tells of what changes."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._there and not ending():
            if loop.time() >= due:
                await to_thread.run_sync(self.look)
                due = loop.time() + LOOK_SECONDS
            await asyncio.sleep(_POLL_SECONDS)

    def look(self) -> None:
        """Bring what is missing there; where that fails the log says why, once."""
        try:
            brought = follow(self._directory)
        except NotLoaded:
            return
        except (StoreUnavailable, OSError) as error:
            if self._said != (said := str(error)):
                reason = said if isinstance(error, StoreUnavailable) else type(error).__name__
                logs.say("the remote store is behind", level=logging.ERROR, reason=reason)
            self._said = said
        else:
            if brought or self._said:
                logs.say("the remote store has what is published")
            self._said = None
