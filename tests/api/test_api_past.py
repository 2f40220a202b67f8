"""Questions by an earlier version's rules over REST: through the gate, fetched once, nobody else's."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from published import ANALYST

from augenblick.api import past
from augenblick.model.errors import NotFound
from augenblick.model.progress import Progress
from augenblick.store import DataDirectory
from running_service import Served, starting

QUERY = "PREFIX aug: <https://w3id.org/augenblick/> SELECT (COUNT(?m) AS ?n) WHERE { ?m a aug:Moment }"
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"}
PLACE = "/v1/content/versions/0/queries"
PATIENCE = 60


@pytest.fixture(scope="module")
def running(detected: Path, content, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("past") / "data"
    shutil.copytree(detected, data)
    with starting(data, content) as serve:
        yield serve()


@pytest.fixture(autouse=True)
def derived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let version 0 be derived already, and be the one in force: to derive another is tested elsewhere."""

    def as_rules(directory: DataDirectory, wanted: str, _progress: Progress) -> DataDirectory:
        if wanted != "0":
            raise NotFound(f"There is no version {wanted}.")
        return directory

    monkeypatch.setattr(past, "as_rules", as_rules)


@pytest.fixture
def settled(running: Served) -> Callable[[], None]:
    """Return a function that waits until what was begun has come to its end: one piece is done after the other."""

    def wait() -> None:
        done = threading.Event()
        running.server.config.app.state.long_work.begin(("after",), lambda _progress: done.set())
        assert done.wait(PATIENCE)

    return wait


def begun(running: Served, place: str = PLACE, **given: str) -> httpx.Response:
    return running.client.post(place, json={"query": QUERY} | given, headers=ANALYST, timeout=PATIENCE)


def test_question_to_an_earlier_version_is_answered_once_to_who_asked(running: Served, settled) -> None:
    answer = begun(running)
    assert (answer.status_code, answer.headers["location"].startswith(f"{PLACE}/")) == (202, True)
    settled()
    location = answer.headers["location"]
    other = running.client.get(location, headers=ANALYST | {"Acting-Role": "operator", "Purpose-Of-Use": "operation"})
    assert other.status_code == 404
    told = running.client.get(location, headers=ANALYST).json()
    (row,) = told["answer"]["results"]["bindings"]
    direct = running.client.post("/sparql", data={"query": QUERY}, headers=ANALYST).json()
    assert (told["state"], row) == ("done", direct["results"]["bindings"][0])
    assert running.client.get(location, headers=ANALYST).status_code == 404


def test_question_is_for_those_who_may_ask_the_graph(running: Served) -> None:
    assert running.client.post(PLACE, json={"query": QUERY}, headers=ADVISER).status_code == 403


def test_question_to_a_version_there_was_not_and_what_is_no_query_tell_what_is_wrong(running: Served, settled) -> None:
    for place, query, said in (
        (PLACE.replace("/0/", "/7/"), QUERY, "no version 7"),
        (PLACE, "SELECT", "cannot be run"),
    ):
        location = begun(running, place, query=query).headers["location"]
        settled()
        answer = running.client.get(location, headers=ANALYST)
        assert (answer.status_code, said in answer.text) == (409, True), answer.text
    outside = "SELECT * WHERE { SERVICE <https://example.org/> { ?s ?p ?o } }"
    assert begun(running, query=outside).status_code == 400
