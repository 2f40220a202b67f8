"""What is older than its retention period goes while the service runs, and nobody has to ask for it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from anyio import CapacityLimiter

from augenblick.api import retention
from augenblick.api.retention import Retention
from augenblick.model.errors import Busy

ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
LATER = date(2036, 5, 1)
"""Ten years and some days after the booking by which the birth is known, before those of the mother's account end."""


def test_overdue_bookings_go_with_what_followed_from_them(serve, detected: Path, tmp_path: Path) -> None:
    shutil.copytree(detected, tmp_path / "data")
    running = serve(as_of=date(2026, 6, 30), retention="off")
    found = {"params": {"type": "childbirth", "since": "2020-01-01"}, "headers": ADVISER}
    (moment,) = running.client.get("/v1/moments", **found).json()["moments"]
    keeper: Retention = running.server.config.loaded_app.app.state.retention
    before = running.client.get("/v1/changes", headers=CRM).json()
    assert keeper.keep(date(2026, 6, 30)) == {}
    assert keeper.keep(LATER)["transactions"] > 0
    assert running.client.get("/v1/moments", **found).json()["moments"] == []
    assert running.client.get(f"/v1/moments/{moment['moment_id']}", headers=ADVISER).status_code == 404
    assert running.client.get("/v1/changes", headers=CRM).json() != before
    assert keeper.keep(LATER) == {}


def watched(days: list[date], *, kept: str = "aged", fails: bool = False) -> list[date]:
    """Return the days on which periods were kept while the clock showed these days, one look each."""
    asked: list[date] = []
    looks: Iterator[date] = iter(days)

    def keep(day: date) -> dict[str, int]:
        asked.append(day)
        if fails:
            raise Busy("Somebody else is at it.")
        return {}

    async def run() -> None:
        settings = SimpleNamespace(retention=kept, as_of=None)
        keeper = Retention(SimpleNamespace(settings=settings, turns=CapacityLimiter(1)))
        keeper.keep = keep  # type: ignore[method-assign]
        keeper._today = lambda: next(looks)  # type: ignore[method-assign]  # a service of another test asks for today too
        keeper.end_texts = lambda: 0  # type: ignore[method-assign]
        keeper.overdue = lambda *_, **__: {}  # type: ignore[method-assign]
        left = len(days)

        def ending() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        await keeper.watch(ending, after=asyncio.create_task(asyncio.sleep(0)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "POLL_SECONDS", 0)
        asyncio.run(run())
    return asked


@pytest.mark.parametrize("fails", [False, True])
def test_periods_are_kept_at_the_start_and_once_a_day(fails: bool) -> None:
    first, second = date(2026, 6, 1), date(2026, 6, 2)
    assert watched([first, first, first, second, second], fails=fails) == [first, second]


def test_periods_are_not_kept_where_the_setting_says_so() -> None:
    assert watched([date(2026, 6, 1)], kept="off") == []
