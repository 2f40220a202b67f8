"""Every moment's proof as PROV-O: it parses, uses only terms that exist, and ends at rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import PROV, RDF, RDFS, Graph, Literal, URIRef

from augenblick import pipeline
from augenblick.explain import to_prov
from augenblick.model.terms import AUG
from simulated_bank import SimulatedBank

ROW = URIRef(AUG + "SourceRow")
PROV_O = {
    *(PROV.Entity, PROV.Activity, PROV.wasDerivedFrom, PROV.wasGeneratedBy, PROV.used),
}


@pytest.fixture(scope="module")
def proofs(simulated_bank: SimulatedBank) -> dict[str, Graph]:
    found = simulated_bank.moments("state <> 'voided'")
    with pipeline.last_run(simulated_bank.directory, simulated_bank.content) as run:
        explainer = run.explainer()
        return {
            moment: Graph().parse(data=to_prov(explainer.moment(moment), base=run.base), format="turtle")
            for moment, _, _ in found
        }


def test_proof_of_every_moment_uses_terms_of_prov_and_of_the_ontology_only(
    proofs: dict[str, Graph], simulated_bank: SimulatedBank, root: Path
) -> None:
    terms = {term for graph in proofs.values() for _, p, o in graph for term in (p, o) if isinstance(term, URIRef)}
    known = simulated_bank.content.graph
    assert {term for term in terms if term.startswith(str(PROV))} <= PROV_O
    ours = {term for term in terms if term.startswith(AUG)}
    assert all((term, RDFS.label, None) in known for term in ours)
    provenance = Graph().parse(root / "ontology" / "core" / "provenance.ttl")
    declared = {term for term in provenance.subjects(RDF.type) if str(term).startswith(AUG)}
    assert declared <= ours
    assert ours - declared == {URIRef(AUG + "confidence")}


def test_proof_of_every_moment_derives_every_moment_in_it_from_rows(proofs: dict[str, Graph]) -> None:
    for moment, graph in proofs.items():
        moments = {s for s in graph.subjects(RDF.type, PROV.Entity) if "/moment/" in s}
        assert URIRef(moment) in moments
        for entity in moments:
            reached = set(graph.transitive_objects(entity, PROV.wasDerivedFrom))
            rows = {term for term in reached if (term, RDF.type, ROW) in graph}
            assert rows, entity
            for end in reached - rows:
                assert (end, PROV.wasDerivedFrom, None) in graph, end


def test_proof_of_every_moment_ends_at_lines_that_are_there(
    proofs: dict[str, Graph], simulated_bank: SimulatedBank
) -> None:
    heights = {file.name: len(file.read_text("utf-8").splitlines()) for file in simulated_bank.csv.glob("*.csv")}
    for graph in proofs.values():
        for row in graph.subjects(RDF.type, ROW):
            file, line = graph.value(row, URIRef(AUG + "fromFile")), graph.value(row, URIRef(AUG + "fromLine"))
            assert isinstance(line, Literal)
            assert 1 < line.toPython() <= heights[str(file)]


def test_proof_of_a_kin_moment_holds_the_relatives_moment_and_the_pattern_used(
    proofs: dict[str, Graph], simulated_bank: SimulatedBank
) -> None:
    ((story, _, _),) = simulated_bank.moments("customer_id = 'C00000001' AND slug = 'grandchild-birth'")
    ((birth, _, _),) = simulated_bank.moments("customer_id = 'C00000003' AND slug = 'childbirth'")
    graph = proofs[story]
    assert (URIRef(story), PROV.wasDerivedFrom, URIRef(birth)) in graph
    patterns = {pattern.iri for pattern in simulated_bank.content.patterns}
    for moment in (story, birth):
        activity = graph.value(URIRef(moment), PROV.wasGeneratedBy)
        assert patterns & {str(used) for used in graph.objects(activity, PROV.used)}
