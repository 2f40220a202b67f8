"""Compiled shapes against the W3C SHACL tests, on the reasoner and, as the SPARQL they are, on Oxigraph."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from shacl_suite import cases, run

from shacl_results import Evaluator, on_fact_base, on_oxigraph_store

EXCEPTIONS = yaml.safe_load(Path(__file__).with_name("exceptions.yaml").read_text("utf-8"))
FAST = ("core/node", "sparql/property", "core/targets")
SLOW = ("core/complex", "core/misc", "core/path", "core/property", "core/validation-reports", "sparql/component",
        "sparql/node", "sparql/pre-binding")  # fmt: skip


def tried(shared: Path, category: str, evaluator: Evaluator) -> dict[str, list[str]]:
    every = [case for case in cases(shared / "suites" / "shacl") if case.category == category]
    found = [run(case, evaluator) for case in every]
    assert found
    return {verdict: [each.case for each in found if each.verdict == verdict] for verdict in ("refused", "wrong")}


def listed(key: str, category: str) -> list[str]:
    return sorted(name for name in EXCEPTIONS[key] if name.rpartition("/")[0] == category)


@pytest.mark.parametrize("category", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
@pytest.mark.filterwarnings("ignore")
def test_shacl_category_on_the_reasoner_passes_but_for_the_listed_exceptions(shared: Path, category: str) -> None:
    found = tried(shared, category, on_fact_base)
    assert found == {"refused": listed("shacl", category), "wrong": []}


@pytest.mark.parametrize("category", [*FAST, *SLOW])
@pytest.mark.filterwarnings("ignore")
def test_shacl_category_on_oxigraph_passes_but_for_the_listed_exceptions(shared: Path, category: str) -> None:
    found = tried(shared, category, on_oxigraph_store)
    assert found == {"refused": listed("shacl", category), "wrong": listed("shacl on Oxigraph", category)}


def test_shacl_categories_are_all_there_are(shared: Path) -> None:
    assert {case.category for case in cases(shared / "suites" / "shacl")} == {*FAST, *SLOW}
