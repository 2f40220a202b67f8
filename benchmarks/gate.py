"""What the gate costs: the legal class carried along the derivation, and one decision.

A bank is simulated, loaded and detected; the stage that carries classes stands beside the reasoning it follows, both
in processor seconds of one run. Then decisions are timed one by one, in process, over that bank's consents: every
role, purpose and class the policy has a rule for, with and without another person's data. Writes
`results/gate-<date>.json` and `.md`. Exits with 1 where `--hold` is given and a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

from memory import Stages
from outcome import RESULTS, in_words, machine, written

from augenblick import pipeline
from augenblick.content import Content, load_content
from augenblick.policy import Access, Consents, Gate, read_policy
from augenblick.simulate import simulate
from augenblick.store import DataDirectory

MOST_TIMES, MOST_MICROSECONDS = 1.2, 50.0
"""The bars: reasoning with the class carried along over reasoning alone; median of one decision."""
REASONING = ("reason", "moments", "offers")
END = date(2026, 10, 31)


def arguments() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--decisions", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE"), help="names the results; default: today")
    parser.add_argument("--hold", action="store_true", help="fail where a bar is missed")
    return parser.parse_args()


def main() -> None:
    """Measure both and write the results."""
    chosen = arguments()
    content = load_content()
    with tempfile.TemporaryDirectory(prefix="augenblick-gate-") as work:
        stages, directory = Stages(), DataDirectory(Path(work) / "data")
        export = Path(work) / "export"
        simulate(export, customers=chosen.customers, months=24, seed=chosen.seed, end=END, formats=("parquet",))
        pipeline.load(directory, export)
        pipeline.detect(directory, as_of=END, content=content, progress=stages.progress)
        took = decisions(directory, content, chosen.decisions)
    measured = stages.summary()["stages"]
    result = summary(chosen, {name: each["processor"] for name, each in measured.items()}, took)
    day = chosen.date or time.strftime("%Y-%m-%d")
    print(written(result, RESULTS / f"gate-{day}", page(result)))
    if chosen.hold and result["missed_bars"]:
        sys.exit(1)


def decisions(directory: DataDirectory, content: Content, count: int) -> list[float]:
    """Return how many microseconds each of so many decisions took."""
    with closing(directory.connect(read_only=True)) as connection:
        gate = Gate(read_policy(content), Consents.read(connection))
        people = [row[0] for row in connection.execute("SELECT customer_id FROM bank.customers ORDER BY 1").fetchall()]
    # Only what some rule speaks of: the rest is refused at once and would flatter the median.
    cells = [
        (Access(role=role, purpose=purpose, actor_id="b", at=END), klass, others)
        for (role, purpose, klass), others in product(gate.policy.rules, (frozenset(), frozenset(people[:1])))
    ]
    took = []
    for (access, klass, others), person in islice(zip(cycle(cells), cycle(people), strict=False), count):
        begun = time.perf_counter_ns()
        gate.decide(access, person, klass, others)
        took.append((time.perf_counter_ns() - begun) / 1000)
    return took


def summary(chosen: argparse.Namespace, processor: dict[str, float], took: list[float]) -> dict[str, Any]:
    """Return what was measured, and which bars were missed."""
    reasoning = sum(processor[name] for name in REASONING)
    times = (reasoning + processor["classes"]) / reasoning
    median = statistics.median(took)
    bars = {"class carried along": times <= MOST_TIMES, "decision": median <= MOST_MICROSECONDS}
    return {
        "sizes": {"customers": chosen.customers, "decisions": len(took), "seed": chosen.seed},
        "machine": machine(),
        "processor_seconds": processor,
        "reasoning_seconds": round(reasoning, 3),
        "times": round(times, 3),
        "decision_microseconds": {
            "median": round(median, 2),
            "p99": round(statistics.quantiles(took, n=100)[98], 2),
        },
        "missed_bars": [name for name, held in bars.items() if not held],
    }


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    sizes, decision, seconds = result["sizes"], result["decision_microseconds"], result["processor_seconds"]
    count, most = f"{sizes['decisions']:,}", f"{MOST_MICROSECONDS:.0f}"
    lines = [
        "# What the gate costs",
        "",
        f"{sizes['customers']:,} simulated customers with 24 months of bookings, seed {sizes['seed']}.",
        "",
        "| | measured | bar |",
        "|---|---|---|",
        f"| reasoning, moments and offers, processor seconds | {result['reasoning_seconds']:.2f} | |",
        f"| carrying the legal class along them, processor seconds | {seconds['classes']:.2f} | |",
        f"| with the class over without | {result['times']:.3f} × | ≤ {MOST_TIMES} × |",
        f"| one decision, median of {count} | {decision['median']:.2f} µs | ≤ {most} µs |",
        f"| one decision, slowest of a hundred | {decision['p99']:.2f} µs | |",
        "",
        in_words(result["machine"]),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
