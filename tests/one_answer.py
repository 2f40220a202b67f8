"""What a worker answers on a store, without a process of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox

from augenblick.publish.ordering import in_order
from augenblick.publish.worker import Answering


class _On(Answering):
    def __init__(self, store: ox.Store, out: io.BytesIO) -> None:
        super().__init__(out)
        self._given = store

    def _open(self, path: str) -> ox.Store:
        return self._given


def answer(store: ox.Store, query: str, default: Sequence[str], named: Sequence[str] = (), **wanted: Any) -> bytes:
    """Return what the query is answered by, in TSV, CSV (ASK) or N-Triples; `SyntaxError` with what is wrong of it."""
    out = io.BytesIO()
    forms = {"results": "tsv", "graphs": "ntriples", "prefixes": {}}
    task = {**in_order(query).task, "store": "", "default": list(default), "named": list(named)}
    _On(store, out).answer({**task, **forms, **wanted})
    content = b""
    out.seek(0)
    while head := out.read(5):
        frame = out.read(int.from_bytes(head[1:], "big"))
        content += frame if head[:1] == b"D" else b""
        if head[:1] == b"E" and (end := json.loads(frame)):
            raise SyntaxError(end["error"])
    return content
