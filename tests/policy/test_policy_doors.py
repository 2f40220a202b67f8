"""What each door shows of a moment that rests on a relative's data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from kin_bank import AS_OF

from augenblick import pipeline
from augenblick.content import Content
from augenblick.explain import render
from augenblick.model.errors import NotFound, NotPermitted
from augenblick.policy import Access
from augenblick.publish import current_snapshot, run_query
from augenblick.publish.library import read_query
from augenblick.store import DataDirectory

ADVISER = Access(role="adviser", purpose="advice", actor_id="t", at=AS_OF)
ANALYST = Access(role="analyst", purpose="analysis", actor_id="t", at=AS_OF)
OFFICER = Access(role="data_protection", purpose="data_protection", actor_id="t", at=AS_OF)
# Asked without LIMIT or names: what another person's data leave behind would show in one of them.
ADVERSARIAL = (
    "SELECT ?s ?p ?o { ?s ?p ?o FILTER(isIRI(?s) && !isBlank(?o)) } ORDER BY ?s ?p ?o",
    "SELECT (COUNT(*) AS ?n) { ?s aug:person ?o }",
    "SELECT ?m { <https://bank.example/id/customer/obj-mum> (^aug:person|^aug:onPerson|aug:hasChild|^aug:moment)+ ?m } "
    "ORDER BY ?m",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "ASK { ?m a moment:grandchild-birth }",
    "DESCRIBE <https://bank.example/id/customer/obj-mum>",
    "CONSTRUCT { ?a aug:restsOn ?b } WHERE { ?a aug:restsOn ?b }",
    "SELECT ?x { ?x !(rdf:type|rdfs:label) <https://bank.example/id/customer/obj-mum> } ORDER BY ?x",
)


def moment_of(directory: DataDirectory, customer: str) -> str:
    with pipeline.last_run(directory) as run:
        row = run.connection.execute("SELECT moment_id FROM moments.moments WHERE customer_id = ?", [customer])
        return row.fetchone()[0]


def answers(directory: DataDirectory, access: Access) -> list[bytes]:
    snapshot = current_snapshot(directory)
    found = []
    for query in ADVERSARIAL:
        graph = query.startswith(("DESCRIBE", "CONSTRUCT"))
        answer = run_query(snapshot, query, access=access, result_format="ntriples" if graph else "json")
        found.append(b"\n".join(sorted(answer.content.splitlines())) if graph else answer.content)
    return found


pytestmark = pytest.mark.slow


def test_kin_view_without_the_relatives_release_looks_as_if_it_did_not_exist(bank: DataDirectory) -> None:
    moment = moment_of(bank, "sec-mum")
    errors = []
    for asked in (moment, moment.replace("2026", "2019")):
        with pytest.raises(NotFound) as raised:
            pipeline.explain(bank, asked, access=ADVISER)
        errors.append((raised.value.message, raised.value.where, raised.value.hint))
    assert errors[0] == errors[1]
    assert pipeline.offers_of(bank, "sec-mum", access=ADVISER).moments == ()
    told = pipeline.why_not(bank, "sec-mum", "grandchild-birth", access=ADVISER)
    assert told.found == ()
    assert not [p for p in told.patterns if p.outcome == "counted"]


def test_kin_view_with_the_relatives_release_is_shown_whole(bank: DataDirectory) -> None:
    explanation = pipeline.explain(bank, moment_of(bank, "rel-mum"), access=ADVISER)
    assert [p.moment.customer_id for c in explanation.contributions for p in c.premises if p.moment] == ["rel-kid"]
    assert pipeline.offers_of(bank, "rel-mum", access=ADVISER).moments


def test_relatives_own_moment_is_shown_when_asked_about_the_relative(bank: DataDirectory) -> None:
    assert pipeline.explain(bank, moment_of(bank, "sec-kid"), access=ADVISER).slug == "childbirth"


def test_moment_with_a_support_of_its_own_is_shown_by_that_support_alone(
    bank: DataDirectory, other: DataDirectory
) -> None:
    with pipeline.last_run(bank) as run:
        (milder,) = run.connection.execute(
            "SELECT mild_id FROM policy.moments WHERE customer_id = 'dec-mum'"
        ).fetchone()
    redacted = pipeline.explain(bank, milder, access=ADVISER)
    assert [c.label.en for c in redacted.contributions] == ["declared"]
    assert redacted.withheld is not None
    assert len(pipeline.explain(bank, moment_of(bank, "dec-mum"), access=OFFICER).contributions) > 1
    alone = pipeline.explain(other, moment_of(other, "dec-mum"), access=ADVISER)
    assert json.dumps(redacted.to_dict(), default=str) == json.dumps(alone.to_dict(), default=str)
    for language in ("de", "en"):
        assert render(redacted, language) == render(alone, language)
        told = [pipeline.offers_of(each, "dec-mum", access=ADVISER).text(language) for each in (bank, other)]
        assert told[0] == told[1]


def test_answers_to_an_analyst_are_equal_on_banks_that_differ_only_in_what_is_withheld(
    bank: DataDirectory, other: DataDirectory
) -> None:
    assert answers(bank, ANALYST) == answers(other, ANALYST)
    assert answers(bank, OFFICER) != answers(other, OFFICER)


def test_dataset_of_sparql_holds_a_kin_view_only_once_the_relative_has_released_it(bank: DataDirectory) -> None:
    query = "SELECT ?c { ?m a moment:grandchild-birth ; aug:person ?p . ?p aug:customerId ?c } ORDER BY ?c"
    for access, shown in ((ANALYST, ["dec-mum", "rel-mum"]), (OFFICER, ["dec-mum", "obj-mum", "rel-mum", "sec-mum"])):
        answer = run_query(current_snapshot(bank), query, access=access)
        found = [row["c"]["value"] for row in json.loads(answer.content)["results"]["bindings"]]
        assert found == shown


def test_door_that_is_closed_to_a_role_says_so_before_it_looks(bank: DataDirectory) -> None:
    expert = Access(role="expert", purpose="analysis", actor_id="t", at=AS_OF)
    for moment in (moment_of(bank, "sec-kid"), "moment/nobody/childbirth/2026-01-01"):
        with pytest.raises(NotPermitted, match="expert"):
            pipeline.explain(bank, moment, access=expert)


def test_withdrawn_release_closes_the_dataset_at_the_next_question(
    bank: DataDirectory, tmp_path: Path, shipped: Content
) -> None:
    copied = DataDirectory(tmp_path / "data")
    shutil.copytree(bank.path, copied.path)
    query = read_query(shipped.queries / "kin-moments.rq")
    ask = {"access": ANALYST, "given": {"lang": "en"}, "library": True, "result_format": "csv"}
    assert b"rel-mum" in pipeline.ask(copied, query, **ask).content
    connection = copied.connect()
    connection.execute(
        "INSERT INTO bank.consents (customer_id, purpose, status, valid_from) "
        "VALUES ('rel-kid', 'disclosure', 'withdrawn', DATE '2026-05-30')"
    )
    connection.close()
    assert b"rel-mum" not in pipeline.ask(copied, query, **ask).content


def test_role_of_aggregates_sees_no_group_of_fewer_customers(bank: DataDirectory, shipped: Content) -> None:
    few = Access(role="aggregate_analyst", purpose="analysis", actor_id="t", at=AS_OF)
    counted = read_query(shipped.queries / "customers-by-moment.rq")
    ask = {"given": {"lang": "en"}, "library": True, "result_format": "csv"}
    assert len(pipeline.ask(bank, counted, access=ANALYST, **ask).content.splitlines()) > 1
    assert len(pipeline.ask(bank, counted, access=few, **ask).content.splitlines()) == 1
    with pytest.raises(NotPermitted, match="aggregates"):
        pipeline.ask(bank, read_query(shipped.queries / "kin-moments.rq"), access=few, **ask)
