"""Where the subjects of a Turtle file stand: file and line, for messages about what the file says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from rdflib import BNode, Graph, URIRef
from rdflib.term import Node

_PREFIX = re.compile(r"^\s*@?prefix\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE)
_SUBJECT = re.compile(r"^(?:<([^>]*)>|([\w.-]*):([^\s;,.\[\]()<>\"']*(?:\.[^\s;,.\[\]()<>\"']+)*))(?=\s)")


def turtle_places(paths: Iterable[Path], *, relative_to: Path | None = None) -> dict[URIRef, str]:
    """Return `file:line` of each named subject that begins a line of a Turtle file, its first place.

    Subjects inside a line are not seen: a message then names the file's rule set only.
    """
    found: dict[URIRef, str] = {}
    for path in sorted(paths):
        name = path.relative_to(relative_to).as_posix() if relative_to else str(path)
        for subject, line in _subjects(path.read_text("utf-8")):
            found.setdefault(subject, f"{name}:{line}")
    return found


def _subjects(text: str) -> Iterable[tuple[URIRef, int]]:
    prefixes: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        declared = _PREFIX.match(line)
        if declared:
            prefixes[declared[1]] = declared[2]
            continue
        subject = _SUBJECT.match(line)
        if subject and subject[1] is not None:
            yield URIRef(subject[1]), number
        elif subject and subject[2] in prefixes:
            yield URIRef(prefixes[subject[2]] + subject[3]), number


def place_of(node: Node, graph: Graph, places: Mapping[URIRef, str]) -> str | None:
    """Return where a node stands; of a blank node where the named subject stands that it belongs to."""
    seen: set[Node] = set()
    border = [node]
    while border:
        here = border.pop(0)
        if isinstance(here, URIRef) and here in places:
            return places[here]
        if here not in seen and isinstance(here, BNode):
            border += sorted(graph.subjects(None, here), key=str)
            border += [o for o in graph.objects(here) if isinstance(o, URIRef)] if not border else []
        seen.add(here)
    return None
