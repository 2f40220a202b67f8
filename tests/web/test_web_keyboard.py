"""Each role's main path by keyboard alone: what Tab reaches, Enter, space and arrows do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow


def _tab_to(page: Page, selector: str, most: int = 160) -> None:
    """Press Tab until the element is in focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_adviser_goes_the_whole_way_by_keyboard_alone(visit) -> None:
    page = visit("adviser", "en")
    page.goto("/customers")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("find=ada"))
    _tab_to(page, "#found a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada")
    _tab_to(page, ".why > summary")
    page.keyboard.press("Enter")
    page.locator(".waterfall tr.for").first.wait_for()
    _tab_to(page, ".because summary")
    page.keyboard.press("Enter")
    expect(page.locator(".premises").first).to_be_visible()
    _tab_to(page, ".actions details > summary")
    page.keyboard.press("Enter")
    _tab_to(page, ".actions input[name=reason]")
    page.keyboard.type("The child is a niece.")
    page.keyboard.press("Enter")
    expect(page.locator(".chip.dismissed").first).to_be_attached()
    _tab_to(page, "button[value=reopened]")
    page.keyboard.press("Enter")
    expect(page.locator(".chip.dismissed")).to_have_count(0)


def test_first_tab_skips_to_the_content(visit) -> None:
    page = visit("adviser", "en")
    page.goto("/today")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")


def _follow(page: Page, address: str) -> None:
    """Reach a link by Tab and follow it."""
    _tab_to(page, f"a[href='{address}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_analyst_goes_the_whole_way_by_keyboard_alone(visit) -> None:
    page = visit("analyst", "en")
    expect(page).to_have_url(re.compile("/overview$"))
    _follow(page, "/queries")
    _tab_to(page, "details.query:has(form[data-library$='/moments-by-type']) > summary")
    page.keyboard.press("Enter")
    _tab_to(page, "form[data-library$='/moments-by-type'] button")
    page.keyboard.press("Enter")
    expect(page.locator(".yasr_results table, .yasr_results .dataTable").first).to_be_visible()
    _tab_to(page, "button[data-chart]")
    page.keyboard.press("Enter")
    expect(page.locator(".bar-line").first).to_contain_text("birth of a child")


def test_query_editor_lets_the_keyboard_go(visit) -> None:
    page = visit("analyst", "en")
    page.goto("/queries")
    _tab_to(page, ".CodeMirror textarea")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.CodeMirror textarea')")


def test_expert_goes_the_whole_way_by_keyboard_alone(visit) -> None:
    page = visit("expert", "en")
    _follow(page, "/signals")
    _follow(page, "/signals/child-benefit")
    _follow(page, "/signals/child-benefit/edit")
    _tab_to(page, "input[name$='minimumAmount']")
    page.keyboard.press("Control+A")
    page.keyboard.type("300")
    expect(page.locator(".sight.gone").first).to_contain_text("no longer", timeout=60_000)
    _tab_to(page, "textarea[name=reason]")
    page.keyboard.type("Only what is above")
    _tab_to(page, "button.main[value=propose]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/changes/*")
    expect(page.locator("#preview, .difference").first).to_contain_text("300.00")
    _tab_to(page, "textarea[name=text]")
    page.keyboard.type("Seen in the circular.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".remark")).to_contain_text("Seen in the circular.")


def test_data_protection_goes_the_whole_way_by_keyboard_alone(visit) -> None:
    page = visit("data_protection", "en")
    page.goto("/policy")
    _tab_to(page, ".policy details > summary")
    page.keyboard.press("Enter")
    _tab_to(page, ".policy details[open] a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/policy/decision?*")
    _tab_to(page, "#case-role")
    page.keyboard.type("adviser")
    _tab_to(page, "#case-purpose")
    page.keyboard.type("advice")
    expect(page.locator("#verdict-title")).to_have_text("permitted")
    _tab_to(page, "input[name=others]:checked")
    while not page.locator("#case-others-silent").is_checked():
        page.keyboard.press("ArrowDown")
    expect(page.locator("#verdict-title")).to_have_text("redacted")
    _follow(page, "/audit")
    _follow(page, "/rights")
    _tab_to(page, "main input[name=customer]")
    page.keyboard.type("kid")
    page.keyboard.press("Enter")
    page.locator("article.moment").first.wait_for(timeout=60_000)


def test_operations_go_the_whole_way_by_keyboard_alone(visit) -> None:
    page = visit("operator", "en")
    expect(page).to_have_url(re.compile("/loads$"))
    _follow(page, "/loads/1")
    _follow(page, "/operation")
    _tab_to(page, "main form button")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Disk", timeout=60_000)
    _follow(page, "/operation/pace")
