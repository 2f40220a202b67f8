"""Content is edited over REST: proposed by one, looked at and approved by another, by roles that may."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from augenblick.api.long_work import LongWork
from augenblick.model.progress import Progress
from lean_content import ROOT
from running_service import Served, starting

EXPERT = {"Acting-Role": "expert", "From": "Ada"}
APPROVER = {"Acting-Role": "approver", "From": "Ben"}
THIRD = APPROVER | {"From": "Cem"}
PATTERN = "https://w3id.org/augenblick/moment/childbirth#first-child-benefit"
LIGHTER = {"reason": "too sure", "operations": [{"do": "set_weight", "term": PATTERN, "weight": 2.6}]}


@pytest.fixture(scope="module")
def running(content, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with starting(tmp_path_factory.mktemp("content") / "data", content) as serve:
        yield serve()


@pytest.fixture(scope="module")
def proposed(running: Served) -> dict[str, Any]:
    answer = running.client.post("/v1/content/changes", json=LIGHTER, headers=EXPERT, timeout=60)
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/content/changes/1"), answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_proposal_says_what_it_changes_and_by_whom(running: Served, proposed: dict[str, Any]) -> None:
    assert (proposed["author"], proposed["reason"], proposed["published"]) == ("Ada", "too sure", None)
    again = running.client.get("/v1/content/changes/1", headers=APPROVER, timeout=60).json()
    assert (again["difference"], again["loosened"]) == (proposed["difference"], [])
    assert "2.6" in str(again["difference"])
    listed = running.client.get("/v1/content", headers=APPROVER).json()
    assert [change["name"] for change in listed["changes"]] == ["1"]
    assert (listed["state"], listed["serving"], listed["published"]) == ("serving", "", "")


def test_proposal_as_a_file_is_taken_as_the_verb_takes_it(running: Served) -> None:
    sheet = b"term,label,weight\n" + f"{PATTERN},x,1.5\n".encode()
    answer = running.client.post(
        "/v1/content/changes/files",
        files={"file": ("weights.nothing", sheet)},
        data={"reason": "a trial"},
        headers=EXPERT,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "AB102")


def test_fault_of_a_file_is_told_with_the_name_it_was_sent_under(running: Served) -> None:
    answer = running.client.post(
        "/v1/content/changes/files",
        files={"file": ("weights.csv", f"term,weight\n{PATTERN},heavy\n".encode())},
        data={"reason": "a trial"},
        headers=EXPERT,
    )
    assert (answer.status_code, answer.json()["where"]) == (400, "weights.csv, row 2, column B (weight)")


def test_case_that_the_guide_lets_expect_something_else_is_proposed_with_the_edit(running: Served) -> None:
    (listed,) = re.findall(r"^> (\[\{.*\}\])$", (ROOT / "docs/guide/service.md").read_text("utf-8"), re.MULTILINE)
    body = {"reason": "tax alone leaves a doubt", "operations": json.loads(listed)}
    answer = running.client.post("/v1/content/changes", json=body, headers=EXPERT, timeout=60)
    assert answer.status_code == 201, answer.text
    told = str(answer.json()["difference"])
    assert "5.5" in told
    assert "inheritance-tax-by-text" in told


def test_proposal_without_a_reason_or_with_an_unknown_term_is_refused(running: Served) -> None:
    for body, status in (({**LIGHTER, "reason": ""}, 422), ({**LIGHTER, "operations": [{"do": "x"}]}, 400)):
        assert running.client.post("/v1/content/changes", json=body, headers=EXPERT, timeout=60).status_code == status


@pytest.mark.parametrize("role", ["adviser", "crm", "analyst", "approver"])
def test_role_that_does_not_edit_cannot_propose(running: Served, role: str) -> None:
    answer = running.client.post("/v1/content/changes", json=LIGHTER, headers={"Acting-Role": role})
    assert (answer.status_code, answer.json()["code"]) == (403, "AB502")


@pytest.mark.usefixtures("proposed")
def test_author_cannot_approve_their_own_change(running: Served) -> None:
    answer = running.client.post("/v1/content/changes/1/publication", headers=APPROVER | {"From": "ada"})
    assert (answer.status_code, answer.json()["code"]) == (403, "AB502")
    assert running.client.delete("/v1/content/changes/1/publication", headers=APPROVER).status_code == 403


@pytest.mark.usefixtures("proposed")
def test_impact_that_waits_or_runs_is_stopped_and_says_so(running: Served) -> None:
    path = "/v1/content/changes/1/impact"
    works: LongWork = running.server.config.app.state.long_work
    begun, go_on = threading.Event(), threading.Event()

    def slow(progress: Progress) -> None:
        begun.set()
        assert go_on.wait(30)
        progress("next step", 0, 1)

    before = works.begin("before it", slow)
    assert begun.wait(30)
    assert running.client.post(path, headers=THIRD).json()["state"] == "waiting"
    assert running.client.delete(path, headers=THIRD).json()["state"] == "stopped"
    before.stop()
    go_on.set()
    assert running.client.get(path, headers=THIRD).json()["state"] == "stopped"
    done = threading.Event()
    works.begin("after it", lambda _: done.set())
    assert done.wait(30)
    assert (before.state, running.client.get(path, headers=THIRD).json()["outcome"]) == ("stopped", None)


def test_shadow_of_a_content_without_any_is_told(running: Served) -> None:
    assert running.client.get("/v1/content/shadow", headers=APPROVER).status_code == 404
    assert running.client.post("/v1/content/shadow", headers={"Acting-Role": "adviser"}).status_code == 403


@pytest.mark.usefixtures("proposed")
def test_impact_without_a_run_says_what_to_do_first(running: Served) -> None:
    path = "/v1/content/changes/1/impact"
    assert running.client.get(path, headers=APPROVER).status_code == 404
    assert running.client.post(path, headers=APPROVER).status_code == 202
    works = running.server.config.app.state.long_work
    works.begin("after it", lambda _: None)
    works.close()
    answer = running.client.get(path, headers=APPROVER)
    assert (answer.status_code, answer.json()["code"]) == (409, "AB301")
    assert running.client.delete(path, headers=APPROVER).json()["state"] == "failed"


def test_change_set_there_is_not_is_not_found(running: Served) -> None:
    assert running.client.get("/v1/content/changes/99", headers=APPROVER).status_code == 404
    assert running.client.post("/v1/content/changes/99/check", headers=APPROVER).status_code == 404
    assert running.client.post("/v1/content/rollback", json={"reason": "x"}, headers=APPROVER).status_code == 400
