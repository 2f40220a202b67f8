"""Rows come in by REST: durable, checked row by row, and what follows is there with the answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from lean_content import lean_content
from running_service import Served, starting
from small_bank import HEADERS, benefit, groceries

CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
BENEFIT = benefit("kg-1", "a-kid", date(2026, 4, 14))


@pytest.fixture(scope="module")
def running(detected, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("live")
    shutil.copytree(detected, folder / "data")
    content = lean_content(folder / "content", "childbirth", "grandchild-birth")
    with starting(folder / "data", content) as serve:
        yield serve(as_of=date(2026, 6, 30))


def booking(*values: object) -> dict[str, str]:
    return {name: str(value) for name, value in zip(HEADERS["transactions"], values, strict=False)}


def births(running: Served) -> list[str]:
    found = running.client.get("/v1/moments", params={"type": "childbirth"}, headers=ADVISER).json()["moments"]
    return [moment["moment_id"] for moment in found]


def deliver(running: Served, body: Any, table: str | None = None, **headers: str) -> httpx.Response:
    path = f"/v1/tables/{table}/rows" if table else "/v1/deliveries"
    return running.client.post(path, json=body, headers=CRM | headers, timeout=120)


def test_delivery_is_visible_with_its_answer_and_told_by_the_feed(running: Served) -> None:
    (birth,) = births(running)
    gone = deliver(running, {"removed": {"transactions": [{"transaction_id": "kg-1"}]}})
    assert (gone.status_code, gone.json()["state"], gone.json()["totals"]["removed"]) == (200, "visible", 1)
    assert births(running) == []
    row = booking(*BENEFIT)
    text = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    sent = running.client.post(
        "/v1/deliveries/files",
        files=[("files", ("transactions-late.csv", text))],
        headers=CRM | {"Prefer": "respond-async"},
        timeout=120,
    )
    assert (sent.status_code, sent.json()["state"], sent.json()["totals"]["loaded"]) == (202, "taken", 1)
    number = sent.json()["delivery"]
    running.server.config.app.state.deliveries.bring_into_step(number)  # waits for the pass that follows it up
    assert births(running) == [birth]
    assert running.client.get(sent.headers["location"], headers=CRM).json()["state"] == "visible"
    told = running.client.get("/v1/changes", params={"after": 0}, headers=CRM).json()["changes"]
    of_birth = [(c["kind"], c["cause"]) for c in told if c["moment_id"] == birth]
    assert of_birth == [("vanished", f"load {gone.json()['delivery']}"), ("appeared", f"load {number}")]


def test_delivery_with_some_bad_rows_tells_each_and_takes_the_rest(running: Served) -> None:
    known = booking(*groceries("a-kid", date(2024, 5, 1), 1)[0])
    bad = known | {"transaction_id": "new-1", "amount": "much"}
    lost = known | {"transaction_id": "new-2", "account_id": "nowhere"}
    answer = deliver(running, [known, bad, lost], "transactions")
    assert (answer.status_code, answer.json()["totals"]["unchanged"], answer.json()["totals"]["rejected"]) == (
        200,
        1,
        2,
    )
    rejects = [(r["table"], r["row"], r["field"]) for r in answer.json()["rejects"]]
    assert rejects == [("transactions", 2, "amount"), ("transactions", 3, "account_id")]
    assert all(row["reason"] for row in answer.json()["rejects"])


def test_delivery_of_bad_rows_only_is_a_problem(running: Served) -> None:
    answer = deliver(
        running, {"customer_id": "nobody", "purpose": "advice", "status": "given", "valid_from": "x"}, "consents"
    )
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {row["table"] for row in answer.json()["rejects"]} == {"consents"}


@pytest.mark.parametrize(
    ("faulty", "field"),
    [
        ({"valid_from": "2026-03-01", "valid_to": "2026-02-28"}, "valid_to"),
        ({"purpose": "tracking"}, "purpose"),
        ({"status": "perhaps"}, "status"),
        ({"channel": "pigeon"}, "channel"),
        ({"valid_from": "soon"}, "valid_from"),
    ],
)
def test_consent_that_is_none_is_refused_with_field_and_reason_and_opens_nothing(
    running: Served, faulty: dict[str, str], field: str
) -> None:
    said = {"purpose": "analysis", "status": "given"} | faulty
    before = running.client.get("/v1/customers/kid", headers=ADVISER).json()
    answer = running.client.post("/v1/customers/kid/consents", json=said, headers=ADVISER, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert field in answer.text
    assert running.client.get("/v1/customers/kid", headers=ADVISER).json() == before


@pytest.mark.parametrize(
    ("body", "table", "status"),
    [
        ({"rows": {"nothing": [{"a": "b"}]}}, None, 400),
        ({"rows": {"transactions": [{"amonut": 1}]}}, None, 400),
        ({"rows": {}}, None, 400),
        ({"removed": {"customers": [{"customer_id": "kid"}]}}, None, 400),
        ({"removed": {"customers": [{"name": "kid"}]}}, None, 400),
        ({"removed": {"transactions": [{"transaction_id": None}]}}, None, 200),
        ([], "transactions", 400),
        ([{}], "transactions", 422),
        ([{"amount": [1]}], "transactions", 422),
        ([{}], "nothing", 404),
    ],
)
def test_delivery_that_is_none_is_refused_with_its_reason(running: Served, body: Any, table: str, status: int) -> None:
    answer = deliver(running, body, table)
    assert answer.status_code == status, answer.text


def test_delivery_by_a_role_that_may_not_is_refused(running: Served) -> None:
    answer = deliver(running, [booking(*BENEFIT)], "transactions", **ADVISER)
    assert (answer.status_code, answer.json()["code"]) == (403, "AB502")


def test_delivery_sent_again_with_its_key_is_answered_as_before(running: Served) -> None:
    key = {"Idempotency-Key": "night-20261028-1"}
    first = deliver(running, [booking(*BENEFIT)], "transactions", **key)
    again = deliver(running, [booking(*BENEFIT)], "transactions", **key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.json()["totals"]["unchanged"] == 1
    assert deliver(running, [booking(*BENEFIT)] * 2, "transactions", **key).status_code == 409


@pytest.mark.parametrize("name", ["../transactions.csv", ".transactions.csv", "notes.pdf"])
def test_file_with_a_strange_name_never_leaves_its_folder(running: Served, name: str) -> None:
    files = [("files", (name, b"transaction_id\n"))]
    answer = running.client.post("/v1/deliveries/files", files=files, headers=CRM, timeout=60)
    assert 400 <= answer.status_code < 500
    assert not list(running.settings.data.glob("upload-*"))
