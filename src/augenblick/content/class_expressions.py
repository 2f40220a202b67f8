"""Which class expressions OWL 2 RL allows where.

Source: OWL 2 Profiles (second edition), section 4.2.3 (class expressions) and 4.2.1 (datatypes).
"""

from __future__ import annotations

from collections.abc import Callable

from rdflib import OWL, RDF, RDFS, XSD, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from augenblick.content.sources import short

_DATATYPE_NAMES = (
    "decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int short byte "
    "unsignedLong unsignedInt unsignedShort unsignedByte string normalizedString token language Name NCName "
    "NMTOKEN boolean hexBinary base64Binary anyURI dateTime dateTimeStamp"
)
RL_DATATYPES = {XSD[name] for name in _DATATYPE_NAMES.split()} | {
    RDF.PlainLiteral,
    RDF.XMLLiteral,
    RDFS.Literal,
}
_CONSTRUCTORS = (
    OWL.intersectionOf,
    OWL.unionOf,
    OWL.oneOf,
    OWL.complementOf,
    OWL.someValuesFrom,
    OWL.allValuesFrom,
    OWL.hasValue,
    OWL.hasSelf,
    OWL.cardinality,
    OWL.minCardinality,
    OWL.maxCardinality,
    OWL.qualifiedCardinality,
    OWL.minQualifiedCardinality,
    OWL.maxQualifiedCardinality,
    OWL.onDatatype,
)

Verdict = str | None
"""Why an expression is not allowed, or None if it is."""


class Expressions:
    """The class expressions of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def members(self, node: Node | None) -> list[Node]:
        """Return the members of the list that starts at `node`."""
        return [] if node is None else list(Collection(self.graph, node))

    def not_sub(self, node: Node) -> Verdict:
        """Return why `node` cannot stand on the left of a subclass axiom."""
        if isinstance(node, URIRef):
            return _not_a_name(node)
        how, value = self._constructor(node)
        if how in (OWL.intersectionOf, OWL.unionOf):
            return self._first(self.not_sub, value)
        if how == OWL.someValuesFrom:
            return None if value == OWL.Thing or self._is_datatype(value) else self.not_sub(value)
        return None if how in (OWL.oneOf, OWL.hasValue) else _not_allowed(how)

    def not_super(self, node: Node) -> Verdict:
        """Return why `node` cannot stand on the right of a subclass axiom."""
        if isinstance(node, URIRef):
            return _not_a_name(node)
        how, value = self._constructor(node)
        if how == OWL.intersectionOf:
            return self._first(self.not_super, value)
        if how == OWL.complementOf:
            return self.not_sub(value)
        if how == OWL.allValuesFrom:
            return self.not_super_or_datatype(value)
        if how in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
            return self._not_at_most_one(node, value)
        return None if how == OWL.hasValue else _not_allowed(how)

    def not_equivalent(self, node: Node) -> Verdict:
        """Return why `node` cannot stand in an equivalence."""
        if isinstance(node, URIRef):
            return _not_a_name(node)
        how, value = self._constructor(node)
        if how == OWL.intersectionOf:
            return self._first(self.not_equivalent, value)
        return None if how == OWL.hasValue else _not_allowed(how)

    def not_super_or_datatype(self, node: Node) -> Verdict:
        """Return why `node` can be neither the range of a property nor a superclass."""
        if self._is_datatype(node):
            return None if node in RL_DATATYPES else f"{short(str(node))} is no datatype of OWL 2 RL"
        return None if node == OWL.Thing else self.not_super(node)

    def _constructor(self, node: Node) -> tuple[URIRef | None, Node]:
        for how in _CONSTRUCTORS:
            value = self.graph.value(node, how)
            if value is not None:
                return how, value
        return None, node

    def _first(self, test: Callable[[Node], Verdict], members: Node) -> Verdict:
        return next((reason for member in self.members(members) if (reason := test(member))), None)

    def _is_datatype(self, node: Node) -> bool:
        named = isinstance(node, URIRef) and (str(node).startswith(str(XSD)) or node in RL_DATATYPES)
        declared = (node, RDF.type, RDFS.Datatype) in self.graph
        return named or declared or node in (RDF.langString, OWL.real, OWL.rational)

    def _not_at_most_one(self, node: Node, value: Node) -> Verdict:
        if str(value) not in ("0", "1"):
            return f"a maximum of {value} is not in OWL 2 RL (0 and 1 are)"
        filler = self.graph.value(node, OWL.onClass)
        return None if filler in (None, OWL.Thing) else self.not_sub(filler)


def _not_a_name(node: URIRef) -> Verdict:
    return "owl:Thing is not in OWL 2 RL" if node == OWL.Thing else None


def _not_allowed(how: URIRef | None) -> str:
    return f"{short(str(how))} is not in OWL 2 RL" if how else "an empty class expression is not in OWL 2"
