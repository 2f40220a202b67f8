"""Signing in by OpenID Connect: the code flow with PKCE, and every way it must not be got round."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from identity_provider import CLIENT, IdentityProvider
from joserfc.jwk import RSAKey

from augenblick.api import read_settings
from augenblick.api.settings import refuse_open_doors
from augenblick.model.errors import BadParameter


@pytest.fixture
def browser(guarded, provider) -> Iterator[httpx.Client]:
    """A browser that keeps cookies, before a provider that is as it should be."""
    provider.claims, provider.key, provider.unsigned = {}, provider.own_key, False
    with httpx.Client(base_url=guarded.url, headers={"Accept-Language": "en"}, timeout=30) as client:
        yield client


def _led(browser: httpx.Client, back: str = "/customers/mum") -> str:
    return browser.get("/sign-in/start", params={"back": back}).headers["location"]


def _back(browser: httpx.Client, provider: IdentityProvider, back: str = "/customers/mum") -> httpx.Response:
    code, state = provider.code_for(_led(browser, back))
    return browser.get("/sign-in/callback", params={"code": code, "state": state})


def test_person_signs_in_at_the_provider_and_comes_back_where_they_wanted(browser, provider) -> None:
    assert browser.get("/customers/mum").headers["location"].startswith("/sign-in")
    assert "/sign-in/start?back=" in browser.get("/sign-in", params={"back": "/customers/mum"}).text
    answer = _back(browser, provider)
    assert answer.status_code == 200
    assert 'content="0;url=/customers/mum"' in answer.text
    page = browser.get("/customers/mum")
    assert page.status_code == 200
    assert "eva · adviser" in page.text


def test_provider_is_asked_for_a_code_with_pkce_and_nothing_secret_in_the_address(browser) -> None:
    asked = parse_qs(urlsplit(_led(browser)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"][0].endswith("/sign-in/callback")
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert not {"code_verifier", "client_secret"} & set(asked)


def test_each_sign_in_has_secrets_of_its_own(browser) -> None:
    one, other = (parse_qs(urlsplit(_led(browser)).query) for _ in range(2))
    assert all(one[name] != other[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"sub": ""},
        {"roles": []},
        {"roles": ["root"]},
    ],
    ids=",".join,  # no values: both workers of a run must know a test by one name, and an hour ago is another time
)
def test_token_that_is_not_for_this_sign_in_is_refused(browser, provider, claims) -> None:
    provider.claims = claims
    answer = _back(browser, provider)
    assert answer.status_code == 403
    assert "augenblick_session" not in answer.cookies
    assert browser.get("/customers/mum").status_code == 303


def test_token_without_signature_is_refused(browser, provider) -> None:
    provider.unsigned = True
    assert _back(browser, provider).status_code == 403


def test_token_signed_by_another_key_is_refused(browser, provider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert _back(browser, provider).status_code == 403


def test_state_of_another_sign_in_is_refused(browser, provider) -> None:
    code, _ = provider.code_for(_led(browser))
    for state in ("guess", "", "é"):
        assert browser.get("/sign-in/callback", params={"code": code, "state": state}).status_code == 403


def test_code_brought_to_another_browser_is_refused(browser, provider, guarded) -> None:
    code, state = provider.code_for(_led(browser))
    with httpx.Client(base_url=guarded.url) as other:
        assert other.get("/sign-in/callback", params={"code": code, "state": state}).status_code == 403
        _led(other)
        assert other.get("/sign-in/callback", params={"code": code, "state": state}).status_code == 403


def test_code_works_once(browser, provider) -> None:
    code, state = provider.code_for(_led(browser))
    cookies = dict(browser.cookies)
    answer = {"code": code, "state": state}
    assert browser.get("/sign-in/callback", params=answer).status_code == 200
    assert httpx.get(f"{browser.base_url}/sign-in/callback", params=answer, cookies=cookies).status_code == 403


def test_callback_without_a_code_is_refused(browser) -> None:
    _led(browser)
    answer = browser.get("/sign-in/callback", params={"error": "access_denied", "state": "x"})
    assert answer.status_code == 403


def test_provider_leads_back_to_pages_of_this_service_only(browser, provider) -> None:
    for back in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        assert 'content="0;url=/"' in _back(browser, provider, back).text


def test_person_with_several_roles_chooses_among_theirs_only(browser, provider) -> None:
    provider.claims = {"roles": ["adviser", "expert"]}
    assert "url=/sign-in?back=" in _back(browser, provider).text
    form = browser.get("/sign-in").text
    assert 'value="expert"' in form
    assert 'value="analyst"' not in form
    assert 'name="name"' not in form
    assert browser.post("/sign-in", data={"role": "analyst", "name": "Somebody"}).status_code == 403
    assert browser.post("/sign-in", data={"role": "expert", "name": "Somebody"}).status_code == 303
    assert "eva · domain expert" in browser.get("/moments").text


def test_name_and_role_cannot_be_chosen_without_the_provider(browser) -> None:
    assert browser.post("/sign-in", data={"role": "adviser", "name": "Eva"}).headers["location"].startswith("/sign-in")


def test_rest_still_asks_for_a_token_where_people_sign_in_at_the_provider(browser, provider) -> None:
    _back(browser, provider)
    assert browser.get("/v1/customers/mum", headers={"Purpose-Of-Use": "advice"}).status_code == 401


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browser, provider) -> None:
    led = browser.get("/sign-in/start").headers["set-cookie"]
    assert "HttpOnly" in led
    assert "SameSite=lax" in led
    cookies = _back(browser, provider).headers.get_list("set-cookie")
    session = next(each for each in cookies if each.startswith("augenblick_session"))
    assert "HttpOnly" in session
    assert "SameSite=strict" in session


def test_provider_without_keys_for_rest_is_refused_at_the_start() -> None:
    settings = read_settings(None, oidc_issuer="https://id.bank.example", oidc_client_id=CLIENT)
    with pytest.raises(BadParameter, match="token_keys"):
        refuse_open_doors(settings)


def test_start_without_a_provider_is_not_found(served) -> None:
    assert httpx.get(served.url + "/sign-in/start").status_code == 404


def test_analyst_signed_in_at_the_provider_asks_the_graph_without_an_access_token(browser, provider) -> None:
    provider.claims = {"roles": ["analyst"]}
    _back(browser, provider)
    token = re.findall(r"&#34;token&#34;: &#34;([^&]+)&#34;", browser.get("/queries").text)[0]
    asked = {"query": "ASK { ?moment a <https://w3id.org/augenblick/ontology#Moment> }"}
    json = {"Accept": "application/sparql-results+json"}
    answer = browser.post("/queries/ask", data=asked, headers=json | {"Form-Token": token})
    assert (answer.status_code, answer.json()["boolean"]) == (200, True)
    for refused in (json, json | {"Form-Token": "another"}):
        assert browser.post("/queries/ask", data=asked, headers=refused).json()["code"] == "AB502"
    assert browser.post("/sparql", data=asked, headers=json).json()["code"] == "AB601"


def test_adviser_does_not_ask_the_graph(browser, provider) -> None:
    provider.claims = {"roles": ["adviser"]}
    _back(browser, provider)
    answer = browser.post("/queries/ask", data={"query": "ASK {}"}, headers={"Form-Token": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "AB502")


@pytest.mark.parametrize(
    ("role", "page"),
    [("operator", "/loads"), ("data_protection", "/policy"), ("adviser", "/today"), ("analyst", "/overview")],
)
def test_each_role_begins_at_the_page_of_its_own_work(signed_in, role, page) -> None:
    assert signed_in(role).get("/").headers["location"] == page
