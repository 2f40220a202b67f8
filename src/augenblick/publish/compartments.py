"""Names of published graphs: a stage's (facts, moments, …), or a compartment's of it, which callers do not know."""

from __future__ import annotations

import re

_COMPARTMENT = re.compile(r"(.*/graph/(?!ontology\b)\w+)(?:/\w+/[0-9a-f]{8})?")


def is_compartment(graph: str) -> bool:
    """Say whether a graph is a stage's or a compartment of one, which `GRAPH` names not."""
    return _COMPARTMENT.fullmatch(graph) is not None


def publishable(graph: str) -> bool:
    """Say whether a graph of this name may be one of those that are published."""
    return is_compartment(graph) or graph.endswith("/graph/ontology")


def stage_of(graph: str) -> str:
    """Return the name under which callers know a graph: its stage's."""
    found = _COMPARTMENT.fullmatch(graph)
    return found[1] if found else graph
