"""What people see and do: each role's main path in a browser, in both languages, and nothing hostile at work."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from test_web_pages import PAGES

from hostile import ATTEMPTS

pytestmark = pytest.mark.slow

SEEN = {
    "de": {"moment": "Geburt eines Kindes", "why": "Warum?", "line": "Zeile", "sum": "+259,00", "unnamed": "ungenannt"},
    "en": {"moment": "birth of a child", "why": "Why?", "line": "line", "sum": "+259.00", "unnamed": "unnamed"},
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_adviser_finds_a_customer_sees_why_and_what_to_say(visit, language) -> None:
    seen = SEEN[language]
    page = visit("adviser", language)
    page.goto("/customers")
    page.get_by_role("searchbox").press_sequentially("ada")
    page.locator("#found a").first.click()
    expect(page.get_by_role("heading", level=3).filter(has_text=seen["moment"])).to_be_visible()
    expect(page.locator(".family")).to_contain_text(seen["unnamed"])
    expect(page.locator("blockquote").first).not_to_be_empty()
    page.get_by_text(seen["why"]).first.click()
    page.locator(".waterfall tr.for").first.wait_for()
    for summary in page.locator(".because summary").all():
        summary.click()
    row = page.locator(".row", has_text="transactions.csv").first
    expect(row).to_contain_text(seen["line"])
    expect(row).to_contain_text(seen["sum"])
    assert page.evaluate("window.harmed") is None


def test_language_and_purpose_are_changed_where_one_is(visit) -> None:
    page = visit("adviser", "de")
    page.goto("/customers/kid")
    page.get_by_text("English").click()
    expect(page).to_have_url(re.compile("/customers/kid$"))
    expect(page.get_by_role("heading", name="Family")).to_be_visible()
    page.get_by_label("Purpose").select_option("service")
    page.wait_for_load_state()
    expect(page.get_by_label("Purpose")).to_have_value("service")
    expect(page).to_have_url(re.compile("/customers/kid$"))


def test_page_fits_a_phone(visit) -> None:
    page = visit("adviser", "de", viewport={"width": 390, "height": 800})
    for path in ("/today", "/customers/mum", "/moments", "/policy"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_editor_stands_before_the_library_on_a_phone(visit) -> None:
    page = visit("analyst", "de", viewport={"width": 390, "height": 800})
    page.goto("/queries")
    assert page.locator("#yasgui").bounding_box()["y"] < page.locator("#library-title").bounding_box()["y"]


_OVERLAPPING = """() => {
  const boxes = [...document.querySelectorAll(".family svg")].map(each => each.getBoundingClientRect());
  return boxes.filter((a, n) => boxes.some((b, m) => n < m && a.left < b.right && b.left < a.right
    && a.top < b.bottom && b.top < a.bottom)).length;
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_nobody_in_a_family_covers_another(visit, width) -> None:
    page = visit("adviser", "de", viewport={"width": width, "height": 800})
    page.goto("/customers/kid")
    expect(page.locator(".family .self")).to_be_visible()
    assert page.evaluate(_OVERLAPPING) == 0


def test_print_for_the_conversation_shows_the_waterfall_and_nothing_folded_up(visit) -> None:
    page = visit("adviser", "en")
    page.goto("/customers/kid")
    page.locator(".why > summary").first.click()
    page.locator(".waterfall").first.wait_for()
    page.emulate_media(media="print")
    expect(page.locator(".waterfall td.bar").first).to_be_visible()
    expect(page.locator(".because summary").first).to_be_hidden()
    expect(page.locator("header.bar")).to_be_hidden()
    expect(page.locator(".offers summary").first).to_be_visible()


_UNFOLD = "for (const part of document.querySelectorAll('main details:not(.why)')) part.open = true"


@pytest.mark.parametrize(("role", "paths"), PAGES.items())
def test_no_page_of_a_role_is_wider_than_a_phone(visit, role, paths) -> None:
    page = visit(role, "de", viewport={"width": 390, "height": 800})
    wide = {}
    for path in paths:
        page.goto(path)
        page.evaluate(_UNFOLD)
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: width for path, width in wide.items() if width > 390} == {}


_CUT_OFF = """() => [...document.querySelectorAll("table.list :is(th, td)")]
  .filter(cell => cell.checkVisibility() && cell.getBoundingClientRect().right > innerWidth && !cell.closest("thead"))
  .map(cell => cell.textContent.trim())"""


@pytest.mark.parametrize(("role", "paths"), PAGES.items())
def test_every_cell_of_a_table_is_seen_on_a_phone(visit, role, paths) -> None:
    page = visit(role, "de", viewport={"width": 390, "height": 800})
    cut = {}
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        cut[path] = page.evaluate(_CUT_OFF)
    assert {path: cells for path, cells in cut.items() if cells} == {}


@pytest.mark.parametrize(
    ("language", "redacted", "withheld"), [("de", "geschwärzt", "nicht gezeigt"), ("en", "redacted", "withheld")]
)
def test_officer_tries_a_case_and_sees_the_verdict_change_at_once(visit, language, redacted, withheld) -> None:
    page = visit("data_protection", language)
    page.goto("/policy")
    page.locator(".policy details > summary").first.click()
    page.locator(".policy details[open] a").click()
    page.locator("#case-purpose").select_option("advice")
    page.locator("#case-others-silent").check()
    expect(page.locator("#verdict-title")).to_have_text(redacted)
    page.locator("#case-class").focus()
    page.locator("#case-class").select_option("ThirdParty")
    expect(page.locator("#verdict-title")).to_have_text(withheld)
    expect(page.locator("#case-class")).to_be_focused()


@pytest.mark.parametrize(("language", "undo"), [("de", "Rückgängig"), ("en", "Undo")])
def test_adviser_takes_back_at_once_what_was_said(visit, language, undo) -> None:
    page = visit("adviser", language)
    page.goto("/customers/kid")
    page.get_by_role("button", name="Erledigt" if language == "de" else "Done", exact=True).first.click()
    note = page.get_by_role("status")
    expect(note).to_contain_text(SEEN[language]["moment"])
    note.get_by_role("button", name=undo).click()
    expect(page.locator(".chip.acted")).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("Rückgängig gemacht" if language == "de" else "Taken back")


def test_analyst_sees_the_families_of_who_a_query_found(visit) -> None:
    page = visit("analyst", "en")
    page.goto("/queries")
    form = page.locator("form[data-library$='/customer-moments']")
    form.locator("xpath=..").locator("summary").click()
    for field in form.locator("input[required]").all():
        field.fill("mum")
    form.get_by_role("button").click()
    expect(page.locator(".yasr_results table, .yasr_results .dataTable").first).to_be_visible()
    page.get_by_role("button", name="Families").click()
    expect(page.locator("#families .family").first).to_be_visible()


AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "de", 1280), ("dark", "en", 390), ("light", "en", 390), ("dark", "de", 1280)],
)
@pytest.mark.parametrize("role", PAGES)
def test_axe_finds_no_violation_on_any_page_of_a_role(visit, role, theme, language, width) -> None:
    page = visit(role, language, color_scheme=theme, viewport={"width": width, "height": 844})
    found = {}
    for path in PAGES[role]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate(_UNFOLD)
        if page.locator(".why > summary").count():
            page.locator(".why > summary").first.click()
            page.locator(".waterfall").first.wait_for()
        broken = Axe().run(page, options=AXE).response["violations"]
        found |= {f"{path}: {each['id']}": [node["html"] for node in each["nodes"]] for each in broken}
    assert found == {}


def _violations(page: Page) -> list[str]:
    page.wait_for_load_state("networkidle")
    page.evaluate(_UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    return [each["id"] for each in Axe().run(page, options=AXE).response["violations"]]


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "de", 1280), ("dark", "en", 390)])
def test_axe_finds_no_violation_on_pages_that_come_of_work(visit, served, theme, language, width) -> None:
    options = {"color_scheme": theme, "viewport": {"width": width, "height": 844}}
    officer = visit("data_protection", language, **options)
    officer.goto("/rights?customer=kid")
    officer.locator("form[action='/rights/disclosure'] button").click()
    officer.locator("article.moment").first.wait_for(timeout=60_000)
    assert _violations(officer) == []

    for outcome in ("answered", "left", "BadRule"):
        served.server.config.app.state.slow_queries.note("sha256:0123456789abcdef", "analyst", 1.5, outcome)
    operator = visit("operator", language, **options)
    operator.goto("/operation/pace")
    assert _violations(operator) == []

    expert = visit("expert", language, **options)
    expert.goto("/products/child-savings/edit")
    expert.locator("textarea[lang=de]").first.fill(" ".join(ATTEMPTS))
    expert.locator("textarea[name=reason]").fill(" ".join(ATTEMPTS))
    expert.get_by_role("button", name=EDITING[language]["propose"]).last.click()
    expect(expert.get_by_role("heading", level=1)).to_contain_text(ATTEMPTS[0])
    expert.locator("textarea[name=text]").fill(" ".join(ATTEMPTS))
    expert.locator("#discussion button").click()
    expect(expert.locator(".remark")).to_contain_text(ATTEMPTS[0])
    assert _violations(expert) == []
    assert expert.evaluate("window.harmed") is None


def test_analyst_runs_a_query_of_the_library(visit) -> None:
    page = visit("analyst", "en")
    page.goto("/queries")
    form = page.locator("form[data-library$='/moments-by-type']")
    form.locator("xpath=..").locator("summary").click()
    form.get_by_role("button").click()
    expect(page.locator(".yasr_results table, .yasr_results .dataTable").first).to_be_visible()

    page.get_by_role("button", name="Chart").click()
    expect(page.locator(".bar-line").first).to_contain_text("birth of a child")
    page.get_by_role("button", name="Copy the link").click()
    expect(page).to_have_url(re.compile("#query=PREFIX"))
    form.get_by_role("button").click()
    expect(page.locator("#chart")).to_be_hidden()


EDITING = {
    "de": {
        "edit": "Bearbeiten",
        "weight": "Gewicht",
        "see": "Was ändert sich?",
        "would": "Das würde sich ändern",
        "propose": "Vorschlagen",
        "own": "Das haben Sie selbst vorgeschlagen",
        "approve": "Freigeben und veröffentlichen",
    },
    "en": {
        "edit": "Edit",
        "weight": "Weight",
        "see": "What changes?",
        "would": "This would change",
        "propose": "Propose",
        "own": "You proposed this yourself",
        "approve": "Approve and publish",
    },
}


@pytest.mark.parametrize(("language", "scripts"), [("de", True), ("en", True), ("en", False)])
def test_expert_changes_a_weight_and_another_person_may_approve_it(visit, language, scripts) -> None:
    said = EDITING[language]
    page = visit("expert", language, java_script_enabled=scripts)
    page.goto("/moments/childbirth")
    page.get_by_role("link", name=said["edit"], exact=True).click()
    weight = page.get_by_label(said["weight"]).first
    weight.fill("3,25" if language == "de" else "3.5")
    page.get_by_role("button", name=said["see"]).last.click()
    expect(page.get_by_role("heading", name=said["would"])).to_be_visible()
    expect(page.locator("#preview ins")).to_contain_text("3,25" if language == "de" else "3.5")
    page.locator("textarea[name=reason]").fill("Ein Versuch")
    page.get_by_role("button", name=said["propose"]).last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ein Versuch")
    expect(page.get_by_text(said["own"])).to_be_visible()
    other = visit("approver", language, name="Paul", java_script_enabled=scripts)
    other.goto(page.url)
    expect(other.get_by_role("button", name=said["approve"])).to_be_visible()


def test_further_conditions_of_a_pattern_are_fetched_and_sent_with_the_form(visit) -> None:
    page = visit("expert", "en")
    page.goto("/moments/childbirth/edit")
    fieldset = page.locator("fieldset.pattern").first
    fieldset.locator("details.more > summary").click()
    field = fieldset.locator(".rest input[name$='minimumAge']")
    fieldset.locator(".rest details").filter(has=page.locator("input[name$='minimumAge']")).locator("summary").click()
    field.fill("16")
    page.get_by_role("button", name="What changes?").last.click()
    expect(page.locator("#preview ins")).to_contain_text("16 years")


def test_analyst_sees_what_is_found_and_what_comes_of_it(visit) -> None:
    page = visit("analyst", "de")
    expect(page).to_have_url(re.compile("/overview$"))
    expect(page.get_by_role("heading", name="Erkannte Momente je Woche")).to_be_visible()
    page.get_by_text("Als Tabelle").click()
    expect(page.get_by_role("columnheader", name="Woche vom")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Geburt eines Kindes")).first).to_be_visible()


@pytest.mark.parametrize(("language", "weak"), [("de", "zu schwach"), ("en", "too weak")])
def test_expert_sees_at_once_what_another_weight_does_to_an_example(visit, language, weak) -> None:
    page = visit("expert", language)
    page.goto("/moments/childbirth/edit")
    page.locator("#example").select_option("first-child-benefit")
    outcome = page.locator("#trial-outcome")
    expect(outcome.locator("article")).to_contain_text("92", timeout=400_000)
    for weight in page.get_by_label(EDITING[language]["weight"]).all():
        weight.fill("0.5")
    page.locator("#example").focus()
    expect(outcome.locator("article")).to_contain_text(weak, timeout=60_000)
