"""Results as JSON and as a page: no paths, no names of machines."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
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


def written(result: dict[str, Any], stem: Path, page: str) -> str:
    """Write a result as JSON and its page of Markdown beside it; return the page."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    stem.with_suffix(".md").write_text(page, encoding="utf-8")
    return page
