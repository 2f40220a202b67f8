"""REST for the CRM: found, told in the caller's language, never more than the policy allows."""

from __future__ import annotations

import shutil

import pytest
from published import Issuer

from augenblick import lookup
from augenblick.lookup.names import forms, plain
from augenblick.store import DataDirectory

ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
ADVICE = {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"}
STATED = "INSERT INTO bank.consents (customer_id, purpose, status, valid_from) VALUES"
ADVERTISING = {"Acting-Role": "crm", "Purpose-Of-Use": "advertising"}


@pytest.fixture(scope="module")
def running(serve_once, detected):
    return serve_once(data=detected)


def test_search_finds_by_id_name_and_not_without_a_filter(running) -> None:
    def found(**params):
        answer = running.client.get("/v1/customers", params=params, headers=ADVISER)
        return [each["customer_id"] for each in answer.json()] if answer.status_code == 200 else answer.status_code

    assert found(id="kid") == ["kid"]
    assert found(name="ada") == ["kid"]
    assert found(name="uT") == ["mum"]
    assert found(name="Zz") == []
    assert found(id="nobody") == []
    assert found(iban="DE02120300000000202051") == []
    assert found() == 400
    assert found(id="kid", name="ada") == 400
    assert found(name="a") == 422


@pytest.mark.parametrize(
    ("given", "family", "expected"),
    [("Jörg", "Groß", {"GROSS JOERG", "JOERG GROSS"}), ("Ada", None, {"ADA"}), (None, None, set())],
)
def test_names_are_found_in_either_order_and_without_accents(given, family, expected) -> None:
    assert forms(given, family, None) == expected
    assert plain(" Éva-Maria  d'Ürban ") == "EVA MARIA D UERBAN"


def test_customer_is_told_with_moments_in_the_callers_language(running) -> None:
    german = running.client.get("/v1/customers/kid", headers=ADVISER)
    english = running.client.get("/v1/customers/kid", headers=ADVISER | {"Accept-Language": "fr, en;q=0.8, de;q=0.3"})
    assert (german.headers["content-language"], english.headers["content-language"]) == ("de", "en")
    birth = {m["type"]: m["label"] for m in english.json()["moments"]}["childbirth"]
    assert birth != {m["type"]: m["label"] for m in german.json()["moments"]}["childbirth"]
    assert german.json()["person"]["given_name"] == "Ada"
    assert [a["account_id"] for a in german.json()["accounts"]] == ["a-kid"]
    assert german.json()["as_of"] == "2026-06-30"


def test_customer_unknown_is_not_found(running) -> None:
    answer = running.client.get("/v1/customers/nobody", headers=ADVISER)
    assert (answer.status_code, answer.json()["code"]) == (404, "AB303")


def test_customer_unchanged_is_not_sent_again(running) -> None:
    tag = running.client.get("/v1/customers/kid", headers=ADVISER).headers["etag"]
    again = running.client.get("/v1/customers/kid", headers=ADVISER | {"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = running.client.get("/v1/customers/kid", headers=ADVISER | {"If-None-Match": tag, "Accept-Language": "en"})
    assert other.status_code == 200


def test_advertising_without_consent_shows_nothing(running) -> None:
    assert running.client.get("/v1/customers/kid/moments", headers=ADVERTISING).json() == []
    assert running.client.get("/v1/customers/kid", headers=ADVERTISING).status_code == 404
    assert running.client.get("/v1/customers", params={"name": "ada"}, headers=ADVERTISING).json() == []


def test_moment_that_rests_on_a_daughter_is_withheld_while_she_has_not_agreed(running) -> None:
    page = running.client.get("/v1/moments", params={"since": "2020-01-01"}, headers=ADVISER).json()
    assert {m["customer_id"] for m in page["moments"]} == {"kid"}
    assert running.client.get("/v1/customers/mum/moments", headers=ADVISER).json() == []
    (relation,) = running.client.get("/v1/customers/mum/family", headers=ADVISER).json()
    assert (relation["relation"], relation["customer_id"]) == ("child", None)
    assert running.client.get("/v1/customers/mum/family/kid", headers=ADVISER).status_code == 404


def test_kin_path_names_those_on_the_way_who_have_agreed_and_leads_to_nobody_who_has_not(
    serve, detected, tmp_path
) -> None:
    directory = DataDirectory(shutil.copytree(detected, tmp_path / "data"))
    write(directory, "INSERT INTO bank.customers (customer_id, given_name) VALUES ('aunt', 'Eva')")
    write(directory, "INSERT INTO bank.relations (customer_id, related_customer_id, relation) "
          "VALUES ('aunt', 'mum', 'sibling'), ('mum', 'aunt', 'sibling')")  # fmt: skip
    said: list[object] = []
    running = serve()
    for who, status, on in (("aunt", "given", 1), ("kid", "given", 1), ("mum", "given", 1), ("kid", "withdrawn", 2)):
        running.server.config.app.state.writer.reading(
            lambda place, row=(who, "disclosure", status, f"2026-01-0{on}"): write(place, f"{STATED} {row}")
        )
        answer = running.client.get("/v1/customers/aunt/family/kid", headers=ADVISER)
        steps = [(step["relation"], step["customer_id"]) for step in answer.json()] if answer.is_success else []
        said.append((answer.status_code, steps))
    named = [("sibling", "mum"), ("child", "kid")]
    assert said == [(404, []), (200, [("sibling", None), named[1]]), (200, named), (404, [])]


def write(directory: DataDirectory, sql: str) -> None:
    """Write to the durable database as a load would."""
    with directory.connect() as connection:
        connection.execute(sql)


def test_offers_come_with_verdict_reasons_and_dialogue(running) -> None:
    (moment,) = [
        m for m in running.client.get("/v1/customers/kid/offers", headers=ADVICE).json() if m["type"] == "childbirth"
    ]
    assert moment["dialogue"]["words"]
    for offer in moment["offers"]:
        assert offer["reasons"]
        failing = [layer["layer"] for layer in offer["layers"] if not layer["fulfilled"]]
        assert offer["verdict"] == (f"not {failing[0]}" if failing else "offered")


def test_appointments_of_a_day_are_told_at_once(running) -> None:
    wanted = {"customers": ["mum", "nobody", "kid", "kid"]}
    found = running.client.post("/v1/customers/lookup", json=wanted, headers=ADVISER)
    assert [each["customer_id"] for each in found.json()] == ["mum", "kid"]
    assert running.client.post("/v1/customers/lookup", json={"customers": []}, headers=ADVISER).status_code == 422
    many = {"customers": ["x"] * 501}
    assert running.client.post("/v1/customers/lookup", json=many, headers=ADVISER).status_code == 422


def test_moments_are_paged_and_told_by_type(running) -> None:
    def page(**params):
        return running.client.get("/v1/moments", params=params, headers=ADVISER)

    assert page().status_code == 400
    assert page(type="nonsense").status_code == 400
    assert page(since="2020-01-01", cursor="!").status_code == 400
    seen, cursor = [], None
    while True:
        found = page(since="2020-01-01", limit=1, **({"cursor": cursor} if cursor else {})).json()
        seen += [m["moment_id"] for m in found["moments"]]
        cursor = found["next"]
        if cursor is None:
            break
    whole = page(since="2020-01-01").json()["moments"]
    assert seen == [m["moment_id"] for m in whole]
    assert [m["type"] for m in page(type="childbirth").json()["moments"]] == ["childbirth"]


def test_moment_is_explained_by_its_short_name(running) -> None:
    moment = running.client.get("/v1/moments", params={"type": "childbirth"}, headers=ADVISER).json()["moments"][0]
    short = moment["moment_id"].partition("/id/")[2]
    assert running.client.get(f"/v1/moments/{short}", headers=ADVISER).json() == moment
    told = running.client.get(f"/v1/moments/{short}/explanation", headers=ADVISER)
    assert told.status_code == 200
    assert "kg-1" in told.text
    assert running.client.get("/v1/moments/moment/kid/nothing/2026-01-01", headers=ADVISER).status_code == 404


def test_openapi_tells_every_answer_as_it_is(running) -> None:
    document = running.client.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description") or operation.get("summary"), (path, method)
            if path.startswith("/v1"):
                assert "application/problem+json" in operation["responses"]["404"]["content"]


@pytest.fixture
def looked_after(detected, tmp_path):
    """The data directory of mother and daughter who have agreed to be told of; Eva looks after the mother."""
    directory = DataDirectory(shutil.copytree(detected, tmp_path / "data"))
    with directory.connect() as connection:
        connection.execute("UPDATE bank.customers SET adviser = 'eva' WHERE customer_id = 'mum'")
        connection.execute(f"{STATED} ('kid', 'disclosure', 'given', '2020-01-01')")
        lookup.write(connection, directory.path)
    return directory.path


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"adviser": "eva"}, {"mum"}),
        ({"adviser": "me"}, {"mum"}),
        ({"adviser": "tom"}, set()),
        ({"adviser": "eva", "type": "childbirth"}, set()),
        ({"since": "2020-01-01"}, {"mum", "kid"}),
    ],
)
def test_moments_are_told_by_adviser_where_asked(serve, looked_after, tmp_path, asked, expected) -> None:
    issuer = Issuer(tmp_path)
    headers = issuer.headers("adviser", of="service", sub="x-17", staff="eva")
    running = serve(data=looked_after, token_keys=str(issuer.path), adviser_claim="staff")
    page = running.client.get("/v1/moments", params=asked, headers=headers).json()
    assert {moment["customer_id"] for moment in page["moments"]} == expected


def test_token_without_the_advisers_claim_looks_after_nobody(serve, looked_after, tmp_path) -> None:
    issuer = Issuer(tmp_path)
    running = serve(data=looked_after, token_keys=str(issuer.path), adviser_claim="staff")
    headers = issuer.headers("adviser", of="service", sub="eva")
    assert running.client.get("/v1/moments", params={"adviser": "me"}, headers=headers).json()["moments"] == []


def test_adviser_is_told_with_the_customer_and_sees_no_more_than_others(serve, looked_after) -> None:
    running = serve(data=looked_after)
    assert running.client.get("/v1/customers/mum", headers=ADVISER).json()["person"]["adviser"] == "eva"
    withheld = running.client.get("/v1/moments", params={"adviser": "eva"}, headers=ADVERTISING).json()
    assert withheld["moments"] == []
