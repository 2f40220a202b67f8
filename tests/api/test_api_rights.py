"""Customers' rights by REST: data protection's own systems disclose and erase; nobody else may."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from augenblick.api import forgetting
from augenblick.api.long_work import REMEMBERED, LongWork

OFFICER = {"Acting-Role": "data_protection", "Purpose-Of-Use": "data_protection"}
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"}


def ended(client: httpx.Client, address: str, *, patience: float = 120) -> httpx.Response:
    """Ask until a piece of work is done."""
    until = time.monotonic() + patience
    while (answer := client.get(address, headers=OFFICER)).json().get("state") in ("waiting", "running"):
        assert time.monotonic() < until, answer.text
    return answer


def test_disclosure_tells_all_as_data_and_as_a_page(running) -> None:
    told = running.client.get("/v1/customers/kid/disclosure", headers=OFFICER)
    assert (told.status_code, told.json()["customer_id"]) == (200, "kid")
    assert told.json()["records"]["Buchungen"]
    assert told.json()["inferred"]
    page = running.client.get("/v1/customers/kid/disclosure", params={"format": "html"}, headers=OFFICER)
    assert "Auskunft nach Art. 15 DSGVO" in page.text
    assert running.client.get("/v1/customers/nobody/disclosure", headers=OFFICER).status_code == 404


def test_customers_erased_one_after_the_other_are_gone_with_a_certificate_each_that_is_kept(running) -> None:
    begun = [running.client.post("/v1/erasures", json={"customer_id": who}, headers=OFFICER) for who in ("kid", "mum")]
    assert [each.status_code for each in begun] == [202, 202]
    for answer in begun:
        done = ended(running.client, answer.headers["location"]).json()
        assert (done["state"], done["outcome"]["removed"]["customers"]) == ("done", 1)
        assert done["outcome"]["reference"] == done["reference"]
    for who in ("kid", "mum"):
        assert running.client.get(f"/v1/customers/{who}", headers=OFFICER).status_code == 404
    kept = running.client.get("/v1/erasures", headers=OFFICER).json()
    assert {each["reference"] for each in kept} == {each.json()["reference"] for each in begun}
    running.server.config.app.state.long_work.forget(forgetting.ERASURE)  # as after a restart
    later = running.client.get(begun[0].headers["location"], headers=OFFICER).json()
    assert later["outcome"] in kept
    assert not list((Path(running.settings.data) / "erasing").iterdir())


def test_unknown_customer_cannot_be_erased_nor_an_unknown_certificate_be_read(running) -> None:
    assert running.client.post("/v1/erasures", json={"customer_id": "nobody"}, headers=OFFICER).status_code == 404
    unknown = running.client.get("/v1/erasures/00000000-0000-4000-8000-000000000000", headers=OFFICER)
    assert (unknown.status_code, "POST" in unknown.json()["hint"]) == (404, True)


def test_rights_are_closed_to_other_roles(running) -> None:
    asked = [
        running.client.get("/v1/customers/kid/disclosure", headers=ADVISER),
        running.client.post("/v1/erasures", json={"customer_id": "kid"}, headers=ADVISER),
        running.client.get("/v1/erasures", headers=ADVISER),
    ]
    assert [each.status_code for each in asked] == [403, 403, 403]


def test_work_that_waits_is_done_however_much_was_begun() -> None:
    works, order = LongWork(), []
    pieces = [works.begin(n, lambda _, n=n: order.append(n)) for n in range(REMEMBERED + 5)]
    works.close()
    assert order == list(range(REMEMBERED + 5))
    assert {piece.state for piece in pieces} == {"done"}
