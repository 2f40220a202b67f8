"""What the first questions need is read in the background: the service is there before it, and it is read once."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from augenblick import web
from augenblick.content import load_content
from augenblick.pipeline import rules
from running_service import starting
from visiting import entered

PATIENCE = 60


@pytest.fixture
def slow_rules(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event, list[int]]:
    """Rules that are read only once the second event is set; the first tells that somebody began to."""
    begun, go_on, times = threading.Event(), threading.Event(), []
    read = rules.load_rules

    def waiting(*arguments, **options):
        times.append(1)
        begun.set()
        assert go_on.wait(PATIENCE)
        return read(*arguments, **options)

    monkeypatch.setattr(rules, "load_rules", waiting)
    return begun, go_on, times


def test_service_reads_the_rules_once_beside_the_requests(detected, tmp_path, slow_rules) -> None:
    begun, go_on, times = slow_rules
    data = shutil.copytree(detected, tmp_path / "data")
    with starting(data, load_content(), web.routers()) as start:
        try:
            served = start(as_of="2026-06-30")
            url = served.url
            assert begun.wait(PATIENCE)
            with entered(url, "adviser", "Eva", "/customers/kid") as (client, _):
                assert client.get("/readyz").json()["status"] == "ready"
                assert client.get("/today").status_code == 200
                moment = client.get("/v1/customers/kid/moments").json()[0]["moment_id"]
                asked = {"moment": moment}
                early = client.get("/why", params=asked)
                assert (early.status_code, "still reads the rules" in early.text) == (503, True)
                part = client.get("/why", params=asked, headers={"HX-Request": "true"}).text
                assert ("still reads the rules" in part, "hx-trigger" in part) == (True, True)
                go_on.set()
                served.server.config.app.state.warming.join(PATIENCE)
                assert "transactions.csv" in client.get("/why", params=asked).text
        finally:
            go_on.set()
    assert times == [1]


def test_whoever_asks_while_rules_are_read_waits_for_them(slow_rules) -> None:
    begun, go_on, times = slow_rules
    content = load_content()
    with ThreadPoolExecutor() as people:
        asked = [people.submit(rules.rules_of, content) for _ in range(2)]
        assert begun.wait(PATIENCE)
        go_on.set()
        one, other = (each.result(PATIENCE) for each in asked)
    assert one is other
    assert times == [1]
