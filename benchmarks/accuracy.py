"""How right the moments are on families nobody tuned for: a fresh seed simulated, loaded, detected and scored.

Two populations: one with lives, and a quiet one in which nobody has a moment but everything that only looks like one
is there. Writes `results/accuracy-<date>.json` and `.md`. Exits with 1 where `--hold` is given and a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from outcome import machine

from augenblick import pipeline
from augenblick.evaluation import EvaluationReport, MomentScore
from augenblick.simulate import simulate
from augenblick.store import DataDirectory

RESULTS = Path(__file__).parent / "results"
MACRO_F1, LEAST_F1, TRAP_RATE, DELAY = 0.95, 0.85, 0.01, 7
"""The bars: mean F1 over the moments with something to be found, least F1, share of traps, median days to detection."""


def arguments() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--quiet-customers", type=int, default=5_000, help="0 leaves the quiet population out")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000, help="default: a fresh one")
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 10, 31), help="last day simulated")
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE"), help="names the results; default: today")
    parser.add_argument("--note", help="a sentence for the results")
    parser.add_argument("--hold", action="store_true", help="fail where a bar is missed")
    return parser.parse_args()


def main() -> None:
    """Score both populations and write the results."""
    chosen = arguments()
    lively, seconds = _scored(chosen, chosen.customers, quiet=False)
    quiet, _ = _scored(chosen, chosen.quiet_customers, quiet=True) if chosen.quiet_customers else (None, 0.0)
    place = RESULTS / f"accuracy-{chosen.date or time.strftime('%Y-%m-%d')}"
    sizes = {name: getattr(chosen, name) for name in ("customers", "quiet_customers", "months", "seed")}
    result = {
        "sizes": sizes, "note": chosen.note, "machine": machine(), "simulate_processor_seconds": round(seconds, 1),
        "lively": _kept(lively), "quiet": _kept(quiet) if quiet else None, "missed_bars": missed_bars(lively),
    }  # fmt: skip
    place.with_suffix(".json").write_text(json.dumps(result, indent=1, ensure_ascii=False, default=str) + "\n")
    page = "\n".join(_page(chosen, lively, quiet, seconds)) + "\n"
    place.with_suffix(".md").write_text(page)
    print(page)
    if chosen.hold and missed_bars(lively):
        sys.exit(1)


def _scored(chosen: argparse.Namespace, customers: int, *, quiet: bool) -> tuple[EvaluationReport, float]:
    """The report for a population, and the processor seconds its simulation took."""
    with tempfile.TemporaryDirectory(prefix="augenblick-accuracy-") as work:
        export, directory = Path(work) / "export", DataDirectory(Path(work) / "data")
        begun = time.process_time()
        simulate(
            export, customers=customers, months=chosen.months, seed=chosen.seed, end=chosen.end, formats=("parquet",),
            quiet=quiet,
        )  # fmt: skip
        took = time.process_time() - begun
        pipeline.load(directory, export)
        pipeline.detect(directory, as_of=chosen.end)
        return pipeline.evaluate(export, directory=directory, as_of=chosen.end), took


def _kept(report: EvaluationReport) -> dict[str, Any]:
    """The report without the names of single customers."""
    return {key: value for key, value in report.to_dict().items() if key not in ("false_alarms", "missed")}


def missed_bars(report: EvaluationReport) -> list[str]:
    """What falls short of the bars, in words."""
    told = [f"{m.moment}: F1 {m.f1:.3f}" for m in report.moments if m.f1 is not None and m.f1 < LEAST_F1]
    told += [f"{moment}: not in the ontology" for moment in report.unknown]
    if (report.macro_f1 or 0) < MACRO_F1:
        told.append(f"macro-F1 {report.macro_f1 or 0:.3f}")
    if (report.trap_rate or 0) > TRAP_RATE:
        told.append(f"trap hits {report.trap_rate:.2%}")
    return told + [f"{m.moment}: median delay {m.median_delay:.0f} days" for m in report.moments if _late(m)]


def _late(score: MomentScore) -> bool:
    return score.median_delay is not None and score.median_delay > DELAY


def _page(
    chosen: argparse.Namespace, lively: EvaluationReport, quiet: EvaluationReport | None, seconds: float
) -> list[str]:
    lines = [
        f"# Accuracy: {lively.customers:,} simulated customers × {chosen.months} months, seed {chosen.seed}", "",
        f"macro-F1 {_share(lively.macro_f1)} over the moments with something to be found; trap hits"
        f" {_share(lively.trap_rate)}; {len(lively.false_alarms):,} false alarms"
        f" ({_rate(lively.alarm_rate(len(lively.false_alarms)))} per 1,000 customers and year)."
        f" Simulating took {seconds:.0f} processor seconds. {chosen.note or ''}".rstrip(), "",
        "| moment | precision | recall | F1 | truths | false | median delay (days) | trap hits |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    lines += [_row(score) for score in lively.moments]
    bars = missed_bars(lively)
    lines += ["", "Short of the bars: " + ("; ".join(bars) if bars else "nothing") + "."]
    lines += ["", "## Calibration", "", "| confidence | moments | mean | true |", "|---|---:|---:|---:|"]
    bands = lively.bands
    lines += [
        f"| {b.low:.2f}–{min(b.high, 1):.2f} | {b.moments:,} | {b.confidence:.3f} | {b.true_share:.3f} |" for b in bands
    ]
    lines += ["", "## False alarms by cause", "", *_causes(lively)]
    if quiet is not None:
        total = len(quiet.false_alarms)
        said = f"{total:,} false alarms, {_rate(quiet.alarm_rate(total))} per 1,000 customers and year."
        lines += [
            "",
            f"## A quiet population: {quiet.customers:,} customers, nobody has a moment",
            "",
            said,
            "",
            *_causes(quiet),
        ]
    return lines


def _row(score: MomentScore) -> str:
    shares = " | ".join(_share(value) for value in (score.precision, score.recall, score.f1))
    delay = "–" if score.median_delay is None else f"{score.median_delay:.0f}"
    traps = f"{score.trap_hits}/{score.traps}"
    return f"| {score.moment} | {shares} | {score.truths:,} | {score.false:,} | {delay} | {traps} |"


def _causes(report: EvaluationReport) -> list[str]:
    rows = [f"| {c.moment} | {c.cause} | {c.alarms:,} | {_rate(c.rate)} |" for c in report.causes]
    return ["| moment | trap or evidence | alarms | per 1,000 customers and year |", "|---|---|---:|---:|", *rows]


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


if __name__ == "__main__":
    main()
