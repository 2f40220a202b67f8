"""owl:sameAs: facts are carried over to what is the same, each with a proof, and nothing else changes."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import Graph, URIRef

from augenblick.model.errors import NotStratified
from augenblick.reason import FactBase, Reasoner, RuleSet, load_rule, owl_rules, prove
from augenblick.reason.proof import Prover

PREFIXES = """@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def reasoned(axioms: str, data: str, *rules: str) -> tuple[FactBase, RuleSet]:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data=PREFIXES + data, format="turtle"), name="facts")
    ontology = owl_rules(Graph().parse(data=PREFIXES + axioms, format="turtle"), origin="o")
    loaded = [load_rule("PREFIX : <http://x/> " + rule, origin=f"r{i}") for i, rule in enumerate(rules)]
    rule_set = ontology + RuleSet(tuple(loaded))
    Reasoner(facts, rule_set).run()
    return facts, rule_set


def triples(facts: FactBase, graph: str = "inferred") -> set[str]:
    rows = facts.connection.execute(facts.quads_sql(names=[graph])).fetchall()
    short = [" ".join(term.split("#")[-1].replace("http://x/", "").strip("<>") for term in row[1:]) for row in rows]
    return set(short)


def all_proved(facts: FactBase, rules: RuleSet) -> bool:
    rows = facts.connection.execute(facts.facts_sql(names=["inferred"])).fetchall()
    prover = Prover(facts, rules)
    for row in rows:
        fact = (facts.term(row[1]), facts.term(row[2]), facts.term(row[3]))
        where = prover.row(*fact)
        assert where is not None
        assert prover.proof(fact, where, 50).rule is not None
    return bool(rows)


def test_facts_are_carried_over_to_all_that_is_the_same_with_proofs() -> None:
    facts, rules = reasoned("", ":a owl:sameAs :b . :c owl:sameAs :b . :a :p :x . :y :q :c . :b a :C .")
    assert triples(facts) == {
        *(f"{s} sameAs {o}" for s in "abc" for o in "abc" if s != o and (s, o) not in (("a", "b"), ("c", "b"))),
        "b p x", "c p x", "y q a", "y q b", "a type C", "c type C",
    }  # fmt: skip
    assert all_proved(facts, rules)


def test_facts_from_outside_stay_in_their_graph() -> None:
    facts, _ = reasoned("", ":a owl:sameAs :b . :a :p :x .")
    assert triples(facts, "facts") == {"a sameAs b", "a p x"}


@pytest.mark.parametrize(
    ("axioms", "data", "same"),
    [
        (":p a owl:FunctionalProperty .", ":x :p :a, :b .", True),
        (":p a owl:FunctionalProperty .", ":x :p :a . :y :p :b .", False),
        (":p a owl:InverseFunctionalProperty .", ":a :p 1 . :b :p 1 .", True),
        (":p a owl:InverseFunctionalProperty .", ":a :p 1 . :b :p 2 .", False),
        (":C owl:hasKey (:k :l) .", ":a a :C ; :k 1 ; :l 2 . :b a :C ; :k 1 ; :l 2 .", True),
        (":C owl:hasKey (:k :l) .", ":a a :C ; :k 1 ; :l 2 . :b a :C ; :k 1 ; :l 3 .", False),
        (":C owl:hasKey (:k) .", ":a a :C ; :k 1 . :b :k 1 .", False),
        (":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .", ":x a :C ; :p :a, :b .", True),
        (":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .", ":x :p :a, :b .", False),
        (
            ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :D ] .",
            ":x a :C ; :p :a, :b . :a a :D . :b a :D .",
            True,
        ),
        (
            ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :D ] .",
            ":x a :C ; :p :a, :b . :a a :D .",
            False,
        ),
        (":p a owl:FunctionalProperty . :q a owl:FunctionalProperty .", ":x :p :y, :z . :y :q :a . :z :q :b .", True),
    ],
)  # fmt: skip
def test_axioms_make_individuals_the_same(axioms: str, data: str, same: bool) -> None:
    facts, rules = reasoned(axioms, data)
    assert ({"a sameAs b", "b sameAs a"} <= triples(facts)) is same
    assert all_proved(facts, rules) or not same


def test_rule_that_counts_sees_what_is_carried_over() -> None:
    counted = "CONSTRUCT { ?x :n ?n } WHERE { { SELECT ?x (COUNT(?y) AS ?n) { ?x :p ?y } GROUP BY ?x } }"
    facts, rules = reasoned(":f a owl:FunctionalProperty .", ":z :f :a, :b . :x :p :a .", counted)
    assert facts.select("SELECT ?n { <http://x/x> <http://x/n> ?n }").fetchall() == [("2",)]
    assert all_proved(facts, rules)


def test_rule_after_equality_that_names_one_holds_of_the_other() -> None:
    facts, rules = reasoned("", ":a owl:sameAs :b . :x :p :y .", "CONSTRUCT { ?x :likes :a } WHERE { ?x :p ?y }")
    assert {"x likes a", "x likes b"} <= triples(facts)
    assert all_proved(facts, rules)


def test_sameness_that_needs_an_absence_is_refused_with_the_rules_of_the_cycle() -> None:
    rule = (
        "CONSTRUCT { ?x <http://www.w3.org/2002/07/owl#sameAs> ?y } WHERE { ?x :p ?y FILTER NOT EXISTS { ?x :q ?y } }"
    )
    with pytest.raises(NotStratified, match="r0"):
        reasoned("", ":a :p :b .", rule)


def test_same_property_found_from_facts_is_said_aloud() -> None:
    facts = FactBase(duckdb.connect())
    data = ":o :names :p, :q . :a :p :b . :c :q :d ."
    facts.add_graph(Graph().parse(data=PREFIXES + data, format="turtle"), name="facts")
    axioms = ":names a owl:FunctionalProperty ."
    rules = owl_rules(Graph().parse(data=PREFIXES + axioms, format="turtle"), origin="o")
    assert any("http://x/p" in line for line in Reasoner(facts, rules).run().not_covered)


def test_same_property_stated_by_the_ontology_carries_facts_over() -> None:
    axioms = ":p owl:sameAs :q . :p a owl:ObjectProperty ."
    facts, rules = reasoned(axioms, ":a :p :b .")
    assert triples(facts) == {"a q b"}
    assert all_proved(facts, rules)


def test_member_at_the_end_of_a_long_clique_is_proved_from_all_pairs_between() -> None:
    chain = " ".join(f":n{i} owl:sameAs :n{i + 1} ." for i in range(40))
    facts, rules = reasoned("", chain + " :n0 :p :x .")
    assert len([fact for fact in triples(facts) if " p x" in fact]) == 40
    proof = prove(facts, rules, URIRef("http://x/n40"), URIRef("http://x/p"), URIRef("http://x/x"))
    assert {str(leaf.s) for leaf in proof.leaves()} == {f"http://x/n{i}" for i in range(40)}


def test_without_sameness_no_cliques_are_made() -> None:
    facts, _ = reasoned(":p a owl:FunctionalProperty ; rdfs:subPropertyOf :q .", ":a :p :b .")
    made = facts.connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'same%'").fetchone()
    assert triples(facts) == {"a q b"}
    assert made == (0,)
