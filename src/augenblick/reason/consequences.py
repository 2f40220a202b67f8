"""What axioms lead to: sameness and contradictions, and the conditions they hang on."""

from __future__ import annotations

from rdflib import OWL, RDF, BNode, Literal, URIRef, Variable

from augenblick.reason.ir import Call, Const, Expression, Ref, Triple


def nothing(member: Variable | URIRef | BNode) -> Triple:
    """Return the head that says that a member contradicts the ontology."""
    return Triple(member, RDF.type, OWL.Nothing)


def same(one: Variable, other: Variable) -> Triple:
    """Return the head that says that two are the same."""
    return Triple(one, OWL.sameAs, other)


def distinct(one: Variable, other: Variable) -> Expression:
    """Return the condition that two are different terms, and no literals."""
    literal = tuple(Call("!", (Call("ISLITERAL", (Ref(each),)),)) for each in (one, other))
    return Call("&&", (Call("!", (Call("SAMETERM", (Ref(one), Ref(other))),)), *literal))


def unequal(one: Variable, other: Variable) -> Expression:
    """Return the condition that two are literals of different value (dt-diff); not where that cannot be told."""
    literal = tuple(Call("ISLITERAL", (Ref(each),)) for each in (one, other))
    tests = (*literal, Call("!=", (Ref(one), Ref(other))))
    return Call("COALESCE", (Call("&&", tests), Const(Literal(False))))
