"""From a canonical N-Quads file to an immutable Oxigraph snapshot that readers open.

The live store is written by one publisher only. It holds exactly the quads of `live/graph.nq`; a later
publish writes the difference of the two files. `Store.backup` makes a snapshot of hard links.
"""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyoxigraph

from augenblick.model.errors import NotLoaded
from augenblick.publish import graph_file, mirror
from augenblick.publish.graph_file import GRAPH_FILE, LATER, MARK
from augenblick.publish.mirror import Changes
from augenblick.publish.publication import Publication, publication_of
from augenblick.publish.remote import attached
from augenblick.store import DataDirectory

TEXT_ORDER = "s, p, o, g"
"""No term begins another but for what sorts after a blank, so terms in this order are lines in order."""
_LINE = "concat(s, ' ', p, ' ', o, ' ', g, ' .')"
"""SQL for the N-Quads line of a quad in columns g, s, p, o."""
STORE = "store"
LAST = "last"
"""The file that keeps the number of the last snapshot when all are dropped."""
KEPT_SNAPSHOTS = 3
DIFFERENCE_LIMIT = 0.3
"""A difference larger than this share of the graph is slower to apply than a fresh bulk load."""
SORTING_MEMORY = "3000MB"
"""What DuckDB may hold while it sorts the graph; the rest of the sort goes to its temporary files.

To write and read these takes a quarter of the sort: four million quads fit in.
"""
IDLE_MEMORY = "256MB"
"""What DuckDB may go on holding when Oxigraph begins to load."""


@dataclass(frozen=True)
class PublishReport:
    """What one publish did: quads in the graph, quads added and removed, and the snapshot's number."""

    snapshot: int
    quads: int
    added: int
    removed: int

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)


def write_nquads(connection: duckdb.DuckDBPyConnection, quads_sql: str, path: Path, *, order: str = TEXT_ORDER) -> int:
    """Write the quads as canonical N-Quads (sorted lines) and return their number.

    `quads_sql` selects columns g, s, p, o holding terms in N-Triples form; g is a graph IRI. `order` sorts them as
    their text does, perhaps by numbers that stand for it.
    """
    # No quoting: an N-Quads line holds no line break and no control character.
    # The file is written by one thread in the order of the sort.
    options = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
    target = str(path).replace("'", "''")
    copy = f"COPY (SELECT {_LINE} FROM ({quads_sql}) ORDER BY {order}) TO '{target}' ({options})"
    try:
        with _holding(connection, SORTING_MEMORY):
            row = connection.execute(copy).fetchone()
    except duckdb.OutOfMemoryException:  # not all of it can be spilled: a large graph takes what it needs
        row = connection.execute(copy).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _holding(connection: duckdb.DuckDBPyConnection, memory: str) -> Iterator[None]:
    """Let DuckDB hold no more than so much memory meanwhile (where it cannot shrink that far, as much as before)."""
    (before, smaller) = connection.execute(
        f"SELECT current_setting('memory_limit'), parse_formatted_bytes(current_setting('memory_limit')) "
        f"<= parse_formatted_bytes('{memory}')"
    ).fetchone() or ("", True)
    if smaller:
        yield
        return
    try:
        with suppress(duckdb.OutOfMemoryException):
            connection.execute(f"SET memory_limit = '{memory}'")
        yield
    finally:
        connection.execute(f"SET memory_limit = '{before}'")


def publish(
    directory: DataDirectory,
    connection: duckdb.DuckDBPyConnection,
    quads_sql: str,
    *,
    order: str = TEXT_ORDER,
    meanwhile: Callable[[], object] = lambda: None,
) -> PublishReport:
    """Publish the graph as a new snapshot and return what changed against the one before.

    `quads_sql` and `order` as `write_nquads` takes them. `meanwhile` is called once the graph is written, before there
    is a snapshot of it: beside Oxigraph, where it loads the whole graph.
    """
    live = directory.live_store
    live.mkdir(parents=True, exist_ok=True)
    directory.close_beside()  # the live store is opened anew
    new = live / f"{GRAPH_FILE}.new"
    count = write_nquads(connection, quads_sql, new, order=order)
    shown = is_shown(directory)
    added, removed, changes = _bring_up_to_date(connection, live, new, count, meanwhile)
    return PublishReport(next_snapshot(directory, changes if shown else None), count, added, removed)


def next_snapshot(directory: DataDirectory, changes: Changes | None, store: pyoxigraph.Store | None = None) -> int:
    """Take a snapshot of the live store, let go of the oldest, and return its number.

    `changes` are those since the newest snapshot, None where they are not known; `store` is the live store where it is
    open: to open it takes as long as to back it up. Where the directory is published to a remote store, too, the
    snapshot is there before it bears its number; where that fails, `follow` tries again.
    """
    number = _next_number(directory)
    live, before = directory.live_store, _newest(directory)
    with mirror.beside(directory, before, changes, lambda: graph_file.lines(live)) as publication:
        _take_snapshot(live, directory.snapshots, number, publication, store)
        _rotate(directory.snapshots)
    return number


def is_shown(directory: DataDirectory) -> bool:
    """Say whether the live store holds just what the newest snapshot does."""
    newest = _newest(directory)
    return newest is not None and graph_file.same(directory.live_store, newest)


def follow(directory: DataDirectory) -> bool:
    """See to it that what is published is in the remote store, where there is one; return whether it was not.

    Raises `NotLoaded` where nothing is published, `StoreUnavailable` where the store does not do it.
    """
    store = attached(directory)
    if store is None:
        return False
    with mirror.alone(directory):
        snapshot = current_snapshot(directory)
        known = publication_of(snapshot, store)
        there = known is not None and mirror.holds(store, known)
        if not there:
            mirror.published(store, None, None, lambda: graph_file.lines(snapshot)).keep(snapshot)
        mirror.tidy(store, directory.snapshots)
        return not there


def current_snapshot(directory: DataDirectory) -> Path:
    """Return the newest complete snapshot's folder.

    Raises `NotLoaded` when nothing was published yet.
    """
    newest = _newest(directory)
    if newest is None:
        raise NotLoaded(
            "Nothing has been published yet.",
            where=str(directory.path),
            hint="run `augenblick ingest FOLDER` and `augenblick detect` first",
        )
    return newest


def _newest(directory: DataDirectory) -> Path | None:
    numbers = _numbers(directory.snapshots)
    return directory.snapshots / f"{numbers[-1]:06d}" if numbers else None


def _bring_up_to_date(
    connection: duckdb.DuckDBPyConnection, live: Path, new: Path, count: int, meanwhile: Callable[[], object]
) -> tuple[int, int, Changes | None]:
    """Let the store hold the new file's quads; return how many came and went, and which where that is known."""
    graph_file.settle(live)
    old = live / GRAPH_FILE
    mark = graph_file.read_mark(live)
    whole = not (old.exists() and mark is not None and mark[0] == graph_file.digest(old))
    added, removed = (count, 0) if whole else _difference_size(connection, old, new)
    changes: Changes | None = None
    (live / MARK).unlink(missing_ok=True)  # a crash from here on leads to a whole load next time
    if whole or added + removed > DIFFERENCE_LIMIT * max(count, 1):
        shutil.rmtree(live / STORE, ignore_errors=True)
        store = pyoxigraph.Store(str(live / STORE))
        with _loading(store, new):
            with _holding(connection, IDLE_MEMORY):  # lets go of what the sort left
                blank, digest = _blank(new), graph_file.digest(new)
            meanwhile()
        _keep_labels(store, blank)
    else:
        meanwhile()
        store = pyoxigraph.Store(str(live / STORE))
        changes = Changes((), ())
        if added or removed:
            changes = Changes(_difference(connection, new, old), _difference(connection, old, new))
            for quad in _parsed(b"".join(changes.removed)):
                store.remove(quad)
            store.extend(_parsed(b"".join(changes.added)))
        digest = graph_file.digest(new)
    store.flush()
    del store
    (live / LATER).unlink(missing_ok=True)
    new.replace(old)
    graph_file.write_mark(live, digest, count)
    return added, removed, changes


@contextmanager
def _loading(store: pyoxigraph.Store, file: Path) -> Iterator[None]:
    """Load a file in a thread of its own meanwhile, and wait for it; what goes wrong there is raised here."""
    with ThreadPoolExecutor(1, thread_name_prefix="bulk-load") as beside:
        loaded = beside.submit(store.bulk_load, path=str(file), format=pyoxigraph.RdfFormat.N_QUADS, lenient=True)
        yield
        loaded.result()


def _blank(file: Path) -> list[pyoxigraph.Quad]:
    """Return the quads of a file that speak of blank nodes; they are few, the ontology's."""
    if not file.stat().st_size:
        return []
    found = []
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        place = text.find(b"_:")
        while place >= 0:
            end = text.find(b"\n", place) + 1
            found.append(text[text.rfind(b"\n", 0, place) + 1 : end])
            place = text.find(b"_:", end)
    return [quad for quad in _parsed(b"".join(found)) if _speaks_of_blank(quad)]


def _keep_labels(store: pyoxigraph.Store, quads: list[pyoxigraph.Quad]) -> None:
    """Give blank nodes back the labels a bulk load takes from them: by these a later difference finds them."""
    for graph in {quad.graph_name for quad in quads}:
        for quad in list(store.quads_for_pattern(None, None, None, graph)):
            if _speaks_of_blank(quad):
                store.remove(quad)
    store.extend(quads)


def _speaks_of_blank(quad: pyoxigraph.Quad) -> bool:
    return isinstance(quad.subject, pyoxigraph.BlankNode) or isinstance(quad.object, pyoxigraph.BlankNode)


def _parsed(lines: bytes) -> list[pyoxigraph.Quad]:
    return list(pyoxigraph.parse(lines, format=pyoxigraph.RdfFormat.N_QUADS))


def _difference_sql(first: Path, second: Path) -> str:
    return f"SELECT line FROM {_lines(first)} EXCEPT SELECT line FROM {_lines(second)}"


def _lines(path: Path) -> str:
    name = str(path).replace("'", "''")
    return (
        f"read_csv('{name}', columns={{'line': 'VARCHAR'}}, header=false, quote='', escape='', "
        f"delim='\x01', auto_detect=false, max_line_size=20000000)"
    )


def _difference_size(connection: duckdb.DuckDBPyConnection, old: Path, new: Path) -> tuple[int, int]:
    counts = [
        (connection.execute(f"SELECT count(*) FROM ({_difference_sql(a, b)})").fetchone() or (0,))[0]
        for a, b in ((new, old), (old, new))
    ]
    return int(counts[0]), int(counts[1])


def _difference(connection: duckdb.DuckDBPyConnection, first: Path, second: Path) -> list[bytes]:
    rows = connection.execute(f"{_difference_sql(first, second)} ORDER BY line").fetchall()
    return [f"{line}\n".encode() for (line,) in rows]


def _take_snapshot(
    live: Path, snapshots: Path, number: int, publication: Publication | None, store: pyoxigraph.Store | None
) -> None:
    snapshots.mkdir(parents=True, exist_ok=True)
    unfinished = snapshots / f"{number:06d}.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    (store or pyoxigraph.Store(str(live / STORE))).backup(str(unfinished / STORE))
    for name in (GRAPH_FILE, LATER):
        if (live / name).exists():
            os.link(live / name, unfinished / name)
    if publication:
        publication.keep(unfinished)
    unfinished.rename(snapshots / f"{number:06d}")


def _numbers(snapshots: Path) -> list[int]:
    if not snapshots.is_dir():
        return []
    return sorted(int(entry.name) for entry in snapshots.iterdir() if entry.name.isdigit())


def _next_number(directory: DataDirectory) -> int:
    last = directory.snapshots / LAST
    return max(*_numbers(directory.snapshots), int(last.read_text("ascii")) if last.exists() else 0, 0) + 1


def drop_snapshots(directory: DataDirectory) -> None:
    """Delete all snapshots; no later one takes the number of one that readers may have open or remember."""
    last = _next_number(directory) - 1
    shutil.rmtree(directory.snapshots, ignore_errors=True)
    if last:
        directory.snapshots.mkdir(parents=True)
        (directory.snapshots / LAST).write_text(f"{last}\n", "ascii")


def drop_earlier(directory: DataDirectory) -> None:
    """Delete all snapshots but the newest."""
    for number in _numbers(directory.snapshots)[:-1]:
        shutil.rmtree(directory.snapshots / f"{number:06d}", ignore_errors=True)
    mirror.let_go(directory)


def _rotate(snapshots: Path) -> None:
    for number in _numbers(snapshots)[:-KEPT_SNAPSHOTS]:
        shutil.rmtree(snapshots / f"{number:06d}", ignore_errors=True)
