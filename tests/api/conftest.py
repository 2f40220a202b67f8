"""A service on loopback in a thread, as clients meet it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest
import uvicorn

import small_bank
from augenblick import pipeline
from augenblick.api import Settings, read_settings, server
from augenblick.content import Content, load_content
from augenblick.store import DataDirectory

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
def served(settings: Settings, content: Content) -> Iterator[Served]:
    """Run the service in a thread for the time of the block."""
    made = server(settings, content=content)
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


@pytest.fixture(scope="session")
def content() -> Content:
    """The ontology as shipped, read once."""
    return load_content()


@pytest.fixture(scope="session")
def detected(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Path:
    """The data directory of a mother and her daughter, who has a child, after a run; not to be written to."""
    folder = tmp_path_factory.mktemp("family")
    small_bank.family(folder / "export")
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=date(2026, 6, 30), content=content)
    return directory.path


@contextmanager
def starting(data: Path, content: Content) -> Iterator[Serve]:
    """Give a function that starts services and ends them with the block."""
    with ExitStack() as stack:

        def start(**given: object) -> Served:
            given.setdefault("data", data)
            return stack.enter_context(served(read_settings(None, port=0, **given), content))

        yield start


@pytest.fixture
def serve(tmp_path: Path, content: Content) -> Iterator[Serve]:
    """Return a function that starts a service with the settings given."""
    with starting(tmp_path / "data", content) as start:
        yield start


@pytest.fixture(scope="module")
def serve_once(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Iterator[Serve]:
    """Return the same for services a whole module's tests share."""
    with starting(tmp_path_factory.mktemp("data"), content) as start:
        yield start
