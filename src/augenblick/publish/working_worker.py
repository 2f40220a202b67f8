"""The process that makes views of working graphs: a snapshot's store with a caller's own graphs in it, and updates.

It is run as a file by itself, as `worker.py` is, and speaks as that does. A view is a store of its own: the snapshot's
files by hard links, so that a large graph costs nothing and the snapshot stays as it is. What an update reads goes
through the dataset it is given, what it writes into the graphs it names; a view that is not finished bears no name.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

BATCH = 1000
_LEFT_BEHIND = ("LOCK", "LOG", "LOG.old", "IDENTITY")
_BODIES = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
Send = Callable[[BinaryIO, bytes, bytes], None]
Graph = ox.NamedNode


class Full(Exception):
    """The working graphs would hold more triples than they may."""


class Writing:
    """Answers requests: build a view (`rows`), apply an update's `steps` to a copy, or narrow (`only`)."""

    def __init__(self, out: BinaryIO, send: Send) -> None:
        self._out = out
        self._send = send

    def answer(self, request: dict[str, Any]) -> None:
        """Do one request and send what became otherwise, or why nothing did."""
        end: dict[str, Any] = {}
        try:
            self._answer(request)
        except Full:
            end = {"error": "triples", "kind": "limit"}
        except (SyntaxError, ValueError, RuntimeError) as error:
            end = {"error": str(error), "kind": "query"}
        except (OSError, sqlite3.Error) as error:
            end = {"error": str(error), "kind": "store"}
        self._send(self._out, b"E", json.dumps(end).encode())

    def _answer(self, request: dict[str, Any]) -> None:
        if "checked" in request:
            confirm_syntax(request)
        target = Path(request["into"])
        shutil.rmtree(target, ignore_errors=True)
        link(Path(request["store"]), target)
        store = ox.Store(str(target))
        if "only" in request:
            narrow(store, frozenset(request["only"]))
            self._send(self._out, b"H", json.dumps({"kind": "UPDATE", "form": "json"}).encode())
            return
        change = Change(store)
        if "rows" in request:
            store.bulk_extend(list(kept(store, request)))
        for step in request.get("steps", ()):
            change.apply(step, request)
        change.confirm_open(Openness(store, request))
        store.flush()
        self._send(self._out, b"H", json.dumps({"kind": "UPDATE", "form": "json"}).encode())
        lines = list(change.lines())
        for start in range(0, len(lines), BATCH):
            self._send(self._out, b"D", "".join(lines[start : start + BATCH]).encode())


class Change:
    """What an update does to a store, step by step, and what is otherwise at its end."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._added: set[ox.Quad] = set()
        self._removed: set[ox.Quad] = set()
        self._cleared: set[Graph] = set()

    def apply(self, step: dict[str, Any], request: dict[str, Any]) -> None:
        """Take what a step removes out and put in what it adds; both are found before anything is changed."""
        removed = [quad for part in step.get("delete", ()) for quad in self._found(part, step, request)]
        added = [quad for part in step.get("insert", ()) for quad in self._found(part, step, request)]
        added += [quad for part in step.get("put", ()) for quad in parsed(*part)]
        if "data" in step:
            kind, text, default, graphs = step["data"]
            (added if kind == "insert" else removed).extend(stated(text, default, graphs, request))
        self._clear(step.get("clear", ()))
        for quad in removed:
            self._remove(quad)
        self._add(added)
        self._clear(step.get("then_clear", ()))
        if len(self._added) - len(self._removed) + request["have"] > request["triples"]:
            raise Full

    def _remove(self, quad: ox.Quad) -> None:
        if quad not in self._store:
            return
        self._store.remove(quad)
        if quad in self._added:
            self._added.remove(quad)
        else:
            self._removed.add(quad)

    def _add(self, quads: Iterable[ox.Quad]) -> None:
        fresh = {quad for quad in quads if quad not in self._store}
        self._store.bulk_extend(fresh)
        self._added |= fresh - self._removed
        self._removed -= fresh

    def _clear(self, graphs: Iterable[str]) -> None:
        for graph in map(Graph, graphs):
            held = set(self._store.quads_for_pattern(None, None, None, graph))
            self._removed |= held - self._added
            self._added -= held
            self._store.remove_graph(graph)
            self._cleared.add(graph)

    def _found(self, part: tuple[str, str], step: dict[str, Any], request: dict[str, Any]) -> Iterator[ox.Quad]:
        graph, query = part
        found = self._store.query(
            query,
            prefixes=request["prefixes"],
            base_iri=request["base"],
            default_graph=[Graph(name) for name in step["default"]],
            named_graphs=[Graph(name) for name in step["named"]],
        )
        if not isinstance(found, ox.QueryTriples):
            raise ValueError("an update takes triples")
        for number, triple in enumerate(found):
            if number > request["triples"]:
                raise Full
            yield ox.Quad(triple.subject, triple.predicate, triple.object, Graph(graph))

    def confirm_open(self, openness: Openness) -> None:
        """Raise `ValueError` where what was added speaks of something of the bank's that is not open to the caller."""
        for quad in self._added:
            if not openness.of(quad):
                raise ValueError(
                    "it speaks of something under the bank's own names that is not there for role and purpose"
                )

    def lines(self) -> Iterator[str]:
        """Give the difference as lines of JSON: graphs that were emptied, what went and what came."""
        for graph in self._cleared:
            yield _line("clear", graph, "")
            self._added |= set(self._store.quads_for_pattern(None, None, None, graph))
        gone = [quad for quad in self._removed if quad.graph_name not in self._cleared]
        for sign, quads in (("-", gone), ("+", self._added)):
            for quad in quads:
                yield _line(sign, quad.graph_name, f"{quad.subject} {quad.predicate} {quad.object}")


def _line(sign: str, graph: Any, triple: str) -> str:
    return json.dumps([sign, graph.value, triple]) + "\n"


def link(source: Path, target: Path) -> None:
    """Make a store of another's files: what never changes is linked, the rest copied."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        if file.suffix == ".sst":
            os.link(file, target / file.name)
        elif file.name not in _LEFT_BEHIND:
            shutil.copyfile(file, target / file.name)


def narrow(store: ox.Store, opened: frozenset[str]) -> None:
    """Leave nothing in a store but these graphs."""
    store.clear_graph(ox.DefaultGraph())
    for graph in list(store.named_graphs()):
        if graph.value not in opened:
            store.remove_graph(graph)
    store.flush()


def confirm_syntax(request: dict[str, Any]) -> None:
    """Raise `SyntaxError` where the update as a whole is none; its grammar is Oxigraph's to say."""
    try:
        ox.Store().update(request["checked"], prefixes=request["prefixes"], base_iri=request["base"])
    except (OSError, RuntimeError):
        return  # on nothing, an update may find that what it names is not there


def stated(text: str, default: str, graphs: list[str], request: dict[str, Any]) -> Iterator[ox.Quad]:
    """Give the quads of an INSERT DATA; a blank node of one name is one in all its graphs."""
    store = ox.Store()
    store.update(text, prefixes=request["prefixes"], base_iri=request["base"])
    for quad in store:
        graph = quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else Graph(default)
        if graph.value not in graphs:
            raise ValueError("a graph is not what it seemed to be")
        yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def parsed(graph: str, form: str, text: str, base: str) -> Iterator[ox.Quad]:
    """Give what a body says, as quads of the graph."""
    for quad in ox.parse(text, format=_BODIES[form], base_iri=base, without_named_graphs=True, rename_blank_nodes=True):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, Graph(graph))


class Openness:
    """Says of triples whether they speak of nothing of the bank's that is not open to the caller now."""

    def __init__(self, store: ox.Store, request: dict[str, Any]) -> None:
        self._store = store
        self._opened = frozenset(request["open"])
        self._bank = request["bank"]
        self._known: dict[str, bool] = {}

    def of(self, quad: ox.Quad) -> bool:
        """Return whether subject and object are open, or are none of the bank's things."""
        return all(self._term(term.value) for term in (quad.subject, quad.object) if isinstance(term, ox.NamedNode))

    def _term(self, name: str) -> bool:
        if not name.startswith(self._bank) or name.startswith(f"{self._bank}graph/"):
            return True
        if name not in self._known:
            self._known[name] = self._said(Graph(name))
        return self._known[name]

    def _said(self, node: Graph) -> bool:
        said = (self._store.quads_for_pattern(node, None, None), self._store.quads_for_pattern(None, None, node))
        return any(getattr(quad.graph_name, "value", "") in self._opened for quads in said for quad in quads)


def kept(store: ox.Store, request: dict[str, Any]) -> Iterator[ox.Quad]:
    """Give what the caller's graphs hold, as far as it is open; a graph of a published one's name is none of them."""
    openness = Openness(store, request)
    published: dict[str, bool] = {}
    with closing(sqlite3.connect(f"file:{request['rows']}?mode=ro", uri=True)) as file:
        sql = "SELECT graph, triple FROM triples WHERE whom = ? ORDER BY graph"
        for graph, triple in file.execute(sql, [request["whom"]]):
            if graph not in published:
                published[graph] = store.contains_named_graph(Graph(graph))
            (quad,) = ox.parse(f"{triple} <{graph}> .", format=ox.RdfFormat.N_QUADS)
            if not published[graph] and openness.of(quad):
                yield quad


if __name__ == "__main__":
    worker = runpy.run_path(str(Path(__file__).with_name("worker.py")))
    worker["main"](lambda out: Writing(out, worker["send"]))
