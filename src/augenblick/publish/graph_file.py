"""The canonical text of what is published: `graph.nq`, sorted lines, and beside it what came and went since.

To write the whole file anew takes as long as the bank is large. So a change of a few quads is noted in `graph.later`,
which says of each line whether it is there now, and put into the file afterwards (`settle`) for all changes at once.
No file is changed once it is there: snapshots hold them by hard links.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

GRAPH_FILE = "graph.nq"
LATER = "graph.later"
MARK = "loaded.sha256"
"""Tells of which graph file, with what came and went later, the live store holds every quad, and how many these are.

Blank nodes are under their labels there. It is away while that is not sure.
"""


def lines(folder: Path) -> Iterator[bytes]:
    """Yield the sorted lines of what is published, or of a snapshot, as they are now."""
    changes = _changes(folder)
    waiting = sorted((line for line, there in changes.items() if there), reverse=True)
    with (folder / GRAPH_FILE).open("rb") as kept:
        for line in kept:
            while waiting and waiting[-1] < line:
                yield waiting.pop()
            if line not in changes:
                yield line
    yield from reversed(waiting)


def same(live: Path, snapshot: Path) -> bool:
    """Say whether a snapshot was taken of what is published now: their files are one."""
    pairs = [(live / name, snapshot / name) for name in (GRAPH_FILE, LATER)]
    return pairs[0][0].exists() and all(
        here.exists() == there.exists() and (not here.exists() or here.samefile(there)) for here, there in pairs
    )


def change(live: Path, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
    """Note which lines came and which went."""
    changes = _changes(live) | dict.fromkeys(removed, False) | dict.fromkeys(added, True)
    new = live / f"{LATER}.new"
    new.write_bytes(b"".join((b"+" if there else b"-") + line for line, there in changes.items()))
    new.replace(live / LATER)


def settle(live: Path) -> None:
    """Put what came and went later into the file; without a mark nothing is done, for all is published anew then."""
    mark, later = live / MARK, live / LATER
    if not (later.exists() and mark.exists()):
        return
    new = live / f"{GRAPH_FILE}.settled"
    count = 0
    with new.open("wb") as merged:
        for line in lines(live):
            merged.write(line)
            count += 1
    mark.unlink()
    new.replace(live / GRAPH_FILE)
    later.unlink()
    write_mark(live, digest(live / GRAPH_FILE), count)


def write_mark(live: Path, written: str, count: int) -> None:
    """Note that the store holds so many quads: those of the file with this digest and of what came and went since."""
    (live / MARK).write_text(f"{written} {count}\n", "ascii")


def read_mark(live: Path) -> tuple[str, int] | None:
    """Return the digest and the number of quads that the mark tells, None where there is none or of another release."""
    mark = live / MARK
    said = mark.read_text("ascii").split() if mark.exists() else []
    return (said[0], int(said[1])) if len(said) == 2 else None


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changes(folder: Path) -> dict[bytes, bool]:
    later = folder / LATER
    if not later.exists():
        return {}
    with later.open("rb") as noted:
        return {line[1:]: line.startswith(b"+") for line in noted}
