"""How long what is kept, as the ontology states it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import DCTERMS, RDF, URIRef

from augenblick.content.entry import AUG, Entry
from augenblick.content.model import Content, Words
from augenblick.model.errors import BadOntology, BadPolicy

_SPAN = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?")


@dataclass(frozen=True)
class Period:
    """Rows of a table of the bank are kept for so many months, counted from a field's day; `source` is the law."""

    label: Words
    table: str
    field: str
    months: int
    source: str


def read_periods(content: Content) -> tuple[Period, ...]:
    """Return the retention periods, by table.

    Raises `BadPolicy` where a part is missing or is no duration.
    """
    graph, folder = content.graph, content.root / "ontology" / "policy"
    found = (s for s in graph.subjects(RDF.type, AUG.RetentionPeriod) if isinstance(s, URIRef))
    try:
        return tuple(sorted(_periods(Entry(graph, s, folder) for s in found), key=lambda p: (p.table, p.field)))
    except BadOntology as error:
        raise BadPolicy(error.message, where=error.where, hint=error.hint) from error


def _periods(entries: Iterator[Entry]) -> Iterator[Period]:
    for entry in entries:
        said = [str(value) for value in entry.values("keptFor")]
        span = _SPAN.fullmatch(said[0]) if len(said) == 1 else None
        months = 12 * int(span[1] or 0) + int(span[2] or 0) if span else 0
        if months == 0:
            raise entry.error("aug:keptFor is no span of years and months", 'write "P10Y"^^xsd:yearMonthDuration')
        source = "; ".join(sorted(map(str, entry.graph.objects(entry.subject, DCTERMS.source))))
        yield Period(entry.label(), entry.text("ofTable", '"t"'), entry.text("countedFrom", '"d"'), months, source)
