"""The process that answers SPARQL: a JSON request a line in, frames out; it lives until its input ends.

A frame is a letter, the length of what follows as four bytes, and that: `H` the head as JSON, `D` serialized data,
`E` the end as JSON, with `error` where the answer is not whole. The answer is serialized here, inside the call that
made it: pyoxigraph's results do not survive another thread.
"""

from __future__ import annotations

import ctypes
import errno
import io
import json
import os
import platform
import resource
import runpy
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyoxigraph

if TYPE_CHECKING:
    from augenblick.publish.sorting import END, Bindings, Headed, Lines, Reader, TooMany, Unbound
else:  # a file by itself, as this is
    _sorting = runpy.run_path(str(Path(__file__).with_name("sorting.py")))
    END, Bindings, Headed, Lines = (_sorting[name] for name in ("END", "Bindings", "Headed", "Lines"))
    Reader, TooMany, Unbound = (_sorting[name] for name in ("Reader", "TooMany", "Unbound"))

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
NICE = 10
"""Whoever is on the phone goes first: look-ups are answered by the process that starts this one."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTERED = 38, 22, 2  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER
_SOCKET = {"x86_64": 41, "aarch64": 198}
"""The number of the system call that opens a socket."""


Found = pyoxigraph.QueryBoolean | pyoxigraph.QuerySolutions | Iterator[pyoxigraph.Triple]


class BeyondLimit(Exception):
    """The answer has more rows or bytes than it may."""


class NoForm(Exception):
    """The query's kind of answer has no form among those wanted."""


_FAILURES: dict[str, Any] = {"limit": BeyondLimit, "form": NoForm, "query": (SyntaxError, ValueError)}


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
        except Exception as error:  # noqa: BLE001 - what is no failure of an answer is raised again there
            end = self._end(error)
        send(self._out, b"E", json.dumps(end).encode())

    def _end(self, error: Exception) -> dict[str, Any]:
        """Return what the last frame says of a failure."""
        if isinstance(error, TooMany):
            return {"error": "rows", "kind": "limit"}
        for kind, failures in _FAILURES.items():
            if isinstance(error, failures):
                return {"error": str(error), "kind": kind}
        if isinstance(error, (OSError, RuntimeError)):  # the latter: files that are damaged
            self._path = None
            return {"error": str(error), "kind": "room" if _no_room(error) else "store"}
        raise error

    def _answer(self, request: dict[str, Any]) -> None:
        results = self._found(request)
        if isinstance(results, (pyoxigraph.QueryBoolean, pyoxigraph.QuerySolutions)):
            self._results(results, request)
        else:
            self._graph(results, request)

    def _found(self, request: dict[str, Any]) -> Found:
        """Return what a query gives."""
        store = self._open(request["store"])
        results = store.query(
            request["query"],
            prefixes=request["prefixes"],
            base_iri=request.get("base"),
            use_default_graph_as_union=request.get("default") is None,
            default_graph=_graphs(request.get("default")),
            named_graphs=_named(request.get("named")),
        )
        whole = request.get("whole") and request.get("default") is not None
        if whole and isinstance(results, pyoxigraph.QueryTriples):
            return _triples(store, request["default"])
        return results

    def _open(self, path: str) -> pyoxigraph.Store:
        if path != self._path:
            self._store = pyoxigraph.Store.read_only(path)
            self._path = path
        return self._store

    def _graph(self, triples: Iterator[pyoxigraph.Triple], request: dict[str, Any]) -> None:
        form = _form(request["graphs"], "GRAPH")
        with _lines(request) as lines, self._frames({"kind": "GRAPH", "form": form}, request) as frames:
            pyoxigraph.serialize(triples, lines, format=pyoxigraph.RdfFormat.N_TRIPLES)
            if form == "ntriples":
                frames.writelines(line + b"\n" for line in lines)
                return
            read: Any = Reader(lines)
            told = pyoxigraph.parse(read, format=pyoxigraph.RdfFormat.N_TRIPLES, lenient=True)
            pyoxigraph.serialize((quad.triple for quad in told), frames, format=GRAPHS[form])

    def _results(self, results: pyoxigraph.QueryBoolean | pyoxigraph.QuerySolutions, request: dict[str, Any]) -> None:
        kind = "ASK" if isinstance(results, pyoxigraph.QueryBoolean) else "SELECT"
        form = _form(request["results"], kind)
        with self._frames({"kind": kind, "form": form}, request) as frames:
            if kind == "ASK" and form in ("csv", "tsv"):
                frames.write(str(bool(results)).lower().encode() + b"\n")
            elif kind == "ASK" or (request.get("unsorted", True) and request.get("rows") is None):
                results.serialize(frames, format=RESULTS[form])
            elif form != "json" or not _bindings(results, frames, request):
                with _lines(request) as lines:
                    _rows(self._found(request) if form == "json" else results, form, frames, lines)

    def _frames(self, head: dict[str, Any], request: dict[str, Any]) -> _Whole:
        return _Whole(Frames(self._out, head, request.get("bytes") or sys.maxsize))


def _no_room(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


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


def _triples(store: pyoxigraph.Store, graphs: list[str]) -> Iterator[pyoxigraph.Triple]:
    """Give all triples of graphs; one that lies in several comes as often."""
    for graph in _graphs(graphs) or ():
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield quad.triple


def _lines(request: dict[str, Any]) -> Any:
    names = ("distinct", "unsorted", "skipped", "kept")
    wanted = {name: request[name] for name in names if name in request}
    return Lines(request.get("folder"), most=request.get("rows"), **wanted)


def _bindings(results: Any, frames: BinaryIO, request: dict[str, Any]) -> bool:
    """Write rows as JSON in the order of their text, unless one binds nothing; say whether they were written."""
    with _lines(request) as lines:
        told = Bindings(lines)
        try:
            results.serialize(told, format=RESULTS["json"])
        except Unbound:
            return False
        told.end()
        frames.write(told.head)
        rows, comma = iter(lines), b""
        while some := list(islice(rows, 1000)):
            frames.write(comma + b",".join(some))
            comma = b","
        frames.write(END)
    return True


def _rows(results: Any, form: str, frames: BinaryIO, lines: Lines) -> None:
    """Write rows in the order of their terms' text; a line of TSV tells all that a row does."""
    first = Headed(lines)
    results.serialize(first, format=pyoxigraph.QueryResultsFormat.TSV)
    if form == "tsv":
        frames.write(first.head + b"\n")
        frames.writelines(line + b"\n" for line in lines)
        return
    read: Any = Reader(lines, first.head + b"\n")
    try:
        told: Any = pyoxigraph.parse_query_results(read, format=pyoxigraph.QueryResultsFormat.TSV)
        told.serialize(frames, format=RESULTS[form])
    except SyntaxError as error:  # a name in the store that is no IRI
        raise RuntimeError(str(error)) from error


def bound(megabytes: int | None) -> None:
    """Let this process have no more memory of its own than so much, yield to others, not outlive who started it."""
    os.nice(NICE)
    if megabytes:
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def stay_inside() -> None:
    """Let this process open no socket from now on, where the system can see to it: nothing asked leaves this host.

    That a query calls outside is refused before it comes here, by its text; this holds whatever the text hides.
    """
    number = _SOCKET.get(platform.machine()) if sys.platform == "linux" else None
    if number is None:
        return
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | errno.EACCES), (0x06, 0, 0, 0x7FFF0000)]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(filters)))
    libc = ctypes.CDLL(None)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_SECCOMP, _FILTERED, program, 0, 0)


def main(answering: Callable[[BinaryIO], Any] = Answering, *, inside: bool = True) -> None:
    """Answer the requests on standard input until it ends; the argument is the memory in megabytes."""
    bound(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    if inside:
        stay_inside()
    made = answering(sys.stdout.buffer)
    for line in sys.stdin.buffer:
        made.answer(json.loads(line))


if __name__ == "__main__":
    main()
