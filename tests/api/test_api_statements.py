"""What customers say, written down by their adviser: moments, consents, objections; and what is asked about them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date

import pytest

from augenblick.policy import AuditLog
from augenblick.policy.audit import REFUSED
from lean_content import lean_content
from running_service import Served, starting

CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
ADVICE = {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"}
ANALYST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}


@pytest.fixture(scope="module")
def running(detected, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("live")
    shutil.copytree(detected, folder / "data")
    content = lean_content(folder / "content", "childbirth", "grandchild-birth")
    with starting(folder / "data", content) as serve:
        yield serve(as_of=date(2026, 6, 30))


def birth(running: Served) -> str:
    (moment,) = running.client.get("/v1/customers/kid/moments", headers=ADVISER).json()
    return moment["moment_id"]


def test_reading_of_a_person_enters_the_audit_log_before_it_is_answered(running: Served) -> None:
    log = AuditLog(running.settings.data)
    moment = birth(running)
    before = sum(1 for _ in log.entries())
    for path in ("customers/kid", "customers?name=ada", "customers/kid/offers", f"moments/{moment}", "customers/no"):
        running.client.get(f"/v1/{path}", headers=ADVISER)
    running.client.post("/v1/customers/lookup", json={"customers": ["kid", "mum"]}, headers=ADVISER)
    asked = list(log.entries())[before:]
    assert [(e.door, e.question, e.outcome) for e in asked] == [
        ("offers", "customer", "admitted"),
        ("offers", "search", "admitted"),
        ("offers", "offers", "admitted"),
        ("offers", "moment", "admitted"),
        ("offers", "customer", "withheld"),
        ("offers", "customer", "admitted"),
        ("offers", "customer", "admitted"),
    ]
    assert len({e.subject for e in asked}) == 3
    assert log.verify() >= len(asked)
    assert "kid" not in json.dumps([vars_of(e) for e in asked])


def test_request_at_a_closed_door_enters_the_audit_log_about_whom_it_was(running: Served) -> None:
    before = sum(1 for _ in AuditLog(running.settings.data).entries(subject="kid"))
    assert running.client.get("/v1/customers/kid/offers", headers=ANALYST).status_code == 403
    noted = list(AuditLog(running.settings.data).entries(subject="kid"))[before:]
    assert [(e.role, e.purpose, e.door, e.outcome) for e in noted] == [("analyst", "analysis", "offers", REFUSED)]


def vars_of(entry: object) -> dict[str, object]:
    return {name: getattr(entry, name) for name in ("actor", "subject", "question", "source")}


def test_moment_is_told_with_counterfactual_dialogue_and_why_not(running: Served) -> None:
    moment = birth(running)
    found = running.client.get(f"/v1/moments/{moment}/counterfactual", headers=ADVISER | {"Accept-Language": "en"})
    assert found.status_code == 200
    assert {change["kind"] for change in found.json()} >= {"data"}
    dialogue = running.client.get(f"/v1/moments/{moment}/dialogue", headers=ADVISER)
    assert (dialogue.status_code, dialogue.headers["content-language"]) == (200, "de")
    assert dialogue.json()["words"]
    told = running.client.get("/v1/customers/mum/why-not/childbirth", headers=ADVISER)
    assert (told.status_code, told.json()["slug"]) == (200, "childbirth")
    assert running.client.get("/v1/customers/mum/why-not/nothing", headers=ADVISER).status_code == 404


def test_readiness_is_told_to_who_may_query_and_counts_nobody_single(running: Served) -> None:
    few = {"Acting-Role": "aggregate_analyst", "Purpose-Of-Use": "analysis"}
    for headers in (ANALYST, few):
        found = running.client.get("/v1/readiness", headers=headers)
        assert (found.status_code, found.json()["customers"]) == (200, 0)  # of two
        assert not any(each["present"] for each in found.json()["inputs"])
    assert running.client.get("/v1/readiness", headers=CRM).status_code == 403


def test_dismissal_without_a_reason_is_refused(running: Served) -> None:
    said = {"action": "dismissed", "reason": "  "}
    answer = running.client.post(f"/v1/moments/{birth(running)}/feedback", json=said, headers=ADVISER)
    assert (answer.status_code, "reason" in answer.text) == (422, True)


def test_objection_counts_from_the_next_answer_on_and_declared_moment_is_seen(running: Served) -> None:
    assert running.client.get("/v1/customers/kid/moments", headers=ADVICE).json() != []
    url = "/v1/customers/kid/objections"
    said = running.client.post(url, json={"purpose": "advice"}, headers=ADVISER | {"Prefer": "respond-async"})
    assert (said.status_code, said.json()["state"]) == (202, "taken")
    assert running.client.get("/v1/customers/kid/moments", headers=ADVICE).json() == []
    declared = {"moment": "childbirth", "occurred_on": "2026-03-01", "note": "Told at the counter."}
    url = "/v1/customers/mum/declared-moments"
    assert running.client.post(url, json=declared, headers=ADVISER, timeout=120).json()["state"] == "visible"
    (moment,) = running.client.get("/v1/customers/mum/moments", headers=ADVISER).json()
    assert (moment["type"], moment["state"]) == ("childbirth", "confirmed")


def test_statement_nobody_may_make_is_refused(running: Served) -> None:
    def said(customer: str, kind: str, body: object, headers: dict[str, str] = ADVISER) -> int:
        return running.client.post(f"/v1/customers/{customer}/{kind}", json=body, headers=headers).status_code

    assert said("nobody", "consents", {"purpose": "advice", "status": "given"}) == 404
    assert said("kid", "consents", {"purpose": "fun", "status": "given"}) == 422
    assert said("kid", "consents", {"purpose": "advice", "status": "given", "valid_to": "1800-01-01"}) == 422
    assert said("kid", "declared-moments", {"moment": "nothing"}) == 400
    assert said("kid", "objections", {"purpose": "advice"}, ANALYST) == 403
