"""Signing in with a browser: at the bank's provider and back to where one wanted, a shared query included."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from browser import chromium

pytestmark = pytest.mark.slow
QUERY = 'SELECT ("shared" AS ?what) (1 AS ?n) WHERE {}'
LINK = f"/queries#query={quote(QUERY)}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(locale="de")
    yield context.new_page()
    context.close()


def test_shared_query_is_opened_after_the_sign_in(page, served) -> None:
    page.goto(served.url + LINK)
    page.locator("input[value=analyst]").check()
    page.get_by_role("button", name="Weiter").click()
    expect(page.locator(".tabPanel.active .yasr_results tbody tr").first).to_contain_text("shared")


def test_shared_query_is_opened_after_the_sign_in_at_the_provider(page, guarded, provider) -> None:
    provider.claims = {"roles": ["analyst"]}
    page.goto(guarded.url + LINK)
    page.get_by_role("link", name="Weiter").click()
    expect(page.locator(".tabPanel.active .yasr_results tbody tr").first).to_contain_text("shared")


def test_person_of_two_roles_chooses_one_and_signs_out(page, guarded, provider) -> None:
    provider.claims = {"roles": ["adviser", "analyst"]}
    page.goto(f"{guarded.url}/customers/kid")
    expect(page.get_by_text("Anmeldedienst Ihrer Bank")).to_be_visible()
    page.get_by_role("link", name="Weiter").click()
    page.get_by_label("Berater", exact=True).check()
    page.get_by_role("button", name="Weiter").click()
    expect(page).to_have_url(f"{guarded.url}/customers/kid")
    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("link", name="Weiter")).to_be_visible()
    page.goto(f"{guarded.url}/customers/kid")
    expect(page.get_by_role("link", name="Weiter")).to_be_visible()
