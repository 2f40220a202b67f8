"""Results of validation in a form in which reports can be compared, and how compiled shapes find them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import pyoxigraph as ox
from rdflib import SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from augenblick.model.errors import BadShape
from augenblick.reason import FactBase
from augenblick.store import in_memory
from augenblick.validate import compile_shapes
from augenblick.validate.paths import read_path

Evaluator = Callable[[Graph], Callable[[str], Iterable[Sequence[Node | None]]]]
"""From a graph to what evaluates SELECTs on it."""


def oxigraph_term(node: Node):
    if isinstance(node, URIRef):
        return ox.NamedNode(node)
    if isinstance(node, BNode):
        return ox.BlankNode(node)
    assert isinstance(node, Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(node.datatype) if node.datatype else None)


def rdflib_term(term) -> Node | None:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    plain = term.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
    return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value), normalize=False)


def oxigraph_store(data: Graph) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(*(oxigraph_term(node) for node in triple)) for triple in data)
    return store


def plain(node: Node | None) -> str | None:
    """A term in one spelling, so that xsd:string and plain literals, DE and de are the same."""
    if isinstance(node, Literal):
        language = node.language.lower() if node.language else None
        datatype = None if str(node.datatype).endswith("#string") else node.datatype
        return Literal(str(node), lang=language, datatype=datatype, normalize=False).n3()
    return None if node is None else node.n3()


def on_oxigraph_store(data: Graph):
    """A function that evaluates SELECTs on the graph with Oxigraph."""
    store = oxigraph_store(data)
    return lambda query: [tuple(map(rdflib_term, row)) for row in store.query(query)]


def on_fact_base(data: Graph):
    """A function that evaluates SELECTs on the graph with the compiled reasoner."""
    facts = FactBase(in_memory())
    facts.add_graph(data, name="facts")
    return lambda query: facts.select(query).terms()


def compiled_results(data: Graph, shapes: Graph, evaluator: Evaluator) -> Counter:
    """(focus, value, path, component, severity) of every violation, by the compiled shapes."""
    select = evaluator(data)
    found: Counter = Counter()
    for shape in compile_shapes(shapes, ontology=data):
        for constraint in shape.constraints:
            for row in select(constraint.select):
                named = dict(zip(constraint.columns, row, strict=True))
                focus = named["focus"]
                value = focus if constraint.value_is_focus else named.get("value")
                path = named.get("path")
                path = path_key(shapes, path if path is not None else constraint.path)
                found[plain(focus), plain(value), path, constraint.component, constraint.severity] += 1
    return found


def path_key(graph: Graph, path: Node | None) -> str | None:
    """A path in SPARQL, since blank nodes of a path differ between shapes and report."""
    return None if path is None else read_path(graph, path, BadShape).sparql


def report_results(report: Graph) -> Counter:
    """The same keys, read from a validation report in RDF."""
    found: Counter = Counter()
    for result in report.objects(None, SH.result):
        found[
            plain(report.value(result, SH.focusNode)),
            plain(report.value(result, SH.value)),
            path_key(report, report.value(result, SH.resultPath)),
            report.value(result, SH.sourceConstraintComponent),
            report.value(result, SH.resultSeverity),
        ] += 1
    return found
