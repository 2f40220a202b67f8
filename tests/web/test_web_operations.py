"""What who runs the service sees and does: files in, refused rows out and in again, health, pace, stopped work."""

from __future__ import annotations

import re
import shutil
import threading
import time

import httpx
import pytest

import small_bank
from augenblick import pipeline, web
from augenblick.api.long_work import LongWork
from augenblick.api.slow_queries import SLOW_SECONDS, SlowQueries
from augenblick.store import DataDirectory
from augenblick.web import desk, refusals, words
from hostile import read
from running_service import starting
from visiting import done, entered

BOOKINGS = """transaction_id,account_id,booking_date,amount,currency,counterparty_name,purpose
n-1,a-kid,2026-05-05,-12.50,EUR,Gemüse Kraut,Einkauf
n-2,a-kid,2026-05-35,-13.50,EUR,Gemüse Kraut,=1+1
"""
FILE = "transactions-<img src=x onerror=window.harmed=1>.csv"
PATIENCE = 120


def _load(client: httpx.Client, token: str, text: str) -> str:
    answer = client.post("/loads", data={"token": token}, files={"files": (FILE, text, "text/csv")})
    assert answer.status_code == 303
    return done(client, "/loads", patience=PATIENCE)


@pytest.mark.slow
def test_refused_rows_are_downloaded_corrected_and_loaded_again(own) -> None:
    with entered(own.url, "operator", "Otto", "/loads") as (client, token):
        page = _load(client, token, BOOKINGS)
        assert "2 rows read, 1 taken in, 0 there already, 1 refused" in page
        (number,) = set(re.findall(r'<a href="/loads/(\d+)">Load', page))
        one = client.get(f"/loads/{number}").text
        harm, text = read(one)
        assert (harm, f"{FILE}, line 3" in text) == ([], True)
        assert "kein gültiges Datum" in client.get(f"/loads/{number}", headers={"Accept-Language": "de"}).text
        own.server.config.app.state.writer.reading(lambda _: None)
        assert "handed in" in client.get("/loads").text
        assert "2026-05-35" not in client.get(f"/loads/{number}/rejects.csv").text.splitlines()[0]
        rows = client.get(f"/loads/{number}/transactions.csv")
        assert "attachment" in rows.headers["content-disposition"]
        assert "2026-05-35" in rows.text
        corrected = _load(client, token, rows.text.replace("2026-05-35", "2026-05-25"))
        assert "1 rows read, 1 taken in, 0 there already, 0 refused" in corrected


@pytest.mark.parametrize(("language", "said"), [("de", "Neue Daten werden"), ("en", "New data are being worked on")])
def test_page_that_needs_the_tables_says_what_it_waits_for_and_comes_by_itself(
    own, monkeypatch, language: str, said: str
) -> None:
    monkeypatch.setattr(desk, "GLANCE_SECONDS", 0.01)
    writer, tongue = own.server.config.app.state.writer, {"Accept-Language": language}
    with entered(own.url, "operator", "Otto", "/loads") as (client, _):
        with writer.alone():
            whole = client.get("/loads/1", headers=tongue)
            part = client.get("/loads/1", headers={**tongue, "HX-Request": "true"})
        monkeypatch.setattr(desk, "GLANCE_SECONDS", PATIENCE)
        assert client.get("/loads/1").status_code == 200
    assert (whole.status_code, whole.headers["retry-after"], said in whole.text) == (503, "3", True)
    assert '<meta http-equiv="refresh" content="3">' in whole.text
    assert (part.status_code, said in part.text, "<html" in part.text) == (200, True, False)
    assert 'hx-get="/loads/1"' in part.text


def test_pages_that_can_do_without_the_tables_are_there_while_something_is_worked_on(own) -> None:
    writer = own.server.config.app.state.writer
    with entered(own.url, "operator", "Otto", "/loads") as (client, _):
        with writer.alone():
            page = client.get("/loads")
        assert (page.status_code, "The list is here again" in page.text) == (200, True)
        assert "Load files" in page.text
    with entered(own.url, "analyst", "Ana", "/overview") as (client, _):
        with writer.alone():
            page = client.get("/overview")
        assert (page.status_code, "is counted again" in page.text) == (200, True)
        assert "birth of a child" in page.text


def test_examination_tells_that_all_is_well_and_snapshots_which_is_current(own) -> None:
    with entered(own.url, "operator", "Otto", "/loads") as (client, token):
        assert client.get("/operation").text.count("answered from") == 1
        assert client.post("/operation/examination", data={"token": token}).status_code == 303
        page = done(client, "/operation", patience=PATIENCE)
    states = re.findall(r'<span class="sign (good|doubtful|bad)"', page)
    assert states
    assert "bad" not in states


def test_work_is_stopped_by_who_runs_the_service_but_not_what_must_come_to_its_end(own) -> None:
    works: LongWork = own.server.config.app.state.long_work
    going = threading.Event()

    def endless(progress) -> None:
        while True:
            going.set()
            progress("reason", 1, 3)

    with entered(own.url, "operator", "Otto", "/loads") as (client, token):
        piece = works.begin(("1", "impact", "Eva"), endless)
        assert going.wait(PATIENCE)
        page = client.get("/operation").text
        assert f'name="number" value="{piece.number}"' in page
        assert "Eva" not in page
        client.post("/operation/stop", data={"token": token, "number": piece.number})
        until = time.monotonic() + PATIENCE
        while piece.going_on:
            assert time.monotonic() < until
        assert piece.state == "stopped"


def test_slow_questions_are_told_by_digest_the_slowest_first() -> None:
    kept = SlowQueries()
    kept.note("sha256:ab", "analyst", SLOW_SECONDS)
    kept.note("sha256:cd", "analyst", 9.0)
    kept.note("sha256:ef", "analyst", 0.01)
    kept.note("sha256:01", "analyst", 0.01, "BadRule")
    assert [each.name for each in kept.slowest(2)] == ["sha256:cd", "sha256:ab"]
    assert [each.outcome for each in kept.slowest(9)] == ["answered", "answered", "BadRule"]


@pytest.mark.parametrize(("language", "mean"), [("de", "Im Mittel"), ("en", "On average")])
def test_pace_tells_routes_and_slow_questions_without_what_was_asked(served, signed_in, language, mean) -> None:
    signed_in("adviser").get("/customers/mum")
    served.server.config.app.state.slow_queries.note("sha256:0123456789abcdef", "analyst", 1.5)
    page = signed_in("operator", language).get("/operation/pace").text
    assert mean in page
    assert "/customers/{customer}" in page
    assert "0123456789ab" in page
    assert "mum" not in page


def test_pages_of_operation_are_closed_to_others(signed_in) -> None:
    for path in ("/loads", "/loads/1", "/loads/1/transactions.csv", "/operation", "/operation/pace"):
        assert signed_in("adviser").get(path).status_code == 403, path


FAULTY = """transaction_id,account_id,booking_date,amount,currency,counterparty_name,purpose
f-1,a-kid,05.05.2026,-12.50,EUR,Kraut,Einkauf
f-2,a-kid,2026-05-05,"-12,50",EUR,Kraut,Einkauf
f-3,a-kid,2026-05-05,viel,EUR,Kraut,Einkauf
f-4,a-kid,1850-05-05,-12.50,EUR,Kraut,Einkauf
f-5,a-kid,2990-05-05,-12.50,EUR,Kraut,Einkauf
f-6,nobody,2026-05-05,-12.50,EUR,Kraut,Einkauf
f-7,a-kid,2026-05-05,,EUR,Kraut,Einkauf
f-8,a-kid,2026-05-05,-12.50,euro,Kraut,Einkauf
f-9,a-kid,2026-05-05,-12.50,EUR,Kraut,Einkauf
f-9,a-kid,2026-05-05,-13.50,EUR,Kraut,Einkauf
"""
TYPED = "customer_id,related_customer_id,relation,valid_from\nmum,kid,chil,2020-01-01\nmum,kid,zzzzzzzz,2020-01-01\n"
HEADLESS = "transaction_id,account_id,booking_date,currency\nf-10,a-kid,2026-05-05,EUR\n"


def test_every_refusal_is_told_in_german_with_its_mend(tmp_path) -> None:
    small_bank.family(tmp_path / "export")
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, tmp_path / "export")
    told: set[tuple[refusals.Kind, str]] = set()
    for name, text in (("transactions", FAULTY), ("relations", TYPED), ("transactions", HEADLESS)):
        shutil.rmtree(tmp_path / "export")
        (tmp_path / "export").mkdir()
        (tmp_path / "export" / f"{name}.csv").write_text(text, "utf-8")
        for each in pipeline.load(directory, tmp_path / "export").rejects:
            told |= {("reason", each.reason), ("hint", each.hint or "")}
    assert len(told) > 15
    known = {(kind, text) for kind, text in told if words.knows("refused." + text.replace(" ", "_"))}
    without = {text for kind, text in told - known if text and refusals.told(kind, text, "de") is None}
    assert without == set()


def test_bank_with_nothing_in_it_takes_files_and_says_what_comes_next(tmp_path, content) -> None:
    with starting(tmp_path / "data", content, web.routers()) as serve:
        served = serve()
        with httpx.Client(base_url=served.url, headers={"Accept-Language": "de"}, timeout=30) as client:
            client.post("/sign-in", data={"role": "operator", "name": "Eva"})
            page = client.get("/loads")
            assert (page.status_code, 'type="file"' in page.text) == (200, True)
            assert "<code>augenblick ingest ORDNER</code>" in page.text
            part = client.get("/moments/childbirth/found", headers={"HX-Request": "true"})
            assert "Es ist noch nichts geladen und ausgewertet." in part.text
            assert "<header" not in part.text
