# ruff: noqa: E501 (rules and data read better on one line)
"""Rules: what they derive, in which order, incrementally, and how they are refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import duckdb
import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from augenblick.model.errors import BadRule, NotStratified, OutsideFragment
from augenblick.reason import FactBase, Reasoner, RuleSet, integer, iri, load_rule, owl_rules
from augenblick.reason.compiled import Bodies
from augenblick.reason.ir import Node, Triple, children

P = "PREFIX : <http://x/> "


def rule_set(**rules: str) -> RuleSet:
    return RuleSet(tuple(load_rule(P + text, origin=name) for name, text in rules.items()))


def fact_base(turtle: str) -> FactBase:
    facts = FactBase(duckdb.connect())
    facts.add_graph(Graph().parse(data="@prefix : <http://x/> . " + turtle, format="turtle"), name="facts")
    return facts


def inferred(facts: FactBase) -> set[tuple[str, str, str]]:
    rows = facts.connection.execute(facts.quads_sql(names=["inferred"])).fetchall()
    return {tuple(term.replace("http://x/", "") for term in row[1:]) for row in rows}  # type: ignore[misc]


def test_cycle_through_negation_is_refused_naming_the_rules() -> None:
    rules = rule_set(
        one="CONSTRUCT { ?x a :A } WHERE { ?x a :T FILTER NOT EXISTS { ?x a :B } }",
        two="CONSTRUCT { ?x a :B } WHERE { ?x a :A }",
    )
    with pytest.raises(NotStratified, match=r"one.*two|two.*one"):
        Reasoner(FactBase(duckdb.connect()), rules)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("CONSTRUCT { ?x :p ?y } WHERE { SERVICE <http://y/> { ?x :q ?y } }", "SERVICE"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?z BIND(RAND() AS ?y) }", "RAND"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?z BIND(<http://f/>(?z) AS ?y) }", "function"),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :q ?y VALUES () { () } }", "VALUES without variables"),
    ],
)
def test_construct_outside_the_fragment_is_refused_naming_it_and_the_place(text: str, word: str) -> None:
    with pytest.raises(OutsideFragment, match=word) as caught:
        load_rule(P + text, origin="rules/odd.rq")
    assert "rules/odd.rq" in str(caught.value.where)


@pytest.mark.parametrize(
    "text", ["CONSTRUCT { ?x :p WHERE", "SELECT ?x { ?x :p ?y }", "CONSTRUCT {} WHERE { ?x :p ?y }"]
)
def test_text_that_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(BadRule):
        load_rule(P + text, origin="bad.rq")


def test_terms_made_without_end_are_stopped() -> None:
    rules = rule_set(grow='CONSTRUCT { ?y a :N } WHERE { ?x a :N BIND(IRI(CONCAT(STR(?x), "1")) AS ?y) }')
    with pytest.raises(BadRule, match="did not end"):
        Reasoner(fact_base(":a a :N ."), rules).run()


def test_second_run_gives_the_same_and_nothing_twice() -> None:
    facts = fact_base(":a :p :b . :b :p :c . :c :p :a .")
    rules = rule_set(t="CONSTRUCT { ?x :p ?z } WHERE { ?x :p ?y . ?y :p ?z }")
    first = Reasoner(facts, rules).run()
    before = inferred(facts)
    assert first.facts == len(before) == 6
    Reasoner(facts, rules).run()
    assert inferred(facts) == before


def test_order_of_rows_and_rules_changes_nothing() -> None:
    lines = [":a :p :b .", ":b :p :c .", ":c :q :d .", ":d a :T ."]
    texts = {
        "r1": "CONSTRUCT { ?x :r ?z } WHERE { ?x :p ?y . ?y :p ?z }",
        "r2": "CONSTRUCT { ?x :r ?z } WHERE { ?x :r ?y . ?y :q ?z }",
        "r3": "CONSTRUCT { ?x a :Free } WHERE { ?x :p ?y FILTER NOT EXISTS { ?x :r ?z } }",
    }
    results = set()
    for order in itertools.permutations(texts):
        facts = fact_base(" ".join(reversed(lines)) if order[0] == "r1" else " ".join(lines))
        Reasoner(facts, rule_set(**{name: texts[name] for name in order})).run()
        results.add(frozenset(inferred(facts)))
    assert len(results) == 1


INCREMENTAL = {
    "reach": "CONSTRUCT { ?x :reach ?y } WHERE { { ?x :p ?y } UNION { ?x :reach ?w . ?w :p ?y } }",
    "lonely": "CONSTRUCT { ?x a :Lonely } WHERE { ?x a :T FILTER NOT EXISTS { ?x :reach ?y } }",
    "sad": "CONSTRUCT { ?x a :Sad } WHERE { ?x a :Lonely ; a :Poor }",
    "count": "CONSTRUCT { ?x :n ?n } WHERE { { SELECT ?x (COUNT(?y) AS ?n) { ?x :reach ?y } GROUP BY ?x } }",
    "other": "CONSTRUCT { ?x :other ?y } WHERE { ?x :q ?y }",
}


@pytest.mark.parametrize(("more", "names"), [(":c :p :d .", ["p"]), (":a a :Poor .", ["Poor"]), (":e :q :a .", ["q"])])
def test_incremental_run_gives_what_a_full_run_gives(more: str, names: list[str]) -> None:
    start = ":a a :T . :b a :T, :Poor . :c a :T, :Poor . :a :p :b . :b :q :c ."
    rules = rule_set(**INCREMENTAL)
    facts = fact_base(start)
    Reasoner(facts, rules).run()
    facts.add_graph(Graph().parse(data="@prefix : <http://x/> . " + more, format="turtle"), name="facts")
    Reasoner(facts, rules).run(affected_by=["http://x/" + name for name in names])
    whole = fact_base(start + more)
    Reasoner(whole, rules).run()
    assert inferred(facts) == inferred(whole)


def test_rules_that_no_fact_can_fire_are_not_evaluated() -> None:
    report = Reasoner(fact_base(":a :p :b ."), rule_set(r="CONSTRUCT { ?x :r ?y } WHERE { ?x :nowhere ?y }")).run()
    assert [rule.evaluations for rule in report.rules] == [0]


def test_fact_that_several_rules_make_is_counted_for_the_first_of_them() -> None:
    rules = rule_set(
        one="CONSTRUCT { ?x :r ?y } WHERE { ?x :p ?y }",
        two="CONSTRUCT { ?x :r ?y } WHERE { ?x :q ?y }",
        three="CONSTRUCT { ?x :r :z } WHERE { ?x :s ?y }",
    )
    facts = fact_base(":a :p :b ; :q :b , :c ; :s :d , :e .")
    report = Reasoner(facts, rules).run()
    assert [(rule.rule.name.split(":")[0], rule.facts) for rule in report.rules] == [
        ("one", 1),
        ("two", 1),
        ("three", 1),
    ]
    assert {(s, o) for s, _, o in inferred(facts)} == {("<a>", "<b>"), ("<a>", "<c>"), ("<a>", "<z>")}
    assert report.facts == 3


def test_what_an_inverse_has_made_is_not_turned_back() -> None:
    axioms = "@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . :p owl:inverseOf :q ."
    rules = owl_rules(Graph().parse(data=axioms, format="turtle"), origin="inverse.ttl")
    facts = fact_base(":a :p :b . :c :q :d .")
    report = Reasoner(facts, rules).run()
    assert inferred(facts) == {("<b>", "<q>", "<a>"), ("<d>", "<p>", "<c>")}
    assert sum(rule.evaluations for rule in report.rules) == 2


def test_what_another_rule_of_the_inverses_name_has_made_is_turned() -> None:
    rules = RuleSet(
        (
            load_rule(P + "CONSTRUCT { ?y :p ?x } WHERE { ?x :q ?y }", origin="there"),
            load_rule(P + "CONSTRUCT { ?y :q ?x } WHERE { ?x :p ?y }", origin="back"),
            load_rule(P + "CONSTRUCT { ?x :q ?z } WHERE { ?x :p ?y . ?y :r ?z }", origin="back"),
        )
    )
    facts = fact_base(":a :p :b . :b :r :c .")
    Reasoner(facts, rules).run()
    assert ("<c>", "<p>", "<a>") in inferred(facts)


FAMILY = """@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:parent owl:inverseOf :child ; rdfs:domain :Person ; rdfs:range :Person . :married a owl:SymmetricProperty .
:ancestor a owl:TransitiveProperty . :parent rdfs:subPropertyOf :ancestor .
:uncle owl:propertyChainAxiom ( :parent :sibling [ owl:inverseOf :nearest ] ) .
:grandchild owl:propertyChainAxiom ( :child :child ) .
:Mother owl:equivalentClass [ owl:intersectionOf ( :Woman [ a owl:Restriction ; owl:onProperty :child ; owl:someValuesFrom :Person ] ) ] .
:Woman rdfs:subClassOf :Person . :Adult rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :age ; owl:hasValue :grown ] .
:Proud rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :child ; owl:allValuesFrom :Loved ] .
:Kin owl:unionOf ( :Mother :Loved ) . :Person owl:disjointWith :Thing . :Person rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :parent ; owl:minCardinality 1 ] .
"""
PEOPLE = """:a :parent :b . :b :parent :c . :a a :Woman . :a :married :d . :c a :Woman, :Proud, :Adult . :b :sibling :e . :f :nearest :e ."""


def naive(graph: Graph, rules: RuleSet) -> set[tuple[str, str, str]]:
    """Return what the same axioms entail by a nested-loop fixpoint in Python, made apart from the compiler."""
    from augenblick.reason.ir import Join, Triple, Union

    facts = {(s, p, o) for s, p, o in graph}

    def matches(node: object, binding: dict[object, object]) -> list[dict[object, object]]:
        if isinstance(node, Join):
            found = [binding]
            for part in node.parts:
                found = [more for each in found for more in matches(part, each)]
            return found
        if isinstance(node, Union):
            return [more for part in node.parts for more in matches(part, binding)]
        assert isinstance(node, Triple)
        found = []
        for fact in facts:
            trial = dict(binding)
            if all(_fits(a, t, trial) for a, t in zip((node.s, node.p, node.o), fact, strict=True)):
                found.append(trial)
        return found

    while True:
        new = {
            tuple(binding.get(a, a) for a in (head.s, head.p, head.o))
            for rule in rules
            for binding in matches(rule.body, {})
            for head in rule.heads
        }
        if new <= facts:
            return {tuple(term.n3().replace("http://x/", "") for term in fact) for fact in facts}  # type: ignore[misc]
        facts |= new  # type: ignore[arg-type]


def _fits(atom: object, term: object, binding: dict[object, object]) -> bool:
    from rdflib import Variable

    return binding.setdefault(atom, term) == term if isinstance(atom, Variable) else atom == term


def test_owl_axioms_derive_what_they_entail() -> None:
    ontology = Graph().parse(data=FAMILY, format="turtle")
    rules = owl_rules(ontology, origin="family.ttl")
    people = Graph().parse(data="@prefix : <http://x/> . " + PEOPLE, format="turtle")
    facts = FactBase(duckdb.connect())
    facts.add_graph(people, name="facts")
    Reasoner(facts, rules).run()
    rows = facts.connection.execute(facts.quads_sql()).fetchall()
    got = {tuple(term.replace("http://x/", "") for term in row[1:]) for row in rows}
    assert got == naive(people, rules)
    kind = f"<{RDF.type}>"
    for expected in (
        ("<c>", "<grandchild>", "<a>"),
        ("<a>", "<ancestor>", "<c>"),
        ("<d>", "<married>", "<a>"),
        ("<c>", kind, "<Mother>"),
        ("<c>", kind, "<Kin>"),
        ("<b>", kind, "<Loved>"),
        ("<c>", "<age>", "<grown>"),
        ("<a>", "<uncle>", "<f>"),
    ):
        assert expected in got
    assert ("<a>", kind, "<Mother>") not in got


def test_owl_axioms_without_rule_are_said_aloud() -> None:
    rules = owl_rules(Graph().parse(data=FAMILY, format="turtle"), origin="family.ttl")
    said = " ".join(rules.not_covered)
    assert (
        "SubClassOf(Person (minCardinality 1, onProperty parent)): minCardinality on the right is outside OWL 2 RL"
        in said
    )


def test_superclass_outside_the_profile_is_said_aloud() -> None:
    graph = Graph().parse(data=FAMILY, format="turtle")
    graph.add((URIRef("http://x/A"), RDFS.subClassOf, URIRef("http://x/Kin")))
    graph.parse(data="@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
                "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . :B rdfs:subClassOf [ owl:unionOf ( :C :D ) ] .")  # fmt: skip
    assert any(line.startswith("SubClassOf(B ") for line in owl_rules(graph, origin="x").not_covered)
    assert OWL.unionOf


def test_absence_of_a_pair_that_only_a_test_ties_looks_at_no_other_pairs() -> None:
    facts = fact_base(":p1 :knows :p2 . :p2 :knows :p9 .")
    born = "SELECT 'http://x/p' || i AS s, i AS o FROM range(1000) AS t(i)"
    facts.add_select(born, name="facts", predicate="http://x/born", subject=iri(), object=integer())
    rules = rule_set(
        near="CONSTRUCT { ?a :near ?b } WHERE { ?a :knows ?b FILTER NOT EXISTS { ?a :born ?x . ?b :born ?y FILTER(?y - ?x > 5) } }"
    )
    Reasoner(facts, rules).run()
    assert inferred(facts) == {("<p1>", "<near>", "<p2>")}
    body = Bodies(facts).body(rules.rules[0])
    assert body is not None
    [(_, profile)] = facts.connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {body.sql}").fetchall()
    assert max(int(rows) for rows in re.findall(r'"intermediate_rows": *(\d+)', profile)) <= 1000


def test_variable_of_a_rule_is_one_object_wherever_the_rule_names_it() -> None:
    text = "CONSTRUCT { ?s <http://x/r> ?o } WHERE { ?s <http://x/p> ?o . [] <http://x/q> ?o FILTER(?o > 1) }"
    rule = load_rule(text)
    triples = [node for node in _below(rule.body) if isinstance(node, Triple)]
    assert len(triples) == 2
    assert len({id(each.o) for each in (*triples, *rule.heads)}) == 1


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _below(child)
