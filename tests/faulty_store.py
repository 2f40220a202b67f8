"""What stands before a remote store in tests: it lets requests through, or does what broken stores do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from remote_store import Remote


class Faulty:
    """A way to a store that can be broken: `fault` is given each request's kind and says what becomes of it.

    None lets it through, a number is the status of an empty answer; `cut` breaks off in the midst of the answer,
    `page` is a web page in its place.
    """

    def __init__(self, server: ThreadingHTTPServer, remote: Remote) -> None:
        self.fault: Callable[[str], int | str | None] = lambda _: None
        self.seen: list[dict[str, str]] = []
        self._remote = remote
        url = f"http://127.0.0.1:{server.server_address[1]}"
        self.store = remote.store.model_copy(update={"query": f"{url}/query", "update": f"{url}/update"})

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.seen.append(dict(handler.headers.items()))
        fault = self.fault(handler.path[1:])
        if isinstance(fault, int):
            status, form, content = fault, "text/plain", b""
        elif fault == "page":
            status, form, content = 200, "text/html", b"<html>Sign in</html>"
        else:
            names = ("Content-Type", "Accept")
            given = httpx.post(
                self._remote.url + handler.path, content=body, headers={name: handler.headers[name] for name in names}
            )
            status, form, content = given.status_code, given.headers.get("Content-Type", "text/plain"), given.content
        handler.send_response(status)
        handler.send_header("Content-Type", form)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2] if fault == "cut" else content)


@contextmanager
def faulty_store(remote: Remote) -> Iterator[Faulty]:
    """Run one for the time of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            faulty.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        faulty = Faulty(server, remote)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield faulty
        finally:
            server.shutdown()
            thread.join()
