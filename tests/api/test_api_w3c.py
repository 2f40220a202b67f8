"""The W3C's SPARQL 1.1 Protocol, Graph Store and Service Description tests, over HTTP against the running service."""

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
from rdflib.compare import isomorphic

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
DATA = "http://kasei.us/2009/09/sparql/data/"
UNSEEN = [("https://bank.example/id/graph/facts", "<urn:a>", "<urn:b>", "<urn:c>")]
WORKING = {"analyst": {"graphs": ["http://example.org/*", "http://kasei.us/*", "http://www.example/*"]}}


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


@pytest.fixture(scope="module")
def writing(serve_once, tmp_path_factory: pytest.TempPathFactory):
    """A service on whose data the role that asks sees nothing published and may write what the tests write."""
    data = tmp_path_factory.mktemp("writing")
    publish_quads(data, UNSEEN, open_to={})
    return serve_once(data=data, working_graphs=WORKING)


def sent(running, graph: rdflib.Graph, asked: rdflib.term.Node, path: str = "", **more: str) -> httpx.Response:
    headers = ANALYST | more
    if listed := graph.value(asked, HT.headers):
        for header in Collection(graph, listed):
            headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
    body = graph.value(asked, HT.body)
    content = None
    if body is not None:
        content = str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding)))
    path = path or str(graph.value(asked, HT.absolutePath))
    return running.client.request(str(graph.value(asked, HT.methodName)), path, content=content, headers=headers)


def confirm(graph: rdflib.Graph, answer: httpx.Response, wanted: rdflib.term.Node, name: str) -> None:
    statuses = [str(status).rpartition("StatusCode")[2][0] for status in graph.objects(wanted, MF.expectedStatus)]
    assert str(answer.status_code)[0] in statuses, (name, answer.text)
    truth = graph.value(wanted, MF.expectedBoolean)
    if truth is not None:
        assert answer.json()["boolean"] is truth.toPython(), name
    kind = answer.headers.get("content-type", "").partition(";")[0]
    match graph.value(wanted, MF.expectedFormat):
        case None:
            return
        case rdflib.Literal(value="RDF"):
            rdflib.Graph().parse(data=answer.text, format=kind)
        case _:
            assert kind == "application/sparql-results+json", name


def test_protocol_all_34_tests_pass(running, writing, shared: Path) -> None:
    graph = rdflib.Graph().parse(shared / "suites" / "sparql11" / "protocol" / "manifest.ttl")
    entries = list(Collection(graph, _entries(graph)))
    assert len(entries) == 34
    for entry in entries:
        name = str(entry).rpartition("#")[2]
        for asked in _requests(graph, entry):
            by = writing if "update" in name else running
            confirm(graph, sent(by, graph, asked), graph.value(asked, HT.resp), name)


@pytest.mark.parametrize(("manifest", "count"), [("direct", 5), ("indirect", 9)])
def test_graph_store_all_tests_pass(writing, shared: Path, manifest: str, count: int) -> None:
    graph = rdflib.Graph().parse(shared / "suites" / "sparql11" / "graph-store-protocol" / f"manifest-{manifest}.ttl")
    entries = sorted(graph.subjects(RDF.type, MF.GraphStoreProtocolTest))
    assert len(entries) == count
    for entry in entries:
        emptied = writing.client.post("/sparql", data={"update": "DROP ALL"}, headers=ANALYST)
        assert emptied.status_code == 204
        location = ""
        for asked in _requests(graph, entry):
            path = str(graph.value(asked, HT.absolutePath)).replace("$LOCATION$", location)
            path = path.replace("/gsp", "/graph-store", 1) if path.startswith("/gsp") else path
            answer = sent(writing, graph, asked, path, Host="www.example")
            location = answer.headers.get("location", location)
            confirm_graph(graph, answer, graph.value(asked, HT.resp), str(entry))


def confirm_graph(graph: rdflib.Graph, answer: httpx.Response, wanted: rdflib.term.Node, name: str) -> None:
    statuses = {str(status).rpartition("#")[2] for status in graph.objects(wanted, MF.expectedStatus)}
    assert httpx.codes(answer.status_code).phrase.replace(" ", "") in statuses, (name, answer.status_code, answer.text)
    body = graph.value(wanted, HT.body)
    if body is not None:
        told = str(graph.value(body, CNT.chars))
        expected = rdflib.Graph().parse(data=told, publicID="http://www.example/")
        assert isomorphic(rdflib.Graph().parse(data=answer.text), expected), (name, answer.text, told)


def _requests(graph: rdflib.Graph, entry: rdflib.term.Node) -> list[rdflib.term.Node]:
    return list(Collection(graph, graph.value(graph.value(entry, MF.action), HT.requests)))


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
