"""Takes the pictures of `docs/images` from the pages on a data directory (`make screenshots`, after `make demo`)."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Browser, Page  # noqa: E402

from augenblick import pipeline, web  # noqa: E402
from augenblick.content import load_content  # noqa: E402
from augenblick.store import DataDirectory  # noqa: E402
from browser import chromium  # noqa: E402
from running_service import starting  # noqa: E402

IMAGES = ROOT / "docs" / "images"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


def main(data: Path) -> None:
    """Write all pictures."""
    moment = pipeline.surest_kin_moment(DataDirectory(data)) or ""
    customer = moment.rpartition("/moment/")[2].partition("/")[0]
    IMAGES.mkdir(exist_ok=True)
    # On a copy: the picture of an impact proposes a change.
    with (
        tempfile.TemporaryDirectory() as folder,
        starting(shutil.copytree(data, Path(folder, "data")), load_content(), web.routers()) as start,
        chromium() as browser,
    ):
        url = start(as_of=_as_of(data)).url
        _take(browser, url, "today-de", "adviser", "/today", language="de", name=_adviser_of(customer, data))
        _take(browser, url, "customer-en", "adviser", f"/customers/{customer}")
        _take(browser, url, "customer-dark-de", "adviser", f"/customers/{customer}", language="de", dark=True)
        _take(browser, url, "customer-phone-de", "adviser", f"/customers/{customer}", language="de", size=PHONE)
        _take(browser, url, "why-en", "adviser", f"/why?moment={moment}", unfold=True)
        _take(browser, url, "moment-en", "expert", "/moments/grandchild-birth")
        _take(browser, url, "queries-en", "analyst", "/queries", begin="Run query", shown=".yasr_results tbody tr")
        _take(browser, url, "policy-de", "data_protection", "/policy", language="de")
        case = "/policy/decision?role=adviser&purpose=advice&others=silent"
        _take(browser, url, "decision-de", "data_protection", case, language="de")
        _take(browser, url, "overview-en", "analyst", "/overview")
        _take(browser, url, "edit-en", "expert", "/moments/grandchild-birth/edit", to="fieldset.pattern")
        _take(
            browser,
            url,
            "impact-en",
            "data_protection",
            _proposed(browser, url),
            begin="Work out the impact",
            shown="#impact table",
        )


def _as_of(data: Path) -> str:
    """Return the day the data were reasoned over as of."""
    with DataDirectory(data).connect(read_only=True) as connection:
        return str(connection.execute("SELECT as_of FROM run").fetchall()[0][0])


def _adviser_of(customer: str, data: Path) -> str:
    """Return by which name the bank knows who looks after a customer."""
    with DataDirectory(data).connect(read_only=True) as connection:
        named = "SELECT adviser FROM bank.customers WHERE customer_id = ?"
        return str(connection.execute(named, [customer]).fetchall()[0][0])


def _proposed(browser: Browser, url: str) -> str:
    """Propose another weight for what makes a grandparent, as an expert does; return the page of the change set."""
    page = browser.new_page(base_url=url, locale="en")
    _sign_in(page, "expert", "Max Beispiel")
    page.goto("/moments/grandchild-birth/edit")
    page.get_by_role("group", name="child becomes a parent").get_by_label("Weight").fill("1.0")
    page.locator("textarea[name=reason]").fill("A child's birth alone should not be enough")
    page.get_by_role("button", name="Propose").last.click()
    page.wait_for_url("**/changes/*")
    return page.url.removeprefix(url).partition("#")[0]


def _take(
    browser: Browser,
    url: str,
    picture: str,
    role: str,
    path: str,
    *,
    name: str = "Eva Muster",
    language: str = "en",
    dark: bool = False,
    size: dict[str, int] = DESKTOP,
    unfold: bool = False,
    to: str | None = None,
    begin: str | None = None,
    shown: str = "main",
) -> None:
    context = browser.new_context(
        base_url=url, locale=language, viewport=size, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)  # the first explanation reads the rules
    _sign_in(page, role, name)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    if unfold:
        page.evaluate("for (const part of [...document.querySelectorAll('main details')].slice(0, 2)) part.open = true")
    if begin:
        page.get_by_role("button", name=begin).click()
        page.locator(shown).first.wait_for()
        if page.locator("details.example").count():
            page.locator("details.example > summary").first.click()
        page.set_viewport_size({"width": 1280, "height": 1180})
    if to:
        page.locator(to).first.scroll_into_view_if_needed()
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / f"{picture}.png")
    context.close()


def _sign_in(page: Page, role: str, name: str) -> None:
    page.goto("/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator(f"input[value={role}]").check()
    page.locator("button.main").click()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
