"""Takes the pictures of `docs/images` from the pages on a data directory (`make screenshots`, after `make demo`)."""

from __future__ import annotations

import sys
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
    with starting(data, load_content(), web.routers()) as start, chromium() as browser:
        url = start().url
        _take(browser, url, "today-de", "adviser", "/today", language="de")
        _take(browser, url, "customer-en", "adviser", f"/customers/{customer}")
        _take(browser, url, "customer-dark-de", "adviser", f"/customers/{customer}", language="de", dark=True)
        _take(browser, url, "customer-phone-de", "adviser", f"/customers/{customer}", language="de", size=PHONE)
        _take(browser, url, "why-en", "adviser", f"/why?moment={moment}", unfold=True)
        _take(browser, url, "moment-en", "expert", "/moments/grandchild-birth")
        _take(browser, url, "queries-en", "analyst", "/queries")
        _take(browser, url, "policy-de", "data_protection", "/policy", language="de")


def _take(
    browser: Browser,
    url: str,
    name: str,
    role: str,
    path: str,
    *,
    language: str = "en",
    dark: bool = False,
    size: dict[str, int] = DESKTOP,
    unfold: bool = False,
) -> None:
    context = browser.new_context(
        base_url=url, locale=language, viewport=size, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)  # the first explanation reads the rules
    _sign_in(page, role)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    if unfold:
        page.evaluate("for (const part of [...document.querySelectorAll('main details')].slice(0, 2)) part.open = true")
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def _sign_in(page: Page, role: str) -> None:
    page.goto("/sign-in")
    page.locator("input[name=name]").fill("Eva Muster")
    page.locator(f"input[value={role}]").check()
    page.locator("button.main").click()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
