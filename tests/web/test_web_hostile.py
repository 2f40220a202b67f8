"""Attempts at cross-site scripting from files, ontology and people: every one is shown as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from test_web_pages import VISITS

from augenblick import web
from augenblick.content import Content, Words
from hostile import ATTEMPTS, read
from running_service import Served, starting
from visiting import done, entered

ALL = " ".join(ATTEMPTS)


def _sent(url: str, role: str, paths: list[str], name: str = "Eva") -> dict[str, str]:
    with httpx.Client(base_url=url, headers={"Accept-Language": "en"}, timeout=30) as client:
        client.post("/sign-in", data={"role": role, "name": name})
        return {path: client.get(path).text for path in paths}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Iterator[Served]:
    """A service without customers whose ontology and query library hold the attempts in every text."""
    folder = tmp_path_factory.mktemp("hostile")
    words = Words(ALL, ALL)
    moment, signal, product = content.moments[0], content.signals[0], content.products[0]
    patterns = tuple(replace(each, label=words, reason=words) for each in moment.patterns)
    spoken = tuple(
        replace(each, words=words, tone=words, must_not_say=words, hand_over=words) for each in moment.dialogues
    )
    made = replace(
        content,
        moments=(replace(moment, label=words, definition=words, example=words, patterns=patterns, dialogues=spoken),),
        signals=(replace(signal, label=words, definition=words, text_patterns=ATTEMPTS),),
        products=(replace(product, label=words, definition=words, words=words),),
        queries=folder / "queries",
    )
    (folder / "queries").mkdir()
    header = f"# title (en): {ALL}\n# title (de): {ALL}\n# answers (en): {ALL}\n# answers (de): {ALL}\n"
    Path(made.queries / "hostile.rq").write_text(f"{header}# roles: analyst\nSELECT ?s WHERE {{ ?s ?p ?o }}\n", "utf-8")
    with starting(folder / "data", made, web.routers()) as start:
        yield start()


def test_texts_of_ontology_and_library_are_shown_as_text(elsewhere, content) -> None:
    paths = [f"/{room}" for room in ("moments", "signals", "products")]
    paths += [f"/moments/{content.moments[0].slug}", f"/signals/{content.signals[0].slug}"]
    paths += [f"/products/{content.products[0].slug}"]
    pages = _sent(elsewhere.url, "expert", paths) | _sent(elsewhere.url, "analyst", ["/queries"])
    for path, page in pages.items():
        harm, text = read(page)
        assert harm == [], path
        assert ALL in text, path


def test_texts_of_a_banks_files_are_shown_as_text(served) -> None:
    for path, page in _sent(served.url, "adviser", ["/customers/kid", "/customers?find=ada", "/today"]).items():
        harm, text = read(page)
        assert harm == [], path
        assert ALL in text, path


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_text_somebody_types_is_shown_as_text(served, attempt) -> None:
    given = str(httpx.QueryParams({"find": attempt}))
    pages = _sent(served.url, "adviser", [f"/customers?{given}", "/customers/kid"], name=attempt)
    for path, page in pages.items():
        harm, text = read(page)
        assert harm == [], path
        assert attempt in text, path
    number, who = (str(httpx.QueryParams({name: attempt})) for name in ("number", "who"))
    asked = [f"/audit?{number}", f"/audit?{who}", f"/rights?{httpx.QueryParams({'customer': attempt})!s}"]
    for path, page in _sent(served.url, "data_protection", asked, name=attempt).items():
        harm, text = read(page)
        assert (harm, attempt in text) == ([], True), path


def test_texts_of_a_banks_files_are_text_in_a_disclosure_and_its_letter(served) -> None:
    with entered(served.url, "data_protection", "Eva", "/rights") as (client, token):
        path = client.post("/rights/disclosure", data={"token": token, "customer": "kid"}).headers["location"]
        harm, text = read(done(client, path))
        letter = client.get("/rights/disclosure/file", params={"customer": "kid"}).text
    assert (harm, ALL in text) == ([], True)
    assert [each for each in read(letter)[0] if each != "style"] == []
    assert ALL in read(letter)[1]


@pytest.mark.parametrize(("role", "path"), VISITS)
def test_page_holds_nothing_that_runs_and_its_policy_allows_no_inline_script(served, role, path) -> None:
    with httpx.Client(base_url=served.url, timeout=30) as client:
        client.post("/sign-in", data={"role": role, "name": "Eva"})
        answer = client.get(path)
    assert read(answer.text)[0] == []
    scripts = next(p for p in answer.headers["content-security-policy"].split("; ") if p.startswith("script-src"))
    assert scripts == "script-src 'self'"
