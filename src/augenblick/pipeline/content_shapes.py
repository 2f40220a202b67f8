"""The SHACL shapes of what experts write: each violation a finding, told and mended in the words of its message.

A message says what is missing and, behind an arrow, how to add it. Shapes stand in `shapes/ontology/*.ttl`; what SHACL
cannot say well are queries beside them (`content.hygiene`). Those in `forms/` are what the forms of the pages ask, too:
their findings are of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
from rdflib import Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import BNode, Node

from augenblick.content import hygiene
from augenblick.content.finding import ERROR, HINT, WARNING, Finding
from augenblick.validate import Result, read_shapes, results

_SEVERITIES = {str(SH.Violation): ERROR, str(SH.Warning): WARNING, str(SH.Info): HINT}
_ARROW = " → "
_FORM = "https://w3id.org/augenblick/shapes/form#"
FIELD = "field"
"""The kind of a finding that a form would have told."""


def findings(root: Path, graph: hygiene.Ontology) -> Iterator[Finding]:
    """Give a finding for each violation in the content at `root`; raises `BadShape` for a shape that is none."""

    def select(query: str) -> Iterator[Sequence[Node | None]]:
        for row in graph.solutions(query):
            yield [_node(term) for term in row]

    for found in results(read_shapes(root / hygiene.HYGIENE), select):
        yield _finding(found, graph)


def _finding(found: Result, graph: hygiene.Ontology) -> Finding:
    term = ox.NamedNode(str(found.focus))
    english, mend = _told(found, "en")
    german, german_mend = _told(found, "de")
    label = graph.label(term)
    return Finding(
        graph.where(term),
        hygiene.short_name(term),
        FIELD if found.shape.startswith(_FORM) else found.shape.rpartition("#")[2],
        english,
        mend,
        severity=_SEVERITIES[found.severity],
        german=german,
        german_hint=german_mend,
        label=label.en,
        german_label=label.de,
    )


def _told(found: Result, language: str) -> tuple[str, str]:
    problem, _, mend = found.message(language).partition(_ARROW)
    return f"{problem} ({found.path})" if found.shape.startswith(_FORM) and found.path else problem, mend


def _node(term: object) -> Node | None:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.Literal):
        return Literal(term.value, lang=term.language, datatype=None if term.language else URIRef(term.datatype.value))
    return BNode(term.value) if isinstance(term, ox.BlankNode) else None
