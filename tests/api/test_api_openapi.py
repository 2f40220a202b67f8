"""Every operation of the OpenAPI document is executed with the document's own examples; answers are as it says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from published import GRAPHS, publish_quads

from augenblick.ingest import LoadReport
from augenblick.model.terms import AUG
from augenblick.pipeline import Updater
from augenblick.pipeline.update import UpdateReport
from running_service import Served

ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
OFFICER = {"Acting-Role": "data_protection", "Purpose-Of-Use": "data_protection"}
ROLES = {
    "/v1/content": {"Acting-Role": "approver", "From": "grace"},
    "/v1/content/changes": {"Acting-Role": "expert", "From": "ada"},
    "/v1/content/versions": {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"},
    "/v1/deliveries": {"Acting-Role": "crm", "Purpose-Of-Use": "service"},
    "/v1/tables": {"Acting-Role": "crm", "Purpose-Of-Use": "service"},
    "/v1/changes": {"Acting-Role": "crm", "Purpose-Of-Use": "service"},
    "/v1/webhooks": {"Acting-Role": "operator", "Purpose-Of-Use": "operation"},
    "/v1/customers/kid/disclosure": OFFICER,
    "/v1/erasures": OFFICER,
    "/v1/customers/kid/offers": {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"},
}
"""Who asks, by the longest beginning of a path; else an adviser."""
ELSEWHERE = {
    "GET /v1/customers/{customer}/family/{other}": (404, "the mother has not agreed to be told of"),
    "POST /v1/erasures": (404, "nobody has the number: tests/api/test_api_rights.py"),
    "GET /v1/erasures/{reference}": (404, "nobody was erased"),
    "POST /v1/deliveries/files": (None, "files: tests/api/test_api_loading.py"),
    "POST /v1/content/changes/files": (None, "files: tests/api/test_api_editing.py"),
    "POST /v1/content/rollback": (None, "needs a published version: tests/editing/test_editing_expert_day.py"),
    "POST /v1/content/versions/{version}/queries": (None, "long work: tests/api/test_api_past.py"),
    "GET /v1/content/versions/{version}/queries/{question}": (404, "nothing was asked: tests/api/test_api_past.py"),
    **{
        f"{method} /v1/content/changes/{{number}}/{{kind}}": (None, "long work: tests/api/test_api_editing.py")
        for method in ("POST", "GET", "DELETE")
    },
}
WEBHOOK = {"name": "crm", "url": "http://127.0.0.1:9/none", "secret": "s" * 24}


@pytest.fixture
def running(serve: Any, detected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    shutil.copytree(detected, tmp_path / "data")
    # What follows from the few deliveries that are taken is other tests' matter.
    monkeypatch.setattr(Updater, "derive", lambda _: UpdateReport(LoadReport()))
    return serve(webhooks=[WEBHOOK])


def example(place: dict[str, Any]) -> Any:
    found = place.get("examples") or place.get("schema", {}).get("examples")
    return found[0] if found else place.get("schema", {}).get("default")


def sent(
    running: Served, document: dict[str, Any], method: str, path: str, operation: dict[str, Any]
) -> httpx.Response:
    values = {each["name"]: example(each) for each in operation.get("parameters", ()) if each["in"] != "header"}
    query = {each["name"]: values[each["name"]] for each in operation.get("parameters", ()) if each["in"] == "query"}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    said = (resolved(document, body).get("example") or example(body)) if body else None
    assert (said is None) == (body is None), f"{method} {path}: no example of a body"
    for name, value in values.items():
        assert value is not None or "{" + name + "}" not in path, f"{method} {path}: no example of {name}"
        path = path.replace("{" + name + "}", str(value))
    who = next((ROLES[start] for start in sorted(ROLES, key=len, reverse=True) if path.startswith(start)), ADVISER)
    who = ROLES["/v1/content"] if "/changes/" in path and path.startswith("/v1/content") else who
    given = {name: value for name, value in query.items() if value is not None}
    return running.client.request(method, path, params=given, json=said, headers=who)


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found = schema
    for part in schema["$ref"].split("/")[1:] if "$ref" in schema else ():
        found = document if found is schema else found
        found = found[part]
    return found


def confirm_as_told(document: dict[str, Any], operation: dict[str, Any], answer: httpx.Response, label: str) -> None:
    told = operation["responses"].get(str(answer.status_code))
    assert told is not None, (label, answer.status_code, answer.text[:300])
    content = told.get("content", {}).get(answer.headers.get("content-type", "").partition(";")[0], {})
    if schema := content.get("schema"):
        jsonschema_rs.validate({**schema, "components": document["components"]}, answer.json())


def test_openapi_examples_are_executed_and_answers_are_as_the_document_says(running: Served) -> None:
    document = running.client.get("/v1/openapi.json").json()
    wrong: dict[str, str] = {}
    tried = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            label = f"{method.upper()} {path}"
            expected, _ = ELSEWHERE.get(label, (200, ""))
            if expected is None:
                continue
            tried += 1
            answer = sent(running, document, method.upper(), path, operation)
            if answer.status_code != expected and not (expected == 200 and answer.is_success):
                wrong[label] = f"{answer.status_code} {answer.text[:200]}"
                continue
            confirm_as_told(document, operation, answer, label)
    assert wrong == {}
    assert tried > 30


def test_phases_tell_the_latest_for_each_need_and_those_without_a_contact(
    serve: Any, detected: Path, tmp_path: Path
) -> None:
    shutil.copytree(detected, tmp_path / "data")
    facts, ontology, hidden = f"{GRAPHS}facts", f"{GRAPHS}ontology", f"{GRAPHS}facts/special/deadbeef"
    a, kid, need, other = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "<urn:kid>", "<urn:home>", "<urn:rest>"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    day = "<http://www.w3.org/2001/XMLSchema#date>"

    def seen(name: str, of: str, on: str, graph: str = facts) -> list[tuple[str, str, str, str]]:
        said = {"person": kid, "forNeed": of, "inPhase": f"<{AUG}ZeroMomentOfTruth>", "observedOn": f'"{on}"^^{day}'}
        kinds = [(graph, f"<urn:{name}>", a, f"<{AUG}{kind}>") for kind in ("LatestPhase", "PhaseObservation")]
        return [*kinds, *((graph, f"<urn:{name}>", f"<{AUG}{key}>", value) for key, value in said.items())]

    moment = {"person": kid, "momentType": "<urn:type>", "state": '"confirmed"'}
    quads = [
        (facts, kid, f"<{AUG}customerId>", '"kid"'),
        (ontology, "<urn:ontology>", a, "<http://www.w3.org/2002/07/owl#Ontology>"),
        *((ontology, need, label, text) for text in ('"Wohnen"@de', '"home"@en')),
        (ontology, "<urn:type>", f"<{AUG}need>", other),
        *((facts, "<urn:m>", f"<{AUG}{key}>", value) for key, value in moment.items()),
        *seen("one", need, "2026-05-01"),
        *seen("secret", "<urn:health>", "2026-05-02", hidden),
    ]  # fmt: skip
    publish_quads(
        tmp_path / "data", quads, open_to={facts: ["crm/service"], hidden: ["data_protection/data_protection"]}
    )
    running = serve()
    crm = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
    told = running.client.get("/v1/customers/kid/phases", headers=crm | {"Accept-Language": "en"}).json()
    assert [(each["need"], each["need_label"], each["since"]) for each in told] == [
        ("urn:home", "home", "2026-05-01"),
        ("urn:rest", None, None),
    ]
    assert running.client.get("/v1/customers/nobody/phases", headers=crm).status_code == 404
    assert running.client.get("/v1/customers/kid/phases", headers=ADVISER).json() == []
