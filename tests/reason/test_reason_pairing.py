# ruff: noqa: E501 (rules read better on one line)
"""What a rule's plan pairs on the way: never everybody with everybody where the rest of the rule says who with whom."""

from __future__ import annotations

import re

import duckdb
import pytest
from rdflib import Graph

from augenblick.reason import FactBase, integer, iri, load_rule
from augenblick.reason.compiled import Bodies

P = "PREFIX : <http://x/> "
MANY = 400

RULES = {
    "absence through one payer": "CONSTRUCT { ?s a :New } WHERE { ?s a :Asked ; :by ?who FILTER NOT EXISTS { ?s :payer ?p . ?sooner :by ?who ; :payer ?p ; :on ?d . FILTER(?d < 1000) } }",
    "branches that only the rest ties": "CONSTRUCT { ?s a :Twice } WHERE { ?s a :Asked ; :by ?who . ?who :kin ?kin . ?t :by ?kin . { ?s :payer ?p . ?t :payer ?p } UNION { ?s :level ?l . ?t :level ?l } }",
    "a branch that leaves open what is joined by": "CONSTRUCT { ?s a :Enough } WHERE { ?s :by ?who ; :on ?d . ?rule a :Rule . { ?rule :least ?least } UNION { ?rule :other ?least . ?s :level ?l } FILTER(?d >= ?least) }",
    "absence after counting": "CONSTRUCT { ?s a :Alone } WHERE { { SELECT ?s ?who ?p (COUNT(?o) AS ?n) WHERE { ?s :by ?who ; :payer ?p . ?o :by ?who } GROUP BY ?s ?who ?p } FILTER NOT EXISTS { ?t :by ?who ; :payer ?p ; :on ?d . FILTER(?d < ?n - 5) } }",
    "absence that a test ties to outside": "CONSTRUCT { ?s a :Last } WHERE { ?s a :Asked ; :by ?who ; :on ?d FILTER NOT EXISTS { ?t :payer ?p ; :on ?e { ?t :by ?who } UNION { ?t :kept ?who } FILTER(?t != ?s) FILTER NOT EXISTS { ?t :end ?end FILTER(?end <= ?d) } } }",
}  # fmt: skip


def bank() -> FactBase:
    """Return payments of as many people, all of one payer and level, of which ten are asked about."""
    facts = FactBase(duckdb.connect())
    turtle = "@prefix : <http://x/> . :r a :Rule ; :least 1000000 ; :other 1000000 . :p0 :kin :p1 . :s0 :end 1 . :s0 :kept :p5 ."
    facts.add_graph(Graph().parse(data=turtle, format="turtle"), name="facts")
    for predicate, value, spec in (
        ("by", "'http://x/p' || i", iri()),
        ("payer", "'http://x/office'", iri()),
        ("level", "'http://x/level'", iri()),
        ("on", "i", integer()),
    ):
        sql = f"SELECT 'http://x/s' || i AS s, {value} AS o FROM range({MANY}) t(i)"
        facts.add_select(sql, name="facts", predicate=f"http://x/{predicate}", subject=iri(), object=spec)
    asked = "SELECT 'http://x/s' || i AS s FROM range(10) t(i)"
    facts.add_select(asked, name="facts", klass="http://x/Asked", subject=iri())
    return facts


@pytest.mark.parametrize("name", RULES)
def test_plan_pairs_only_what_the_rest_of_the_rule_ties(name: str) -> None:
    facts = bank()
    rule = load_rule(P + RULES[name], origin=name)
    body = Bodies(facts).body(rule)
    assert body is not None
    assert "IS NULL" not in body.sql  # a join by what may be unbound looks at every pair
    [(_, profile)] = facts.connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {body.sql}").fetchall()
    assert max(int(rows) for rows in re.findall(r'"intermediate_rows": *(\d+)', profile)) <= 10 * MANY
