"""What the adviser's first pages transfer, how soon they can be used, and what the server takes for a customer's page.

`python benchmarks/pages.py DATA CUSTOMER [COPIES]`, e.g. `demo C00000001 3300` after `make demo`; needs Chromium. With
COPIES the look-up holds the customers so many times, under other numbers: all that the pages of customers read. The
service is a process of its own on a copy of the data. Prints a table; processor time is the service's.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import httpx  # noqa: E402

from augenblick.lookup.writing import LOOKUP_FILE, _standings  # noqa: E402
from browser import chromium  # noqa: E402

TIMES = 200
PORT = 8791
URL = f"http://127.0.0.1:{PORT}"
_SEEN = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const others = performance.getEntriesByType("resource");
  const bytes = others.reduce((sum, each) => sum + each.transferSize, page.transferSize);
  return [bytes, page.domInteractive];
}"""


def main(data: Path, customer: str, copies: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(shutil.copytree(data, Path(folder, "data"), ignore=shutil.ignore_patterns("export")))
        customers = _repeated(own / LOOKUP_FILE, copies) if copies > 1 else [customer]
        print(f"{len(customers) if copies > 1 else '-'} customers, {(own / LOOKUP_FILE).stat().st_size / 1e9:.1f} GB")
        print("| page | ms: median | p95 | processor ms | first visit: kB | interactive ms | again: interactive ms |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        with _served(own) as process, chromium() as browser:
            context = browser.new_context(base_url=URL)
            page = context.new_page()
            page.goto("/sign-in")
            page.locator("input[value=adviser]").check()
            page.locator("button.main").click()
            for path, some in (("/today", [""]), ("/customers/", customers)):
                first = f"/customers/{customer}" if some[0] else path
                fresh = browser.new_context(base_url=URL, storage_state=context.storage_state()).new_page()
                seen = []
                for _ in range(2):
                    fresh.goto(first)
                    fresh.wait_for_load_state("networkidle")
                    seen.append(fresh.evaluate(_SEEN))
                (size, slow), (_, quick) = seen
                waits, spent = _answered(process.pid, path, some)
                cut = quantiles(waits, n=20)
                told = (f"{cut[9]:.0f}", f"{cut[18]:.0f}", f"{spent:.0f}", f"{size / 1000:.0f}", f"{slow:.0f}")
                print(f"| {path} | {' | '.join(told)} | {quick:.0f} |")


def _repeated(lookup: Path, copies: int) -> list[str]:
    """Put the customers into a look-up file so many times more, under other numbers; return all numbers."""
    file = sqlite3.connect(lookup)
    file.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;")
    rows = file.execute("SELECT customer_id, version, document FROM customers").fetchall()
    names = file.execute("SELECT name, customer_id FROM names").fetchall()
    numbers = [row[0] for row in rows]
    prefix = "".join(
        a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(min(numbers), max(numbers), strict=False))
    )
    assert prefix, "the customers' numbers begin alike"
    for n in range(1, copies):
        told = [(f"{n}-{who}", version, text.replace(prefix, f"{n}-{prefix}")) for who, version, text in rows]
        file.executemany("INSERT INTO customers VALUES (?, ?, ?)", told)
        file.executemany("INSERT INTO names VALUES (?, ?)", [(name, f"{n}-{who}") for name, who in names])
        moments = [each for who, _, text in told for each in _standings(who, json.loads(text))]
        file.executemany("INSERT OR IGNORE INTO moments VALUES (?, ?, ?, ?, ?, ?)", moments)
        numbers += [row[0] for row in told]
    file.commit()
    file.executescript("ANALYZE; PRAGMA journal_mode=WAL;")
    file.close()
    return numbers


@contextmanager
def _served(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("augenblick") or "augenblick"
    command = [program, "serve", "--data", str(data), "--port", str(PORT)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                try:
                    httpx.get(f"{URL}/sign-in", timeout=60)
                    break
                except httpx.TransportError:
                    time.sleep(0.2)
            yield process
        finally:
            process.terminate()


def _answered(service: int, path: str, some: list[str]) -> tuple[list[float], float]:
    """Return after how many milliseconds each request was answered, and the service's processor time of one."""
    chosen = random.Random(7)
    with httpx.Client(base_url=URL, timeout=60) as client:
        client.post("/sign-in", data={"role": "adviser", "name": "Eva"})
        waits, spent = [], _processor_ms(service)
        for _ in range(TIMES):
            begun = time.perf_counter()
            client.get(path + chosen.choice(some)).raise_for_status()
            waits.append((time.perf_counter() - begun) * 1000)
    return waits, (_processor_ms(service) - spent) / TIMES


def _processor_ms(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
