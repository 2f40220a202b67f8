# ruff: noqa: E501 (rules read better on one line)
"""The Spark back end derives what DuckDB derives, term by term; needs the extra `spark` and a Java."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rdflib import Graph, URIRef
from test_reason_equality import BODIES, PREFIXES, random_turtle

from augenblick.model.errors import OutsideFragment
from augenblick.reason import FactBase, Reasoner, Relation, RuleSet, load_rule, owl_rules, prove
from augenblick.reason.parquet import read_parquet, write_parquet

RECURSIVE = [
    "CONSTRUCT { ?x :far ?z } WHERE { ?x :p0 ?z }",
    "CONSTRUCT { ?x :far ?z } WHERE { ?x :far ?y . ?y :p1 ?z }",
    "CONSTRUCT { ?x :near ?z } WHERE { ?x :p2+ ?z FILTER NOT EXISTS { ?x :far ?z } }",
    "CONSTRUCT { ?x a ?k } WHERE { ?x :far ?y . ?y a ?k }",
]
FAMILY = """
@prefix : <https://example.org/family#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:hasChild a owl:ObjectProperty ; owl:inverseOf :hasParent . :hasAncestor a owl:ObjectProperty, owl:TransitiveProperty .
:hasParent a owl:ObjectProperty ; rdfs:subPropertyOf :hasAncestor ; rdfs:domain :Person .
"""


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="needs the extra `spark`")
    if shutil.which("java") is None:
        pytest.skip("Spark needs a Java")
    from augenblick.reason.spark import local_session

    session = local_session()
    yield session
    session.stop()


def fact_base(turtle: str) -> FactBase:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data=turtle, format="turtle"), name="facts")
    return facts


def quads(facts: FactBase) -> set[tuple[str, ...]]:
    return set(facts.connection.execute(facts.quads_sql()).fetchall())


def known(relation: Relation) -> tuple[object, ...]:
    """What the compiler knows of a relation; names of tables aside."""
    return relation.key, relation.rows, relation.s_kinds, relation.o_kinds, relation.overlapping


def both(session: Any, folder: Path, turtle: str, rules: RuleSet) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    from augenblick.reason.spark import SparkReasoner

    facts = fact_base(turtle)
    write_parquet(facts, folder)
    SparkReasoner(session, folder, rules).run()
    Reasoner(facts, rules).run()
    return quads(read_parquet(duckdb.connect(), folder)), quads(facts)


def loaded(rules: list[str], named: str = "rule") -> RuleSet:
    return RuleSet(tuple(load_rule(PREFIXES + rule, origin=f"{named}{n}") for n, rule in enumerate(rules)))


def test_parquet_written_and_read_again_is_the_same_fact_base(tmp_path: Path) -> None:
    facts = fact_base(random_turtle(1))
    rules = loaded(RECURSIVE)
    Reasoner(facts, rules).run()
    write_parquet(facts, tmp_path / "facts")
    again = read_parquet(duckdb.connect(), tmp_path / "facts")
    assert quads(again) == quads(facts)
    assert [known(each) for each in again.relations()] == [known(each) for each in facts.relations()]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_spark_on_random_facts_derives_what_duckdb_derives(session: Any, tmp_path: Path, seed: int) -> None:
    rules = [f"CONSTRUCT {{ ?x :made{n} ?z }} WHERE {{ {body} }}" for n, body in enumerate(BODIES.values())]
    ours, theirs = both(session, tmp_path / "facts", random_turtle(seed), loaded(rules))
    names = {f"<http://x/made{n}>": name for n, name in enumerate(BODIES)}
    assert {(names.get(p, p), s, o) for _, s, p, o in ours ^ theirs} == set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_spark_on_recursive_rules_derives_what_duckdb_derives(session: Any, tmp_path: Path, seed: int) -> None:
    ours, theirs = both(session, tmp_path / "facts", random_turtle(seed), loaded(RECURSIVE))
    assert ours == theirs


@pytest.mark.slow
def test_spark_folder_read_by_duckdb_proves_what_spark_derived(session: Any, tmp_path: Path) -> None:
    from augenblick.reason.spark import SparkReasoner

    turtle = "@prefix : <https://example.org/family#> . :ada :hasParent :uta . :uta :hasParent :eva ."
    rules = owl_rules(Graph().parse(data=FAMILY, format="turtle"), origin="family.ttl")
    write_parquet(fact_base(turtle), tmp_path / "facts")
    report = SparkReasoner(session, tmp_path / "facts", rules).run()
    facts = read_parquet(duckdb.connect(), tmp_path / "facts")
    family = "https://example.org/family#"
    found = prove(facts, rules, *(URIRef(family + name) for name in ("ada", "hasAncestor", "eva")))
    assert report.facts == 7
    assert [str(leaf.o).removeprefix(family) for leaf in found.leaves()] == ["uta", "eva"]


@pytest.mark.slow
def test_spark_second_run_beside_the_first_is_proved_from_what_the_first_derived(session: Any, tmp_path: Path) -> None:
    from augenblick.reason.spark import SparkReasoner

    first, second = loaded(RECURSIVE[:2]), loaded(["CONSTRUCT { ?x :beyond ?z } WHERE { ?x :far ?z }"], "next")
    write_parquet(fact_base("@prefix : <http://x/> . :a :p0 :b . :b :p1 :c ."), tmp_path / "facts")
    SparkReasoner(session, tmp_path / "facts", first).run()
    SparkReasoner(session, tmp_path / "facts", second).run(into="beyond")
    facts = read_parquet(duckdb.connect(), tmp_path / "facts")
    found = prove(facts, first + second, *(URIRef(f"http://x/{name}") for name in ("a", "beyond", "c")))
    assert [str(leaf.p) for leaf in found.leaves()] == ["http://x/p0", "http://x/p1"]


@pytest.mark.slow
def test_spark_rules_that_find_things_the_same_are_refused_by_name(session: Any, tmp_path: Path) -> None:
    from augenblick.reason.spark import SparkReasoner

    axioms = "@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . :p a owl:ObjectProperty, owl:FunctionalProperty ."
    rules = owl_rules(Graph().parse(data=axioms, format="turtle"), origin="functional.ttl")
    write_parquet(fact_base("@prefix : <http://x/> . :a :p :b ."), tmp_path / "facts")
    with pytest.raises(OutsideFragment, match="owl:sameAs"):
        SparkReasoner(session, tmp_path / "facts", rules)
