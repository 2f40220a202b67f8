"""The service beside a remote store: who asks is told what is wrong there, and all else goes on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from published import ANALYST, numbers, publish_quads

from augenblick import pipeline
from augenblick.api.logs import JsonLines
from augenblick.api.remote import RemoteWatch
from augenblick.cli import main
from augenblick.content import Content
from augenblick.model.errors import StoreUnavailable
from augenblick.pipeline.examining import examine
from augenblick.publish import follow
from augenblick.publish.remote import attach
from augenblick.store import DataDirectory
from faulty_store import Faulty, faulty_store
from remote_store import Remote
from running_service import Served

COUNT = {"query": "SELECT (COUNT(*) AS ?n) { ?s <urn:value> ?v }"}


@pytest.fixture
def faulty(remote: Remote, tmp_path: Path) -> Iterator[Faulty]:
    with faulty_store(remote) as made:
        made.store = made.store.model_copy(update={"name": remote.named(str(tmp_path)).name})
        attach(tmp_path / "data", made.store)
        yield made
        attach(tmp_path / "data", None)


@pytest.fixture
def running(serve, faulty: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A service that looks after its store only when it is told to."""

    async def never(*_: object) -> None:
        """Look at nothing."""

    monkeypatch.setattr(RemoteWatch, "watch", never)
    publish_quads(tmp_path / "data", numbers(1000))
    follow(DataDirectory(tmp_path / "data"))
    return serve(remote_store=faulty.store)


def counted(running: Served) -> str:
    answer = running.client.get("/sparql", params=COUNT, headers=ANALYST | {"Accept": "text/csv"})
    return answer.text.split()[-1] if answer.status_code == 200 else answer.json()["code"]


@pytest.mark.parametrize("fault", [401, 500, "page"])
def test_store_that_fails_is_told_as_a_problem_without_its_address(
    running: Served, faulty: Faulty, fault: int | str
) -> None:
    assert counted(running) == "1000"
    faulty.fault = lambda _: fault
    answer = running.client.get("/sparql", params=COUNT, headers=ANALYST)
    problem = answer.json()
    assert (answer.status_code, problem["code"], answer.headers["retry-after"]) == (503, "AB308", "5")
    assert problem["hint"]
    assert faulty.store.query not in answer.text
    assert running.client.get("/readyz").status_code == 200


def test_what_is_published_while_the_store_is_away_is_shown_once_it_is_back(
    running: Served, faulty: Faulty, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = RemoteWatch(running.server.config.app.state)
    faulty.fault = lambda _: 503
    publish_quads(tmp_path / "data", numbers(7))
    assert counted(running) == "AB308"  # not the thousand of before: who may see them may have changed
    with caplog.at_level(logging.INFO, "augenblick"):
        watch.look()
        watch.look()
        faulty.fault = lambda _: None
        watch.look()
    said = [JsonLines().format(record) for record in caplog.records if record.msg.startswith("the remote store ")]
    assert [("is behind" in line, "has what is published" in line) for line in said] == [(True, False), (False, True)]
    assert counted(running) == "7"


def test_answer_that_breaks_off_in_the_midst_is_broken_off_here(running: Served, faulty: Faulty) -> None:
    faulty.fault = lambda _: "cut"
    assert counted(running) == "AB308"


def test_working_graphs_are_asked_together_with_what_is_published(serve, store, tmp_path: Path) -> None:
    publish_quads(tmp_path / "data", numbers(3))
    follow(DataDirectory(tmp_path / "data"))
    graphs = {"analyst": {"graphs": ["https://bank.example/working/analysts"]}}
    running = serve(remote_store=store, working_graphs=graphs)
    assert counted(running) == "3"
    update = {"update": "INSERT { ?n <urn:value> 0 } WHERE { <urn:n1> <urn:value> ?o BIND(<urn:mine> AS ?n) }"}
    assert running.client.post("/sparql", data=update, headers=ANALYST).status_code == 204
    assert counted(running) == "4"


def test_doctor_tells_what_is_wrong_with_the_store_and_how_to_mend_it(
    running: Served, faulty: Faulty, tmp_path: Path
) -> None:
    def found() -> tuple[str, str, str | None]:
        (finding,) = [each for each in examine(DataDirectory(tmp_path / "data")) if each.about == "remote store"]
        return finding.state, finding.said.en, finding.mend

    assert found()[0] == "good"
    for fault, said in ((401, "credentials"), (404, "no SPARQL endpoint"), ("page", "another form")):
        faulty.fault = lambda _, fault=fault: fault
        state, told, mend = found()
        assert (state, said in told, faulty.store.query in told, bool(mend)) == ("bad", True, True, True)
    publish_quads(tmp_path / "data", numbers(7))
    assert "yet" in found()[1]


@pytest.mark.slow
def test_erasure_ends_when_the_store_holds_nothing_of_the_person_any_more(
    detected: Path, tmp_path: Path, faulty: Faulty, remote: Remote, content: Content
) -> None:
    shutil.copytree(detected, tmp_path / "data")
    directory = DataDirectory(tmp_path / "data")
    follow(directory)
    mine = f"FILTER(STRSTARTS(STR(?g), '{faulty.store.registry}:') && CONTAINS(CONCAT(STR(?s), STR(?o)), 'kid'))"
    mentions = f"SELECT ?s {{ GRAPH ?g {{ ?s ?p ?o }} {mine} }}"
    assert remote.rows(mentions)
    faulty.fault = lambda _: 503
    with pytest.raises(StoreUnavailable):
        pipeline.erase(directory, "kid", on=date(2026, 7, 1), content=content)
    assert remote.rows(mentions)
    faulty.fault = lambda _: None
    assert len(pipeline.finish_erasures(directory, content=content)) == 1
    assert remote.rows(mentions) == []


def test_command_publishes_and_asks_where_the_settings_of_its_directory_say(
    detected: Path, tmp_path: Path, faulty: Faulty, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(detected, tmp_path / "data")
    shutil.copytree(detected, tmp_path / "other")
    attach(tmp_path / "data", None)
    addresses = "\n".join(f"{name} = '{getattr(faulty.store, name)}'" for name in ("query", "update", "name"))
    (tmp_path / "service.toml").write_text(f"data = '{tmp_path / 'data'}'\n[remote_store]\n{addresses}\n")
    monkeypatch.setenv("AUGENBLICK_CONFIG", str(tmp_path / "service.toml"))
    (tmp_path / "count.rq").write_text("SELECT (COUNT(*) AS ?n) { ?m a aug:Moment }")

    def asked(data: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["query", str(tmp_path / "count.rq"), "--format", "csv", "--data", str(tmp_path / data)])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err[:5]

    code, told = asked("data")
    assert (code, len(faulty.seen) > 5) == (0, True)
    requests = len(faulty.seen)
    assert asked("other") == (0, told)
    assert len(faulty.seen) == requests
    faulty.fault = lambda _: 401
    assert asked("data") == (2, "AB308")
