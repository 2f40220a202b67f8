"""How much the adviser's first pages transfer, how soon they can be used, and what a customer's page costs the server.

`python benchmarks/pages.py DATA CUSTOMER`, e.g. `demo C00000001` after `make demo`; needs Chromium. Prints a table.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import httpx  # noqa: E402

from augenblick import web  # noqa: E402
from augenblick.content import load_content  # noqa: E402
from augenblick.store import DataDirectory  # noqa: E402
from browser import chromium  # noqa: E402
from running_service import starting  # noqa: E402

TIMES = 60
_SEEN = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const others = performance.getEntriesByType("resource");
  const bytes = others.reduce((sum, each) => sum + each.transferSize, page.transferSize);
  return [bytes, page.domInteractive];
}"""


def main(data: Path, customer: str) -> None:
    """Print the figures."""
    paths = ("/today", f"/customers/{customer}")
    with starting(data, load_content(), web.routers()) as start, chromium() as browser:
        url = start(as_of=_as_of(data)).url
        print(
            "| page | answered in ms: median | p95 | transferred kB | interactive after ms |\n|---|---:|---:|---:|---:|"
        )
        context = browser.new_context(base_url=url)
        page = context.new_page()
        page.goto("/sign-in")
        page.locator("input[value=adviser]").check()
        page.locator("button.main").click()
        for path in paths:
            fresh = browser.new_context(base_url=url, storage_state=context.storage_state()).new_page()
            fresh.goto(path)
            fresh.wait_for_load_state("networkidle")
            size, interactive = fresh.evaluate(_SEEN)
            answered = quantiles(_answered(url, path), n=20)
            print(f"| {path} | {answered[9]:.0f} | {answered[18]:.0f} | {size / 1000:.0f} | {interactive:.0f} |")


def _as_of(data: Path) -> str:
    """Return the day the data were reasoned over as of, so that nothing is derived anew meanwhile."""
    with DataDirectory(data).connect(read_only=True) as connection:
        return str(connection.execute("SELECT as_of FROM run").fetchall()[0][0])


def _answered(url: str, path: str) -> list[float]:
    """Return after how many milliseconds each of some requests was answered."""
    with httpx.Client(base_url=url, timeout=60) as client:
        client.post("/sign-in", data={"role": "adviser", "name": "Eva"})
        found = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            client.get(path).raise_for_status()
            found.append((time.perf_counter() - begun) * 1000)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
