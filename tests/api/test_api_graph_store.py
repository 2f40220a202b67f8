"""The Graph Store Protocol for reading: graphs the caller may see, in the form asked for, not sent twice."""

from __future__ import annotations

import pytest
import rdflib
from published import ANALYST, GRAPHS, numbers, publish_quads

from augenblick.publish import follow
from augenblick.publish.remote import attach
from augenblick.store import DataDirectory
from running_service import Served

ORIGIN = "https://yasgui.example"


@pytest.fixture(scope="module", params=["embedded", "remote"])
def running(request: pytest.FixtureRequest, serve_once, tmp_path_factory: pytest.TempPathFactory) -> Served:
    data = tmp_path_factory.mktemp("graphs")
    store = request.getfixturevalue("remote").named(str(data)) if request.param == "remote" else None
    attach(data, store)
    hidden = GRAPHS + "facts/special/1"
    quads = [*numbers(3), *numbers(5, GRAPHS + "evidence"), *numbers(7, hidden)]
    opened = {GRAPHS + "facts": ["analyst/analysis"], GRAPHS + "evidence": ["analyst/analysis"], hidden: []}
    publish_quads(data, quads, open_to=opened)
    follow(DataDirectory(data))
    return serve_once(data=data, remote_store=store, cors_origins=[ORIGIN])


def got(running: Served, accept: str = "text/turtle", **params: str):
    return running.client.get("/graph-store", params=params, headers=ANALYST | {"Accept": accept})


@pytest.mark.parametrize(("accept", "form"), [("text/turtle", "turtle"), ("application/n-triples", "nt")])
def test_graph_is_sent_whole_in_the_form_asked_for(running: Served, accept: str, form: str) -> None:
    answer = got(running, accept, graph=GRAPHS + "facts")
    assert answer.headers["content-type"].partition(";")[0] == accept
    assert len(rdflib.Graph().parse(data=answer.text, format=form)) == 3
    assert len(rdflib.Graph().parse(data=got(running, accept, default="").text, format=form)) == 5


def test_graph_that_is_not_open_is_not_found(running: Served) -> None:
    assert got(running, graph=GRAPHS + "facts/special/1").status_code == 404
    assert got(running, graph=GRAPHS + "nothing").status_code == 404
    assert got(running).status_code == 400
    assert got(running, "image/png", default="").status_code == 406


def test_graph_unchanged_is_not_sent_again(running: Served) -> None:
    tag = got(running, graph=GRAPHS + "facts").headers["etag"]
    again = running.client.get(
        "/graph-store",
        params={"graph": GRAPHS + "facts"},
        headers=ANALYST | {"If-None-Match": tag, "Accept": "text/turtle"},
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_graph_is_not_written(running: Served, method: str) -> None:
    answer = running.client.request(method, "/graph-store", params={"default": ""}, headers=ANALYST)
    assert (answer.status_code, answer.json()["code"]) == (403, "AB502")


def test_browser_page_of_a_known_origin_may_ask_with_all_headers_the_service_reads(running: Served) -> None:
    asked = "authorization,content-type,purpose-of-use,acting-role,if-none-match,idempotency-key,prefer"
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asked}
    answer = running.client.options("/sparql", headers=preflight)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)
    other = running.client.options("/sparql", headers=preflight | {"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in other.headers
    tag = running.client.post("/sparql", data={"query": "ASK {}"}, headers=ANALYST | {"Origin": ORIGIN}).headers[
        "access-control-expose-headers"
    ]
    assert "ETag" in tag
