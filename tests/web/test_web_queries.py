"""The query workspace in a browser: what a query finds is told as people write it, and nothing of it stays behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from augenblick.model.terms import AUG
from browser import chromium
from hostile import ATTEMPTS
from visiting import at_the_door

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def workspace(browser, served) -> Iterator:
    """Return a function that opens the workspace as an analyst in a language."""
    contexts = []

    def enter(language: str) -> Page:
        contexts.append(
            browser.new_context(locale=language, base_url=served.url, viewport={"width": 1440, "height": 900})
        )
        page = contexts[-1].new_page()
        at_the_door(page, "analyst", "Eva")
        page.goto("/queries")
        return page

    yield enter
    for context in contexts:
        context.close()


def _ask(page: Page, query: str) -> None:
    page.locator(".tabPanel.active .CodeMirror").evaluate("(editor, text) => editor.CodeMirror.setValue(text)", query)
    page.locator(".tabPanel.active .yasqe_queryButton").click()


def _moments_of(page: Page, customer: str) -> None:
    form = page.locator("form[data-library$='/customer-moments']")
    form.locator("xpath=..").locator("summary").click()
    form.locator("input[name=customer]").fill(customer)
    form.get_by_role("button").click()


@pytest.mark.parametrize(
    ("language", "day", "sure"), [("de", "30. Juni 2026", "0,9241"), ("en", "30 June 2026", "0.9241")]
)
def test_result_is_written_as_people_write_it(workspace, language, day, sure) -> None:
    page = workspace(language)
    _ask(
        page,
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
        ' SELECT ("2026-06-30"^^xsd:date AS ?day) (0.9241 AS ?sure) ("x"@de AS ?word) {}',
    )
    row = page.locator(".yasr_results tbody tr")
    expect(row.locator("td")).to_have_text(["1", day, sure, "x"])


def test_what_a_result_names_leads_to_our_own_pages_and_nowhere_else(workspace) -> None:
    page = workspace("en")
    _moments_of(page, "mum")
    links = page.locator(".yasr_results tbody a")
    expect(links.first).to_have_attribute("href", re.compile(r"^/why\?moment=moment%2Fmum%2F"))
    outside = "links => links.map(each => each.href).filter(each => !each.startsWith(location.origin))"
    assert page.locator("a[href]:visible").evaluate_all(outside) == []
    _ask(
        page,
        f"PREFIX aug: <{AUG}> SELECT ?person ?type {{ ?m aug:person ?person ; aug:momentType ?type . "
        '?person aug:customerId "mum" } LIMIT 1',
    )
    expect(page.locator(".yasr_results a[href='/customers/mum']")).to_be_visible()
    expect(page.locator(".yasr_results a[href^='/moments/']")).to_be_visible()


def test_workspace_speaks_german_where_the_page_does(workspace) -> None:
    page = workspace("de")
    _moments_of(page, "mum")
    expect(page.locator(".yasr_results tbody tr").first).to_be_visible()
    said = page.locator(".desk").inner_text()
    assert "Zeilen je Seite" in said
    assert not re.findall(r"Table\b|Response|Showing|Page size|Simple view|Ellipse|result", said)
    expect(page.get_by_role("button", name="Abfrage ausführen").last).to_be_visible()


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_a_result_holds_is_shown_as_text(workspace, attempt) -> None:
    page = workspace("en")
    _ask(page, f"SELECT ({json.dumps(attempt)} AS ?said) (IRI(\"urn:x'onmouseover='window.harmed=1\") AS ?named) {{}}")
    cells = page.locator(".yasr_results tbody td")
    expect(cells.nth(1)).to_have_text(attempt)
    expect(cells.nth(2)).to_contain_text("onmouseover")
    cells.nth(2).hover()
    assert cells.locator("img, svg, iframe, script, style, details, a, b, [onmouseover]").count() == 0
    assert page.evaluate("window.harmed") is None


def test_refusal_says_where_in_a_line_what_is_the_matter(workspace) -> None:
    page = workspace("en")
    _ask(page, "SELECT * { ?s ?p ?o . ?s ")
    told = page.locator(".refusal")
    expect(told).to_contain_text("cannot be run: error at 1:")
    assert len(told.inner_text()) < 200


def test_nothing_a_query_found_stays_in_the_browser_and_nothing_at_all_after_the_sign_out(workspace) -> None:
    page = workspace("en")
    _moments_of(page, "mum")
    expect(page.locator(".yasr_results tbody tr").first).to_be_visible()
    kept = page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert "mum" in kept  # the query itself, for who comes back to the page
    assert "childbirth" not in kept
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in"))
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_link_shows_the_same_query_and_answer_to_a_colleague(workspace, browser, served) -> None:
    page = workspace("en")
    _ask(page, 'SELECT ("an answer" AS ?said) {}')
    page.get_by_role("button", name="Copy the link").click()
    expect(page).to_have_url(re.compile("#query="))
    other = workspace("de")
    other.goto("about:blank")
    other.goto(page.url)
    expect(other.locator(".tabPanel.active .yasr_results tbody td").last).to_have_text("an answer")
