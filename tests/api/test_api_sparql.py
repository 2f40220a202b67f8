"""SPARQL over HTTP as clients speak it: forms, limits, killed queries, conditional requests."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
import rdflib
from published import ANALYST, numbers, publish_quads
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from augenblick.policy.audit import query_name
from augenblick.publish import follow
from augenblick.store import DataDirectory

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z . ?d ?s ?w FILTER(?x + ?y + ?z + ?w < 0) }"
SELECT = "SELECT ?s ?v { ?s <urn:value> ?v } ORDER BY ?v LIMIT 2"
CONSTRUCT = "CONSTRUCT WHERE { ?s <urn:value> ?v }"


@pytest.fixture
def serve(serve, store):
    return partial(serve, remote_store=store)


@pytest.fixture
def data(tmp_path, store):
    publish_quads(tmp_path / "data", numbers(1000))
    follow(DataDirectory(tmp_path / "data"))
    return tmp_path / "data"


def ask(running, query: str, accept: str | None = None, **headers: str) -> httpx.Response:
    headers |= ANALYST | ({"Accept": accept} if accept else {})
    return running.client.post(
        "/sparql", content=query, headers={"Content-Type": "application/sparql-query", **headers}
    )


@pytest.mark.parametrize(
    ("query", "accept", "sent", "start"),
    [
        (SELECT, None, "application/sparql-results+json", b"{"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml", b"<?xml"),
        (SELECT, "text/csv", "text/csv; charset=utf-8", b"s,v"),
        (SELECT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8", b"?s\t?v"),
        (SELECT, "text/html, */*;q=0.1", "application/sparql-results+json", b"{"),
        ("ASK {}", "text/csv", "text/csv; charset=utf-8", b"true"),
        (CONSTRUCT, None, "text/turtle; charset=utf-8", b"<urn"),
        (CONSTRUCT, "application/n-triples", "application/n-triples", b"<urn"),
        (CONSTRUCT, "application/ld+json", "application/ld+json", b"["),
        (CONSTRUCT, "application/trig;q=0.9, text/turtle;q=0.1", "application/trig", b"<urn"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml", b"<?xml"),
        (CONSTRUCT, "text/*", "text/turtle; charset=utf-8", b"<urn"),
    ],
)
def test_query_is_answered_in_the_form_the_caller_prefers(serve, data, query, accept, sent, start) -> None:
    answer = ask(serve(data=data), query, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, sent)
    assert answer.content.startswith(start)
    assert ("content-length" in answer.headers) == (len(answer.content) < 65_536)


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        (SELECT, "text/turtle", 406),
        (CONSTRUCT, "text/csv", 406),
        (SELECT, "image/png", 406),
        ("SELECT ?s {", None, 400),
        ("SELECT * { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }", None, 400),
        ("SELECT * { \\u0053ERVICE <http://192.0.2.1/> { ?s ?p ?o } }", None, 400),
        ("SELECT * { seRvice?s { ?s ?p ?o } }", None, 400),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", None, 400),
    ],
)
def test_query_that_cannot_be_answered_is_a_problem(serve, data, query, accept, status) -> None:
    answer = ask(serve(data=data), query, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_query_that_speaks_of_a_service_without_calling_one_is_answered(serve, data) -> None:
    query = (
        "PREFIX service: <urn:> SELECT ?service { ?service service:value 5 # SERVICE <x>\n FILTER('SERVICE' != 'a') }"
    )
    assert len(ask(serve(data=data), query).json()["results"]["bindings"]) == 1


@pytest.mark.usefixtures("tiring")
def test_runaway_query_is_killed_and_the_next_is_answered(serve, data) -> None:
    running = serve(data=data, query_workers=1, query_limits={"analyst": {"seconds": 2}})
    answer = ask(running, RUNAWAY)
    assert (answer.status_code, answer.json()["code"]) == (504, "AB304")
    assert ask(running, SELECT).status_code == 200
    assert 'query_workers_lost_total{reason="deadline"} 1.0' in running.client.get("/metrics").text


@pytest.mark.usefixtures("tiring")
def test_caller_who_leaves_has_the_query_killed(serve, data) -> None:
    running = serve(data=data, query_workers=1)
    with pytest.raises(httpx.ReadTimeout):
        running.client.post(
            "/sparql", content=RUNAWAY, headers=ANALYST | {"Content-Type": "application/sparql-query"}, timeout=0.5
        )
    assert ask(running, SELECT).status_code == 200
    told = running.server.config.app.state.slow_queries.slowest(9)
    assert [each.outcome for each in told if each.name == query_name(RUNAWAY)] == ["left"]


@pytest.mark.usefixtures("tiring")
def test_worker_that_dies_is_replaced(serve, data, store) -> None:
    running = serve(data=data, query_workers=1)
    graphs = running.server.config.app.state.graphs
    pool = graphs.pool if store is None else graphs.remote_pool
    (worker,) = pool._idle
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, running, RUNAWAY)
        while pool._idle:
            assert not waiting.done()
        os.kill(worker._process.pid, signal.SIGKILL)
        assert (waiting.result().status_code, waiting.result().json()["code"]) == (503, "AB609")
    assert ask(running, SELECT).status_code == 200


@pytest.mark.usefixtures("tiring")
def test_queries_beyond_those_that_may_wait_are_turned_away(serve, data) -> None:
    running = serve(data=data, query_workers=1, query_waiting=0, query_limits={"analyst": {"seconds": 2}})
    with ThreadPoolExecutor(3) as threads:
        statuses = sorted(answer.status_code for answer in threads.map(lambda _: ask(running, RUNAWAY), range(3)))
    assert statuses == [503, 503, 504]


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json", "application/sparql-results+xml"])
def test_answer_with_more_rows_than_the_role_may_have_is_refused_whole(serve, data, accept) -> None:
    running = serve(data=data, query_limits={"analyst": {"rows": 1000}})
    assert ask(running, "SELECT * { ?s <urn:value> ?v }", accept).status_code == 200
    assert ask(running, "SELECT * { ?s <urn:value> ?v } VALUES ?x { 1 2 }", accept).status_code == 413
    assert ask(running, CONSTRUCT).status_code == 200
    assert ask(running, "CONSTRUCT { ?s <urn:a> ?v, ?s } WHERE { ?s <urn:value> ?v }").status_code == 413


@pytest.mark.usefixtures("tiring")
def test_answer_that_grows_too_large_is_cut_off_so_that_the_caller_notices(serve, data) -> None:
    running = serve(data=data, query_limits={"analyst": {"megabytes": 1}})
    with pytest.raises(httpx.RemoteProtocolError):
        ask(running, "SELECT * { ?s <urn:value> ?v . ?t <urn:value> ?w FILTER(?w < 30) }")
    assert ask(running, SELECT).status_code == 200


def test_answer_the_caller_has_already_is_not_sent_again(serve, data) -> None:
    running = serve(data=data)
    tag = ask(running, SELECT).headers["etag"]
    again = ask(running, SELECT, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert ask(running, CONSTRUCT, **{"If-None-Match": tag}).status_code == 200
    counted = "SELECT (COUNT(*) AS ?n) { ?s <urn:value> ?v }"
    held = {"If-None-Match": ask(running, counted).headers["etag"]}
    publish_quads(data, numbers(1001))
    assert ask(running, counted, **held).status_code == 200
    assert ask(running, SELECT, **{"If-None-Match": tag}).status_code == 304  # what it says is the same


def test_snapshot_published_while_serving_is_seen_by_the_next_query(serve, data) -> None:
    running = serve(data=data)
    count = "SELECT (COUNT(*) AS ?n) { ?s <urn:value> ?v }"
    before = ask(running, count).json()
    publish_quads(data, numbers(1001))
    after = ask(running, count).json()
    found = [each["results"]["bindings"][0]["n"]["value"] for each in (before, after)]
    assert found == ["1000", "1001"]


def test_browser_of_an_allowed_origin_may_call_and_no_other(serve, data) -> None:
    running = serve(data=data, cors_origins=["https://yasgui.example"])
    headers = {"Origin": "https://yasgui.example", "Access-Control-Request-Method": "POST"}
    allowed = running.client.options("/sparql", headers=headers)
    assert allowed.headers["access-control-allow-origin"] == "https://yasgui.example"
    other = running.client.options("/sparql", headers=headers | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_sparqlwrapper_gets_rows(serve, data) -> None:
    from SPARQLWrapper import JSON, POST, SPARQLWrapper

    client = SPARQLWrapper(serve(data=data).url + "/sparql")
    for name, value in ANALYST.items():
        client.addCustomHttpHeader(name, value)
    client.setReturnFormat(JSON)
    client.setQuery(SELECT)
    assert [row["v"]["value"] for row in client.queryAndConvert()["results"]["bindings"]] == ["0", "1"]
    client.setMethod(POST)
    assert len(client.queryAndConvert()["results"]["bindings"]) == 2


def test_rdflib_store_reads_triples_and_rows(serve, data) -> None:
    store = SPARQLStore(serve(data=data).url + "/sparql", headers=dict(ANALYST))
    graph = rdflib.Graph(store)
    assert [row.v.toPython() for row in graph.query(SELECT)] == [0, 1]
    assert len(list(graph.triples((rdflib.URIRef("urn:n7"), None, None)))) == 1


def test_service_describes_itself_with_the_graphs_the_caller_may_see(serve, data) -> None:
    running = serve(data=data)
    answer = running.client.get("/sparql", headers=ANALYST | {"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=answer.text)
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    service = graph.value(predicate=rdflib.RDF.type, object=sd.Service)
    assert graph.value(service, sd.endpoint) == rdflib.URIRef(running.url + "/sparql")
    assert [str(name) for name in graph.objects(None, sd.name)] == ["https://bank.example/id/graph/facts"]


@pytest.mark.slow
@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_answer_of_a_million_rows_is_streamed_at_flat_memory(serve, data) -> None:
    running = serve(data=data, query_limits={"analyst": {"seconds": 300}})
    query = "SELECT * { ?s <urn:value> ?v . ?t <urn:value> ?w }"
    headers = ANALYST | {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    rows, peaks = 0, []
    with running.client.stream("POST", "/sparql", content=query, headers=headers, timeout=300) as answer:
        for chunk in answer.iter_bytes():
            rows += chunk.count(b"\n")
            peaks.append(_resident())
    assert rows == 1_000_001
    assert max(peaks) - peaks[0] < 30_000_000


def _resident() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("store", ["embedded"], indirect=True)
@pytest.mark.usefixtures("tiring")
def test_memory_a_query_needs_beyond_its_bound_costs_only_its_worker(serve, data) -> None:
    running = serve(data=data, query_workers=1, query_memory_megabytes=256, query_limits={"analyst": {"seconds": 60}})
    hungry = "SELECT ?a ?b ?c { ?a <urn:value> ?x . ?b <urn:value> ?y . ?c <urn:value> ?z } ORDER BY ?x ?y DESC(?z)"
    answer = ask(running, hungry)
    assert (answer.status_code, answer.json()["code"]) == (503, "AB609")
    assert json.loads(ask(running, SELECT).content)["results"]
