# ruff: noqa: T201 (a report is printed)
"""Prints what the engine makes of the W3C suites: `python tests/conformance/report.py [folder of suites]`."""

from __future__ import annotations

import logging
import sys
import warnings
from collections import Counter
from pathlib import Path

from sparql_suite import CATEGORIES, cases, run

VERDICTS = ("passed", "refused", "wrong")


def main(suites: Path) -> int:
    """Print a table by category, then what was refused or wrong; return 1 where something is wrong."""
    outcomes = {category: [run(case) for case in cases(suites / "sparql11", (category,))] for category in CATEGORIES}
    total: Counter[str] = Counter()
    print(f"{'SPARQL 1.1':<22}" + "".join(f"{verdict:>9}" for verdict in VERDICTS))
    for category, found in outcomes.items():
        counts = Counter(outcome.verdict for outcome in found)
        total += counts
        print(f"  {category:<20}" + "".join(f"{counts[verdict]:>9}" for verdict in VERDICTS))
    print(f"  {'all':<20}" + "".join(f"{total[verdict]:>9}" for verdict in VERDICTS))
    for found in outcomes.values():
        for outcome in found:
            if outcome.verdict != "passed":
                print(f"{outcome.verdict}: {outcome.case}: {outcome.detail}")
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    here = Path(__file__).resolve()
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[3] / "shared" / "suites"))
