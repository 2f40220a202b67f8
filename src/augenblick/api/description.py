"""SPARQL 1.1 Service Description of the endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Triple, serialize

from augenblick.model.terms import RDF
from augenblick.publish.worker import GRAPHS

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "JSON-LD", "TriG", "RDF_XML",
)  # fmt: skip


def service_description(endpoint: str, graphs: Iterable[str], form: str, *, updates: bool) -> bytes:
    """Return the description: endpoint, language, formats, and the graphs the caller may name in FROM."""
    return serialize(_triples(endpoint, graphs, updates=updates), format=GRAPHS[form]) or b""


def _triples(endpoint: str, graphs: Iterable[str], *, updates: bool) -> Iterator[Triple]:
    service, dataset, default = BlankNode("service"), BlankNode("dataset"), BlankNode("default")
    a = NamedNode(RDF + "type")
    yield Triple(service, a, _sd("Service"))
    yield Triple(service, _sd("endpoint"), NamedNode(endpoint))
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    if updates:
        yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Update"))
    yield Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    for name in _RESULT_FORMATS:
        yield Triple(service, _sd("resultFormat"), NamedNode(_FORMATS + name))
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(dataset, a, _sd("Dataset"))
    yield Triple(dataset, _sd("defaultGraph"), default)
    yield Triple(default, a, _sd("Graph"))
    yield from _available(service, graphs)


def _available(service: BlankNode, graphs: Iterable[str]) -> Iterator[Triple]:
    a, collection = NamedNode(RDF + "type"), BlankNode("available")
    yield Triple(service, _sd("availableGraphs"), collection)
    yield Triple(collection, a, _sd("GraphCollection"))
    for number, name in enumerate(graphs):
        named, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(collection, _sd("namedGraph"), named)
        yield Triple(named, a, _sd("NamedGraph"))
        yield Triple(named, _sd("name"), NamedNode(name))
        yield Triple(named, _sd("graph"), graph)
        yield Triple(graph, a, _sd("Graph"))


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
