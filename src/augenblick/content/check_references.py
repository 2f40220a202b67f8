"""Whether every name of ours that is used is also declared; a typo is answered with the likeliest name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rdflib import Graph, Literal, URIRef

from augenblick.content import canonical_turtle as turtle
from augenblick.content.finding import Finding
from augenblick.content.sources import OWN_NAMESPACES, Sources, short
from augenblick.model import terms

_EMBEDDED = tuple(URIRef(terms.SH + name) for name in ("select", "ask", "construct"))
_PREFIX = re.compile(r"(?im)^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>")
_OPAQUE = re.compile(r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|#[^\n]*')
_NAME = re.compile(r"(?<![\w?$:])([A-Za-z][\w-]*)?:([A-Za-z0-9_](?:[\w.-]*[\w-])?)")


def findings(sources: Sources, alongside: Sequence[Path] = ()) -> Iterator[Finding]:
    """Give a finding for each undeclared name of ours in the ontology's files and in the folders `alongside`.

    Read are Turtle, SPARQL (`.rq`) and SPARQL inside SHACL constraints.
    """
    outside = [Sources.read(folder) for folder in alongside if any(folder.rglob("*.ttl"))]
    declared = set(sources.declared).union(*(other.declared for other in outside))
    for place, names in _uses(sources, alongside, outside):
        for iri in sorted(names - declared):
            yield Finding(place, short(iri), "reference", "is not declared anywhere", _meant(iri, declared))


def _uses(sources: Sources, alongside: Sequence[Path], outside: Iterable[Sources]) -> Iterator[tuple[str, set[str]]]:
    for group in (sources, *outside):
        base = "" if group is sources else f"{group.folder.name}/"
        for path, graph in group.files.items():
            yield base + path, _names_in_graph(graph)
    for folder in (sources.folder, *alongside):
        base = "" if folder == sources.folder else f"{folder.name}/"
        for file in sorted(folder.rglob("*.rq")):
            names = names_in_sparql(file.read_text(encoding="utf-8"))
            yield base + file.relative_to(folder).as_posix(), names


def _names_in_graph(graph: Graph) -> set[str]:
    names: set[str] = set()
    for subject, predicate, value in graph:
        names.update(str(n) for n in (subject, predicate, value) if isinstance(n, URIRef) and _own(str(n)))
        if predicate in _EMBEDDED and isinstance(value, Literal):
            names |= names_in_sparql(str(value))
    return names


def names_in_sparql(text: str) -> set[str]:
    """Return the IRIs of ours that a SPARQL text names; the house's prefixes hold unless it states its own."""
    prefixes = dict(turtle.HOUSE_PREFIXES) | dict(_PREFIX.findall(text))
    body = _PREFIX.sub("", text)
    whole = {token[1:-1] for token in _OPAQUE.findall(body) if token.startswith("<")}
    short_names = {prefixes.get(name, "") + local for name, local in _NAME.findall(_OPAQUE.sub(" ", body))}
    return {iri for iri in whole | short_names if _own(iri)}


def _own(iri: str) -> bool:
    """Whether `iri` is a name in one of our namespaces, not a namespace itself and no address below a moment."""
    return any(iri.startswith(space) and iri != space for space in OWN_NAMESPACES)


def _meant(iri: str, declared: Iterable[str]) -> str:
    space = next(space for space in OWN_NAMESPACES if iri.startswith(space))
    known = {known.removeprefix(space).lower(): known for known in declared if known.startswith(space)}
    likely = difflib.get_close_matches(iri.removeprefix(space).lower(), known, n=1, cutoff=0.7)
    return f"did you mean {short(known[likely[0]])}?" if likely else "declare it or mend the name"
