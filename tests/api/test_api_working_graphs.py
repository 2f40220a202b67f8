"""Working graphs over HTTP: written by a role that may, seen by role and purpose only, kept, no way past the gate."""

from __future__ import annotations

import sqlite3

import httpx
import pytest
from published import ANALYST, BASE, GRAPHS, numbers, publish_quads

from running_service import Served

WORK = "https://bank.example/working/analysts"
HIDDEN = GRAPHS + "facts/special/deadbeef"
KID, MUM = f"<{BASE}customer/kid>", f"<{BASE}customer/mum>"
OFFICER = {"Acting-Role": "data_protection", "Purpose-Of-Use": "data_protection"}
SECRET = (HIDDEN, MUM, "<urn:secret>", '"ill"')
FACTS = [*numbers(20), (GRAPHS + "facts", KID, "<urn:value>", '"known"'), SECRET]
OPEN = {GRAPHS + "facts": ["analyst/analysis"], HIDDEN: ["data_protection/data_protection"]}
ALLOWED = {"analyst": {"graphs": [WORK, WORK + "/*"], "triples": 100}}


LIMITS = {"analyst": {"seconds": 5}}


@pytest.fixture(scope="module")
def served(serve_once, tmp_path_factory: pytest.TempPathFactory) -> Served:
    data = tmp_path_factory.mktemp("working")
    publish_quads(data, FACTS, open_to=OPEN)
    return serve_once(data=data, working_graphs=ALLOWED, query_limits=LIMITS)


@pytest.fixture
def running(served: Served) -> Served:
    """The service all tests share, whose working graphs are empty."""
    assert update(served, "DROP ALL").status_code == 204
    return served


@pytest.fixture
def changing(serve, tmp_path) -> Served:
    """A service whose data the test publishes anew."""
    publish_quads(tmp_path / "data", FACTS, open_to=OPEN)
    return serve(working_graphs=ALLOWED)


def update(running: Served, text: str, **headers: str) -> httpx.Response:
    kind = {"Content-Type": "application/sparql-update"}
    return running.client.post("/sparql", content=text, headers=ANALYST | kind | headers)


def rows(running: Served, query: str, headers: dict[str, str] = ANALYST) -> list[list[str]]:
    answer = running.client.get("/sparql", params={"query": query}, headers=headers | {"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    return [line.split(",") for line in answer.text.splitlines()[1:]]


def held(running: Served) -> list[list[str]]:
    return rows(running, f"SELECT ?s ?p ?o {{ GRAPH <{WORK}> {{ ?s ?p ?o }} }} ORDER BY ?s ?p ?o")


def test_analyst_marks_what_was_found_and_asks_for_it_together_with_what_is_published(running) -> None:
    marked = update(running, "INSERT { ?s a <urn:Large> } WHERE { ?s <urn:value> ?v FILTER(isNumeric(?v) && ?v > 16) }")
    assert (marked.status_code, marked.content) == (204, b"")
    assert rows(running, "SELECT ?v { ?s a <urn:Large> ; <urn:value> ?v } ORDER BY ?v") == [["17"], ["18"], ["19"]]
    update(running, "DELETE { ?s a <urn:Large> } INSERT { ?s a <urn:Largest> } WHERE { ?s <urn:value> 19 }")
    assert [row[0] for row in held(running)] == ["urn:n17", "urn:n18", "urn:n19"]
    assert rows(running, "SELECT ?s { ?s a <urn:Largest> }") == [["urn:n19"]]


def test_nobody_else_sees_what_was_written(running) -> None:
    update(running, "INSERT DATA { <urn:mine> <urn:p> 1 }")
    everything = "SELECT ?s { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    assert ["urn:mine"] in rows(running, everything)
    assert rows(running, everything, OFFICER) == [[MUM[1:-1]]]
    wanted = {"graph": WORK}
    assert running.client.get("/graph-store", params=wanted, headers=ANALYST).status_code == 200
    assert running.client.get("/graph-store", params=wanted, headers=OFFICER).status_code == 404


@pytest.mark.parametrize(
    "where",
    [
        "{ ?s ?p ?o }",
        f"{{ GRAPH <{HIDDEN}> {{ ?s ?p ?o }} }}",
        "{ GRAPH ?g { ?s ?p ?o } }",
        f"{{ ?s ?p ?o }} # }} USING <{HIDDEN}>",
        f"{{ ?s ?p ?o FILTER(?s<'x>}}' || true) GRAPH <{HIDDEN}> {{ ?s ?p ?o }} }}",
        f"{{ {{ SELECT * {{ GRAPH <{HIDDEN}> {{ ?s ?p ?o }} }} }} }}",
    ],
)
@pytest.mark.parametrize("using", ["", f"USING <{HIDDEN}>", f"USING NAMED <{HIDDEN}>", f"USING <{GRAPHS}access>"])
def test_update_copies_nothing_that_could_not_be_read(running, using: str, where: str) -> None:
    update(running, f"INSERT {{ ?p <urn:said> ?o }} {using} WHERE {where}")
    update(running, f"COPY <{HIDDEN}> TO <{WORK}/copy>")
    found = rows(running, "SELECT ?s ?o { ?s <urn:said> ?o }")
    assert found or using or where != "{ ?s ?p ?o }"
    assert not {"urn:secret", "ill"} & {word for row in found for word in row}
    assert "secret" not in str(rows(running, f"SELECT * {{ GRAPH <{WORK}/copy> {{ ?s ?p ?o }} }}"))


@pytest.mark.parametrize("graph", [GRAPHS + "facts", GRAPHS + "access", HIDDEN, GRAPHS + "ontology", "urn:elsewhere"])
def test_graphs_that_are_published_or_not_the_roles_are_not_written_and_no_step_before_counts(running, graph) -> None:
    refused = update(
        running, f"INSERT DATA {{ <urn:a> <urn:b> 1 }} ; INSERT DATA {{ GRAPH <{graph}> {{ <urn:a> <urn:b> 2 }} }}"
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "AB502")
    assert held(running) == []
    turtle = {"Content-Type": "text/turtle"}
    for method in ("PUT", "POST", "DELETE"):
        sent = running.client.request(
            method, "/graph-store", params={"graph": graph}, content="<urn:a> <urn:b> 3 .", headers=ANALYST | turtle
        )
        assert sent.status_code == 403
    assert rows(running, "SELECT (COUNT(*) AS ?n) { ?s <urn:value> ?v }") == [["21"]]


def test_role_without_working_graphs_writes_nothing(running) -> None:
    assert update(running, "CLEAR ALL", **OFFICER).status_code == 403
    put = running.client.put("/graph-store", params={"graph": WORK}, content="", headers=OFFICER)
    assert put.status_code == 403


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://192.0.2.1/>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }",
        "\\u004COAD <http://192.0.2.1/>",
        "INSERT DATA { ?s ?p ?o }",
        "CLEAR XYZ",
        f"INSERT DATA {{ {MUM} <urn:b> 1 }}",
        f"INSERT DATA {{ <urn:b> <urn:knows> <{BASE}customer/nobody> }}",
    ],
)
def test_update_that_cannot_be_is_a_problem_and_changes_nothing(running, text: str) -> None:
    answer = update(running, text)
    assert (answer.status_code, answer.json()["code"]) == (400, "AB202")
    assert held(running) == []


def test_runaway_update_is_killed_and_leaves_no_trace(running) -> None:
    joined = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(8))
    tested = " + ".join(f"?o{n}" for n in range(8))
    endless = f"INSERT {{ <urn:a> <urn:b> 2 }} WHERE {{ {joined} FILTER({tested} < 0) }}"
    stopped = update(running, f"INSERT DATA {{ <urn:a> <urn:b> 1 }} ; {endless}")
    assert (stopped.status_code, stopped.json()["code"]) == (504, "AB304")
    assert update(running, "INSERT { ?s ?p ?o, ?v } WHERE { ?s ?p ?o . ?x ?q ?v }").status_code == 413
    assert held(running) == []
    assert list(running.settings.data.rglob("*.new")) == []
    assert update(running, "INSERT DATA { <urn:a> <urn:b> 1 }").status_code == 204
    assert len(held(running)) == 1


def test_what_was_written_is_kept_across_snapshots_and_restarts(serve, changing, tmp_path) -> None:
    update(changing, f"INSERT DATA {{ {KID} <urn:note> 'look again' . <urn:a> <urn:b> 1 }}")
    counted = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
    tag = changing.client.get("/sparql", params=counted, headers=ANALYST).headers["etag"]
    publish_quads(tmp_path / "data", [*FACTS, *numbers(25)], open_to=OPEN)
    assert len(held(changing)) == 2
    assert len(held(serve(working_graphs=ALLOWED))) == 2
    again = changing.client.get("/sparql", params=counted, headers=ANALYST | {"If-None-Match": tag})
    assert again.status_code == 200


def test_what_was_written_of_somebody_who_is_not_shown_any_more_is_not_shown_either(changing, tmp_path) -> None:
    update(changing, f"INSERT DATA {{ {KID} <urn:note> 'look again' . <urn:a> <urn:about> {KID} ; <urn:b> 1 }}")
    publish_quads(
        tmp_path / "data", [quad for quad in FACTS if quad[1] != KID] + [(HIDDEN, *FACTS[20][1:])], open_to=OPEN
    )
    assert held(changing) == [["urn:a", "urn:b", "1"]]
    assert update(changing, f"INSERT DATA {{ {KID} <urn:note> 'again' }}").status_code == 400
    update(changing, "CLEAR DEFAULT")
    with sqlite3.connect(tmp_path / "data" / "working.sqlite") as file:
        assert file.execute("SELECT count(*) FROM triples").fetchone() == (0,)


def test_reading_of_an_update_is_in_the_audit_log(running) -> None:
    update(running, "INSERT DATA { <urn:a> <urn:b> 1 }")
    assert "sha256:" in (running.settings.data / "audit.jsonl").read_text().splitlines()[-1]


def test_service_says_that_it_takes_updates_to_those_who_may(running) -> None:
    told = {
        name: running.client.get("/sparql", headers=headers | {"Accept": "application/n-triples"}).text
        for name, headers in (("analyst", ANALYST), ("officer", OFFICER))
    }
    assert "SPARQL11Update" in told["analyst"]
    assert "SPARQL11Update" not in told["officer"]


def test_sparqlwrapper_and_rdflib_write(running) -> None:
    from rdflib import Graph, Literal, URIRef
    from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore
    from SPARQLWrapper import POST, SPARQLWrapper

    client = SPARQLWrapper(running.url + "/sparql")
    for name, value in ANALYST.items():
        client.addCustomHttpHeader(name, value)
    client.setMethod(POST)
    client.setQuery("INSERT DATA { <urn:a> <urn:b> 'wrapped' }")
    client.query()
    store = SPARQLUpdateStore(running.url + "/sparql", running.url + "/sparql", headers=dict(ANALYST))
    graph = Graph(store, URIRef(WORK))
    graph.add((URIRef("urn:a"), URIRef("urn:b"), Literal("stored")))
    assert [row[2] for row in held(running)] == ["stored", "wrapped"]
    graph.remove((URIRef("urn:a"), None, None))
    assert held(running) == []
