"""The matrix through real doors: REST, SPARQL, files, pages, change feed, webhooks and the command line show what the
hand-written oracle says, for every role and purpose, of moments of every class under consents that differ."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator

import pytest
import small_bank_of_cases
from test_policy_matrix import DOORS, PURPOSES, expected, oracle

from augenblick import pipeline, web
from augenblick.api.journal import Change, Journal
from augenblick.content import Content
from augenblick.model.errors import AugenblickError
from augenblick.policy import Access
from augenblick.publish import follow
from augenblick.publish.remote import attach
from augenblick.store import DataDirectory
from running_service import Served, starting
from visiting import signed_in

pytestmark = pytest.mark.slow
CASES = small_bank_of_cases.CASES
ASKING = [(role, purpose) for role in DOORS for purpose in PURPOSES]
HOOK = {"name": "crm", "url": "http://127.0.0.1:9/", "secret": "x" * 24, "role": "crm", "purpose": "service"}


def shown(role: str, purpose: str) -> set[str]:
    """Return the customers whose moment the oracle shows."""
    table = oracle()
    return {
        name for name, (_, klass, said) in CASES.items() if expected(table.get((role, purpose, klass), "-"), dict(said))
    }


def open_to(role: str, purpose: str, *doors: str) -> bool:
    """Say whether the oracle opens one of the doors for the purpose."""
    table = oracle()
    return bool(DOORS[role] & {*doors}) and any(table.get((role, purpose, k), "-") != "-" for k in {"Ordinary"})


@pytest.fixture(scope="module")
def detected(tmp_path_factory: pytest.TempPathFactory, lean: Content) -> DataDirectory:
    return small_bank_of_cases.detected(tmp_path_factory.mktemp("cases"), lean)


@pytest.fixture(scope="module")
def moments(detected: DataDirectory) -> dict[str, tuple[str, str]]:
    """Each customer's one moment, and its type."""
    with pipeline.last_run(detected) as run:
        rows = run.connection.execute("SELECT customer_id, moment_id, moment_type FROM moments.moments").fetchall()
    found = {customer: (moment, kind) for customer, moment, kind in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def running(detected: DataDirectory, moments: dict[str, tuple[str, str]], lean: Content) -> Iterator[Served]:
    journal = Journal(detected.path)
    for customer, (moment, kind) in moments.items():
        journal.note([Change("changed", moment, customer, kind, "tentative", "confirmed", 0.6, 0.95, "run")])
    journal.close()
    with starting(detected.path, lean, web.routers()) as start:
        yield start(retention="off", query_workers=1, webhooks=[HOOK])


@pytest.fixture(scope="module", params=["embedded", "remote"])
def answering(
    request: pytest.FixtureRequest,
    running: Served,
    detected: DataDirectory,
    lean: Content,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The service, and one on a copy of its data whose SPARQL a remote store answers."""
    if request.param == "embedded":
        yield running
        return
    data = tmp_path_factory.mktemp("remote") / "data"
    shutil.copytree(detected.path, data)
    store = request.getfixturevalue("remote").named(str(data))
    attach(data, store)
    follow(DataDirectory(data))
    with starting(data, lean) as start:
        yield start(retention="off", query_workers=1, remote_store=store)


def test_bank_holds_one_moment_of_each_case(moments: dict[str, tuple[str, str]]) -> None:
    assert set(moments) == set(CASES)


@pytest.mark.parametrize(("role", "purpose"), ASKING)
def test_rest_shows_what_the_oracle_shows(running: Served, role: str, purpose: str) -> None:
    headers = {"Acting-Role": role, "Purpose-Of-Use": purpose}
    answers = {name: running.client.get(f"/v1/customers/{name}/moments", headers=headers) for name in CASES}
    listed = running.client.get("/v1/moments", params={"since": "2020-01-01", "limit": 200}, headers=headers)
    if not open_to(role, purpose, "explain", "offers"):
        assert {answer.status_code for answer in (*answers.values(), listed)} == {403}
        return
    found = {name for name, answer in answers.items() if answer.status_code == 200 and answer.json()}
    assert found == shown(role, purpose)
    assert {moment["customer_id"] for moment in listed.json()["moments"]} == found


@pytest.mark.parametrize(("role", "purpose"), ASKING)
def test_sparql_shows_what_the_oracle_shows(answering: Served, role: str, purpose: str) -> None:
    query = "SELECT DISTINCT ?c { ?m a aug:Moment ; aug:person ?p . ?p aug:customerId ?c }"
    headers = {"Acting-Role": role, "Purpose-Of-Use": purpose, "Accept": "text/csv"}
    answer = answering.client.get("/sparql", params={"query": query}, headers=headers)
    if not open_to(role, purpose, "sparql"):
        assert answer.status_code == 403
        return
    assert {row["c"] for row in csv.DictReader(answer.text.splitlines())} == shown(role, purpose)


@pytest.mark.parametrize(("role", "purpose"), ASKING)
def test_change_feed_shows_what_the_oracle_shows(running: Served, role: str, purpose: str) -> None:
    headers = {"Acting-Role": role, "Purpose-Of-Use": purpose}
    answer = running.client.get("/v1/changes", headers=headers)
    if not open_to(role, purpose, "events"):
        assert answer.status_code == 403
        return
    assert {change["customer_id"] for change in answer.json()["changes"]} == shown(role, purpose)


def test_webhook_is_told_of_as_many_as_the_oracle_shows(running: Served) -> None:
    headers = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
    state = running.client.post("/v1/webhooks/crm/replay", params={"after": 0}, headers=headers).json()
    told = running.client.get("/v1/changes", headers=headers).json()["changes"]
    assert {change["customer_id"] for change in told} == shown("crm", "service")
    assert state["waiting"] == len(told)


@pytest.mark.parametrize(
    ("role", "purpose"), [("adviser", "service"), ("adviser", "advice"), ("adviser", "advertising")]
)
def test_page_shows_what_the_oracle_shows(
    running: Served, moments: dict[str, tuple[str, str]], role: str, purpose: str
) -> None:
    with signed_in(running.url, role, purpose) as (client, _):
        pages = {name: client.get(f"/customers/{name}").text for name in CASES}
    assert {name for name in CASES if f"moment/{name}/" in pages[name]} == shown(role, purpose)


def test_file_holds_what_the_oracle_shows(running: Served) -> None:
    query = (
        "PREFIX aug: <https://w3id.org/augenblick/ontology#> "
        "SELECT DISTINCT ?c { ?m a aug:Moment ; aug:person ?p . ?p aug:customerId ?c }"
    )
    with signed_in(running.url, "analyst", "analysis") as (client, token):
        answer = client.post("/queries/result", data={"token": token, "query": query, "kind": "csv"})
    assert {row["c"] for row in csv.DictReader(answer.text.splitlines())} == shown("analyst", "analysis")


@pytest.mark.parametrize(("role", "purpose"), [each for each in ASKING if open_to(*each, "explain")])
def test_explanation_on_the_command_line_is_given_as_the_oracle_says(
    detected: DataDirectory, moments: dict[str, tuple[str, str]], lean: Content, role: str, purpose: str
) -> None:
    access = Access(role=role, purpose=purpose, actor_id="t", at=pipeline.today())

    def told(moment: str) -> bool:
        try:
            return bool(pipeline.explain(detected, moment, access=access, content=lean))
        except AugenblickError:
            return False

    assert {name for name, (moment, _) in moments.items() if told(moment)} == shown(role, purpose)


def test_prison_shows_to_the_named_roles_only_and_never_without_a_declaration(
    moments: dict[str, tuple[str, str]],
) -> None:
    prison = {name for name, (moment, _) in moments.items() if "/imprisonment/" in moment}
    assert prison == {"crim-own", "crim-obj"}  # of `crim-none`, who agreed to no criminal data, nobody is told
    for role, purpose in ASKING:
        named = (role, purpose) in (("adviser", "service"), ("adviser", "advice"), ("data_protection",) * 2)
        assert named or not prison & shown(role, purpose)
