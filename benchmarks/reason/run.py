"""The reasoner beside hand-written SQL, Nemo, Oxigraph and owlrl, on the same facts, in one run.

`python benchmarks/reason/run.py` writes `results/reason-<date>.json` and `.md`. Each run has a process of its own, the
engines in turns; medians. Ratios are of processor seconds for the derivation alone (the facts are loaded already):
wall time on a shared machine measures the neighbours. Slow peers run at a size of their own, with Augenblick beside
them at that size. Nemo reads its facts while it reasons, so its loading is in its time (measured apart as `load`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from graphs import write
from turns import alone, in_turns, taken

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from outcome import RESULTS, in_words, machine, written  # noqa: E402

SIZES: dict[str, dict[int, tuple[str, ...]]] = {
    "kinship": {
        600_000: ("augenblick", "by_hand", "nemo", "spilling"),
        30_000: ("augenblick", "oxigraph"),
        4_000: ("augenblick", "owlrl"),
    },
    "lubm": {
        50: ("augenblick", "by_hand", "nemo"),
        10: ("augenblick", "by_hand", "nemo", "oxigraph"),
        1: ("augenblick", "by_hand", "nemo", "oxigraph"),
    },
    "closure": {
        3_000: ("augenblick", "by_hand", "nemo", "oxigraph"),
        150: ("augenblick", "owlrl"),
    },
}
"""Per case and size (people, universities, nodes) the engines that run."""
GROWTH = (10_000, 100_000, 1_000_000)
"""People among whom a run, single changes and proofs are measured."""


def main() -> None:
    """Run every case at every size and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--only", choices=sorted(SIZES), help="one case")
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE") or time.strftime("%Y-%m-%d"))
    chosen = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="augenblick-bench-") as place:
        for case, sizes in SIZES.items():
            if chosen.only in (None, case):
                for size, engines in sizes.items():
                    folder = Path(place) / f"{case}-{size}"
                    write(case, size, chosen.seed, folder)
                    rows += _measured(case, size, engines, folder, chosen.runs)
    changes = _changes() if chosen.only is None else []
    result = {"runs": chosen.runs, "seed": chosen.seed, "rows": rows, "changes": changes, "machine": machine()}
    print(written(result, RESULTS / f"reason-{chosen.date}", _page(result)))


def _changes() -> list[dict[str, Any]]:
    """Return what one person's change and one proof take, by the number of people."""
    command = [sys.executable, str(HERE / "change.py"), *map(str, GROWTH)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _measured(case: str, size: int, engines: tuple[str, ...], folder: Path, runs: int) -> list[dict[str, Any]]:
    script = str(HERE / "engines.py")
    found = in_turns(engines, runs, lambda engine: alone([sys.executable, script, engine, case, str(folder)]))
    took = {engine: taken(each, "reason") for engine, each in found.items()}
    return [
        {
            "case": case, "size": size, "engine": engine, "facts": each[0]["facts"],
            **took[engine], "answers": each[0]["answers"],
            "ask": statistics.median(run["stages"].get("ask", {}).get("processor", 0) for run in each),
            "ratio": round(took[engine]["processor"] / took["augenblick"]["processor"], 2),
        }
        for engine, each in found.items()
    ]  # fmt: skip


def _page(result: dict[str, Any]) -> str:
    lines = [
        "# The reasoner beside its peers",
        "",
        in_words(result["machine"]),
        f"Seed {result['seed']}, {result['runs']} runs in turns, medians. `ratio`: the engine's processor seconds over "
        "Augenblick's at the same size (above 1: slower than Augenblick).",
        "",
        "| case | size | engine | facts derived | seconds | processor | load | peak MB | ratio |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in result["rows"]:
        facts = f"{row['facts']:,}" if row["facts"] else "–"
        lines.append(
            f"| {row['case']} | {row['size']:,} | {row['engine']} | {facts} | {row['seconds']:.2f} | "
            f"{row['processor']:.2f} | {row['load']:.2f} | {row['peak_mb']:,.0f} | {row['ratio']} |"
        )
    lines += _asked([row for row in result["rows"] if row["answers"]])
    lines += [
        "",
        "## One change, one proof",
        "",
        "Milliseconds, and microseconds per derived fact, are of processor time; the first change after a run reads "
        "all facts. `explaining ratio`: the run over the run without writing which rule made a fact in which step.",
        "",
    ]
    keys = ["run_seconds", "run_processor", "microseconds_per_fact", "first_change_ms", "change_median_ms"]
    keys += ["change_p95_ms", "proof_median_ms", "proof_p95_ms", "explaining_ratio", "peak_mb"]
    lines += ["| people | derived | " + " | ".join(key.replace("_", " ") for key in keys) + " |"]
    lines += ["|---:" * (len(keys) + 2) + "|"]
    for row in result["changes"]:
        told = " | ".join(str(row.get(key, "–")) for key in keys)
        lines.append(f"| {row['people']:,} | {row['derived']:,} | {told} |")
    return "\n".join(lines) + "\n"


def _asked(rows: list[dict[str, Any]]) -> list[str]:
    """Return the table of the queries asked after reasoning, and whether all engines found as much."""
    if not rows:
        return []
    lines = [
        "",
        "## Queries asked after reasoning, all answers read",
        "",
        "| case | size | engine | processor | answers |",
    ]
    lines.append("|---|---:|---|---:|---|")
    for row in rows:
        same = all(row["answers"] == each["answers"] for each in rows if each["size"] == row["size"])
        found = f"{sum(row['answers'].values()):,} to {len(row['answers'])} queries"
        told = f"{found}{', as all others' if same else ', **not as others**'}"
        lines.append(f"| {row['case']} | {row['size']:,} | {row['engine']} | {row['ask']:.2f} | {told} |")
    return lines


if __name__ == "__main__":
    main()
