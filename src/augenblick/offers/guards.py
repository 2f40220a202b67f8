"""What an offer tells that not everybody may be told: its product's class, and what its conditions look at.

A condition looks at what its SELECT names: the class of what it names (a kind of moment, a signal) is that of its
failure. Where it goes over a kinship and asks the relative for anything but what is no secret between relatives
(`aug:openBetweenRelatives`), its failure rests on these relatives, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyparsing import ParseResults
from rdflib import RDFS, Graph, Literal, URIRef
from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, Variable

from augenblick.model.terms import AUG

Triple = tuple[Node, Node | Path, Node]
_IRI = re.compile(r"<([^<>\"{}|^`\\\s]*)>")
_OFFER = (Variable("this"), Variable("focus"))


@dataclass(frozen=True)
class Guard:
    """The rank of the strictest class a condition looks at, and the kinships to those whose data it looks at."""

    strictness: int = 0
    kinships: tuple[str, ...] = ()


def rank_of(term: str, ontology: Graph) -> int:
    """Return the rank of the legal class the ontology gives a term, 0 where it gives none."""
    return max(
        (r for k in ontology.objects(URIRef(term), URIRef(AUG + "legalClass")) for r in _ranks(ontology, k)), default=0
    )


def guard_of(select: str, ontology: Graph) -> Guard:
    """Return what a SELECT looks at, by the classes and kinships the ontology knows."""
    named = {URIRef(iri) for iri in _IRI.findall(select)}
    ranks = [rank_of(term, ontology) for term in named]
    kin = set(ontology.transitive_subjects(RDFS.subPropertyOf, URIRef(AUG + "isKinOf"))) & named
    kinships = _kinships(list(_triples(translateQuery(parseQuery(select)).algebra)), kin, ontology) if kin else ()
    return Guard(max(ranks, default=0), tuple(sorted(kinships)))


def _kinships(triples: list[Triple], kin: set[Any], ontology: Graph) -> Iterator[str]:
    """Yield the kinships over which something is asked of a relative that is not open between relatives."""
    told = kin | set(ontology.subjects(URIRef(AUG + "openBetweenRelatives"), Literal(True)))
    for kinship in kin:
        ends = {end for s, p, o in triples if kinship in set(_named(p)) for end in (s, o) if isinstance(end, Variable)}
        relatives = ends - _people(triples)
        if any(relatives & {s, o} and not set(_named(p)) <= told for s, p, o in triples):
            yield str(kinship)


def _people(triples: list[Triple]) -> set[Node]:
    """Return the variables for the customer the offer is for."""
    return {o for s, p, o in triples if p == URIRef(AUG + "person") and s in _OFFER}


def _ranks(ontology: Graph, klass: Node) -> Iterator[int]:
    for rank in ontology.objects(klass, URIRef(AUG + "strictness")):
        yield int(str(rank))


def _named(part: Any) -> Iterator[URIRef]:
    """Yield the IRIs in a part of an algebra, those within paths and expressions too."""
    if isinstance(part, URIRef):
        yield part
    elif isinstance(part, Path):
        yield from _named(list(vars(part).values()))
    elif isinstance(part, CompValue):
        yield from _named(list(part.values()))
    elif isinstance(part, list | tuple | ParseResults):
        for each in part:
            yield from _named(each)


def _triples(part: Any) -> Iterator[Triple]:
    """Yield all triple patterns of an algebra; below FILTER EXISTS they come as flat lists."""
    if isinstance(part, CompValue):
        for name, value in part.items():
            if name == "triples":
                for each in value:
                    yield from zip(each[::3], each[1::3], each[2::3], strict=True)
            else:
                yield from _triples(value)
    elif isinstance(part, list | tuple | ParseResults):
        for each in part:
            yield from _triples(each)
