"""Proofs and their absence: what a fact rests on, and why another does not hold."""

from __future__ import annotations

import duckdb
import pytest
from rdflib import PROV, RDF, RDFS, Graph, Literal, URIRef

from augenblick.model.errors import NotFound
from augenblick.reason import FactBase, Proof, Reasoner, RuleSet, load_rule, proof_json, proof_prov, prove, why_not

P = "PREFIX : <http://x/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
RULES = {
    "reach": "CONSTRUCT { ?x :reach ?y } WHERE { { ?x :p ?y } UNION { ?x :reach ?w . ?w :reach ?y } }",
    "path": "CONSTRUCT { ?x :walks ?y } WHERE { ?x :p+ ?y }",
    "count": "CONSTRUCT { ?x :n ?n } WHERE { { SELECT ?x (COUNT(?y) AS ?n) { ?x :p ?y } GROUP BY ?x } }",
    "end": "CONSTRUCT { ?x a :End } WHERE { ?y :p ?x FILTER NOT EXISTS { ?x :p ?z } }",
    "old": "CONSTRUCT { ?i a :Note ; :about ?x ; :on ?d } WHERE { ?x :born ?d . ?x :p ?y "
    "FILTER(?d < '1980-01-01'^^xsd:date) BIND(IRI(CONCAT(STR(?x), '/note')) AS ?i) }",
    "maybe": "CONSTRUCT { ?x :seen ?k } WHERE { ?x :p ?y OPTIONAL { ?y :born ?d } BIND(COALESCE(?d, 'never') AS ?k) }",
}
DATA = """@prefix : <http://x/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :p :b . :b :p :c . :c :p :d . :b :p :d . :a :born "1970-01-01"^^xsd:date . :b :born "1990-05-05"^^xsd:date ."""


@pytest.fixture(scope="module")
def world() -> tuple[FactBase, RuleSet]:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data=DATA, format="turtle"), name="facts")
    rules = RuleSet(tuple(load_rule(P + text, origin=name) for name, text in RULES.items()))
    Reasoner(facts, rules).run()
    return facts, rules


def x(name: str) -> URIRef:
    return URIRef("http://x/" + name)


def leaves(proof: Proof) -> set[str]:
    return {" ".join(str(t).removeprefix("http://x/") for t in (leaf.s, leaf.p, leaf.o)) for leaf in proof.leaves()}


def test_fact_from_outside_is_its_own_proof(world: tuple[FactBase, RuleSet]) -> None:
    proof = prove(*world, x("a"), x("p"), x("b"))
    assert (proof.rule, proof.premises, proof.graph) == (None, (), "facts")


def test_recursive_fact_rests_on_the_shorter_walk(world: tuple[FactBase, RuleSet]) -> None:
    proof = prove(*world, x("a"), x("reach"), x("d"))
    assert leaves(proof) == {"a p b", "b p d"}
    assert proof.height == 2
    assert proof.rule is not None
    assert proof.rule.origin.source == "reach"


def test_path_rests_on_its_steps(world: tuple[FactBase, RuleSet]) -> None:
    assert leaves(prove(*world, x("a"), x("walks"), x("c"))) == {"a p b", "b p c"}


def test_aggregate_rests_on_all_facts_of_its_group(world: tuple[FactBase, RuleSet]) -> None:
    assert leaves(prove(*world, x("b"), x("n"), Literal(2))) == {"b p c", "b p d"}


def test_negation_is_named_as_absence(world: tuple[FactBase, RuleSet]) -> None:
    proof = prove(*world, x("d"), RDF.type, x("End"))
    assert [absence.text for absence in proof.absences] == ["no <http://x/d> <http://x/p> ?z"]


def test_new_term_is_proved_through_what_was_said_of_it(world: tuple[FactBase, RuleSet]) -> None:
    proof = prove(*world, x("a/note"), RDF.type, x("Note"))
    assert leaves(proof) == {"a born 1970-01-01", "a p b"}


def test_optional_names_what_it_found_or_missed(world: tuple[FactBase, RuleSet]) -> None:
    found = prove(
        *world, x("a"), x("seen"), Literal("1990-05-05", datatype=URIRef("http://www.w3.org/2001/XMLSchema#date"))
    )
    assert leaves(found) == {"a p b", "b born 1990-05-05"}
    missed = prove(*world, x("c"), x("seen"), Literal("never"))
    assert leaves(missed) == {"c p d"}
    assert missed.absences[0].triples == ((x("d"), x("born"), missed.absences[0].triples[0][2]),)


def test_every_derived_fact_has_a_proof_down_to_facts_from_outside(world: tuple[FactBase, RuleSet]) -> None:
    facts, rules = world
    rows = facts.connection.execute(f"SELECT s, p, o FROM ({facts.facts_sql(names=['inferred'])})").fetchall()
    assert rows
    for s, p, o in rows:
        assert all(leaf.graph == "facts" for leaf in prove(facts, rules, s, p, o).leaves())


def test_depth_cuts_the_tree_and_says_so(world: tuple[FactBase, RuleSet]) -> None:
    proof = prove(*world, x("a"), x("reach"), x("d"), depth=1)
    assert any(premise.cut for premise in proof.premises)


def test_fact_that_is_not_there_has_no_proof(world: tuple[FactBase, RuleSet]) -> None:
    with pytest.raises(NotFound):
        prove(*world, x("d"), x("reach"), x("a"))


def test_why_not_names_the_filter_that_fails_and_the_candidate(world: tuple[FactBase, RuleSet]) -> None:
    (failure,) = why_not(*world, None, x("about"), x("b"))
    assert failure.condition == '?d < "1980-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'
    assert str({str(k): v for k, v in failure.bindings.items()}["d"]) == "1990-05-05"


def test_why_not_names_the_pattern_nothing_fits(world: tuple[FactBase, RuleSet]) -> None:
    (failure,) = why_not(*world, None, x("about"), x("d"))
    assert failure.condition in ("<http://x/d> <http://x/born> ?d", "<http://x/d> <http://x/p> ?y")
    assert failure.satisfied == ()


def test_why_not_names_what_blocks_a_negation(world: tuple[FactBase, RuleSet]) -> None:
    (failure,) = why_not(*world, x("c"), RDF.type, x("End"))
    assert failure.blocked_by == ((x("c"), x("p"), x("d")),)


def test_pattern_of_any_type_finds_members_of_classes_beside_what_has_a_literal_for_a_type() -> None:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data='@prefix : <http://x/> . :a a :C , "odd" .', format="turtle"), name="facts")
    rules = RuleSet((load_rule(P + "CONSTRUCT { ?x :typed ?t } WHERE { ?x a ?t FILTER(?t != :D) }", origin="typed"),))
    reasoner = Reasoner(facts, rules)
    reasoner.run()
    assert leaves(prove(facts, rules, x("a"), x("typed"), x("C"))) == {
        "a http://www.w3.org/1999/02/22-rdf-syntax-ns#type C"
    }
    reasoner.apply(added=[(x("b"), RDF.type, x("C"), "facts")])
    assert prove(facts, rules, x("b"), x("typed"), x("C")).rule is not None


def uri(name: str) -> dict[str, str]:
    return {"type": "uri", "value": "http://x/" + name}


def test_proof_as_json_says_rule_premises_and_absences(world: tuple[FactBase, RuleSet]) -> None:
    told = proof_json(prove(*world, x("d"), RDF.type, x("End")))
    premises = told.pop("premises")
    assert told == {
        "subject": uri("d"),
        "predicate": {"type": "uri", "value": str(RDF.type)},
        "object": uri("End"),
        "graph": "inferred",
        "rule": "end:1",
        "height": 1,
        "absences": ["no <http://x/d> <http://x/p> ?z"],
        "cut": False,
    }
    assert premises in (
        [{"subject": uri(source), "predicate": uri("p"), "object": uri("d"), "graph": "facts"}] for source in "bc"
    )


def test_proof_as_json_keeps_the_datatype_of_what_was_counted(world: tuple[FactBase, RuleSet]) -> None:
    told = proof_json(prove(*world, x("b"), x("n"), Literal(2)))
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    assert told["object"] == {"type": "literal", "value": "2", "datatype": integer}
    assert len(told["premises"]) == 2


def test_proof_as_prov_leads_from_the_fact_to_the_graph_it_rests_on(world: tuple[FactBase, RuleSet]) -> None:
    graph = proof_prov(prove(*world, x("a"), x("reach"), x("d")), base="http://proofs/")
    ends = {RDF.subject: x("a"), RDF.predicate: x("reach"), RDF.object: x("d")}
    (fact,) = set.intersection(*(set(graph.subjects(place, term)) for place, term in ends.items()))
    stated = set(graph.objects(None, PROV.hadMember))
    assert {each for each in graph.transitive_objects(fact, PROV.wasDerivedFrom) if each in stated} == stated
    assert {str(graph.value(each, RDF.predicate)) for each in stated} == {"http://x/p"}
    assert [str(graph.value(each, RDFS.label)) for each in graph.subjects(RDF.type, PROV.Collection)] == ["facts"]
    activity = graph.value(fact, PROV.wasGeneratedBy)
    (plan,) = (each for each in graph.objects(activity, PROV.used) if (each, RDF.type, PROV.Plan) in graph)
    assert str(graph.value(plan, RDFS.label)) == "reach:1"
