"""RDF files of any size as facts: read as a stream, put in by columns, a predicate and a kind of object at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyoxigraph as ox
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef

from augenblick.model.errors import BadParameter
from augenblick.reason.columns import TermSpec, iri, lang_string, literal
from augenblick.reason.factbase import FactBase

BATCH = 1_000_000
"""Triples held in memory at once."""

_SYNTAX = {
    ".nt": ox.RdfFormat.N_TRIPLES, ".nq": ox.RdfFormat.N_QUADS, ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG, ".rdf": ox.RdfFormat.RDF_XML, ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML, ".jsonld": ox.RdfFormat.JSON_LD, ".n3": ox.RdfFormat.N3,
}  # fmt: skip
_Sort = tuple[str, str, str]
"""Predicate, what kind of object ("iri", a datatype, or "@" and a language), and the class where the fact is a type."""


def add_file(facts: FactBase, path: Path, *, name: str) -> int:
    """Add the triples of an RDF file to the graph `name`; return how many were new there.

    The ending tells the syntax (.nt, .nq, .ttl, .trig, .rdf, .owl, .xml, .jsonld, .n3); the names of graphs in the file
    are passed over. Raises `BadParameter` for other endings and, with line and column, for what is no such syntax:
    batches before that place are then in.
    """
    syntax = _SYNTAX.get(path.suffix.lower())
    if syntax is None:
        raise BadParameter(
            f"“{path.suffix}” is no ending of an RDF file.", where=str(path), hint=f"one of {', '.join(_SYNTAX)}"
        )
    triples, added = _triples(path, syntax), 0
    while batch := list(islice(triples, BATCH)):
        added += _added(facts, batch, name)
    return added


def _triples(path: Path, syntax: ox.RdfFormat) -> Iterator[Any]:
    try:
        yield from ox.parse(path=str(path), format=syntax)
    except SyntaxError as error:
        where = f"{path}:{error.lineno}:{error.offset}" if error.lineno else str(path)
        raise BadParameter(f"The file cannot be read: {error.msg}.", where=where, hint="mend it there") from error


def _added(facts: FactBase, quads: Iterable[Any], name: str) -> int:
    columns: dict[_Sort, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    others = Graph()
    for quad in quads:
        s, p, o = quad.subject, quad.predicate.value, quad.object
        if isinstance(s, ox.NamedNode) and isinstance(o, ox.NamedNode):
            found = columns[(p, "iri", o.value if p == str(RDF.type) else "")]
        elif isinstance(s, ox.NamedNode) and isinstance(o, ox.Literal) and _plain(o):
            found = columns[(p, f"@{o.language}" if o.language else o.datatype.value, "")]
        else:
            others.add((_term(s), URIRef(p), _term(o)))
            continue
        found[0].append(s.value)
        found[1].append(o.value)
    added = sum(_column(facts, sort, *pair, name) for sort, pair in sorted(columns.items()))
    return added + (facts.add_graph(others, name=name) if len(others) else 0)


def _plain(literal_: Any) -> bool:
    """Tell whether a literal is written as its value would be, so that a column of its sort can hold it."""
    written, datatype = literal_.value, URIRef(literal_.datatype.value)
    match datatype:
        case XSD.string | RDF.langString:
            return True
        case XSD.integer:
            return written.isascii() and len(written) < 18 and _is(written, int)
        case XSD.date:
            return len(written) == 10 and _is(written, date.fromisoformat)
        case XSD.boolean:
            return written in ("true", "false")
        case _:
            return not str(datatype).startswith(str(XSD))


def _is(written: str, read: Callable[[str], object]) -> bool:
    try:
        return str(read(written)) == written
    except ValueError:
        return False


def _column(facts: FactBase, sort: _Sort, subjects: list[str], objects: list[str], name: str) -> int:
    predicate, kind, klass = sort
    facts.connection.register("file__rows", pa.table({"s": subjects, "o": objects}))
    try:
        sql = "SELECT s, o FROM file__rows"
        if klass:
            return facts.add_select(sql, name=name, klass=klass, subject=iri())
        return facts.add_select(sql, name=name, predicate=predicate, subject=iri(), object=_spec(kind))
    finally:
        facts.connection.unregister("file__rows")


def _spec(kind: str) -> TermSpec:
    if kind == "iri":
        return iri()
    return lang_string(kind[1:]) if kind.startswith("@") else literal(kind)


def _term(term: Any) -> Any:
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    return Literal(term.value, datatype=None if datatype == XSD.string else datatype)
