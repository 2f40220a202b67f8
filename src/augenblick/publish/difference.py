"""A few quads of the published graph replaced by others, without the rest being looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyoxigraph as ox

from augenblick.model.errors import NotLoaded
from augenblick.publish import graph_file
from augenblick.publish.mirror import Changes
from augenblick.publish.snapshots import STORE, PublishReport, is_shown, next_snapshot
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
    count, shown = _count(directory), is_shown(directory)
    with _live(directory) as store:
        old = set(_owned(store, [ox.NamedNode(iri) for iri in owners], belonging))
        new = set(quads)
        added, removed = new - old, old - new
        added |= {quad for quad in openings if quad not in store}
        if not added and not removed:
            return None
        mark = _begun(directory)
        for quad in removed:
            store.remove(quad)
        store.extend(added)
        emptied = set(_closed(store, {str(quad.graph_name)[1:-1] for quad in removed}, ox.NamedNode(access_graph)))
        for quad in emptied:
            store.remove(quad)
        store.flush()
        added, removed = added - emptied, removed | (emptied - added)
        changes = _noted(directory, mark, count + len(added) - len(removed), added, removed)
        if not directory.kept_open:
            graph_file.settle(directory.live_store)
        number = next_snapshot(directory, changes if shown else None, store)
        return PublishReport(number, count + len(added) - len(removed), len(added), len(removed))


def replace_values(directory: DataDirectory, predicate: str, values: Mapping[str, ox.Literal]) -> PublishReport | None:
    """Publish literals in place of the values that subjects (IRIs) have of a predicate, in the graphs they lie in.

    A subject without such a value gets none. None where nothing is otherwise than before. Raises `NotLoaded` as
    `replace_some` does.
    """
    count, shown = _count(directory), is_shown(directory)
    with _live(directory) as store:
        added, removed = set(), set()
        for subject, value in values.items():
            for old in store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None):
                new = ox.Quad(old.subject, old.predicate, value, old.graph_name)
                if new != old:
                    added.add(new)
                    removed.add(old)
        if not added:
            return None
        mark = _begun(directory)
        for quad in removed:
            store.remove(quad)
        store.extend(added)
        store.flush()
        changes = _noted(directory, mark, count, added, removed)
        return PublishReport(
            next_snapshot(directory, changes if shown else None, store), count, len(added), len(removed)
        )


@contextmanager
def _live(directory: DataDirectory) -> Iterator[ox.Store]:
    """Give the live store, kept open as long as the databases are; after an error it is opened anew."""
    try:
        yield directory.kept_beside(lambda: ox.Store(str(directory.live_store / STORE)))
    except BaseException:
        directory.close_beside()
        raise


def _count(directory: DataDirectory) -> int:
    """Return how many quads are published; raise `NotLoaded` where the live store may not hold just these."""
    mark = graph_file.read_mark(directory.live_store)
    if mark is None or not (directory.live_store / graph_file.GRAPH_FILE).exists():
        raise NotLoaded("Nothing has been published that could be changed.", where=str(directory.path))
    return mark[1]


def _begun(directory: DataDirectory) -> str:
    """Take the mark away, so that a crash from here on leads to a whole load next time; return its digest."""
    mark = graph_file.read_mark(directory.live_store)
    (directory.live_store / graph_file.MARK).unlink()
    return mark[0] if mark else ""


def _noted(directory: DataDirectory, mark: str, count: int, added: set[ox.Quad], removed: set[ox.Quad]) -> Changes:
    changes = Changes([_line(quad) for quad in added], [_line(quad) for quad in removed])
    graph_file.change(directory.live_store, changes.added, changes.removed)
    graph_file.write_mark(directory.live_store, mark, count)
    return changes


def _owned(store: ox.Store, owners: list[ox.NamedNode], belonging: Belonging) -> Iterator[ox.Quad]:
    """Yield the quads of the owners and of all that belongs to them."""
    towards, away = set(map(ox.NamedNode, belonging.towards)), set(map(ox.NamedNode, belonging.away))
    seen = set(owners)
    waiting = list(owners)
    while waiting:
        node = waiting.pop()
        said = list(store.quads_for_pattern(node, None, None))
        # One look at all that leads to a node takes less than one for each predicate: nearly all of it belongs to it.
        found = [
            *(q.subject for q in store.quads_for_pattern(None, None, node) if q.predicate in towards),
            *(q.object for q in said if q.predicate in away),
        ]
        fresh = [each for each in dict.fromkeys(found) if isinstance(each, ox.NamedNode) and each not in seen]
        seen.update(fresh)
        waiting += fresh
        yield from said


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
