"""Heads whose predicate or class is a variable: only a solution says which relation their facts are in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rdflib import RDF, URIRef, Variable

from augenblick.reason.ir import Term, Triple


def open_place(head: Triple) -> Variable | None:
    """Return the variable that decides in which relation a head's facts are, None where that is known."""
    if isinstance(head.p, Variable):
        return head.p
    return head.o if head.p == RDF.type and isinstance(head.o, Variable) else None


def closed_heads(head: Triple, place: Variable, terms: Mapping[int, Term]) -> Iterator[tuple[int, Triple]]:
    """Yield a head with each of some terms in its open place, with the term's id; none with what is no predicate."""
    for term_id, term in sorted(terms.items()):
        if place is not head.p or isinstance(term, URIRef):
            p, o = (term if atom == place else atom for atom in (head.p, head.o))
            yield term_id, Triple(head.s, p, o)
