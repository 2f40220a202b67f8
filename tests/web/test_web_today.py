"""The adviser's first page: one's own customers or all one may see, and everything open within reach."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from test_web_sign_in import _back

from augenblick import lookup, web
from augenblick.store import DataDirectory
from augenblick.web import found_lately, today
from running_service import starting


def _looked_after(data, **advisers: str) -> None:
    """Write who looks after whom, as a load with that column would."""
    directory = DataDirectory(data)
    with directory.connect() as connection:
        for customer, adviser in advisers.items():
            connection.execute("UPDATE bank.customers SET adviser = ? WHERE customer_id = ?", [adviser, customer])
        lookup.write(connection, data, customers=list(advisers))


@pytest.fixture
def shared(untouched, content, tmp_path):
    """The family, the mother looked after by Eva, the daughter by Tom."""
    shutil.copytree(untouched, tmp_path / "data")
    _looked_after(tmp_path / "data", mum="Eva", kid="Tom")
    with starting(tmp_path / "data", content, web.routers()) as start:
        yield start(as_of="2026-06-30")


@contextmanager
def _enter(url: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Accept-Language": "en"}, timeout=30) as client:
        client.post("/sign-in", data={"role": "adviser", "name": name})
        yield client


def _customers(page: str) -> list[str]:
    return sorted(set(re.findall(r'class="cover" href="/customers/([^"]+)"', page)))


def _more(page: str) -> str | None:
    found = re.search(r'class="button" href="(/today[^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else None


def test_first_page_shows_ones_own_customers_and_all_where_asked(shared) -> None:
    with _enter(shared.url, "Eva") as eva, _enter(shared.url, "Tom") as tom:
        assert _customers(eva.get("/today").text) == ["mum"]
        assert _customers(tom.get("/today").text) == ["kid"]
        everybody = eva.get("/today", params={"whose": "all"}).text
        assert _customers(everybody) == ["kid", "mum"]
        assert 'href="/today?whose=all" aria-current="page">All I may see' in everybody
        assert _customers(eva.get("/today", params={"moment": "childbirth"}).text) == []


def test_choice_of_customers_is_no_permission(shared) -> None:
    with _enter(shared.url, "Eva") as eva:
        assert eva.get("/customers/kid").status_code == 200
        assert "looked after by Tom" in eva.get("/customers/kid").text


def test_who_looks_after_nobody_sees_all_and_is_told_so(shared) -> None:
    with _enter(shared.url, "Ida") as ida:
        page = ida.get("/today").text
        assert _customers(page) == ["kid", "mum"]
        assert "name you as the adviser of no customer" in page
        assert _customers(ida.get("/today", params={"whose": "mine"}).text) == []


def test_bank_that_names_no_advisers_shows_all_and_says_so(signed_in) -> None:
    page = signed_in("adviser").get("/today").text
    assert _customers(page) == ["kid", "mum"]
    assert "name no advisers" in page
    assert "My customers" not in page


def test_everything_open_is_within_reach_page_by_page(shared, monkeypatch) -> None:
    for name in ("PAGE", "MOST_LOOKED_AT", "MOST_SHOWN"):
        monkeypatch.setattr(today, name, 1)
    with _enter(shared.url, "Eva") as eva:
        seen, path = [], "/today?whose=all"
        while path:
            page = eva.get(path).text
            seen += re.findall(r'class="cover" href="/customers/([^"]+)"', page)
            path = _more(page)
    assert sorted(seen) == ["kid", "mum"]


def test_more_of_one_choice_keeps_it(shared, monkeypatch) -> None:
    monkeypatch.setattr(today, "MOST_SHOWN", 0)
    with _enter(shared.url, "Tom") as tom:
        following = _more(tom.get("/today", params={"moment": "childbirth"}).text)
    asked = parse_qs(urlsplit(following).query)
    assert (asked["whose"], asked["moment"]) == (["mine"], ["childbirth"])


def test_place_that_is_none_of_ours_is_told_so(shared) -> None:
    with _enter(shared.url, "Eva") as eva:
        assert eva.get("/today", params={"before": "x"}).status_code == 400


def test_adviser_moves_with_the_customers_row(shared) -> None:
    _looked_after(DataDirectory(shared.settings.data).path, mum="Tom")
    with _enter(shared.url, "Tom") as tom:
        assert _customers(tom.get("/today").text) == ["kid", "mum"]


def test_sign_in_for_development_names_advisers(shared, served) -> None:
    assert '<option value="Tom">' in httpx.get(shared.url + "/sign-in").text
    assert "<datalist" not in httpx.get(served.url + "/sign-in").text


def test_claim_of_the_provider_says_whose_customers_are_ones_own(provider, untouched, content, tmp_path) -> None:
    shutil.copytree(untouched, tmp_path / "data")
    _looked_after(tmp_path / "data", mum="4711")
    provider.claims = {"employee": "4711"}
    keys = {"token_keys": f"{provider.issuer}/keys", "oidc_issuer": provider.issuer}
    client = {"oidc_client_id": "augenblick-pages", "oidc_client_secret": "not-a-secret-outside-this-test"}
    with starting(tmp_path / "data", content, web.routers()) as start:
        running = start(**keys, **client, adviser_claim="employee", as_of=date(2026, 6, 30))
        with httpx.Client(base_url=running.url, headers={"Accept-Language": "en"}) as browser:
            _back(browser, provider)
            assert _customers(browser.get("/today").text) == ["mum"]


def test_page_of_a_moment_names_whom_it_found_lately_to_who_may_see_them(signed_in, monkeypatch) -> None:
    monkeypatch.setattr(found_lately, "MONTH", timedelta(days=100))
    part = signed_in("adviser").get("/moments/childbirth/found", headers={"HX-Request": "true"}).text
    assert 'href="/customers/kid' in part
    assert "/customers/kid" not in signed_in("expert").get("/moments/childbirth/found").text
