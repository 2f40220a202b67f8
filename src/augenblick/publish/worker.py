"""The process that answers SPARQL: a JSON request a line in, frames out; it lives until its input ends.

A frame is a letter, the length of what follows as four bytes, and that: `H` the head as JSON, `D` serialized data,
`E` the end as JSON, with `error` where the answer is not whole. The answer is serialized here, inside the call that
made it: pyoxigraph's results do not survive another thread.
"""

from __future__ import annotations

import csv
import ctypes
import io
import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import pyoxigraph

RESULTS = {
    "json": pyoxigraph.QueryResultsFormat.JSON,
    "csv": pyoxigraph.QueryResultsFormat.CSV,
    "tsv": pyoxigraph.QueryResultsFormat.TSV,
    "xml": pyoxigraph.QueryResultsFormat.XML,
}
GRAPHS = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
}
FRAME = 65_536
"""Bytes of data that go out at once."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


class BeyondLimit(Exception):
    """The answer has more rows or bytes than it may."""


class NoForm(Exception):
    """The query's kind of answer has no form among those wanted."""


class Frames(io.RawIOBase):
    """Writes what is serialized as frames, and no more of it than allowed."""

    def __init__(self, out: BinaryIO, head: dict[str, Any], most: int) -> None:
        self._out = out
        self._head: dict[str, Any] | None = head
        self._left = most

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Send a frame of data, the head before the first."""
        self._left -= len(data)
        if self._left < 0:
            raise BeyondLimit("megabytes")
        self.send_head()
        send(self._out, b"D", bytes(data))
        return len(data)

    def send_head(self) -> None:
        """Send the head if it was not yet."""
        if self._head is not None:
            send(self._out, b"H", json.dumps(self._head).encode())
            self._head = None


def send(out: BinaryIO, kind: bytes, content: bytes) -> None:
    """Write one frame."""
    out.write(kind + len(content).to_bytes(4, "big") + content)
    out.flush()


class Answering:
    """Answers requests on stores; the one last asked stays open."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._path: str | None = None
        self._store = pyoxigraph.Store()

    def answer(self, request: dict[str, Any]) -> None:
        """Send the answer of one request, or why there is none."""
        end: dict[str, Any] = {}
        try:
            self._answer(request)
        except BeyondLimit as error:
            end = {"error": str(error), "kind": "limit"}
        except NoForm as error:
            end = {"error": str(error), "kind": "form"}
        except (SyntaxError, ValueError) as error:
            end = {"error": str(error), "kind": "query"}
        except (OSError, RuntimeError) as error:  # the latter: files that are damaged
            self._path = None
            end = {"error": str(error), "kind": "store"}
        send(self._out, b"E", json.dumps(end).encode())

    def _answer(self, request: dict[str, Any]) -> None:
        results = self._open(request["store"]).query(
            request["query"],
            prefixes=request["prefixes"],
            base_iri=request.get("base"),
            use_default_graph_as_union=request.get("default") is None,
            default_graph=_graphs(request.get("default")),
            named_graphs=_named(request.get("named")),
        )
        if isinstance(results, pyoxigraph.QueryTriples):
            self._graph(results, request)
        else:
            self._results(results, request)

    def _open(self, path: str) -> pyoxigraph.Store:
        if path != self._path:
            self._store = pyoxigraph.Store.read_only(path)
            self._path = path
        return self._store

    def _graph(self, triples: pyoxigraph.QueryTriples, request: dict[str, Any]) -> None:
        form = _form(request["graphs"], "GRAPH")
        with self._frames({"kind": "GRAPH", "form": form}, request) as frames:
            told: Iterator[pyoxigraph.Triple] = iter(sorted(triples, key=str)) if request.get("sorted") else triples
            if request.get("rows") is not None:
                told = _at_most(told, request["rows"])
            pyoxigraph.serialize(told, frames, format=GRAPHS[form])

    def _results(self, results: pyoxigraph.QueryBoolean | pyoxigraph.QuerySolutions, request: dict[str, Any]) -> None:
        kind = "ASK" if isinstance(results, pyoxigraph.QueryBoolean) else "SELECT"
        form = _form(request["results"], kind)
        with self._frames({"kind": kind, "form": form}, request) as frames:
            if kind == "ASK" and form in ("csv", "tsv"):
                frames.write(str(bool(results)).lower().encode() + b"\n")
            elif kind == "ASK" or request.get("rows") is None:
                results.serialize(frames, format=RESULTS[form])
            else:
                frames.write(_counted(results.serialize(format=RESULTS[form]) or b"", form, request["rows"]))

    def _frames(self, head: dict[str, Any], request: dict[str, Any]) -> _Whole:
        return _Whole(Frames(self._out, head, request.get("bytes") or sys.maxsize))


class _Whole:
    """Buffers what is written to frames, and sends the rest where nothing went wrong."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._buffer: BinaryIO = io.BufferedWriter(frames, FRAME)

    def __enter__(self) -> BinaryIO:
        return self._buffer

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._buffer.flush()
            self._frames.send_head()


def _graphs(
    names: list[str] | None,
) -> list[pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.DefaultGraph] | None:
    """Return graphs by IRI; the empty name is the store's default graph."""
    return None if names is None else [pyoxigraph.NamedNode(n) if n else pyoxigraph.DefaultGraph() for n in names]


def _named(names: list[str] | None) -> list[pyoxigraph.NamedNode | pyoxigraph.BlankNode] | None:
    return None if names is None else [pyoxigraph.NamedNode(name) for name in names]


def _form(wanted: str | None, kind: str) -> str:
    if wanted is None:
        raise NoForm(f"a {kind} query has no such form")
    return wanted


def _at_most(triples: Iterator[pyoxigraph.Triple], rows: int) -> Iterator[pyoxigraph.Triple]:
    yield from islice(triples, rows)
    if next(triples, None) is not None:
        raise BeyondLimit("rows")


def _counted(content: bytes, form: str, rows: int) -> bytes:
    """Return the content if it has no more rows than allowed; what has fewer bytes than rows need not be counted."""
    if len(content) > rows and _rows(content, form) > rows:
        raise BeyondLimit("rows")
    return content


def _rows(content: bytes, form: str) -> int:
    if form == "csv":
        return sum(1 for _ in csv.reader(io.StringIO(content.decode(), newline=""))) - 1
    return sum(1 for _ in pyoxigraph.parse_query_results(content, format=RESULTS[form]))  # type: ignore[misc, union-attr]


def bound(megabytes: int | None) -> None:
    """Let this process have no more memory of its own than so much, and not outlive the one that started it."""
    if megabytes:
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def main(answering: Callable[[BinaryIO], Any] = Answering) -> None:
    """Answer the requests on standard input until it ends; the argument is the memory in megabytes."""
    bound(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    made = answering(sys.stdout.buffer)
    for line in sys.stdin.buffer:
        made.answer(json.loads(line))


if __name__ == "__main__":
    main()
