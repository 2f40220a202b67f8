"""The published graph: canonical N-Quads, Oxigraph snapshots, and SPARQL on them."""

from augenblick.publish.difference import Belonging, replace_some, replace_values
from augenblick.publish.library import LibraryQuery, find_query, load_library
from augenblick.publish.run import QueryAnswer, run_query
from augenblick.publish.snapshots import PublishReport, current_snapshot, follow, publish

__all__ = [
    "Belonging",
    "LibraryQuery",
    "PublishReport",
    "QueryAnswer",
    "current_snapshot",
    "find_query",
    "follow",
    "load_library",
    "publish",
    "replace_some",
    "replace_values",
    "run_query",
]
