"""Results as JSON and as a page: no paths, no names of machines."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("augenblick", "duckdb", "nemo-python", "owlrl", "pyoxigraph", "pyshacl", "rdflib", "sqlglot")


def machine() -> dict[str, Any]:
    """Return cores, memory, processor, and the versions of what ran."""
    info = Path("/proc/cpuinfo")
    models = (
        [s for s in info.read_text(encoding="utf-8").splitlines() if s.startswith("model name")]
        if info.exists()
        else []
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "processor": models[0].partition(":")[2].strip() if models else platform.processor(),
        "load_at_end": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
    }


def in_words(on: dict[str, Any]) -> str:
    """Return what `machine` found, as a sentence of a page."""
    return (
        f"{on['cores']} cores, {on['memory_gb']} GB, {on['processor']}; load {on['load_at_end']} at the end. Python "
        f"{on['python']}, {', '.join(f'{k} {v}' for k, v in on['versions'].items())}."
    )


def written(result: dict[str, Any], stem: Path) -> str:
    """Write the result as JSON and as Markdown beside it; return the Markdown."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    page = _page(result)
    stem.with_suffix(".json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    stem.with_suffix(".md").write_text(page, encoding="utf-8")
    return page


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
        parts += ["## (b) The same rules in an Oxigraph store", _oxigraph(result["oxigraph"])]
    return "\n\n".join(parts) + "\n"


def _table(run: dict[str, Any]) -> str:
    rows = [
        f"| {name} | {s['seconds']:.2f} | {s['processor']:.2f} | {s['peak_mb']:,.0f} |"
        for name, s in run["stages"].items()
    ]
    total = f"| **all** | **{run['seconds']:.2f}** | **{run['processor']:.2f}** | **{run['peak_mb']:,.0f}** |"
    return "\n".join(["| stage | seconds | processor | peak MB |", "|---|---:|---:|---:|", *rows, total])


def _oxigraph(run: dict[str, Any]) -> str:
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
