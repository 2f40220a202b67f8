"""The benchmark's rival finds the same moments as the line, so that their times can be compared."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from augenblick.simulate import simulate

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def ran(script: str, *values: object) -> dict[str, object]:
    command = [sys.executable, str(BENCHMARKS / script), *map(str, values)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_line_by_hand_on_simulated_customers_finds_the_moments_of_the_line(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from agreement import compared
    from pinned import HistoryMissing, pinned_content

    try:
        content = pinned_content(tmp_path / "content")
    except HistoryMissing as error:
        pytest.skip(f"the clone does not hold the content the SQL was written for: {error}")

    folder, end = tmp_path / "bank", date(2026, 10, 31)
    simulate(folder, customers=300, months=24, seed=7, end=end, formats=("parquet",))

    line = ran("engine.py", folder, tmp_path / "data", end, content)
    ran("by_hand.py", folder, end, tmp_path / "hand.parquet")

    found = compared(tmp_path / "data" / "derived.duckdb", tmp_path / "hand.parquet")
    assert found["line"] > 50
    assert found["share"] >= 0.995, f"line and SQL part although their content is the same: {found}"
    assert {"ingest", "signals", "facts", "reason", "publish"} <= set(line["stages"])
