"""The process that runs one query: a JSON request in; a JSON header line and the serialized result out."""

from __future__ import annotations

import json
import sys
from typing import Any

import pyoxigraph

_RESULTS = {
    "json": pyoxigraph.QueryResultsFormat.JSON,
    "csv": pyoxigraph.QueryResultsFormat.CSV,
    "tsv": pyoxigraph.QueryResultsFormat.TSV,
    "xml": pyoxigraph.QueryResultsFormat.XML,
}
_GRAPHS = {"turtle": pyoxigraph.RdfFormat.TURTLE, "ntriples": pyoxigraph.RdfFormat.N_TRIPLES}


def answer(request: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Return the header and the serialized result of the request."""
    store = pyoxigraph.Store.read_only(request["store"])
    results = store.query(
        request["query"],
        prefixes=request["prefixes"],
        use_default_graph_as_union=True,
    )
    wanted = request["format"]
    if isinstance(results, pyoxigraph.QueryTriples):
        content = results.serialize(format=_GRAPHS.get(wanted, pyoxigraph.RdfFormat.TURTLE))
        return {"kind": "GRAPH"}, content or b""
    kind = "ASK" if isinstance(results, pyoxigraph.QueryBoolean) else "SELECT"
    if wanted in _GRAPHS:
        return {
            "error": f"a {kind} query has no {wanted} form",
            "hint": "use CONSTRUCT, or another format",
        }, b""
    if kind == "ASK" and wanted in ("csv", "tsv"):
        return {"kind": kind}, str(bool(results)).lower().encode() + b"\n"
    return {"kind": kind}, results.serialize(format=_RESULTS[wanted]) or b""


def main() -> None:
    """Answer the request on standard input."""
    request = json.loads(sys.stdin.buffer.read())
    try:
        header, content = answer(request)
    except (SyntaxError, ValueError, OSError) as error:
        header, content = {"error": str(error)}, b""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + content)


if __name__ == "__main__":
    main()
