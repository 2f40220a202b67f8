"""Copies of a bank's facts: as many customers more, none of whom shares a name with another, under one ontology."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from rdflib import XSD, Graph, Literal, Namespace

from augenblick.model.terms import DATA_BASE
from augenblick.reason import FactBase, Reasoner, load_rules

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "reason"
BANK, TERM = Namespace(DATA_BASE), Namespace("https://example.org/")
PEOPLE = 4
COPIES = 13
"""More than are copied together."""


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FactBase:
    """Return copies of a bank whose people are payers of one another, each with a name and one of two kinds."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import copies

    monkeypatch.setattr(copies, "MANY_VALUES", 2)
    bank, ontology = Graph(), Graph()
    for number in range(PEOPLE):
        bank.add((BANK[f"c{number}"], TERM.name, Literal(f"Person {number}")))
        bank.add((BANK[f"c{number}"], TERM.kind, Literal(["giro", "depot"][number % 2])))
        bank.add((BANK[f"c{number}"], TERM.pays, BANK[f"c{(number + 1) % PEOPLE}"]))
        bank.add((BANK[f"c{number}"], TERM.born, Literal("2000-01-01", datatype=XSD.date)))
    ontology.add((TERM.giro, TERM.code, Literal("giro")))
    with duckdb.connect(str(tmp_path / "one.duckdb")) as connection:
        one = FactBase(connection)
        one.add_graph(bank, name="facts")
        one.add_graph(ontology, name="ontology")
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{tmp_path / 'one.duckdb'}' AS one (READ_ONLY)")
    copies.copy(connection, "one", COPIES, ontology="ontology")
    return FactBase(connection)


def _count(facts: FactBase, pattern: str) -> int:
    return int(str(facts.select(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}").fetchall()[0][0]))


def test_copies_of_a_bank_have_every_fact_of_a_customer_and_the_ontology_once(facts: FactBase) -> None:
    for predicate in (TERM.name, TERM.kind, TERM.pays, TERM.born):
        assert _count(facts, f"?s <{predicate}> ?o") == PEOPLE * COPIES
    assert _count(facts, f"?s <{TERM.code}> ?o") == 1


def test_names_differ_between_copies_and_kinds_do_not(facts: FactBase) -> None:
    names, kinds = (
        facts.select(f"SELECT DISTINCT ?o {{ ?s <{predicate}> ?o }}").fetchall() for predicate in (TERM.name, TERM.kind)
    )
    assert (len(names), len(kinds)) == (PEOPLE * COPIES, 2)


def test_rules_make_of_copies_what_they_make_of_one_for_each(facts: FactBase, tmp_path: Path) -> None:
    rule = tmp_path / "twice.rq"
    rule.write_text(
        "CONSTRUCT { ?a <https://example.org/second> ?c } "
        "WHERE { ?a <https://example.org/pays>/<https://example.org/pays> ?c . ?a <https://example.org/kind> 'giro' }"
    )
    report = Reasoner(facts, load_rules([rule], relative_to=tmp_path)).run()
    assert report.facts == PEOPLE // 2 * COPIES
