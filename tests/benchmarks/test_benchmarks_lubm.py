"""The Lehigh University Benchmark: the reasoner answers its 14 queries as owlrl does."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import owlrl
import pytest
from rdflib import Graph, URIRef

from augenblick.reason import FactBase, Reasoner, owl_rules

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "reason"


MANY = re.compile(r"Student([3-9]\d|\d{3,})$|(?<!AssistantProfessor0/)Publication\d+$|ResearchGroup\d{2}$")
"""Things of which a department has more than owlrl could close in a test."""


@pytest.fixture
def department(monkeypatch: pytest.MonkeyPatch) -> Graph:
    """A department of the first university without most of its students and publications."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from universities import line, universities

    homes = ("http://www.Department0.University0.edu", "http://www.University0.edu")
    facts = [fact for fact in universities(1, seed=4711) if fact[0].startswith(homes)]
    some = [fact for fact in facts if not any(MANY.search(end) for end in (fact[0], fact[2]))]
    return Graph().parse(data="".join(map(line, some)), format="nt")


@pytest.mark.slow
def test_lubm_queries_on_the_reasoner_have_the_answers_of_owlrl(department: Graph) -> None:
    axioms = Graph().parse(BENCHMARKS / "lubm" / "axioms.ttl")
    facts = FactBase(duckdb.connect())
    facts.add_graph(department, name="base")
    Reasoner(facts, owl_rules(axioms, origin="axioms.ttl")).run()
    closed = department + axioms
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)

    answers = {}
    for query in sorted((BENCHMARKS / "lubm" / "queries").glob("*.rq")):
        text = query.read_text("utf-8")
        ours = sorted(facts.select(text).fetchall())
        theirs = sorted(tuple(map(str, row)) for row in closed.query(text) if isinstance(row[0], URIRef))
        assert ours == theirs, query.stem
        answers[query.stem] = len(ours)
    assert len(answers) == 14
    assert sum(1 for found in answers.values() if found) >= 10, answers
