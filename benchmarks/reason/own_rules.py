"""The project's own rules over a bank and over copies of it up to a million customers.

A bank is simulated and its facts are made as `augenblick detect` makes them, then copied under other names (see
`copies`); the first run of all rules is measured, each size in a process of its own. Tells processor seconds, the peak
of resident memory, how large the database is, and the microseconds per fact. Writes `results/rules-copies-<date>`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parent.parent))

from copies import copy
from memory import Stages
from outcome import RESULTS, in_words, machine, written

from augenblick import facts as fact_mappings
from augenblick import pipeline, validate
from augenblick.content import load_content
from augenblick.model.terms import DATA_BASE
from augenblick.pipeline.detection import INFERRED, ONTOLOGY, evidence_in, shapes_of
from augenblick.pipeline.rules import rules_of
from augenblick.reason import FactBase, Reasoner
from augenblick.simulate import simulate
from augenblick.store import DataDirectory

END = date(2026, 10, 31)


def main() -> None:
    """Measure all sizes, or one where `--size` says so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000, help="of the bank that is copied")
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--memory", default="5GB", help="what DuckDB may hold")
    parser.add_argument("--disk", default="20GB", help="what DuckDB may write to disk beside")
    parser.add_argument("--folder", type=Path, help="where the bank is kept; default: a temporary folder")
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE"), help="names the results; default: today")
    parser.add_argument("--note", default="", help="a sentence for the results: what else was running")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.size:
        print(json.dumps(_measured(chosen.folder, chosen.size, chosen.memory, chosen.disk)))
        return
    with tempfile.TemporaryDirectory(prefix="augenblick-bench-") as place:
        folder = chosen.folder or Path(place)
        _prepare(folder, chosen.customers, chosen.months)
        own = [sys.executable, __file__, "--memory", chosen.memory, "--disk", chosen.disk, "--folder", str(folder)]
        sizes = []
        for copies in chosen.copies:
            done = subprocess.run([*own, "--size", str(copies)], check=True, stdout=subprocess.PIPE, text=True)
            sizes.append({"customers": copies * chosen.customers} | json.loads(done.stdout.splitlines()[-1]))
            print(json.dumps({k: v for k, v in sizes[-1].items() if k != "slowest"}), file=sys.stderr, flush=True)
    asked = {"months": chosen.months, "copied": chosen.customers, "memory": chosen.memory}
    result = {"asked": asked, "sizes": sizes, "machine": machine(), "note": chosen.note}
    day = chosen.date or time.strftime("%Y-%m-%d")
    print(written(result, RESULTS / f"rules-copies-{day}", _page(result)))


def _prepare(folder: Path, customers: int, months: int) -> None:
    """Make the facts of a simulated bank in `facts.duckdb`, valid ones only, where they are not there."""
    facts_file = folder / "facts.duckdb"
    if facts_file.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    simulate(folder / "export", customers=customers, months=months, seed=4711, end=END, formats=("parquet",))
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    content = load_content()
    with directory.rebuild() as connection:
        evidence_in(connection, content, as_of=END)
        facts = FactBase(connection)
        with facts.noted_together():
            fact_mappings.load(facts, connection, as_of=END, data_base=DATA_BASE, content=content)
            facts.add_graph(content.graph_in_force, name=ONTOLOGY)
        validate.run(facts, shapes_of(content))
    directory.derived_file.rename(facts_file)


def _measured(folder: Path, copies: int, memory: str, disk: str) -> dict[str, Any]:
    """Return what the rules take over so many copies."""
    file = folder / f"copies{copies}.duckdb"
    file.unlink(missing_ok=True)
    connection = duckdb.connect(str(file))
    connection.execute(f"SET enable_progress_bar = false; SET memory_limit = '{memory}'; SET fsync_mode = 'NONE'")
    connection.execute(f"SET max_temp_directory_size = '{disk}'")
    connection.execute(f"ATTACH '{folder / 'facts.duckdb'}' AS one (READ_ONLY)")
    connection.execute(f"ATTACH '{folder / 'data' / 'bank.duckdb'}' AS bank (READ_ONLY)")
    stages = Stages()
    with stages.stage("copy"):
        copy(connection, "one", copies, ontology=ONTOLOGY)
    facts, content = FactBase(connection), load_content()
    given = sum(relation.rows for relation in facts.relations())
    with stages.stage("reason"):
        report = Reasoner(facts, rules_of(content)).run(into=INFERRED)
    connection.close()
    size = file.stat().st_size
    file.unlink()
    slowest = sorted(report.rules, key=lambda rule: -rule.seconds)[:10]
    return {
        "given": given,
        "derived": report.facts,
        **stages.measured["reason"],
        "copying": stages.measured["copy"],
        "database_mb": size // 2**20,
        "slowest": {r.rule.name.removeprefix(f"{content.root}/"): round(r.seconds, 2) for r in slowest},
    }


def _page(result: dict[str, Any]) -> str:
    asked, sizes = result["asked"], result["sizes"]
    per_fact = [1e6 * size["processor"] / size["given"] for size in sizes]
    rows = [
        f"| {s['customers']:,} | {s['given']:,} | {s['derived']:,} | {s['seconds']:,.1f} | {s['processor']:,.1f} | "
        f"{micros:.2f} | {micros / per_fact[0]:.2f} | {s['peak_mb']:,} | {s['database_mb']:,} |"
        for s, micros in zip(sizes, per_fact, strict=True)
    ]
    slow = [
        f"- {s['customers']:,}: {', '.join(f'`{name}` {spent}' for name, spent in s['slowest'].items())}" for s in sizes
    ]
    parts = [
        "# The bank's own rules up to a million customers",
        f"{in_words(result['machine'])} {result['note']}".strip(),
        f"A simulated bank of {asked['copied']:,} customers with {asked['months']} months of bookings, and copies "
        "of it under other names (`benchmarks/reason/copies.py`): no copy shares a name, an address or a payer with "
        "another. "
        f"The first run of all rules, DuckDB held to {asked['memory']}; one run each.",
        "| customers | facts given | derived | seconds | processor | microseconds per given fact | to the first | "
        "peak MB | database MB |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n" + "\n".join(rows),
        "Rules that took longest (seconds by the clock, together with those that run as one statement with them):",
        "\n".join(slow),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
