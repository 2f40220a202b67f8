"""The W3C's SPARQL 1.1 Protocol and Service Description tests, over HTTP against the running service."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import pytest
import rdflib
from published import ANALYST, publish_quads
from rdflib import RDF, Namespace
from rdflib.collection import Collection

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
DATA = "http://kasei.us/2009/09/sparql/data/"
UPDATES = {
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_named_graphs",
    "update_dataset_full",
    "update_post_form",
    "update_post_direct",
    "update_base_uri",
}
"""Tests that write: the service takes no SPARQL updates, and must say so."""


@pytest.fixture(scope="module")
def running(serve_once, shared: Path, tmp_path_factory):
    folder = shared / "suites" / "sparql11" / "protocol"
    quads = []
    for number in (1, 2, 3):
        graph = rdflib.Graph().parse(folder / f"data{number}.nt")
        quads += [(f"{DATA}data{number}.rdf", s.n3(), p.n3(), o.n3()) for s, p, o in graph]
    data = tmp_path_factory.mktemp("protocol")
    publish_quads(data, quads)
    return serve_once(data=data)


def sent(running, graph: rdflib.Graph, asked: rdflib.term.Node) -> httpx.Response:
    headers = dict(ANALYST)
    if listed := graph.value(asked, HT.headers):
        for header in Collection(graph, listed):
            headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
    body = graph.value(asked, HT.body)
    content = None
    if body is not None:
        content = str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding)))
    path = str(graph.value(asked, HT.absolutePath))
    return running.client.request(str(graph.value(asked, HT.methodName)), path, content=content, headers=headers)


def confirm(graph: rdflib.Graph, answer: httpx.Response, wanted: rdflib.term.Node, name: str) -> None:
    statuses = [str(status).rpartition("StatusCode")[2][0] for status in graph.objects(wanted, MF.expectedStatus)]
    assert str(answer.status_code)[0] in statuses, (name, answer.text)
    truth = graph.value(wanted, MF.expectedBoolean)
    if truth is not None:
        assert answer.json()["boolean"] is truth.toPython(), name
    kind = answer.headers["content-type"].partition(";")[0]
    match graph.value(wanted, MF.expectedFormat):
        case None:
            return
        case rdflib.Literal(value="RDF"):
            rdflib.Graph().parse(data=answer.text, format=kind)
        case _:
            assert kind == "application/sparql-results+json", name


def test_protocol_all_tests_that_read_pass_and_those_that_write_are_refused(running, shared: Path) -> None:
    graph = rdflib.Graph().parse(shared / "suites" / "sparql11" / "protocol" / "manifest.ttl")
    entries = list(Collection(graph, _entries(graph)))
    assert len(entries) == 34
    for entry in entries:
        name = str(entry).rpartition("#")[2]
        requests = list(Collection(graph, graph.value(graph.value(entry, MF.action), HT.requests)))
        if name in UPDATES:
            answer = sent(running, graph, requests[0])
            assert answer.status_code in (400, 415), name
            continue
        for asked in requests:
            confirm(graph, sent(running, graph, asked), graph.value(asked, HT.resp), name)


def _entries(graph: rdflib.Graph) -> rdflib.term.Node:
    (entries,) = graph.objects(None, MF.entries)
    return entries


@pytest.mark.parametrize("form", ["text/turtle", "application/rdf+xml", "application/n-triples"])
def test_service_description_is_rdf_names_the_endpoint_and_keeps_to_the_vocabulary(running, form) -> None:
    answer = running.client.get("/sparql", headers=ANALYST | {"Accept": form})
    assert answer.headers["content-type"].partition(";")[0] == form
    graph = rdflib.Graph().parse(data=answer.text, format=form)
    assert (None, SD.endpoint, rdflib.URIRef(running.url + "/sparql")) in graph
    (service,) = graph.subjects(RDF.type, SD.Service)
    (dataset,) = graph.objects(service, SD.defaultDataset)
    assert (dataset, RDF.type, SD.Dataset) in graph
    for named in graph.objects(dataset, SD.namedGraph):
        assert isinstance(graph.value(named, SD.name), rdflib.URIRef)
        assert (graph.value(named, SD.graph), RDF.type, SD.Graph) in graph


def test_csv_of_the_protocol_is_read_back(running) -> None:
    query = {"query": "SELECT ('a, \"b\"' AS ?x) (1 AS ?y) {}"}
    answer = running.client.get("/sparql", params=query, headers=ANALYST | {"Accept": "text/csv"})
    assert list(csv.reader(io.StringIO(answer.text))) == [["x", "y"], ['a, "b"', "1"]]
