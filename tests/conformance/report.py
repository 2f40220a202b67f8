# ruff: noqa: T201 (a report is printed)
"""Prints what the engine makes of the W3C suites: `python tests/conformance/report.py [folder of suites]`."""

from __future__ import annotations

import logging
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import owl_suite
import shacl_suite
import sparql_suite
from sparql_suite import Outcome

VERDICTS = ("passed", "refused", "wrong")
Run = Iterator[tuple[str, Outcome]]
"""Category and outcome of each test of a suite."""


def sparql(suites: Path) -> Run:
    """Yield what became of the SPARQL 1.1 tests."""
    for case in sparql_suite.cases(suites / "sparql11"):
        yield case.category, sparql_suite.run(case)


def owl(suites: Path) -> Run:
    """Yield what became of the OWL 2 RL cases."""
    for case in sorted(owl_suite.cases(suites / "owl2-rl"), key=lambda each: each.category):
        yield case.category, owl_suite.run(case)


def shacl(suites: Path) -> Run:
    """Yield what became of the SHACL tests."""
    for case in shacl_suite.cases(suites / "shacl"):
        yield case.category, shacl_suite.run(case)


SUITES: dict[str, Callable[[Path], Run]] = {"SPARQL 1.1": sparql, "OWL 2 RL": owl, "SHACL": shacl}


def printed(title: str, outcomes: Run) -> int:
    """Print a table by category, then what was refused or wrong; return how many are wrong."""
    counts: dict[str, Counter[str]] = {}
    rest: list[Outcome] = []
    for category, outcome in outcomes:
        counts.setdefault(category, Counter())[outcome.verdict] += 1
        if outcome.verdict != "passed":
            rest.append(outcome)
    total = sum(counts.values(), Counter())
    print(f"{title:<22}" + "".join(f"{verdict:>9}" for verdict in VERDICTS))
    for category, found in (*counts.items(), ("all", total)):
        print(f"  {category:<20}" + "".join(f"{found[verdict]:>9}" for verdict in VERDICTS))
    for outcome in rest:
        print(f"{outcome.verdict}: {outcome.case}: {outcome.detail}")
    print()
    return total["wrong"]


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    here = Path(__file__).resolve()
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[3] / "shared" / "suites"
    sys.exit(1 if sum(printed(title, run(folder)) for title, run in SUITES.items()) else 0)
