"""A case that an edit means to come out otherwise: its author accepts the outcome, with a reason, on the page."""

from __future__ import annotations

import re
import threading
from datetime import date
from pathlib import Path

import httpx
import pytest

from augenblick.api import change_work
from augenblick.content.cases import Found
from augenblick.content.finding import Finding
from augenblick.model.terms import AUG
from augenblick.pipeline.checking import CheckReport
from running_service import Served

CASE = "ontology/moments/job-loss/cases/absence-and-benefit-are-one.yaml"
WEIGHT = f"https://w3id.org/augenblick/moment/job-loss#salary-stops|{AUG}weight"
OUTCOME = Found("ada", "job-loss", date(2026, 1, 1), date(2026, 3, 1), "tentative")
PATIENCE = 60


@pytest.fixture(autouse=True)
def failing_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the check find that a case fails, and the case show another outcome: to run both is tested elsewhere."""

    def check(root: Path, **_: object) -> CheckReport:
        return CheckReport(
            root, (Finding(CASE, "job-loss.absence-and-benefit-are-one", "case", "finds something else"),), {}, (), None
        )

    monkeypatch.setattr(change_work, "check", check)
    monkeypatch.setattr(change_work, "outcomes", lambda _edition, paths, **_: dict.fromkeys(paths, (OUTCOME,)))


def _send(client: httpx.Client, path: str, **given: str) -> httpx.Response:
    token = re.findall(r'name="token" value="([^"]+)"', client.get("/changes").text)[0]
    return client.post(path, data={"token": token, **given})


def _settled(served: Served) -> None:
    """Wait until all work that was begun has come to its end: one piece is done after the other."""
    done = threading.Event()
    served.server.config.app.state.long_work.begin(("after",), lambda _progress: done.set())
    assert done.wait(PATIENCE)


def _checked(served: Served, client: httpx.Client, weight: str) -> str:
    answer = _send(
        client, "/moments/job-loss/edit", field=WEIGHT, **{WEIGHT: weight}, step="propose", reason="Less sure"
    )
    place = answer.headers["location"]
    assert _send(client, f"{place}/begin", kind="check").status_code == 303
    _settled(served)
    return place


def test_outcome_accepted_by_the_author_is_proposed_with_the_edit_and_both_reasons(served, signed_in) -> None:
    eva = signed_in("expert")
    place = _checked(served, eva, "4.1")
    assert f'name="case" value="{CASE}"' in eva.get(place).text
    assert _send(eva, f"{place}/cases", case=CASE, reason="Pay may come late").status_code == 303
    _settled(served)
    (anew,) = re.findall(r'Proposed anew: <a href="(/changes/\d+)"', eva.get(place).text)
    page = eva.get(anew).text
    assert "Less sure · Pay may come late" in page
    assert re.search(r"<del>.*6\.3.*</del>.*<ins>.*4\.1.*</ins>", page, re.DOTALL)
    assert "state: tentative" in page


def test_outcome_is_not_accepted_without_a_reason_or_by_another_than_the_author(served, signed_in) -> None:
    eva, paul = signed_in("expert"), signed_in("approver", name="Paul")
    place = _checked(served, eva, "4.3")
    assert 'name="case"' not in paul.get(place).text
    assert _send(paul, f"{place}/cases", case=CASE, reason="x").status_code == 403
    _send(eva, f"{place}/cases", case=CASE, reason=" ")
    _settled(served)
    page = eva.get(place).text
    assert "The reason is missing" in page
    assert "Proposed anew" not in page
