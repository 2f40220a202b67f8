"""The SPARQL 1.1 Protocol as its client speaks it: forms sent to an endpoint, nothing followed elsewhere.

Read by `remote_worker.py` as a file by itself; nothing but the standard library is imported.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

CONNECTING = 10.0
"""Seconds within which a store must take a connection."""
FORM = "application/x-www-form-urlencoded"
UPDATE = "application/sparql-update"
JSON = "application/sparql-results+json"
TRIPLES = "application/n-triples"
_REASONS = {401: "denied", 403: "denied", 404: "missing", 405: "missing", 410: "missing"}


class Refused(Exception):
    """A store did not do what was asked; the argument says why in one word.

    `unreachable`: nobody there, or the line broke; `denied`: the credentials; `missing`: no such endpoint; `rejected`:
    what was asked is wrong; `failed`: the store's own fault; `unreadable`: an answer in another form than asked for.
    """

    @property
    def reason(self) -> str:
        """The word."""
        return str(self.args[0])


@contextmanager
def sent(
    url: str,
    body: bytes,
    *,
    form: str = FORM,
    accept: str,
    authorization: str | None,
    seconds: float,
) -> Iterator[Coming]:
    """Post a body in a form, and give the answer, to be read as it comes.

    No pause of the other side may be longer than the seconds. Raises `Refused`.
    """
    place = urlsplit(url)
    headers = {"Content-Type": form, "Accept": accept}
    if authorization:
        headers["Authorization"] = authorization
    with closing(_connection(place)) as connection, _begun(connection, place, body, headers, seconds) as response:
        if not 200 <= response.status < 300:
            raise Refused(_REASONS.get(response.status) or ("failed" if response.status >= 500 else "rejected"))
        yield Coming(response)


def _begun(
    connection: http.client.HTTPConnection, place: SplitResult, body: bytes, headers: dict[str, str], seconds: float
) -> http.client.HTTPResponse:
    try:
        connection.connect()
        connection.sock.settimeout(seconds)
        connection.request("POST", (place.path or "/") + (f"?{place.query}" if place.query else ""), body, headers)
        return connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise Refused("unreachable") from error


class Coming:
    """An answer as a file to read; what breaks while it comes, or ends too early, raises `Refused`."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.form = response.headers.get_content_type()

    def read(self, size: int = -1) -> bytes:
        """Give some of it; none at the end."""
        try:
            piece = self._response.read(None if size < 0 else size)
        except (OSError, http.client.HTTPException) as error:
            raise Refused("unreachable") from error
        if not piece and size and self._response.length:
            raise Refused("unreachable")
        return piece

    def confirm(self, form: str) -> None:
        """Raise `Refused` unless it is in the form wanted."""
        if self.form != form:
            raise Refused("unreadable")


def _connection(place: SplitResult) -> http.client.HTTPConnection:
    if place.scheme == "https":
        import ssl  # a worker that needs it not starts sooner

        return http.client.HTTPSConnection(place.netloc, timeout=CONNECTING, context=ssl.create_default_context())
    return http.client.HTTPConnection(place.netloc, timeout=CONNECTING)


def form_of(pairs: Sequence[tuple[str, str]]) -> bytes:
    """Return parameters as a form."""
    return urlencode(pairs).encode("ascii")


def dataset_pairs(default: Sequence[str], named: Sequence[str]) -> list[tuple[str, str]]:
    """Return the parameters that restrict a query to these graphs, to nothing where there are none.

    Without a parameter a store takes the graphs it likes: a graph that does not exist stands for none.
    """
    default = default or ["urn:augenblick:nothing"]
    return [("default-graph-uri", name) for name in default] + [("named-graph-uri", name) for name in named]


def prologue(base: str | None, prefixes: Mapping[str, Any]) -> str:
    """Return what stands before a query so that it may use the prefixes and relative names."""
    said = [f"BASE <{base}>"] if base else []
    return " ".join([*said, *(f"PREFIX {name}: <{iri}>" for name, iri in prefixes.items()), ""])
