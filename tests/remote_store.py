"""A remote SPARQL 1.1 store on loopback: Oxigraph's server, a process of its own that can be killed."""

from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from augenblick.publish.remote import RemoteStore

_SERVER = Path(sysconfig.get_path("scripts")) / "oxigraph"


class Remote:
    """A running store: how it is named in settings, and what it holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.store = RemoteStore(query=f"{self.url}/query", update=f"{self.url}/update")
        self.start()

    def named(self, name: str) -> RemoteStore:
        """Return how it is told from others' under a name made of this one."""
        short = hashlib.sha256(name.encode()).hexdigest()[:12]
        return self.store.model_copy(update={"name": f"{re.sub('[^a-z0-9]+', '-', name.lower())[:20]}-{short}"})

    def start(self) -> None:
        """Start it, on what it held when it was killed."""
        self._process = subprocess.Popen(
            [_SERVER, "serve", "--location", self._folder, "--bind", f"127.0.0.1:{self._port}", "--timeout-s", "5"],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        assert "Listening" in self._process.stderr.readline()

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.communicate()

    def rows(self, query: str) -> list[list[str]]:
        """Return what it answers to whoever asks it directly."""
        answer = httpx.post(f"{self.url}/query", data={"query": query}, headers={"Accept": "text/csv"})
        return [line.split(",") for line in answer.text.splitlines()[1:]]

    def update(self, text: str) -> None:
        """Change it behind everybody's back."""
        httpx.post(f"{self.url}/update", data={"update": text}).raise_for_status()

    def graphs(self) -> set[str]:
        """Return the names of the graphs it holds."""
        return {row[0] for row in self.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}


@contextmanager
def remote_store(folder: Path) -> Iterator[Remote]:
    """Run a store for the time of the block."""
    running = Remote(folder)
    try:
        yield running
    finally:
        running.kill()
