"""The service under load: what look-ups and queries cost beside the least that could answer them.

`python benchmarks/service/load.py` simulates a bank (or takes a detected one, `--data`), repeats its look-up documents
under new ids until there are `--customers` of them, and runs, one after the other in the same minutes:

- an empty FastAPI route that returns a JSON object, and `GET /v1/customers/{id}` of the service, with the same load;
- analysts' queries over HTTP, and the same in this process on the same snapshot with the same dataset;
- look-ups alone, beside analysts' heaviest queries, and beside those and deliveries of bookings.

Throughput and latency depend on what else the machine does; processor seconds of the serving process hardly do. Both
are written to `results/service-<date>.json` and `.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from outcome import RESULTS, in_words, machine, written  # noqa: E402

from augenblick import pipeline  # noqa: E402
from augenblick.content import load_content  # noqa: E402
from augenblick.publish import current_snapshot  # noqa: E402
from augenblick.publish.query import PREFIXES  # noqa: E402
from augenblick.simulate import simulate  # noqa: E402
from augenblick.store import DataDirectory  # noqa: E402

END = date(2026, 10, 31)
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
ANALYST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}
EMPTY = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/empty/{customer}")
async def empty(customer: str):
    return {"customer_id": customer, "moments": []}
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical")
"""
SERVICE = """
import sys
from datetime import date
from pathlib import Path
from augenblick.api import logs, read_settings, server
logs.configure("info")
given = dict(requests_per_minute=10**9, as_of=date.fromisoformat(sys.argv[3]), retention="off")
server(read_settings(None, port=int(sys.argv[1]), data=Path(sys.argv[2]), **given)).run()
"""
QUERIES = {
    "point": 'SELECT ?m ?t { ?p aug:customerId "C0000001" . ?m a aug:Moment ; aug:person ?p ; aug:momentType ?t }',
    "moments by type": "SELECT ?t (COUNT(*) AS ?n) { ?m a aug:Moment ; aug:momentType ?t } GROUP BY ?t",
    "moments": "SELECT ?m ?p ?t ?d { ?m a aug:Moment ; aug:momentType ?t ; aug:person ?p ; aug:occurredTo ?d }",
    "whole": "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 200000",
}
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?x ?q ?b } "
AGAIN = "~"
"""Parts a repeated customer's id from the number of the repetition."""
Row = dict[str, Any]


def main() -> None:
    """Measure and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a loaded bank; it is copied")
    parser.add_argument("--simulated", type=int, default=300, help="customers to simulate where no data are given")
    parser.add_argument("--customers", type=int, default=100_000, help="look-up documents, repeated under new ids")
    parser.add_argument("--requests", type=int, default=4000, help="look-ups of each kind")
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE") or time.strftime("%Y-%m-%d"))
    parser.add_argument("--note", help="a sentence for the results: what else was running")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="augenblick-load-") as place:
        directory = bank(Path(place), chosen)
        ids = grown(directory, chosen.customers)
        found = {"note": chosen.note, "customers": len(ids), "parts": asyncio.run(measured(directory, ids, chosen))}
    found["machine"] = machine()
    sys.stdout.write(written(found, RESULTS / f"service-{chosen.date}", as_markdown(found)))


def bank(place: Path, chosen: argparse.Namespace) -> DataDirectory:
    """Return a bank of its own for this run, detected."""
    directory = DataDirectory(place / "data")
    if chosen.data:
        shutil.copytree(chosen.data, directory.path)
    else:
        simulate(place / "export", customers=chosen.simulated, months=24, seed=4711, end=END, formats=("parquet",))
        pipeline.load(directory, place / "export")
    # Detected here in any case: a service that finds what another release derived derives first.
    pipeline.detect(directory, as_of=END, content=load_content())
    return directory


def grown(directory: DataDirectory, wanted: int) -> list[str]:
    """Repeat the look-up file's customers under new ids until there are so many; return all ids."""
    with sqlite3.connect(directory.path / "lookup.sqlite") as file:
        rows = file.execute("SELECT customer_id, document FROM customers").fetchall()
        for round_ in range(1, -(-wanted // len(rows))):
            more = [(f"{c}{AGAIN}{round_}", 1, d.replace(f'"{c}"', f'"{c}{AGAIN}{round_}"')) for c, d in rows]
            file.executemany("INSERT INTO customers VALUES (?, ?, ?, NULL)", more)
        return [each for (each,) in file.execute("SELECT customer_id FROM customers LIMIT ?", [wanted])]


@contextmanager
def process(script: str, *arguments: str, ready: str) -> Iterator[tuple[int, int]]:
    """Run a server of its own and give its port and process."""
    port = 20_000 + random.randrange(20_000)
    with tempfile.TemporaryFile() as log:
        run = subprocess.Popen([sys.executable, "-c", script, str(port), *arguments], stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}{ready}", run)
            yield port, run.pid
        finally:
            run.terminate()
            run.wait(60)


def wait_for(url: str, run: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers."""
    until = time.monotonic() + 300
    while time.monotonic() < until and run.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {url}")


def processor_seconds(process: int) -> float:
    """Return what a process has used so far, without its children."""
    parts = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def settled(process: int) -> None:
    """Wait until a process that has just been started does next to nothing any more."""
    used, quiet = processor_seconds(process), 0
    while quiet < 3:
        time.sleep(1)
        now = processor_seconds(process)
        quiet, used = (quiet + 1 if now - used < 0.05 else 0), now


async def asked(port: int, paths: list[str], headers: dict[str, str], at_once: int) -> list[float]:
    """Ask for every path on connections that stay open; return milliseconds of each."""
    waiting = iter(paths)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    times: list[float] = []

    async def line() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in waiting:
            begun = time.perf_counter()
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            times.append((time.perf_counter() - begun) * 1000)
        writer.close()

    await asyncio.gather(*(line() for _ in range(at_once)))
    return times


async def loaded(port: int, process: int, paths: list[str], chosen: argparse.Namespace) -> Row:
    """Return throughput, latency and processor milliseconds of one load."""
    await asked(port, paths[:200], CRM, chosen.at_once)
    begun, used = time.perf_counter(), processor_seconds(process)
    times = await asked(port, paths, CRM, chosen.at_once)
    seconds, spent = time.perf_counter() - begun, processor_seconds(process) - used
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {
        "requests_per_second": round(len(times) / seconds), "median_ms": round(cuts[49], 2),
        "p99_ms": round(cuts[98], 2), "processor_ms": round(spent / len(times) * 1000, 3),
    }  # fmt: skip


async def measured(directory: DataDirectory, ids: list[str], chosen: argparse.Namespace) -> Row:
    """Return all parts."""
    with directory.connect(read_only=True) as connection:
        (account,) = connection.execute("SELECT account_id FROM bank.accounts LIMIT 1").fetchone() or ("",)
    drawn = random.Random(7).choices(ids, k=chosen.requests)
    with (
        process(EMPTY, ready="/empty/x") as (empty, empty_process),
        process(SERVICE, str(directory.path), END.isoformat(), ready="/readyz") as (port, served),
    ):
        settled(served)
        paths = [f"/v1/customers/{customer}" for customer in drawn]
        empties = [f"/empty/{customer}" for customer in drawn]
        rounds = [
            (await loaded(empty, empty_process, empties, chosen), await loaded(port, served, paths, chosen))
            for _ in range(3)
        ]
        best = min(rounds, key=lambda pair: pair[0]["processor_ms"])
        beside = {"look-ups": best[1]}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=600) as client:
            queries = await compared(client, directory)
            work = [queries_without_end(client) for _ in range(2)]
            beside["look-ups beside heavy queries"] = await during(work, lambda: loaded(port, served, paths, chosen))
            # What is derived anew knows nothing of the repeated customers.
            own = [path.partition(AGAIN)[0] for path in paths]
            work = [queries_without_end(client), deliveries(client, account)]
            beside["look-ups beside queries and deliveries"] = await during(
                work, lambda: loaded(port, served, own, chosen)
            )
    return {"empty route": best[0], "look-ups": beside, "queries": queries}


async def during(work: list[Awaitable[None]], look: Callable[[], Awaitable[Row]]) -> Row:
    """Return what is measured while other work goes on."""
    running = [asyncio.ensure_future(each) for each in work]
    await asyncio.sleep(1)
    try:
        return await look()
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def queries_without_end(client: httpx.AsyncClient) -> None:
    """Ask an analyst's heaviest query again and again."""
    number = 0
    while True:
        number += 1
        await client.get("/sparql", params={"query": f"{HEAVY} # {number}"}, headers=ANALYST)


async def deliveries(client: httpx.AsyncClient, account: str) -> None:
    """Deliver a booking, and the next when what follows is visible."""
    while True:
        row = {
            "transaction_id": f"load-{time.time_ns()}", "account_id": account, "booking_date": END.isoformat(),
            "amount": "-12.30", "currency": "EUR", "counterparty_name": "Gemüse Kraut", "purpose": "Einkauf",
        }  # fmt: skip
        await client.post("/v1/tables/transactions/rows", json=row, headers=CRM)


async def compared(client: httpx.AsyncClient, directory: DataDirectory) -> Row:
    """Return seconds of each query over HTTP and in this process on the same graphs; the best of five each."""
    store = pyoxigraph.Store.read_only(str(current_snapshot(directory) / "store"))
    graphs = opened(store)
    found = {}
    for name, query in QUERIES.items():
        here, there = [], []
        for number in range(5):
            begun = time.perf_counter()
            answer = await client.get("/sparql", params={"query": f"{query} # {number}"}, headers=ANALYST)
            there.append(time.perf_counter() - begun)
            assert answer.status_code == 200, answer.text
            begun = time.perf_counter()
            inside = store.query(query, prefixes=PREFIXES, default_graph=graphs).serialize(
                format=pyoxigraph.QueryResultsFormat.JSON
            )
            here.append(time.perf_counter() - begun)
            assert inside is not None
            assert rows_in(inside) == rows_in(answer.content)  # which rows a LIMIT leaves is another matter
        found[name] = {"bytes": len(answer.content), "in process_ms": min(here) * 1000, "http_ms": min(there) * 1000}
    return found


def rows_in(results: bytes) -> int:
    """Return how many rows SPARQL JSON has."""
    return len(json.loads(results)["results"]["bindings"])


def opened(store: pyoxigraph.Store) -> list[pyoxigraph.NamedNode]:
    """Return the graphs open to the analyst, in the service's order."""
    ask = """SELECT DISTINCT ?g { { GRAPH ?a { ?g aug:openTo "analyst/analysis" } } UNION
             { GRAPH ?g { ?o a owl:Ontology } FILTER STRENDS(STR(?g), "/graph/ontology") } }"""
    return sorted((row["g"] for row in store.query(ask, prefixes=PREFIXES)), key=lambda g: g.value)  # type: ignore


def as_markdown(found: Row) -> str:
    """Return the results as a page."""
    parts = found["parts"]
    empty, alone = parts["empty route"], parts["look-ups"]["look-ups"]
    lines = ["# The service under load", "", in_words(found["machine"]), ""]
    lines += [found["note"], ""] if found["note"] else []
    lines += [f"Look-ups among {found['customers']:,} customers:", ""]
    lines += ["| load | requests/s | median ms | p99 ms | processor ms |", "|---|---:|---:|---:|---:|"]
    for name, told in {"empty route": empty, **parts["look-ups"]}.items():
        lines.append(f"| {name} | " + " | ".join(f"{value:,}" for value in told.values()) + " |")
    share = alone["requests_per_second"] / empty["requests_per_second"]
    processor, slower = empty["processor_ms"] / alone["processor_ms"], alone["p99_ms"] / empty["p99_ms"]
    lines += [
        "",
        f"Throughput of look-ups / of the empty route: {share:.0%} (goal: 60 %); by processor: {processor:.0%}.",
    ]
    lines += [f"p99 of look-ups / of the empty route: {slower:.1f} × (goal: at most 5 ×)."]
    for name, told in parts["look-ups"].items():
        if told is not alone:
            lines.append(f"p99 of {name} / alone: {told['p99_ms'] / alone['p99_ms']:.1f} × (goal: at most 2 ×).")
    lines += ["", "| query | bytes | in process ms | over HTTP ms | share |", "|---|---:|---:|---:|---:|"]
    for name, told in parts["queries"].items():
        share = told["in process_ms"] / told["http_ms"]
        lines.append(
            f"| {name} | {told['bytes']:,} | {told['in process_ms']:.1f} | {told['http_ms']:.1f} | {share:.0%} |"
        )
    return "\n".join([*lines, "", "Goal for queries: 85 %.", ""])


if __name__ == "__main__":
    main()
