"""Where a snapshot lies in a remote store: under which names its graphs are there, and how to see that they still are.

Every publication has graphs of its own, apart from those that are as they were: nothing of one that is sealed is ever
written to. Its seal is broken before any of its graphs goes. `GRAPH` sees graphs by their own names: of those it may
name, the ontology above all, there is a copy under that name, too, replaced in one update.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from augenblick.publish.query import unescaped
from augenblick.publish.remote import RemoteStore, unavailable

FILE = "remote.json"
_VOCABULARY = "urn:augenblick:"
SEALED = f"<{_VOCABULARY}sealed>"
HOLDS = f"<{_VOCABULARY}holds>"
NAMED = f"<{_VOCABULARY}named>"
NAMES = f"<{_VOCABULARY}names>"
"""What the registry says: a publication is sealed, and holds a graph; what stands under names of their own is in this
state, and which names these are."""


@dataclass(frozen=True)
class Copy:
    """A graph in the remote store: its name there and how many triples it has."""

    name: str
    triples: int


@dataclass(frozen=True)
class Publication:
    """A snapshot in a remote store."""

    store: str
    """The address of its queries."""
    registry: str
    iri: str
    copies: dict[str, Copy]
    """By the graphs' names here."""
    named: str
    """The state of the graphs that stand there under their own names: their digest, and which writing of it."""

    def names(self, graphs: Iterable[str]) -> list[str]:
        """Return what graphs are called in the store, those that are there."""
        return [self.copies[graph].name for graph in graphs if graph in self.copies]

    def seal(self, *, named: bool) -> str:
        """Return the query whether the store holds the publication; `named`: also under the graphs' own names."""
        also = f'<{self.registry}> {NAMED} "{self.named}" .' if named else ""
        said = f"<{self.iri}> {SEALED} ?sealed . {also}"
        return f"ASK FROM NAMED <{self.registry}> {{ GRAPH <{self.registry}> {{ {said} }} }}"

    def keep(self, folder: Path) -> None:
        """Note it with its snapshot."""
        new = folder / f"{FILE}.new"
        new.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")
        new.replace(folder / FILE)


def publication_of(snapshot: Path, store: RemoteStore) -> Publication | None:
    """Return where a snapshot lies in the store; None where it was not brought there."""
    file = snapshot / FILE
    if not file.exists():
        return None
    said = json.loads(file.read_text(encoding="utf-8"))
    copies = {graph: Copy(**copy) for graph, copy in said.pop("copies").items()}
    found = Publication(**said, copies=copies)
    return found if (found.store, found.registry) == (store.query, store.registry) else None


def there(snapshot: Path, store: RemoteStore) -> Publication:
    """Return where a snapshot lies in the store.

    Raises `StoreUnavailable` where it was not brought there.
    """
    found = publication_of(snapshot, store)
    if found is None:
        raise unavailable("behind", store.query)
    return found


def led(request: dict[str, Any], publication: Publication, store: RemoteStore) -> dict[str, Any]:
    """Return a worker's request on a snapshot as one to the store that holds it."""
    remote = {
        "query": store.query,
        "authorization": store.authorization,
        "seconds": store.seconds,
        "sealed": publication.seal(named="GRAPH" in unescaped(request["query"]).upper()),
    }
    return request | {"default": publication.names(request["default"]), "remote": remote}
