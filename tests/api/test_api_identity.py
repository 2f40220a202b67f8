"""Sign-in: only tokens of the bank's keys, for this service, in time; purposes and roles as the policy has them."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace

import pytest
from joserfc.jwk import ECKey, OctKey
from published import GRAPHS, Issuer, numbers, publish_quads

ASK = {"query": "ASK { ?s ?p ?o }"}


@pytest.fixture
def issuer(tmp_path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def running(serve, issuer, tmp_path):
    publish_quads(tmp_path / "data", numbers(3))
    return serve(token_keys=str(issuer.path), token_issuer=None)


def ask(running, headers) -> int:
    return running.client.get("/sparql", params=ASK, headers=headers).status_code


def test_token_of_an_analyst_opens_sparql(running, issuer) -> None:
    assert ask(running, issuer.headers("analyst")) == 200
    assert ask(running, issuer.headers("analyst", roles=None, scope="openid augenblick:analyst")) == 200


def test_request_without_a_token_is_asked_to_sign_in(running) -> None:
    answer = running.client.get("/sparql", params=ASK)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_figures_of_the_service_are_for_who_runs_it(running, issuer) -> None:
    told = {
        role: running.client.get("/metrics", headers=issuer.headers(role)).status_code
        for role in ("operator", "analyst", "crm", "data_protection")
    }
    assert told == {"operator": 200, "analyst": 403, "crm": 403, "data_protection": 403}
    assert running.client.get("/metrics").status_code == 401


def part(data: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def test_token_forged_in_any_way_is_not_accepted(running, issuer) -> None:
    good = issuer.token("analyst")
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    public = json.dumps(issuer.key.as_dict(private=False))
    forged = {
        "alg none": f"{part({'alg': 'none'})}.{body}.",
        "alg none with signature": f"{part({'alg': 'none'})}.{body}.{signature}",
        "other claims": f"{head}.{part(claims | {'roles': ['data_protection']})}.{signature}",
        "other key": issuer.token("analyst", key=ECKey.generate_key("P-256")),
        "public key as secret": issuer.token("analyst", key=OctKey.import_key(public), alg="HS256"),
        "expired": issuer.token("analyst", exp=int(time.time()) - 120),
        "not yet valid": issuer.token("analyst", nbf=int(time.time()) + 3600),
        "no end": issuer.token("analyst", exp=None),
        "nobody": issuer.token("analyst", sub=None),
        "wrong audience": issuer.token("analyst", aud="other"),
        "no audience": issuer.token("analyst", aud=None),
        "cut": good[:-4],
        "no token": "x",
        "dots": "...",
        "umlaut": "ä.ö.ü",
    }
    for name, token in forged.items():
        answer = running.client.get("/sparql", params=ASK, headers={b"authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401, name
    assert ask(running, {"Authorization": f"Basic {good}"}) == 401


def test_token_within_the_clock_skew_is_accepted(running, issuer) -> None:
    assert ask(running, issuer.headers("analyst", exp=int(time.time()) - 30)) == 200


def test_token_whose_issuer_differs_is_not_accepted_where_one_is_set(serve, issuer, tmp_path) -> None:
    publish_quads(tmp_path / "data", numbers(1))
    running = serve(token_keys=str(issuer.path), token_issuer="https://login.bank.example")
    assert ask(running, issuer.headers("analyst", iss="https://evil.example")) == 401
    assert ask(running, issuer.headers("analyst", iss="https://login.bank.example")) == 200


@pytest.mark.parametrize(
    ("roles", "purpose", "bound", "status"),
    [
        (["analyst"], "analysis", None, 200),
        (["analyst"], "advertising", None, 403),  # no permission of that role and purpose
        (["crm"], "service", None, 403),  # the door is closed
        (["crm", "analyst"], "analysis", None, 200),  # in the role that may
        (["manager"], "analysis", None, 403),
        ([], "analysis", None, 403),
        (["analyst"], "curiosity", None, 400),
        (["analyst"], "analysis", "service", 403),  # the token is for something else
        (["analyst"], None, "analysis", 200),
    ],
)
def test_door_opens_by_role_and_purpose(running, issuer, roles, purpose, bound, status) -> None:
    headers = issuer.headers(*roles, of=purpose, purpose=bound)
    assert ask(running, headers) == status


def test_caller_admitted_once_is_not_by_a_later_policy_that_forbids_it(running, issuer) -> None:
    state = running.server.config.app.state
    analyst = issuer.headers("analyst") | {"Purpose-Of-Use": "analysis"}
    assert [ask(running, analyst) for _ in range(2)] == [200, 200]
    state.policy = replace(state.policy, rules={})
    assert ask(running, analyst) == 403


def test_caller_admitted_in_one_role_for_one_purpose_is_not_in_or_for_another(running, issuer) -> None:
    both = issuer.headers("analyst", "crm")
    asked = [("analyst", "analysis"), ("crm", "service"), ("analyst", "advertising"), ("analyst", "analysis")]
    told = [ask(running, both | {"Acting-Role": role, "Purpose-Of-Use": purpose}) for role, purpose in asked]
    assert told == [200, 403, 403, 200]


def test_key_changed_by_the_bank_is_read_again(running, issuer, monkeypatch) -> None:
    monkeypatch.setattr("augenblick.api.identity.REREAD_SECONDS", -1)
    assert ask(running, issuer.headers("analyst")) == 200
    issuer.__init__(issuer.path.parent)  # type: ignore[misc]
    assert ask(running, issuer.headers("analyst")) == 200


def test_actor_that_asks_too_often_is_slowed_down(serve, issuer, tmp_path) -> None:
    publish_quads(tmp_path / "data", numbers(1))
    running = serve(token_keys=str(issuer.path), requests_per_minute=3)
    assert [ask(running, issuer.headers("analyst")) for _ in range(4)] == [200, 200, 200, 429]
    assert ask(running, issuer.headers("analyst", sub="berta")) == 200


def test_graph_that_is_not_open_to_the_caller_does_not_exist_for_them(serve, issuer, tmp_path) -> None:
    secret = GRAPHS + "moments/SpecialCategory/0123abcd"
    quads = [*numbers(2), (secret, "<urn:x>", "<urn:p>", '"geheim"')]
    opened = {GRAPHS + "facts": ["analyst/analysis"], secret: ["data_protection/data_protection"]}
    publish_quads(tmp_path / "data", quads, open_to=opened)
    running = serve(token_keys=str(issuer.path))

    def count(headers, query="SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", **more) -> int:
        answer = running.client.get("/sparql", params={"query": query, **more}, headers=headers)
        return int(answer.json()["results"]["bindings"][0]["n"]["value"])

    analyst, officer = issuer.headers("analyst"), issuer.headers("data_protection")
    assert count(analyst) == 2
    assert count(officer) == 1
    for reach, seen in ((GRAPHS + "moments", 1), (secret, 0)):
        query = f"SELECT (COUNT(*) AS ?n) FROM <{reach}> {{ ?s ?p ?o }}"
        assert count(analyst, query) == 0
        assert count(officer, query) == seen
    for caller in (analyst, officer):
        assert count(caller, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { } }") == 0
        assert count(caller, f"SELECT (COUNT(*) AS ?n) FROM NAMED <{secret}> {{ GRAPH ?g {{ ?s ?p ?o }} }}") == 0
    assert count(analyst, **{"default-graph-uri": secret}) == 0
    assert count(analyst, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{secret}> {{ ?s ?p ?o }} }}") == 0


def test_snapshot_that_says_nothing_of_access_opens_nothing(serve, issuer, tmp_path) -> None:
    publish_quads(tmp_path / "data", numbers(2), open_to={})
    answer = serve(token_keys=str(issuer.path)).client.get("/sparql", params=ASK, headers=issuer.headers("analyst"))
    assert answer.json()["boolean"] is False
