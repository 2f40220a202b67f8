"""An expert's whole way in a browser: a false alarm, an exclusion, a second person, in force, told, taken back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from augenblick import pipeline, web
from augenblick.content import load_content
from augenblick.editing.versions import Versions
from augenblick.store import DataDirectory
from browser import chromium
from running_service import Served, starting
from small_bank import benefit, groceries, write

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
AS_OF, PAID_ON = date(2026, 6, 30), date(2026, 4, 14)
PATIENCE = 600_000
"""Milliseconds a check, an impact or a publication may take on a busy machine."""
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}

Enter = Callable[[str, str], Page]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """A service on a bank with a parent and a scholar whose foundation has child benefit in its name.

    Of the shipped content's cases only one moment's are there: to run the others is tested elsewhere.
    """
    shipped = tmp_path / "shipped"
    for folder in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / folder, shipped / folder)
    for cases in (shipped / "ontology/moments").glob("*/cases"):
        if cases.parent.name != "childbirth":
            shutil.rmtree(cases)
    directory = DataDirectory(tmp_path / "data")
    versions, now = Versions(directory, shipped=shipped), datetime(2026, 11, 1, 12, tzinfo=UTC)
    versions.switch(versions.base(at=now).name, kind="publish", by="Ben", reason="to begin with", at=now)
    _export(tmp_path / "export")
    pipeline.load(directory, tmp_path / "export")
    pipeline.detect(directory, as_of=AS_OF)
    with starting(directory.path, load_content(directory.published_content), web.routers()) as start:
        yield start(as_of=AS_OF)


def _export(folder: Path) -> None:
    people = ("parent", "scholar")
    write(folder, "customers", [(who, "1994-02-01", who.title(), "female") for who in people])
    write(folder, "accounts", [(f"a-{who}", "giro", "EUR", "2015-01-01") for who in people])
    write(folder, "account_holders", [(f"a-{who}", who, "owner") for who in people])
    grant = ("g-1", "a-scholar", PAID_ON, "200.00", "EUR", "Kindergeld-Stiftung der Sparkasse", "Stipendium 04/2026")
    bookings = [row for who in people for row in groceries(f"a-{who}", date(2024, 5, 1), 24)]
    write(folder, "transactions", [*bookings, benefit("kg-1", "a-parent", PAID_ON), grant])


@pytest.fixture
def enter(own: Served) -> Iterator[Enter]:
    """Return a function that signs somebody in and gives the page."""
    with chromium() as browser:

        def sign_in(role: str, name: str) -> Page:
            return _signed_in(browser, own.url, role, name)

        yield sign_in


def _signed_in(browser: Browser, url: str, role: str, name: str) -> Page:
    page = browser.new_context(locale="en", base_url=url).new_page()
    page.set_default_timeout(120_000)
    page.goto("/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator(f"input[value={role}]").check()
    page.locator("button.main").click()
    return page


def _births(page: Page, customer: str) -> int:
    page.goto(f"/customers/{customer}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page.get_by_role("heading", level=3, name="birth of a child").count()


def _told(own: Served) -> list[tuple[str, str]]:
    answer = httpx.get(f"{own.url}/v1/changes", params={"limit": 1000}, headers=CRM).json()
    return [(each["kind"], each["customer_id"]) for each in answer["changes"]]


def test_false_alarm_is_excluded_checked_weighed_approved_told_and_the_exclusion_taken_back(own, enter) -> None:
    adviser, expert, approver = enter("adviser", "Ada"), enter("expert", "Eva"), enter("approver", "Paul")
    assert (_births(adviser, "parent"), _births(adviser, "scholar")) == (1, 1)
    before = _told(own)

    expert.goto("/signals/child-benefit")
    expert.get_by_role("link", name="Edit", exact=True).click()
    field = expert.get_by_label("exclusion pattern")
    field.fill(field.input_value() + "\nKINDERGELD[- ]?STIFTUNG")
    expert.locator("textarea[name=reason]").fill("Grants are no benefit")
    expert.get_by_role("button", name="Propose").last.click()
    expect(expert.get_by_role("heading", level=1)).to_contain_text("Grants are no benefit")
    expert.get_by_role("button", name="Check", exact=True).click()
    expect(expert.locator("#check .good")).to_be_visible(timeout=PATIENCE)
    expert.get_by_role("button", name="Work out the impact").click()
    line = expert.locator("#impact tr", has_text="birth of a child")
    columns = expert.locator("#impact table").first.locator("thead tr > *").all_inner_texts()
    assert line.first.locator("> *").evaluate_all("each => each.map(one => one.dataset.column)") == columns
    expect(line.locator(".against")).to_have_text("1", timeout=PATIENCE)
    expert.get_by_label("Your remark").fill("The foundation told us so.")
    expert.get_by_role("button", name="Say it").click()

    approver.goto(expert.url.partition("#")[0])
    expect(approver.locator(".remark")).to_contain_text("The foundation told us so.")
    expect(approver.locator("#impact tr", has_text="birth of a child").locator(".against")).to_have_text("1")
    approver.get_by_role("button", name="Approve and publish").click()
    expect(approver.locator("#publish .good, .chip.confirmed").first).to_contain_text("published as", timeout=PATIENCE)
    own.server.config.app.state.switch.follow()
    assert (_births(adviser, "parent"), _births(adviser, "scholar")) == (1, 0)
    assert _told(own)[len(before) :] == [("vanished", "scholar")]

    approver.goto("/changes")
    expect(approver.locator("tbody tr", has_text="in force")).to_contain_text("Grants are no benefit")
    approver.get_by_text("Back to an earlier version").click()
    approver.get_by_label("Why?").fill("It pays parents, too")
    approver.get_by_role("button", name="Take back").click()
    expect(approver.locator("tbody tr", has_text="in force")).not_to_contain_text(re.compile("Grants"))
    own.server.config.app.state.switch.follow()
    assert _births(adviser, "scholar") == 1
    assert _told(own)[len(before) + 1 :] == [("appeared", "scholar")]
