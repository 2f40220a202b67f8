"""Another version of the content, taken over while the service runs: rules, inferences and words change in one step.

Publishing and rolling back write a name into the data directory, whoever does it (`augenblick publish`, REST). The
service sees that, derives everything by the version's rules beside what it shows, and shows all of it at once;
meanwhile requests are answered by the version before. Only the policy of access counts earlier: from the first moment.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
from anyio import to_thread

from augenblick import pipeline
from augenblick.api import logs
from augenblick.content import Content, load_content
from augenblick.model.errors import AugenblickError, NotLoaded, Outdated
from augenblick.pipeline.reading import derived_with
from augenblick.policy import Policy, read_policy
from augenblick.store import DataDirectory

POLL_SECONDS = 0.5
"""How long a published version may go unseen."""
_SHOWING = ("publish", "lookup")
"""The stages of a run that are not cut off: what was derived is being shown by them."""
SERVING, SWITCHING, FAILED = "serving", "switching", "failed"


@dataclass(frozen=True)
class Standing:
    """What the service answers by, what is published, and how far it is from one to the other."""

    serving: str
    published: str
    state: str
    error: str = ""


class _Overtaken(Exception):
    """Another version was published while one was being taken over."""


class ContentSwitch:
    """Keeps the parts of the application on the version of the content that is published."""

    def __init__(self, state: Any) -> None:
        self._state = state
        self._directory = DataDirectory(state.settings.data)
        self._alone = threading.Lock()
        self._seen = self._heeded = state.content.version
        self._standing = SERVING
        self._error = ""

    def standing(self) -> Standing:
        """Return which version is served and which is published."""
        return Standing(self._state.content.version, self._published(), self._standing, self._error)

    async def watch(self, ending: Callable[[], bool]) -> None:
        """Follow what is published until the service ends; a version that cannot be taken over is tried once."""
        while not ending():
            if self._published() != self._seen:
                await to_thread.run_sync(self._try)
            await asyncio.sleep(POLL_SECONDS)

    def follow(self) -> int:
        """Take the published version over if it is another than the one served; return how many changes that told.

        A version that is rolled back or followed by another before all of it is derived is never shown.
        Raises what reading and deriving raise; the version before is served on then.
        """
        with self._alone:
            self._seen = self._published()
            if self._seen == self._state.content.version == self._heeded and self._is_derived():
                return 0
            self._standing, self._error = SWITCHING, ""
            try:
                told = self._last_taken_over()
            except BaseException as error:
                self._standing, self._error = FAILED, str(error)
                raise
            self._standing = SERVING
            return told

    def _try(self) -> None:
        try:
            self.follow()
        except (AugenblickError, OSError, sqlite3.Error, duckdb.Error) as error:
            logs.say("content not switched", level=logging.ERROR, error=error, version=self._seen)

    def _last_taken_over(self) -> int:
        while True:
            try:
                return self._taken_over()
            except _Overtaken:
                self._seen = self._published()

    def _taken_over(self) -> int:
        state = self._state
        content = load_content(self._directory.published_content)
        policy = read_policy(content)
        with state.writer.alone() as directory, state.consents.heeded(directory):
            self._heed(directory, content, policy)
        with state.writer.alone() as directory, state.consents.heeded(directory, meanwhile=True):
            state.dossiers.expect(content)
            if derived_with(directory) not in (None, content.version):
                self._derive(directory, content)
            self._use(content, policy)
            return int(state.journal.follow(f"content {content.version}"))

    def _heed(self, directory: DataDirectory, content: Content, policy: Policy) -> None:
        """Let the policy of the new version decide at once over what the one before derived."""
        state = self._state
        self._heeded = content.version
        state.policy = policy
        state.dossiers.heed(policy)
        state.consents.use(content)
        for hook in state.hooks.values():
            hook.heed(policy)
        try:
            pipeline.heed_consents(directory, at=pipeline.today(), content=content)
        except (NotLoaded, Outdated):
            return  # nothing is shown yet, or nothing before it is derived anew

    def _derive(self, directory: DataDirectory, content: Content) -> None:
        state = self._state

        def confirm_published(stage: str, done: int, total: int) -> None:
            if done < total and stage not in _SHOWING and self._published() != self._seen:
                raise _Overtaken

        as_of = state.settings.as_of or pipeline.today()
        report = pipeline.detect(directory, as_of=as_of, content=content, progress=confirm_published)
        for stage, seconds in report.seconds.items():
            state.metrics.stage_seconds.labels(stage).observe(seconds)

    def _use(self, content: Content, policy: Policy) -> None:
        self._state.content = content
        self._state.dossiers.use(content, policy)
        self._state.deliveries.use(content)

    def _published(self) -> str:
        return self._directory.published_version or ""

    def _is_derived(self) -> bool:
        with self._state.writer.alone() as directory:
            return derived_with(directory) in (None, self._state.content.version)
