"""Pages of moments tell what was measured, from the newest results, and nothing where there are none."""

from __future__ import annotations

import json
from pathlib import Path

from augenblick.pages.measured import measured

SCORE = {"moment": "travel", "truths": 9, "precision": 0.25, "recall": None, "false": 3, "trap_hits": 1, "traps": 20}


def test_measured_quality_is_read_from_the_newest_results_of_each_kind(tmp_path: Path) -> None:
    for name, truths in (("unseen-2026-01-01", 4), ("unseen-2026-02-01", 9)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"moments": [{**SCORE, "truths": truths}]}))
    (tmp_path / "accuracy-2026-02-01.json").write_text(json.dumps({"lively": {"moments": [{**SCORE, "truths": 7}]}}))
    told = measured("travel", tmp_path)
    assert "(`unseen-2026-02-01.json`) | 9 | 25.0% | – | 3 | 1/20 |" in told
    assert "(`accuracy-2026-02-01.json`) | 7 |" in told
    assert "unseen-2026-01-01" not in told


def test_moment_nobody_measured_has_no_section(tmp_path: Path) -> None:
    assert measured("travel", tmp_path) == ""
    (tmp_path / "unseen-2026-02-01.json").write_text(json.dumps({"moments": [SCORE]}))
    assert measured("other", tmp_path / "none") == ""
