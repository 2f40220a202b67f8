"""From event to visible moment, over HTTP, in banks of growing size: what one row by REST costs.

`python benchmarks/service/live.py` simulates banks (`--customers`, several sizes), detects, starts the service on each
and sends rows one by one: bookings like those of the bank, bookings that say nothing, bookings that show a moment,
master data that move somebody, interactions and objections. A row counts as visible when its answer is there and the
customer's look-up answers with what follows. Medians, 95th percentiles, processor seconds of the service's process,
and the ratio between the largest and the smallest bank are written to `results/live-<date>.json` and `.md`.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from outcome import RESULTS, in_words, machine, written  # noqa: E402

from augenblick import pipeline  # noqa: E402
from augenblick.api import read_settings, server  # noqa: E402
from augenblick.content import Content, load_content  # noqa: E402
from augenblick.simulate import simulate  # noqa: E402
from augenblick.store import DataDirectory  # noqa: E402

END = date(2026, 10, 31)
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
PATIENCE = 3600
KINDS = (
    *("booking", "booking that says nothing", "booking that shows a moment"),
    *("master data", "interaction", "consent"),
)
Row = dict[str, Any]


def main() -> None:
    """Measure every size and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--events", type=int, default=20, help="rows of each kind per bank")
    parser.add_argument("--keep", type=Path, help="where banks are kept, and found again")
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE") or time.strftime("%Y-%m-%d"))
    parser.add_argument("--note", help="a sentence for the results: what else was running")
    chosen = parser.parse_args()
    content = load_content()
    with tempfile.TemporaryDirectory(prefix="augenblick-bench-") as place:
        sizes: list[Row] = []
        found = {"date": chosen.date, "machine": machine(), "note": chosen.note, "months": chosen.months}
        for size in chosen.customers:  # what was measured stays when a larger bank takes too long
            sizes.append(measured(size, chosen.keep or Path(place), content, chosen))
            so_far = found | {"sizes": sizes}
            print(written(so_far, RESULTS / f"live-{chosen.date}", as_markdown(so_far)))


def measured(size: int, place: Path, content: Content, chosen: argparse.Namespace) -> Row:
    """Return what rows took in a bank of so many customers."""
    directory = bank(size, place, content, chosen)
    draw = random.Random(chosen.seed)
    kinds = {"booking": bookings(directory, chosen, draw), **made_up(directory, chosen)}
    kinds["master data"] = moves(directory, chosen, draw)
    with served(directory.path, content) as client:
        first = sent(client, kinds["booking"].pop())
        taken = {kind: [sent(client, row) for row in rows] for kind, rows in kinds.items()}
    return {"customers": size, "first": first, **{kind: summary(times) for kind, times in taken.items()}}


def bank(size: int, place: Path, content: Content, chosen: argparse.Namespace) -> DataDirectory:
    """Return a detected bank, made unless it is there."""
    directory = DataDirectory(place / f"data-{size}")
    if not directory.derived_file.exists():
        export = place / f"export-{size}"
        simulate(export, customers=size, months=chosen.months, seed=chosen.seed, end=END, formats=("parquet",))
        pipeline.load(directory, export)
        pipeline.detect(directory, as_of=END, content=content)
    return directory


def bookings(directory: DataDirectory, chosen: argparse.Namespace, draw: random.Random) -> list[tuple[str, Row, str]]:
    """Return bookings like the bank's own, on others' accounts, and whom to look up."""
    sample = f"USING SAMPLE reservoir({chosen.events + 1} ROWS) REPEATABLE ({chosen.seed})"
    columns = "amount, counterparty_name, creditor_id, purpose, purpose_code, gvc, mcc"
    connection = directory.connect(read_only=True)
    rows = connection.execute(f"SELECT {columns} FROM bank.transactions {sample}").fetchall()
    owners = connection.execute(
        f"SELECT account_id, customer_id FROM bank.account_holders WHERE role = 'owner' {sample}"
    ).fetchall()
    connection.close()
    found = []
    for number, (row, (account, owner)) in enumerate(zip(rows, owners, strict=False)):
        given = dict(zip(columns.split(", "), row, strict=True)) | {
            "transaction_id": f"live-{time.time_ns()}-{number}", "account_id": account, "currency": "EUR",
            "booking_date": str(END - timedelta(days=draw.randrange(3))),
        }  # fmt: skip
        found.append(("transactions", {k: str(v) for k, v in given.items() if v is not None}, owner))
    return found


def made_up(directory: DataDirectory, chosen: argparse.Namespace) -> dict[str, list[tuple[str, Row, str]]]:
    """Return rows of the other kinds, each of another customer who owns an account."""
    connection = directory.connect(read_only=True)
    owners = connection.execute(
        "SELECT customer_id, min(account_id) FROM bank.account_holders JOIN bank.customers USING (customer_id) "
        f"WHERE role = 'owner' AND death_date IS NULL GROUP BY 1 ORDER BY hash(customer_id) LIMIT {4 * chosen.events}"
    ).fetchall()
    connection.close()
    some = iter(owners)
    day, mark = str(END), f"live-{time.time_ns()}"

    def each(table: str, row: Row, key: str | None = None) -> list[tuple[str, Row, str]]:
        rows = []
        for number, (owner, account) in enumerate(islice(some, chosen.events)):
            whose = {"account_id": account} if table == "transactions" else {"customer_id": owner}
            keyed = {key: f"{mark}-{table}-{number}-{owner}"} if key else {}
            rows.append((table, {**row, **whose, **keyed}, owner))
        return rows

    booked = {"booking_date": day, "currency": "EUR"}
    nothing = {"amount": "-12.30", "counterparty_name": "Kiosk Meier", "purpose": "Danke"}
    wedding = {"amount": "-412.30", "counterparty_name": "Standesamt Köln", "purpose": "Anmeldung Eheschließung"}
    asked = {"occurred_at": f"{day}T10:00:00", "channel": "web", "kind": "search", "topic": "mortgage"}
    objection = {"purpose": "advertising", "status": "withdrawn", "channel": "email", "valid_from": day}
    return {
        "booking that says nothing": each("transactions", {**booked, **nothing}, "transaction_id"),
        "booking that shows a moment": each("transactions", {**booked, **wedding}, "transaction_id"),
        "interaction": each("interactions", asked, "interaction_id"),
        "consent": each("consents", objection),
    }


def moves(directory: DataDirectory, chosen: argparse.Namespace, draw: random.Random) -> list[tuple[str, Row, str]]:
    """Return changes of address, one customer each, and whom to look up."""
    connection = directory.connect(read_only=True)
    rows = connection.execute(
        "SELECT customer_id, street FROM bank.customers WHERE street IS NOT NULL AND death_date IS NULL "
        f"USING SAMPLE reservoir({chosen.events} ROWS) REPEATABLE ({chosen.seed})"
    ).fetchall()
    connection.close()
    moved = [(customer, street, f"Neue Straße {draw.randrange(1, 10**6)}") for customer, street in rows]
    common = {"changed_on": str(END), "attribute": "street"}
    return [
        ("customer_changes", {**common, "customer_id": customer, "old_value": old, "new_value": new}, customer)
        for customer, old, new in moved
    ]


def sent(client: httpx.Client, event: tuple[str, Row, str]) -> tuple[float, float]:
    """Send one row and look its customer up; return milliseconds of wall time and of this process."""
    table, row, customer = event
    wall, processor = time.perf_counter(), time.process_time()
    answer = client.post(f"/v1/tables/{table}/rows", json=row, headers=CRM)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "visible", answer.text
    assert client.get(f"/v1/customers/{customer}/moments", headers=CRM).status_code == 200
    return (time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000


@contextmanager
def served(data: Path, content: Content) -> Any:
    """Run the service on loopback in a thread and give a client."""
    made = server(read_settings(None, port=0, data=data, as_of=END), content=content)
    thread = threading.Thread(target=made.run)
    thread.start()
    while not made.started:
        time.sleep(0.05)
    port = made.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            yield client
    finally:
        made.should_exit = True
        thread.join()


def summary(times: list[tuple[float, float]]) -> Row:
    """Return medians and 95th percentiles in milliseconds."""
    walls, processors = ([each[side] for each in times] for side in (0, 1))
    return {
        "rows": len(times), "median_ms": round(statistics.median(walls)), "p95_ms": round(p95(walls)),
        "processor_median_ms": round(statistics.median(processors)), "processor_p95_ms": round(p95(processors)),
    }  # fmt: skip


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def as_markdown(found: Row) -> str:
    """Return the results as a page."""
    lines = ["# From event to visible moment, one row by REST", "", in_words(found["machine"]), ""]
    lines += [f"{found['note']}", ""] if found["note"] else []
    lines += ["| customers | row | rows | median ms | p95 ms | processor median ms | processor p95 ms |"]
    lines += ["|---:|---|---:|---:|---:|---:|---:|"]
    for size in found["sizes"]:
        for kind in KINDS:
            told = size[kind]
            lines.append(f"| {size['customers']:,} | {kind} | " + " | ".join(f"{v:,}" for v in told.values()) + " |")
    small, large = found["sizes"][0], found["sizes"][-1]
    if small is not large:
        for kind in KINDS:
            ratio = large[kind]["processor_p95_ms"] / max(small[kind]["processor_p95_ms"], 1)
            lines += [
                "",
                f"{kind}: processor p95 of the largest bank / of the smallest: {ratio:.2f} (goal: at most 1.5)",
            ]
    return "\n".join([*lines, "", "Goal: p95 at most 100 ms at one million customers.", ""])


if __name__ == "__main__":
    main()
