"""The whole line beside (a) the same moments by hand-written SQL and (b) the same rules in an Oxigraph store.

Simulated customers, from Parquet to published graph: seconds, processor seconds and peak memory per stage, each
run in a process of its own, line and hand in turns; medians. The line runs with the content the SQL was written
for (`pinned`), so that both find the same; with `--today` once more with today's.
Writes `results/line-<date>.json` and `.md`.
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
from datetime import date
from pathlib import Path
from typing import Any

from agreement import compared
from outcome import RESULTS, in_words, machine, written
from pinned import commit, pinned_content

from augenblick.simulate import simulate

HERE = Path(__file__).parent
SMALL = 5000
"""Up to so many customers each run is taken three times."""


def arguments() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 10, 31), help="last day simulated")
    parser.add_argument("--runs", type=int, help="default: 3 up to 5,000 customers, else 1")
    parser.add_argument("--today", action="store_true", help="run the line with today's content as well")
    parser.add_argument("--oxigraph-customers", type=int, default=1000, help="0 leaves the Oxigraph run out")
    parser.add_argument("--deadline", type=float, default=600, help="seconds Oxigraph may spend on one rule")
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE"), help="names the results; default: today")
    parser.add_argument("--note", help="a sentence for the results: what else was running, what was patched")
    return parser.parse_args()


def main() -> None:
    """Run everything and write the results."""
    chosen = arguments()
    with tempfile.TemporaryDirectory(prefix="augenblick-bench-") as place:
        work = Path(place)
        folder = _simulated(work, chosen, chosen.customers)
        runs = chosen.runs or (3 if chosen.customers <= SMALL else 1)
        then = pinned_content(work / "content")
        lines, hands = [], []
        for number in range(runs):
            lines.append(_child("engine.py", folder, work / f"line{number}", chosen.end, then))
            hands.append(_child("by_hand.py", folder, chosen.end, work / "hand.parquet"))
        result: dict[str, Any] = {
            "sizes": {"customers": chosen.customers, "months": chosen.months, "seed": chosen.seed, "runs": runs},
            "content": commit(),
            "line": _median(lines),
            "by_hand": _median(hands),
            "agreement": compared(work / f"line{runs - 1}" / "derived.duckdb", work / "hand.parquet"),
            "machine": machine(),
            "note": chosen.note,
        }
        result["ratio_line_by_hand"] = {
            key: round(result["line"][key] / result["by_hand"][key], 2) for key in ("seconds", "processor")
        }
        if chosen.today:
            result["line_today"] = _child("engine.py", folder, work / "today", chosen.end)
        if chosen.oxigraph_customers:
            result["oxigraph"] = _oxigraph(work, chosen)
    day = chosen.date or time.strftime("%Y-%m-%d")
    print(written(result, RESULTS / f"line-{day}", _page(result)))


def _simulated(work: Path, chosen: argparse.Namespace, customers: int) -> Path:
    folder = work / f"bank{customers}"
    if not folder.exists():
        simulate(
            folder, customers=customers, months=chosen.months, seed=chosen.seed, end=chosen.end, formats=("parquet",)
        )
    return folder


def _child(script: str, *values: object) -> dict[str, Any]:
    command = [sys.executable, str(HERE / script), *map(str, values)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the first run with the medians of all in place of its times and peaks."""
    keys = ("seconds", "processor", "peak_mb")
    middle = dict(runs[0])
    middle["stages"] = {
        name: {key: round(statistics.median(run["stages"][name][key] for run in runs), 3) for key in keys}
        for name in runs[0]["stages"]
    }
    return middle | {key: round(statistics.median(run[key] for run in runs), 3) for key in keys}


def _oxigraph(work: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return what Oxigraph did with the rules, beside the line's own reasoning at the same size."""
    size = chosen.oxigraph_customers
    folder = _simulated(work, chosen, size)
    line = _child("engine.py", folder, work / "line-oxigraph", chosen.end)
    _child("oxigraph.py", "facts", folder, work / "facts", chosen.end, work / "facts.nq")
    steps, ended = _watched(work / "facts.nq", chosen.deadline)
    rules = [step for step in steps if step["step"] == "rule"]
    return {
        "customers": size,
        "deadline": chosen.deadline,
        "load_seconds": next((step["seconds"] for step in steps if step["step"] == "load"), None),
        "facts": next((step["triples"] for step in steps if step["step"] == "load"), None),
        "rules_seconds": round(sum(step["seconds"] for step in rules), 3),
        "rules_processor": round(sum(step["processor"] for step in rules), 3),
        "ended": ended is None,
        "stopped_in": ended,
        "slowest": sorted(rules, key=lambda step: -step["seconds"])[:8],
        "reason": line["stages"]["reason"],
        "peak_mb": next((step["peak_mb"] for step in steps if step["step"] == "end"), None),
    }


def _watched(quads: Path, deadline: float) -> tuple[list[dict[str, Any]], str | None]:
    """Return the steps of the Oxigraph run and the rule it was killed in, if one passed its deadline."""
    log = quads.with_suffix(".log")
    with log.open("w", encoding="utf-8") as out:
        child = subprocess.Popen([sys.executable, str(HERE / "oxigraph.py"), "run", str(quads)], stdout=out)
        seen, since = 0, time.monotonic()
        while child.poll() is None:
            time.sleep(0.5)
            size = log.stat().st_size
            if size != seen:
                seen, since = size, time.monotonic()
            elif time.monotonic() - since > deadline:
                child.kill()
                child.wait()
    steps = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    rules = [step for step in steps if step["step"] != "begin"]
    finished = bool(rules) and rules[-1]["step"] == "end"
    return rules, None if finished else next((s["rule"] for s in reversed(steps) if s["step"] == "begin"), "load")


def _page(result: dict[str, Any]) -> str:
    sizes, line, hand, on = result["sizes"], result["line"], result["by_hand"], result["machine"]
    ratio, agreed = result["ratio_line_by_hand"], result["agreement"]
    parts = [
        f"# The line: {sizes['customers']:,} customers × {sizes['months']} months, {line['bookings']:,} bookings",
        f"{in_words(on)} Seed {sizes['seed']}, "
        f"runs: {sizes['runs']} (medians), line and hand in turns. Seconds are wall time, processor seconds those of "
        "all threads." + (f" {result['note']}" if result.get("note") else ""),
        f"## Line, content of {result['content']}",
        _table(line),
        f"{line['occurrences']:,} occurrences, {line['facts']:,} facts, {line['inferred']:,} inferred, "
        f"{line['quads']:,} quads published.",
        "## (a) The same moments by hand-written SQL",
        _table(hand),
        f"**Line / hand: {ratio['seconds']} (wall), {ratio['processor']} (processor).** Goal: at most 3. "
        f"Peak memory of the line: {line['peak_mb']:,.0f} MB. Goal: below 4,000.",
        f"Agreement: {agreed['equal']:,} moments equal in every column ({agreed['share']:.1%} of all found by either), "
        f"{agreed['equal_but_dates']:,} more equal in type, customer and state; line {agreed['line']:,}, hand "
        f"{agreed['by_hand']:,}. Only line: {agreed['only_line'] or 'none'}; "
        f"only hand: {agreed['only_by_hand'] or 'none'}.",
    ]
    if "line_today" in result:
        today = result["line_today"]
        found = ", ".join(f"{today[key]:,} {key}" for key in ("occurrences", "facts", "inferred", "quads"))
        parts += ["## Line, today's content", _table(today), f"{found}."]
    if "oxigraph" in result:
        parts += ["## (b) The same rules in an Oxigraph store", _beside_oxigraph(result["oxigraph"])]
    return "\n\n".join(parts) + "\n"


def _table(run: dict[str, Any]) -> str:
    rows = [
        f"| {name} | {s['seconds']:.2f} | {s['processor']:.2f} | {s['peak_mb']:,.0f} |"
        for name, s in run["stages"].items()
    ]
    total = f"| **all** | **{run['seconds']:.2f}** | **{run['processor']:.2f}** | **{run['peak_mb']:,.0f}** |"
    return "\n".join(["| stage | seconds | processor | peak MB |", "|---|---:|---:|---:|", *rows, total])


def _beside_oxigraph(run: dict[str, Any]) -> str:
    key = "processor" if "rules_processor" in run else "seconds"
    spent, reason = run[f"rules_{key}"], run["reason"][key]
    end = "reached the fixpoint" if run["ended"] else f"did not end: stopped in `{run['stopped_in']}`"
    slow = "; ".join(f"`{s['rule']}` {s['seconds']:.1f} s" for s in run["slowest"][:5])
    return (
        f"{run['customers']:,} customers, {run['facts']:,} triples loaded in {run['load_seconds']} s; rules "
        f"{spent:.1f} s ({key}), deadline {run['deadline']:.0f} s for a rule: {end}. The line reasons over the "
        f"same facts, compiling its rules included, in {reason:.1f} s: ratio {'' if run['ended'] else 'at least '}"
        f"{spent / reason:.1f}. Slowest: {slow}."
    )


if __name__ == "__main__":
    main()
