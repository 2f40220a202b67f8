"""The process that has a remote store answer SPARQL, and sends on what that says as `worker.py` would.

It is run as a file by itself, as `worker.py` is, and speaks as that does: forms, order and limits are the same. A query
is read here before it goes out, and its answer counts only if the store holds the publication asked when it ends.
"""

from __future__ import annotations

import json
import runpy
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

if TYPE_CHECKING:
    from augenblick.publish import protocol, worker
else:  # files by themselves, as this is
    _files = (Path(__file__).with_name(f"{name}.py") for name in ("protocol", "worker"))
    protocol, worker = (SimpleNamespace(**runpy.run_path(str(file))) for file in _files)


class Asking(worker.Answering):
    """Answers requests by asking a store: `remote` in them says where, as whom, and what it must hold."""

    def _answer(self, request: dict[str, Any]) -> None:
        read = ox.Store().query(request["query"], prefixes=request["prefixes"], base_iri=request.get("base"))
        try:
            with ExitStack() as self._line:
                self._wants_triples = isinstance(read, ox.QueryTriples)
                super()._answer(request)
            self._confirm(request["remote"])
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise protocol.Refused("unreadable") from error

    def _found(self, request: dict[str, Any]) -> worker.Found:
        form = protocol.TRIPLES if self._wants_triples else protocol.JSON
        query = protocol.prologue(request.get("base"), request["prefixes"]) + request["query"]
        pairs = [("query", query), *protocol.dataset_pairs(request["default"], request["named"])]
        coming: Any = self._line.enter_context(self._sent(request["remote"], pairs, form))
        coming.confirm(form)
        if self._wants_triples:
            return (quad.triple for quad in ox.parse(coming, format=ox.RdfFormat.N_TRIPLES))
        return ox.parse_query_results(coming, format=ox.QueryResultsFormat.JSON)

    def _sent(self, remote: dict[str, Any], pairs: list[tuple[str, str]], accept: str) -> Any:
        said = {name: remote[name] for name in ("authorization", "seconds")}
        return protocol.sent(remote["query"], protocol.form_of(pairs), accept=accept, **said)

    def _confirm(self, remote: dict[str, Any]) -> None:
        """Raise `Refused` unless the publication stood all the while: it is unsealed before any of it goes."""
        with self._sent(remote, [("query", remote["sealed"])], protocol.JSON) as coming:
            coming.confirm(protocol.JSON)
            if not json.loads(coming.read())["boolean"]:
                raise protocol.Refused("replaced")

    def _end(self, error: Exception) -> dict[str, Any]:
        if isinstance(error, protocol.Refused):
            return {"error": error.reason, "kind": "remote"}
        return super()._end(error)


if __name__ == "__main__":
    worker.main(Asking, inside=False)
