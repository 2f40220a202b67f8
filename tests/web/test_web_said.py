"""What is said of a moment on the pages: told with who said it, and taken wherever the server takes it."""

from __future__ import annotations

import re

import httpx
import pytest


@pytest.fixture
def adviser(own) -> httpx.Client:
    """An adviser on a service of her own."""
    own.client.headers["Accept-Language"] = "en"
    own.client.post("/sign-in", data={"role": "adviser", "name": "Eva"})
    return own.client


def _moment(client: httpx.Client) -> str:
    """Return the kid's only open moment, which its evidence alone confirms."""
    return re.findall(r'name="moment" value="([^"]+)"', client.get("/customers/kid").text)[0]


def _say(client: httpx.Client, moment: str, action: str, **more: str) -> httpx.Response:
    token = re.search(r'name="token" value="([^"]+)"', client.get("/customers/kid").text)
    return client.post("/said", data={"token": token[1] if token else "", "moment": moment, "action": action, **more})


def _may(client: httpx.Client, moment: str) -> list[str]:
    return re.findall(r'name="action" value="([^"]+)"', client.get("/said", params={"moment": moment}).text)


def test_everything_the_server_takes_of_a_moment_can_be_said_on_its_page(adviser) -> None:
    moment = _moment(adviser)
    assert _may(adviser, moment) == ["dismissed", "outcome"]
    _say(adviser, moment, "confirmed")
    assert _may(adviser, moment) == ["reopened", "dismissed", "outcome"]
    _say(adviser, moment, "acted")
    assert _may(adviser, moment) == ["reopened", "dismissed", "outcome"]
    for action in ("outcome", "dismissed", "reopened"):
        assert action in _may(adviser, moment)
        assert _say(adviser, moment, action, reason="A niece", note="A plan").status_code == 303, action


def test_what_was_said_is_told_with_who_said_it_and_why(adviser) -> None:
    moment = _moment(adviser)
    assert "Nobody has said anything of it yet" in adviser.get("/said", params={"moment": moment}).text
    _say(adviser, moment, "outcome", note="<b>A savings plan</b>")
    _say(adviser, moment, "dismissed", reason="A niece")
    page = adviser.get("/said", params={"moment": moment}).text
    told = re.findall(r"<li><b>([^<]+)</b> <span class=\"dim\">([^,<]+),", page)
    assert told == [("Outcome", "Eva"), ("It is not so", "Eva")]
    assert "&lt;b&gt;A savings plan&lt;/b&gt;" in page
    assert "A niece" in page


def test_page_that_fails_inside_is_a_page_that_tells_nothing_of_it(own, adviser) -> None:
    own.server.config.app.state.dossiers = None
    answer = adviser.get("/today")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "Something went wrong" in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "NoneType" not in answer.text


def test_first_page_shows_one_kind_of_moment_where_asked(adviser) -> None:
    page = adviser.get("/today", params={"moment": "grandchild-birth"}).text
    shown = re.findall(r'<span class="label">([^<]+)</span>', page)
    assert set(shown) == {"birth of a grandchild"}
    assert "birth of a child (1)" in page
