"""By what rules notice new moments, and that running only those again is the same as running all."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rdflib import XSD

from augenblick.content import Content
from augenblick.model.terms import AUG
from augenblick.moments.exchange import gained
from augenblick.pipeline.rules import rules_of
from augenblick.reason import FactBase, Reasoner, RuleSet, load_rule
from augenblick.store import DataDirectory
from simulated_bank import SimulatedBank

MARKS = {AUG + "Moment", AUG + "momentType"}
TYPE = "https://w3id.org/augenblick/moment/some"
HEAD = f"PREFIX aug: <{AUG}> PREFIX xsd: <{XSD}> CONSTRUCT {{ ?x a aug:Seen }} WHERE "


def noticed(body: str) -> set[str]:
    types: list[Any] = [SimpleNamespace(iri=TYPE)]
    return set(gained(RuleSet((load_rule(HEAD + body, origin="some"),)), types)) - {TYPE}


@pytest.mark.parametrize(
    "body",
    [
        "{ ?x aug:signal ?s ; aug:person ?p }",
        "{ ?x a aug:Moment ; aug:person ?p ; aug:state ?state }",
        f"{{ ?x a <{TYPE}> ; aug:person ?p }}",
        "{ ?x aug:signal ?s . FILTER NOT EXISTS { ?y aug:person ?x ; aug:signal ?s } }",
        "{ ?x aug:restsOn ?y . ?y aug:person ?p }",
        "{ ?x aug:signal ?s . { ?x aug:person ?p } UNION { ?x aug:person ?p ; aug:payer ?q } }",
        "{ ?x aug:confidence ?c . FILTER(!(DATATYPE(?c) IN (xsd:decimal))) }",
    ],
)
def test_rule_that_asks_for_a_mark_or_for_what_no_moment_has_adds_nothing(body: str) -> None:
    assert noticed(body) == MARKS


@pytest.mark.parametrize(
    "body",
    [
        "{ ?x aug:person ?p }",
        "{ ?x aug:person ?p . OPTIONAL { ?x aug:signal ?s } }",
        "{ ?x aug:signal ?s . FILTER NOT EXISTS { ?y aug:person ?x } }",
        "{ { ?x aug:person ?p } UNION { ?x aug:signal ?s } }",
        "{ ?x a aug:Customer . ?x ^aug:person/aug:signal ?s . ?y aug:person ?x }",
        "{ ?x aug:person ?p . FILTER(isIRI(?p)) }",
        "{ ?x aug:signal ?s . { ?x aug:payer ?q } UNION { ?y aug:person ?p } }",
        "{ ?x aug:person ?p . OPTIONAL { ?y aug:restsOn ?x } }",
    ],
)
def test_rule_a_moment_without_its_marks_would_meet_notices_by_that_predicate(body: str) -> None:
    assert noticed(body) == MARKS | {AUG + "person"}


def test_shipped_rules_notice_moments_by_their_marks_alone(shipped: Content) -> None:
    found = gained(rules_of(shipped), shipped.moments)
    assert found == MARKS | {moment_type.iri for moment_type in shipped.moments}


def test_facts_after_the_layers_equal_those_of_a_full_run(simulated_bank: SimulatedBank, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(simulated_bank.directory.path, data, ignore=shutil.ignore_patterns("live", "snapshots"))
    connection = DataDirectory(data).connect()
    facts = FactBase(connection)
    inferred = facts.quads_sql(names=["inferred"])
    after_layers = set(connection.execute(inferred).fetchall())
    Reasoner(facts, rules_of(simulated_bank.content)).run(into="inferred")
    assert set(connection.execute(facts.quads_sql(names=["inferred"])).fetchall()) == after_layers
    kin = "SELECT count(*) FROM moments.indications i WHERE i.pattern IN (SELECT unnest($kin::VARCHAR[]))"
    patterns = [p.iri for t in simulated_bank.content.moments for p in t.patterns if p.kind == "KinMoment"]
    assert connection.execute(kin, {"kin": patterns}).fetchone() > (0,)
    connection.close()
