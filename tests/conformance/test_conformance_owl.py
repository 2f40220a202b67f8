"""The compiled engine against the W3C test cases of OWL 2 RL: what follows is shown, what contradicts is found."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from owl_suite import cases, run

FAST = ("inconsistency", "no entailment")
CATEGORIES = (*FAST, "entailment", "consistency")
EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")


def refused() -> set[str]:
    return set(yaml.safe_load(EXCEPTIONS.read_text("utf-8"))["owl2-rl"])


@pytest.mark.parametrize(
    "category", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in CATEGORIES]
)
@pytest.mark.filterwarnings("ignore")
def test_owl_category_passes_but_for_the_listed_exceptions(shared: Path, category: str) -> None:
    chosen = [case for case in cases(shared / "suites" / "owl2-rl") if case.category == category]
    found = [run(case) for case in chosen]
    assert found
    assert [(outcome.case, outcome.detail) for outcome in found if outcome.verdict == "wrong"] == []
    assert {outcome.case for outcome in found if outcome.verdict == "refused"} == refused() & {c.name for c in chosen}


def test_owl_exceptions_leave_out_less_than_one_case_in_twenty(shared: Path) -> None:
    every = [case.name for case in cases(shared / "suites" / "owl2-rl")]
    assert refused() <= set(every)
    assert len(refused()) * 20 < len(every)
