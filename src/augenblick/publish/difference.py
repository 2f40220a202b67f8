"""A few quads of the published graph replaced by others, without the rest being looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from augenblick.model.errors import NotLoaded
from augenblick.publish.snapshots import GRAPH_FILE, MARK, STORE, PublishReport, digest, next_snapshot
from augenblick.store import DataDirectory


@dataclass(frozen=True)
class Belonging:
    """How things of the graph lead to those they belong to: predicates from thing to owner, and from owner to thing."""

    towards: Sequence[str]
    away: Sequence[str]


def replace_some(
    directory: DataDirectory,
    owners: Iterable[str],
    belonging: Belonging,
    quads: Iterable[ox.Quad],
    openings: Iterable[ox.Quad],
    access_graph: str,
) -> PublishReport | None:
    """Publish `quads` in place of all that is published of the owners (IRIs) and what belongs to them.

    `openings` are the quads that say to whom graphs are open; those of graphs nothing is left in go. None where
    nothing is otherwise than before. Raises `NotLoaded` where the live store is not whole: then all is published anew.
    """
    live = directory.live_store
    mark = live / MARK
    if not ((live / GRAPH_FILE).exists() and mark.exists()):
        raise NotLoaded("Nothing has been published that could be changed.", where=str(directory.path))
    store = ox.Store(str(live / STORE))
    old = set(_owned(store, [ox.NamedNode(iri) for iri in owners], belonging))
    new = set(quads)
    added, removed = new - old, old - new
    added |= {quad for quad in openings if quad not in store}
    if not added and not removed:
        return None
    mark.unlink()  # a crash from here on leads to a whole load next time
    for quad in removed:
        store.remove(quad)
    store.extend(added)
    emptied = set(_closed(store, {str(quad.graph_name)[1:-1] for quad in removed}, ox.NamedNode(access_graph)))
    for quad in emptied:
        store.remove(quad)
    store.flush()
    del store
    count = _merge(live / GRAPH_FILE, sorted(map(_line, added)), {_line(quad) for quad in removed | emptied})
    mark.write_text(digest(live / GRAPH_FILE))
    return PublishReport(next_snapshot(directory), count, len(added), len(removed) + len(emptied))


def _owned(store: ox.Store, owners: list[ox.NamedNode], belonging: Belonging) -> Iterator[ox.Quad]:
    """Yield the quads of the owners and of all that belongs to them."""
    seen = set(owners)
    waiting = list(owners)
    while waiting:
        node = waiting.pop()
        found = [
            *(q.subject for p in belonging.towards for q in store.quads_for_pattern(None, ox.NamedNode(p), node)),
            *(q.object for p in belonging.away for q in store.quads_for_pattern(node, ox.NamedNode(p), None)),
        ]
        fresh = [each for each in dict.fromkeys(found) if isinstance(each, ox.NamedNode) and each not in seen]
        seen.update(fresh)
        waiting += fresh
    for node in seen:
        yield from store.quads_for_pattern(node, None, None)


def _closed(store: ox.Store, graphs: set[str], access: ox.NamedNode) -> Iterator[ox.Quad]:
    """Yield what says to whom graphs are open of whose compartment no stage holds anything any more."""
    said = store.quads_for_pattern(None, None, None, access)
    opened = {quad.subject for quad in said if isinstance(quad.subject, ox.NamedNode)}
    for graph in graphs:
        stage, slash, name = graph.partition("/graph/")[2].partition("/")
        if not slash:
            continue
        same = [each for each in opened if each.value.endswith(f"/{name}")]
        if stage and not any(next(store.quads_for_pattern(None, None, None, each), None) for each in same):
            for each in same:
                yield from store.quads_for_pattern(each, None, None, access)


def _line(quad: ox.Quad) -> bytes:
    return f"{quad.subject} {quad.predicate} {quad.object} {quad.graph_name} .\n".encode()


def _merge(file: Path, added: Sequence[bytes], removed: set[bytes]) -> int:
    """Write sorted lines into a sorted file and take others out of it; return how many there are then."""
    new = file.with_name(file.name + ".new")
    count, waiting = 0, list(reversed(added))
    with file.open("rb") as lines, new.open("wb") as merged:
        for line in lines:
            while waiting and waiting[-1] < line:
                merged.write(waiting.pop())
                count += 1
            if line not in removed:
                merged.write(line)
                count += 1
        for line in reversed(waiting):
            merged.write(line)
            count += 1
    new.replace(file)
    return count
