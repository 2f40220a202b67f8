"""What an impact costs beside a run from the beginning: a changed weight, a new moment, a product taken out.

A bank is simulated, loaded and detected; then each edit's impact is worked out on it, saved queries and the comparison
with the labels included. All are processor seconds of this process; an impact's stages are told by the clock. Writes
`results/impact-<date>.json` and `.md`. Exits with 1 where `--hold` is given and a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from memory import Stages
from outcome import RESULTS, in_words, machine, written

from augenblick import pipeline
from augenblick.content import load_content
from augenblick.editing import Edition
from augenblick.editing.impact import impact
from augenblick.editing.operations import operated
from augenblick.model.terms import AUG, MOMENT
from augenblick.policy import Access
from augenblick.simulate import simulate
from augenblick.store import DataDirectory

END = date(2026, 10, 31)
ACCESS = Access(role="operator", purpose="operation", actor_id="benchmark", at=END)
MOVED = "relocation"
BARS = {"a changed weight": 0.10, "a new moment": 0.20}
"""The share of a full run that each may cost at most."""


def arguments() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="where the bank is made and stays, or is already; default: a temporary one"
    )
    parser.add_argument("--note", help="a sentence for the results: what else was running, what was held")
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE"), help="names the results; default: today")
    parser.add_argument("--hold", action="store_true", help="fail where a bar is missed")
    return parser.parse_args()


def lighter(base: Edition) -> Edition:
    """Return the edition with the first pattern of the moment weighing half a point less."""
    pattern = base.values(MOMENT + MOVED, AUG + "hasPattern")[0]
    weight = float(base.values(pattern, AUG + "weight")[0])
    return operated(base, [{"do": "set_weight", "term": pattern, "weight": weight - 0.5}])


def another(base: Edition) -> Edition:
    """Return the edition with a new moment that has the patterns of another."""
    path = f"ontology/moments/{MOVED}/moment.ttl"
    text = base.texts[path].replace(f"moments/{MOVED}", "moments/again").replace(f'"{MOVED}"', '"again"')
    for joint in (":", "/"):
        text = text.replace(f"moment{joint}{MOVED}", f"moment{joint}again")
    return Edition({**base.texts, path.replace(MOVED, "again"): text})


def withdrawn(base: Edition) -> Edition:
    """Return the edition without the moment's first product."""
    product = base.values(MOMENT + MOVED, AUG + "hasProduct")[0]
    return operated(base, [{"do": "remove_product", "term": f"moment:{MOVED}", "product": product}])


EDITS: dict[str, Callable[[Edition], Edition]] = {
    "a changed weight": lighter,
    "a new moment": another,
    "a product taken out": withdrawn,
}


def main() -> None:
    """Measure and write the results."""
    chosen = arguments()
    with (
        nullcontext(chosen.folder) if chosen.folder else tempfile.TemporaryDirectory(prefix="augenblick-impact-") as at
    ):
        result = measured_in(Path(at), chosen)
    day = chosen.date or time.strftime("%Y-%m-%d")
    print(written(result, RESULTS / f"impact-{day}", page(result)))
    if chosen.hold and result["missed_bars"]:
        sys.exit(1)


def measured_in(work: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return what a full run and the edits' impacts cost on a bank made in the folder."""
    directory, export = DataDirectory(work / "data"), work / "export"
    loaded = Stages()
    if not directory.bank_file.exists():
        told("simulate")
        simulate(
            export, customers=chosen.customers, months=chosen.months, seed=chosen.seed, end=END, formats=("parquet",)
        )
        told("load")
        with loaded.stage("load"):
            pipeline.load(directory, export)
    content, stages = load_content(), Stages()

    def progress(name: str, done: int, total: int) -> None:
        stages.progress(name, done, total)
        told(name, done, total)

    begun = time.process_time()
    pipeline.detect(directory, as_of=END, content=content, progress=progress)
    full = time.process_time() - begun
    told("a full run", stages.summary(), full)
    measured = {name: measure(directory, export, edit) for name, edit in EDITS.items()}
    return summary(chosen, full, stages.summary() | {"load": loaded.measured}, measured)


def told(*what: object) -> None:
    """Say on standard error how far the measurement is: it may take an hour."""
    print(time.strftime("%H:%M:%S"), *what, file=sys.stderr, flush=True)


def measure(directory: DataDirectory, export: Path, edit: Callable[[Edition], Edition]) -> dict[str, Any]:
    """Return what an edit's impact costs, and how many customers it finds touched."""
    stages = Stages()
    with stages.stage("impact"):
        found = impact(directory, edit, access=ACCESS, truth=export)
    told(stages.summary(), found.seconds)
    return {
        "processor": round(stages.measured["impact"]["processor"], 2),
        "peak_mb": stages.measured["impact"]["peak_mb"],
        "wall_by_stage": {stage: round(spent, 2) for stage, spent in found.seconds.items()},
        "whole_run": found.reach.whole,
        "gain": sum(count.gain for count in found.moments),
        "lose": sum(count.lose for count in found.moments),
        "queries_that_move": sum(answers.moves for answers in found.queries),
    }


def summary(
    chosen: argparse.Namespace, full: float, run: dict[str, Any], measured: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Return what was measured, and which bars were missed."""
    shares = {name: each["processor"] / full for name, each in measured.items()}
    return {
        "sizes": {"customers": chosen.customers, "months": chosen.months, "seed": chosen.seed},
        "machine": machine(),
        "note": chosen.note,
        "full_run_processor": round(full, 2),
        "full_run": run,
        "impacts": {name: each | {"share": round(shares[name], 4)} for name, each in measured.items()},
        "missed_bars": [name for name, bar in BARS.items() if shares[name] > bar],
    }


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    sizes, run = result["sizes"], result["full_run"]
    stages = ", ".join(f"{stage} {spent['processor']:.1f}" for stage, spent in run["stages"].items())
    lines = [
        "# What an impact costs",
        "",
        f"{sizes['customers']:,} simulated customers with {sizes['months']} months of bookings, seed {sizes['seed']}. "
        f"A full run: {result['full_run_processor']:.1f} processor seconds ({stages}), {run['peak_mb']:,} "
        "MB at most. Impacts with saved queries, examples and labels; what they cost for reading the content and "
        "compiling rules does not grow with the bank.",
        "",
        "| | processor seconds | share of a full run | bar | peak MB | stages (seconds by the clock) |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for name, each in result["impacts"].items():
        bar = f"≤ {BARS[name]:.0%}" if name in BARS else ""
        stages = ", ".join(f"{stage} {spent:.1f}" for stage, spent in each["wall_by_stage"].items())
        lines.append(
            f"| {name} | {each['processor']:.2f} | {each['share']:.1%} | {bar} | {each['peak_mb']:,} | {stages} |"
        )
    remarks = " ".join(filter(None, [in_words(result["machine"]), result["note"]]))
    return "\n".join([*lines, "", remarks]) + "\n"


if __name__ == "__main__":
    main()
