"""Pages as they are sent: for each role, in both languages, behind the gate, with nothing but text in them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

MOMENT = "moment/kid/childbirth/2026-04-14"
KIN_MOMENT = "moment/mum/grandchild-birth/2026-04-14"
PAGES = {
    "adviser": (
        "/today",
        "/customers",
        "/customers?find=uta",
        "/customers/mum",
        "/customers/kid",
        f"/said?moment={MOMENT}",
        f"/why?moment={MOMENT}",
        f"/why?moment={KIN_MOMENT}",
    ),
    "analyst": ("/overview", "/overview/readiness", "/queries"),
    "approver": ("/changes",),
    "expert": (
        "/moments",
        "/moments/childbirth",
        "/signals",
        "/signals/child-benefit",
        "/products",
        "/products/child-savings",
        "/moments/childbirth/edit",
        "/signals/child-benefit/edit",
        "/products/child-savings/edit",
        "/moments/childbirth/found",
        "/style",
        "/history",
        "/shadow",
        "/map",
    ),
    "data_protection": (
        "/policy",
        "/policy/decision",
        "/policy/decision?role=adviser&purpose=advice&others=silent",
        "/policy/processing",
        "/audit",
        "/rights",
        "/customers/kid",
    ),
    "operator": ("/loads", "/loads/1", "/operation", "/operation/pace"),
}
VISITS = [(role, path) for role, paths in PAGES.items() for path in paths]


def _moments(client: httpx.Client, customer: str) -> list[str]:
    return re.findall(r'name="moment" value="([^"]+)"', client.get(f"/customers/{customer}").text)


@pytest.mark.parametrize(("role", "path"), VISITS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_page_of_each_role_is_whole_and_in_the_language(signed_in, role, path, language) -> None:
    answer = signed_in(role, language).get(path)
    assert (answer.status_code, answer.headers["content-language"]) == (200, language)
    assert f'<html lang="{language}">' in answer.text
    assert answer.text.rstrip().endswith("</html>")


def test_every_content_page_can_be_opened(signed_in, content) -> None:
    client = signed_in("expert", "de")
    for room, things in (("moments", content.moments), ("signals", content.signals), ("products", content.products)):
        for thing in things:
            assert client.get(f"/{room}/{thing.slug}").status_code == 200, thing.iri


def test_page_without_sign_in_leads_to_the_sign_in(served) -> None:
    for path in ("/", "/today", "/customers/mum", "/why?moment=x", "/queries", "/policy", "/loads", "/audit"):
        answer = httpx.get(served.url + path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("analyst", "/today"),
        ("expert", "/customers/mum"),
        ("expert", "/why?moment=x"),
        ("adviser", "/queries"),
        ("adviser", "/loads"),
        ("adviser", "/audit"),
        ("analyst", "/audit"),
    ],
)
def test_page_behind_a_closed_door_is_refused_as_a_page(signed_in, role, path) -> None:
    answer = signed_in(role).get(path)
    assert answer.status_code == 403
    assert "Your role " in answer.text


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_address_at_which_nothing_is_is_a_page_to_browsers_and_a_problem_to_others(signed_in) -> None:
    client = signed_in("adviser", "de")
    page = client.get("/nowhere", headers=BROWSER)
    assert (page.status_code, "Das gibt es hier nicht" in page.text) == (404, True)
    assert client.get("/today/", headers=BROWSER).headers["location"].endswith("/today")
    for path in ("/nowhere", "/v1/nowhere"):
        problem = client.get(path)
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
    refused = client.get("/v1/deliveries", headers=BROWSER)
    assert (refused.status_code, refused.headers.get("allow")) == (405, "POST")


def test_browser_at_the_endpoint_is_led_to_the_page_for_queries_and_a_client_is_not(served) -> None:
    analyst = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}
    led = httpx.get(f"{served.url}/sparql", headers=BROWSER)
    assert (led.status_code, led.headers["location"]) == (303, "/queries")
    told = httpx.get(f"{served.url}/sparql", headers=analyst | {"Accept": "*/*"})
    assert (told.status_code, told.headers["content-type"].partition(";")[0]) == (200, "text/turtle")


def test_session_changed_by_hand_is_none(signed_in, served) -> None:
    cookie = signed_in("expert").cookies["augenblick_session"]
    body, _, seal = cookie.partition(".")
    for forged in (body[:-4] + "AAAA." + seal, body + ".", body, "." + seal, ""):
        assert httpx.get(served.url + "/moments", cookies={"augenblick_session": forged}).status_code == 303


def test_form_without_the_pages_token_is_refused(signed_in) -> None:
    client = signed_in("adviser")
    assert client.post("/purpose", data={"token": "guess", "purpose": "service"}).status_code == 403
    assert client.post("/sign-out", data={"token": "guess"}).status_code == 403
    (moment,) = _moments(client, "mum")[:1]
    assert client.post("/said", data={"token": "guess", "moment": moment, "action": "acted"}).status_code == 403


def test_sign_in_sent_by_another_site_is_refused(served) -> None:
    answer = httpx.post(served.url + "/sign-in", data={"role": "adviser"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_sign_in_leads_to_pages_of_this_service_only(served) -> None:
    for back in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"):
        answer = httpx.post(served.url + "/sign-in", data={"role": "expert", "back": back})
        assert answer.headers["location"] == "/"
        assert httpx.get(served.url + "/language/en", params={"back": back}).headers["location"] == "/"


def test_hostile_texts_are_shown_as_text(signed_in) -> None:
    client = signed_in("adviser")
    kid, mum = client.get("/customers/kid").text, client.get("/customers/mum").text
    moment = _moments(client, "kid")[0]
    pages = (kid, mum, client.get("/today").text, client.get("/customers", params={"find": "ada"}).text,
             client.get("/why", params={"moment": moment}).text,
             client.get("/customers", params={"find": "<script>x</script>"}).text)  # fmt: skip
    for page in pages:
        assert "<script>" not in page
        assert "<img src=x" not in page
        assert "<b>Kindergeld" not in page
    assert "{{7*7}}" in kid
    assert "&lt;b&gt;Kindergeld" in pages[4]


def test_policy_of_content_allows_no_script_in_a_page_and_no_other_host(signed_in) -> None:
    client = signed_in("analyst")
    for path in ("/queries", "/moments"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "connect-src 'self'" in policy


def test_pages_call_no_other_host(signed_in) -> None:
    for role, path in VISITS:
        page = signed_in(role).get(path).text
        assert not re.findall(r'(?:src|href|action|hx-get)="(?:https?:)?//', page), path


def test_asset_is_kept_by_browsers_and_changes_its_address(signed_in, served) -> None:
    page = signed_in("expert").get("/moments").text
    (address,) = re.findall(r'href="(/static/[0-9a-f]+/pages\.css)"', page)
    answer = httpx.get(served.url + address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert httpx.get(served.url + "/static/0000/pages.css").status_code == 404
    assert httpx.get(served.url + "/static/0000/../web/words.toml").status_code == 404


def test_purpose_decides_what_is_seen(signed_in) -> None:
    client = signed_in("adviser")
    page = client.get("/customers/kid").text
    (token,) = set(re.findall(r'name="token" value="([^"]+)"', page))
    answer = client.post("/purpose", data={"token": token, "purpose": "advertising", "back": "/customers/kid"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers/kid")
    assert client.get("/customers/kid").status_code == 404  # she has not agreed to advertising
    refused = client.post("/purpose", data={"token": token, "purpose": "analysis"})
    assert refused.status_code == 403


def test_relative_who_has_not_agreed_stays_unnamed(signed_in) -> None:
    kid = signed_in("adviser").get("/customers/kid").text
    assert "unnamed" in kid
    assert "Uta" not in kid
    assert "Ada&lt;script" in signed_in("adviser").get("/customers/mum").text  # the daughter has agreed


def test_moment_is_explained_down_to_the_booking_line(signed_in) -> None:
    client = signed_in("adviser", "de")
    moment = _moments(client, "kid")[0]
    page = client.get("/why", params={"moment": moment})
    part = client.get("/why", params={"moment": moment}, headers={"HX-Request": "true"})
    assert page.status_code == part.status_code == 200
    assert "<html" in page.text
    assert "<html" not in part.text
    assert "transactions.csv, Zeile" in part.text
    assert "259,00" in part.text
    assert "14. April 2026" in part.text


def test_people_who_ask_for_reasons_at_the_same_time_all_get_them(signed_in) -> None:
    clients = [signed_in("adviser") for _ in range(4)]
    moment = _moments(clients[0], "kid")[0]
    with ThreadPoolExecutor(len(clients)) as together:
        answers = list(together.map(lambda client: client.get("/why", params={"moment": moment}), clients))
    assert [answer.status_code for answer in answers] == [200] * len(clients)


def test_library_query_is_filled_with_the_values_given(signed_in) -> None:
    client = signed_in("analyst")
    hostile = 'x" . ?s ?p ?o } #'
    answer = client.get("/queries/customer-moments", params={"customer": hostile, "lang": "en"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert r'"x\" . ?s ?p ?o } #"' in answer.text
    assert client.get("/queries/customer-moments").status_code == 400
    assert client.get("/queries/nonsense").status_code == 404


def test_reading_a_page_of_customers_enters_the_audit_log(signed_in) -> None:
    adviser, officer = signed_in("adviser", name="Aude"), signed_in("data_protection")

    def asked() -> int:
        return officer.get("/audit").text.count("<td>Aude</td>")

    for path in ("/today", "/customers?find=uta", "/customers/mum", "/customers/nobody"):
        before = asked()
        adviser.get(path)
        assert asked() > before, path


@pytest.mark.parametrize(
    ("language", "title"),
    [("de", "Kindergeld beginnt nach langer Vorgeschichte ohne"), ("en", "Child benefit starts after a long history")],
)
def test_cases_of_a_moment_are_titled_in_the_language(signed_in, language, title) -> None:
    expert = signed_in("expert", language)
    assert title in expert.get("/moments/childbirth").text
    assert title in expert.get("/moments/childbirth/edit").text


@pytest.mark.parametrize(
    ("language", "nothing", "alone"),
    [
        ("de", "mindestens <b>0 Tage", "der Moment liegt höchstens"),
        ("en", "least <b>0 days", "the moment lies at most"),
    ],
)
def test_condition_that_always_holds_is_left_out_of_the_sentence(signed_in, language, nothing, alone) -> None:
    page = signed_in("expert", language).get("/moments/accident").text
    assert nothing not in page
    assert "special_category" not in page
    assert alone in page


def test_signal_is_told_in_words_and_its_expression_in_a_detail(signed_in) -> None:
    page = signed_in("expert").get("/signals/child-benefit").text
    told, _, rest = page.partition("<details")
    assert "FAMILIENKASSE" in told
    assert r"\bFAMILIENKASSE\b" not in told
    assert r"\bFAMILIENKASSE\b" in rest
