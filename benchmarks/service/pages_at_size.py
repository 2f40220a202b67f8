"""What the adviser's pages cost the server where a million customers are looked up.

`python benchmarks/service/pages_at_size.py DATA FOLDER --customers 304 1000000` copies the data directory of a detected
bank (`make demo`) into FOLDER and repeats its look-up file under new ids, the moments up to half a year earlier, until
there are so many customers (one million take 5 GB); then it asks a service in a process of its own for the pages of
customers and for `/today` (of all, and of one adviser's), and prints a table. Each copy has advisers of its own. Bank
tables, graph and consents stay those of the bank copied.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles

import httpx

ASKED, WARMING, TODAY = 300, 20, 20
MOST_EARLIER = 180
_DAY = re.compile(r'("(?:occurred_from|occurred_to|detected_on|valid_until)":")(\d{4}-\d\d-\d\d)')
_ADVISER = re.compile(r"[a-z]+\.[a-z]+\d*")
_TABLES = ("customers", "names", "ibans", "moments")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, nargs="+", default=[1_000_000])
    given = parser.parse_args()
    print(
        "| customers | page ms: median | p95 | processor | /today of all ms: median | most | processor "
        "| of one's own: median | most | processor | ended after s |"
    )
    print("|---:" * 11 + "|")
    for wanted in given.customers:
        folder = given.folder / str(wanted)
        if not folder.exists():
            shutil.copytree(given.data, folder)
            grow(folder / "lookup.sqlite", wanted)
        print(_measured(folder), flush=True)


def grow(path: Path, wanted: int) -> None:
    """Repeat what a look-up file holds under new ids until there are so many customers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;")
        indexes = [sql for (sql,) in file.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")]
        for sql in indexes:
            file.execute(f"DROP INDEX {sql.split()[2]}")
        rows = {table: file.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}
        file.execute("BEGIN")
        for number in range(1, wanted // len(rows["customers"])):
            for table, own in rows.items():
                places = ", ".join("?" * len(own[0]))
                copies = [tuple(_copied(value, number) for value in row) for row in own]
                file.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({places})", copies)
        file.execute("COMMIT")
        for sql in indexes:
            file.execute(sql)
        file.executescript("ANALYZE; PRAGMA journal_mode=WAL;")


def _copied(value: object, number: int) -> object:
    """Return an id, IBAN, day or document as the copy of that number has it."""
    if not isinstance(value, str):
        return value
    earlier = timedelta(days=number % MOST_EARLIER)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return str(date.fromisoformat(value) - earlier)
    if re.fullmatch(r"DE\d{20}", value):
        return f"{value[:-4]}{number:04d}"
    if _ADVISER.fullmatch(value):
        return f"{value}{number}"
    moved = value.replace("C0000", f"C{number:04d}")
    return _DAY.sub(lambda found: f"{found[1]}{date.fromisoformat(found[2]) - earlier}", moved)


def _measured(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "lookup.sqlite")) as file:
        as_of = dict(file.execute("SELECT name, value FROM meta").fetchall())["as_of"]
        (adviser,) = file.execute("SELECT min(adviser) FROM customers").fetchone()
        (many,) = file.execute("SELECT count(*) FROM customers").fetchone()
        chosen = random.Random(1).choices(range(1, many + 1), k=ASKED + WARMING)
        ask = "SELECT customer_id FROM customers WHERE rowid = ?"
        customers = [found[0] for place in chosen if (found := file.execute(ask, [place]).fetchone())]
    with _service(folder, as_of) as (url, process), httpx.Client(base_url=url, timeout=60) as client:
        client.post("/sign-in", data={"role": "adviser", "name": adviser})
        _await_rest(process.pid)
        times, used = [], 0.0
        for place, customer in enumerate(customers):
            begun, before = time.perf_counter(), _processor(process.pid)
            answer = client.get(f"/customers/{customer}")
            if answer.status_code == 200 and place >= WARMING:
                times.append(1000 * (time.perf_counter() - begun))
                used += 1000 * (_processor(process.pid) - before)
        todays = [figure for whose in ("all", "mine") for figure in _today(client, process.pid, whose)]
        begun = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        process.wait()
        ended = time.perf_counter() - begun
    asked = (median(times), quantiles(times, n=20)[18], used / len(times))
    figures = (*asked, *todays, ended)
    return f"| {many} | {' | '.join(f'{each:.1f}' for each in figures)} |"


def _today(client: httpx.Client, process: int, whose: str) -> tuple[float, float, float]:
    """Return median and most of the clock, and processor time, of the first page in milliseconds."""
    times, before = [], _processor(process)
    for _ in range(TODAY):
        begun = time.perf_counter()
        assert client.get("/today", params={"whose": whose}).status_code == 200
        times.append(1000 * (time.perf_counter() - begun))
    return median(times), max(times), 1000 * (_processor(process) - before) / TODAY


@contextmanager
def _service(folder: Path, as_of: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "augenblick", "serve", "--data", str(folder), "--port", str(port)]
    environment = {**os.environ, "AUGENBLICK_AS_OF": as_of}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx.get(f"{url}/sign-in")
                break
            except httpx.ConnectError:
                time.sleep(0.2)
        yield url, process
    finally:
        process.kill()
        process.wait()


def _await_rest(pid: int) -> None:
    """Wait until the service has read its rules and told what changed since it was last there."""
    before = -1.0
    while _processor(pid) - before > 0.1:
        before = _processor(pid)
        time.sleep(2)


def _processor(pid: int) -> float:
    """Return the processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
