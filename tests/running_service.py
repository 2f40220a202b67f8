"""A service on loopback in a thread, as clients meet it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import APIRouter

from augenblick.api import Settings, read_settings, server
from augenblick.content import Content

Serve = Callable[..., "Served"]


class Served:
    """A running service: its address, a client, and the server itself."""

    def __init__(self, made: uvicorn.Server, settings: Settings) -> None:
        self.server = made
        self.settings = settings
        port = made.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=30)


@contextmanager
def served(settings: Settings, content: Content, more: Sequence[APIRouter] = ()) -> Iterator[Served]:
    """Run the service in a thread for the time of the block."""
    made = server(settings, content=content, more=more)
    up = threading.Event()
    startup = made.startup

    async def told(*arguments: object, **options: object) -> None:
        await startup(*arguments, **options)  # type: ignore[arg-type]
        up.set()

    made.startup = told  # type: ignore[method-assign]
    thread = threading.Thread(target=made.run)
    thread.start()
    assert up.wait(30), "the service did not start"
    running = Served(made, settings)
    try:
        yield running
    finally:
        running.client.close()
        made.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the service did not end"


@contextmanager
def starting(data: Path, content: Content, more: Sequence[APIRouter] = ()) -> Iterator[Serve]:
    """Give a function that starts services and ends them with the block."""
    with ExitStack() as stack:

        def start(**given: object) -> Served:
            given.setdefault("data", data)
            return stack.enter_context(served(read_settings(None, port=0, **given), content, more))

        yield start
