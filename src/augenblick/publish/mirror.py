"""Publishing to a remote store: into graphs nobody looks at yet, checked, and sealed at the end."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from augenblick.model.errors import StoreUnavailable
from augenblick.publish.compartments import is_compartment
from augenblick.publish.protocol import dataset_pairs
from augenblick.publish.publication import HOLDS, NAMED, NAMES, SEALED, Copy, Publication, publication_of
from augenblick.publish.remote import RemoteStore, asked, attached, unavailable, update
from augenblick.store import DataDirectory

PIECE = 1 << 20
"""Bytes of triples that are sent in one update."""
LOCK = "remote.lock"
LOOKING = 10.0
"""Seconds within which a store must say whether it holds a publication."""
_GRAPHS_AT_ONCE = 100
_ESCAPED = re.compile(r"\\\\([uU])|\\.")
Lines = Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Changes:
    """The lines that came and went since the snapshot before."""

    added: Collection[bytes]
    removed: Collection[bytes]


@contextmanager
def alone(directory: DataDirectory) -> Iterator[None]:
    """Let no other process or thread write to the store on behalf of the directory meanwhile."""
    with (directory.path / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def beside(
    directory: DataDirectory, before: Path | None, changes: Changes | None, lines: Lines
) -> Iterator[Publication | None]:
    """Publish to the directory's store and give the publication; afterwards drop what no snapshot needs any more.

    None where there is no store, or it does not hold what was published `before`: it is ill or new, and who publishes
    does not wait for all of it. Nothing is answered from it then until it is followed up (`follow`).
    """
    store = attached(directory)
    earlier = publication_of(before, store) if store and before else None
    if store is None or earlier is None:
        yield None
        return
    with alone(directory):
        publication = None
        try:
            if holds(store, earlier):
                publication = published(store, earlier, changes, lines)
        except StoreUnavailable as error:
            _log("not published to the remote store", error)
        yield publication
        if publication:
            _let_go(store, directory)


def let_go(directory: DataDirectory) -> None:
    """Drop what no snapshot of the directory needs from its store, where there is one; else `follow` does it later."""
    if store := attached(directory):
        with alone(directory):
            _let_go(store, directory)


def _let_go(store: RemoteStore, directory: DataDirectory) -> None:
    try:
        tidy(store, directory.snapshots)
    except StoreUnavailable as error:
        _log("earlier publications are left in the remote store", error)


def _log(event: str, error: StoreUnavailable) -> None:
    fields = {"reason": error.message, "where": error.where, "hint": error.hint}
    logging.getLogger("augenblick").warning(event, extra={"fields": fields})


def published(store: RemoteStore, earlier: Publication | None, changes: Changes | None, lines: Lines) -> Publication:
    """Publish the lines, and return the publication, sealed.

    `changes` are those since the one before, `earlier`, which the store holds; None where they are not known. Raises
    `StoreUnavailable`.
    """
    if changes is None or earlier is None:
        writing = _Writing(store, {})
        writing.whole(lines(), None)
        _confirm_restricted(store, writing.copies)
    elif not changes.added and not changes.removed:
        return earlier
    else:
        writing = _Writing(store, earlier.copies)
        writing.changed(changes, lines)
    return writing.sealed(earlier)


def holds(store: RemoteStore, publication: Publication) -> bool:
    """Say whether a store holds a publication whole.

    Raises `StoreUnavailable`.
    """
    return bool(asked(store, publication.seal(named=True), seconds=LOOKING)["boolean"])


class _Writing:
    """A publication on its way: what it shares with the one before, and what it has written."""

    def __init__(self, store: RemoteStore, shared: dict[str, Copy]) -> None:
        self._store = store
        self._iri = f"{store.registry}:{secrets.token_hex(8)}"
        self.copies = dict(shared)
        self._written: set[str] = set()
        self._free: list[tuple[str, str]] | None = None
        """Graph and triple of all that is known by its own name, too; None while that is as it was."""

    def whole(self, lines: Iterable[bytes], graphs: Collection[str] | None) -> None:
        """Write all lines, or those of some graphs, into new graphs."""
        waiting: dict[str, list[str]] = defaultdict(list)
        blank: dict[str, list[str]] = defaultdict(list)
        counts: dict[str, int] = defaultdict(int)
        size = 0
        free: list[tuple[str, str]] = []
        for line in lines:
            graph, triple = parted(line)
            if graphs is not None and graph not in graphs:
                continue
            counts[graph] += 1
            if not is_compartment(graph):
                free.append((graph, triple))
            if _is_blank(line):  # a label means the same within one update only
                blank[graph].append(triple)
                continue
            waiting[graph].append(triple)
            size += len(triple)
            if size > PIECE:
                self._insert(waiting)
                size = 0
        self._insert(waiting)
        self._insert(blank)
        if graphs is None or any(not is_compartment(graph) for graph in graphs):
            self._free = free
        self.copies |= {graph: Copy(self._name(graph), count) for graph, count in counts.items()}

    def changed(self, changes: Changes, lines: Lines) -> None:
        """Write what changed; graphs that hold blank nodes, or are known by their own name, are written as a whole."""
        added, removed = _by_graph(changes.added), _by_graph(changes.removed)
        touched = {*added, *removed}
        anew = {g for g in touched if not is_compartment(g)}
        anew |= {parted(line)[0] for line in (*changes.added, *changes.removed) if _is_blank(line)}
        if any(not is_compartment(g) for g in anew):
            anew |= {g for g in self.copies if not is_compartment(g)}
        for graph in anew:
            self.copies.pop(graph, None)
        if anew:
            self.whole(lines(), anew)
        for graph in sorted(touched - anew):
            self._change(graph, added[graph], removed[graph])

    def _change(self, graph: str, added: list[str], removed: list[str]) -> None:
        old, name = self.copies.get(graph), self._name(graph)
        if old is not None and old.triples:
            update(self._store, f"{self._begun([graph])} COPY GRAPH <{old.name}> TO GRAPH <{name}>")
        for verb, triples in (("DELETE", removed), ("INSERT", added)):
            for piece in _pieces(triples):
                update(self._store, f"{self._begun([graph])} {verb} DATA {{ {_block(name, piece)} }}")
        self.copies[graph] = Copy(name, (old.triples if old else 0) + len(added) - len(removed))
        if not self.copies[graph].triples:
            del self.copies[graph]

    def _insert(self, waiting: dict[str, list[str]]) -> None:
        if waiting:
            blocks = " ".join(_block(self._name(graph), triples) for graph, triples in waiting.items())
            update(self._store, f"{self._begun(waiting)} INSERT DATA {{ {blocks} }}")
            waiting.clear()

    def _begun(self, graphs: Iterable[str]) -> str:
        """Return the operation that notes which graphs are about to be written: so they are found after a crash."""
        new = [name for graph in graphs if (name := self._name(graph)) not in self._written]
        self._written.update(new)
        noted = " ".join(f"<{self._iri}> {HOLDS} <{name}> ." for name in new)
        return f"INSERT DATA {{ GRAPH <{self._store.registry}> {{ {noted} }} }} ;" if new else ""

    def _name(self, graph: str) -> str:
        return f"{self._iri}:{graph}"

    def sealed(self, earlier: Publication | None) -> Publication:
        """Confirm that the store holds what was written, show what has names of its own, and seal."""
        self._confirm_counts()
        named = earlier.named if earlier and self._free is None else self._name_free(self._free or [], earlier)
        update(self._store, f"INSERT DATA {{ GRAPH <{self._store.registry}> {{ <{self._iri}> {SEALED} true }} }}")
        return Publication(self._store.query, self._store.registry, self._iri, self.copies, named)

    def _confirm_counts(self) -> None:
        wanted = {copy.name: copy.triples for copy in self.copies.values() if copy.name in self._written}
        names = sorted(wanted)
        for at in range(0, len(names), _GRAPHS_AT_ONCE):
            some = names[at : at + _GRAPHS_AT_ONCE]
            clauses = " ".join(f"FROM NAMED <{name}>" for name in some)
            query = f"SELECT ?g (COUNT(*) AS ?n) {clauses} {{ GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
            rows = asked(self._store, query)["results"]["bindings"]
            counts = {row["g"]["value"]: int(row["n"]["value"]) for row in rows if "g" in row}
            if any(counts.get(name, 0) != wanted[name] for name in some):
                raise unavailable("incomplete", self._store.query)

    def _name_free(self, free: list[tuple[str, str]], earlier: Publication | None) -> str:
        """Put the graphs known by their own names there, all in one update; return in which state."""
        registry = self._store.registry
        digest = hashlib.sha256("".join(f"{g} {triple}" for g, triple in free).encode()).hexdigest()
        if earlier and earlier.named.startswith(digest):
            return earlier.named
        named = f"{digest} {secrets.token_hex(8)}"
        by_graph: dict[str, list[str]] = defaultdict(list)
        for graph, triple in free:
            by_graph[graph].append(triple)
        query = f"SELECT ?g FROM NAMED <{registry}> {{ GRAPH <{registry}> {{ <{registry}> {NAMES} ?g }} }}"
        before = {row["g"]["value"] for row in asked(self._store, query)["results"]["bindings"]}
        drops = " ".join(f"DROP SILENT GRAPH <{graph}> ;" for graph in sorted({*before, *by_graph}))
        noted = " ".join(f"<{registry}> {NAMES} <{graph}> ." for graph in by_graph)
        blocks = " ".join(_block(graph, triples) for graph, triples in by_graph.items())
        update(
            self._store,
            f"DELETE WHERE {{ GRAPH <{registry}> {{ <{registry}> ?said ?what }} }} ; {drops} "
            f"INSERT DATA {{ {blocks} GRAPH <{registry}> {{ {noted} }} }} ; "
            f'INSERT DATA {{ GRAPH <{registry}> {{ <{registry}> {NAMED} "{named}" }} }}',
        )
        return named


def _confirm_restricted(store: RemoteStore, copies: dict[str, Copy]) -> None:
    """Raise `StoreUnavailable` unless the store answers from the graphs a request names only, whatever a query says."""
    name = next((copy.name for copy in copies.values() if copy.triples), None)
    if name is None:
        return
    anything = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }"
    trials = [
        (f"ASK {{ {anything} }}", dataset_pairs([], []), False),
        (f"ASK FROM <{name}> FROM NAMED <{name}> {{ {anything} }}", dataset_pairs([], []), False),
        ("ASK { ?s ?p ?o }", dataset_pairs([name], []), True),
        ("ASK { GRAPH ?g { ?s ?p ?o } }", dataset_pairs([name], []), False),
        ("ASK { ?s ?p ?o }", dataset_pairs([], [name]), False),
    ]
    if any(asked(store, query, pairs)["boolean"] is not told for query, pairs, told in trials):
        raise unavailable("unrestricted", store.query)


def confirm(store: RemoteStore, publication: Publication) -> None:
    """Raise `StoreUnavailable` unless the store holds a publication and restricts queries to the graphs they name."""
    if not holds(store, publication):
        raise unavailable("replaced", store.query)
    _confirm_restricted(store, publication.copies)


def tidy(store: RemoteStore, snapshots: Path) -> None:
    """Drop from a store what no snapshot needs: seals first, then graphs.

    Raises `StoreUnavailable`.
    """
    found = (publication_of(folder, store) for folder in snapshots.iterdir() if folder.is_dir())
    kept = [publication for publication in found if publication]
    needed = {copy.name for publication in kept for copy in publication.copies.values()}
    registry = store.registry
    query = (
        f"SELECT ?p ?g ?sealed FROM NAMED <{registry}> {{ GRAPH <{registry}> {{ {{ ?p {HOLDS} ?g }} "
        f"UNION {{ ?p {SEALED} ?sealed }} }} }}"
    )
    rows = asked(store, query)["results"]["bindings"]
    known = {publication.iri for publication in kept}
    ended = sorted({row["p"]["value"] for row in rows if "sealed" in row} - known)
    held = [(row["p"]["value"], row["g"]["value"]) for row in rows if "g" in row]
    gone = [(iri, graph) for iri, graph in held if graph not in needed]
    if ended:
        said = " ".join(f"<{iri}> {SEALED} true ." for iri in ended)
        update(store, f"DELETE DATA {{ GRAPH <{registry}> {{ {said} }} }}")
    for at in range(0, len(gone), _GRAPHS_AT_ONCE):
        some = gone[at : at + _GRAPHS_AT_ONCE]
        drops = " ".join(f"DROP SILENT GRAPH <{graph}> ;" for _, graph in some)
        said = " ".join(f"<{iri}> {HOLDS} <{graph}> ." for iri, graph in some)
        update(store, f"{drops} DELETE DATA {{ GRAPH <{registry}> {{ {said} }} }}")


def parted(line: bytes) -> tuple[str, str]:
    """Return the graph of an N-Quads line, and its triple as SPARQL takes it."""
    triple, _, graph = line.decode().rstrip().rpartition(" <")
    return graph[: graph.rindex(">")], f"{_ESCAPED.sub(_unmistakable, triple)} .\n"


def _unmistakable(match: re.Match[str]) -> str:
    """Write what follows a backslash in a text so that no parser takes it for a letter's number."""
    letter = match[1]
    return f"\\\\\\u{ord(letter):04X}" if letter else match[0]


def _is_blank(line: bytes) -> bool:
    subject, _, rest = line.split(b" ", 2)
    return subject.startswith(b"_:") or rest.startswith(b"_:")


def _by_graph(lines: Iterable[bytes]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        graph, triple = parted(line)
        found[graph].append(triple)
    return found


def _block(graph: str, triples: list[str]) -> str:
    return f"GRAPH <{graph}> {{ {''.join(triples)} }}"


def _pieces(triples: list[str]) -> Iterator[list[str]]:
    piece: list[str] = []
    size = 0
    for triple in triples:
        piece.append(triple)
        size += len(triple)
        if size > PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
