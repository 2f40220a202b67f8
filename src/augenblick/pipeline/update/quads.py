"""What was derived for a few people as the quads that are published of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef

from augenblick.facts import left_out_sql
from augenblick.model.terms import ACCESS_GRAPH
from augenblick.pipeline.rules import ONTOLOGY
from augenblick.pipeline.update.small_line import Small
from augenblick.policy import quads_beside
from augenblick.reason.terms import Term


def published_quads(small: Small, base: str) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """Return the quads about the people, and those that say to whom graphs are open; as a whole run publishes them."""
    facts: Any = small.facts
    access = f"{base}graph/{ACCESS_GRAPH}"
    lines = [f"{s} {p} {o} {g} ." for g, s, p, o in quads_beside(small.connection, facts, base)]
    beside: list[Any] = list(ox.parse("\n".join(lines), format=ox.RdfFormat.N_QUADS))
    openings = [quad for quad in beside if quad.graph_name.value == access]
    quads = [quad for quad in beside if quad.graph_name.value != access and quad.subject.value.startswith(base)]
    return [*quads, *_told(small, base)], openings


def _told(small: Small, base: str) -> Iterator[ox.Quad]:
    """Yield what is said and inferred about the people, each thing in the graph of its compartment."""
    facts: Any = small.facts
    connection, term = small.connection, facts.dictionary.term
    left_out = {i for (i,) in connection.execute(left_out_sql(facts)).fetchall()}
    placed = dict(connection.execute("SELECT node, any_value(name) FROM policy.placed GROUP BY node").fetchall())
    graphs = {1 << code: name for name, code in facts.graphs().items()}
    written: dict[int, Any] = {}

    def node(term_id: int) -> Any:
        if term_id not in written:
            written[term_id] = _node(term(term_id))
        return written[term_id]

    for (number, s, o), mask in (small.told or {}).items():
        if s in left_out or o in left_out or not str(term(s)).startswith(base):
            continue
        predicate = ox.NamedNode(facts.keys[number].predicate)
        for bit, name in graphs.items():
            if mask & bit:
                compartment = placed.get(s, "") if name != ONTOLOGY else ""
                yield ox.Quad(node(s), predicate, node(o), ox.NamedNode(f"{base}graph/{name}{compartment or ''}"))


def _node(term: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    match term:
        case URIRef():
            return ox.NamedNode(str(term))
        case BNode():
            return ox.BlankNode(str(term))
        case Literal(language=str() as language):
            return ox.Literal(str(term), language=language)
        case Literal(datatype=URIRef() as datatype):
            return ox.Literal(str(term), datatype=ox.NamedNode(str(datatype)))
        case _:
            return ox.Literal(str(term))
