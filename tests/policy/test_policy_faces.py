"""Non-interference at the doors people use: REST, SPARQL, pages and files are the same to the byte, headers too."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kin_bank import FAMILIES
from test_policy_interference import BASE, CUSTOMERS, FIXED, PERSONS, QUERIES, TYPES

from augenblick import web
from augenblick.api import changes
from augenblick.api.positions import position
from augenblick.content import Content
from augenblick.store import DataDirectory
from running_service import Served, starting
from visiting import signed_in

ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"}
ANALYST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}
OFFICER = {"Acting-Role": "data_protection", "Purpose-Of-Use": "data_protection"}
_OWN = re.compile(
    rb"name=\"token\" value=\"[^\"]*\"|token(\"|&#34;|&quot;): ?(\"|&#34;|&quot;)[^\"&]*|_:\w+|127\.0\.0\.1:\d+"
)
"""What belongs to a session, a store or a server, and to nobody's data."""
_WHEN = re.compile(rb'"seq": ?\d+|"at": ?"[^"]*"|id: \d+')
_PASSING = ("date", "x-request-id", "set-cookie")


@dataclass(frozen=True)
class Question:
    """One request."""

    path: str
    headers: dict[str, str] = field(default_factory=lambda: ADVISER)
    method: str = "GET"
    given: dict[str, Any] = field(default_factory=dict)


def _of_customer(customer: str) -> Iterator[Question]:
    path = f"/v1/customers/{customer}"
    yield from (Question(path + rest) for rest in ("", "/moments", "/offers", "/family", "/family/dec-kid"))
    yield from (Question(path, method=method) for method in ("HEAD", "OPTIONS", "DELETE"))
    yield Question("/v1/customers", given={"params": {"id": customer}})
    yield Question(f"{path}/why-not/{TYPES[0]}", {"Acting-Role": "analyst", "Purpose-Of-Use": "advertising"})


def _of_moment(customer: str, slug: str) -> Iterator[Question]:
    path = f"/v1/moments/moment/{customer}/{slug}/2026-04-14"
    yield from (Question(path + rest) for rest in ("", "/dialogue", "/history", "/explanation", "/counterfactual"))
    yield Question(f"{path}/feedback", method="POST", given={"json": {"action": "acted"}})


def _of_lists() -> Iterator[Question]:
    for limit in (1, 2, 5):
        for kind in ({"type": "grandchild-birth"}, {"type": "childbirth"}, {"since": "2020-01-01"}):
            yield Question("/v1/moments", given={"params": {**kind, "limit": limit}})
    yield Question("/v1/customers", given={"params": {"name": "Ad"}})
    yield Question("/v1/customers", given={"params": {"iban": "DE0000"}})
    yield Question("/v1/customers/lookup", method="POST", given={"json": {"customers": [*CUSTOMERS, "no-such"]}})


def _of_sparql() -> Iterator[Question]:
    forms = (
        "application/sparql-results+json",
        "text/csv",
        "application/sparql-results+xml",
        "text/tab-separated-values",
    )
    for accept in forms:
        query = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p"
        yield Question("/sparql", ANALYST | {"Accept": accept}, given={"params": {"query": query}})
    yield Question("/v1/readiness", ANALYST)
    for stage in ("moments", "offers", "access", "inferred"):
        told = {"params": {"graph": f"{BASE}graph/{stage}"}}
        yield Question("/graph-store", ANALYST | {"Accept": "application/n-triples"}, given=told)


PATIENT = {"analyst": {"seconds": 600}}
"""On a busy machine a deadline may be met at one of the banks only, which tells nothing of what is withheld."""
ABOUT = [f"{name}-mum" for name in FAMILIES[2:]] + ["two-eva", "hurt", "dec-kid", "nobody"]
REST = [
    *(each for customer in CUSTOMERS for each in _of_customer(customer)),
    *(each for customer in ABOUT for each in _of_moment(customer, "grandchild-birth")),
    *_of_moment("hurt", "accident"),
    *_of_moment("dec-kid", "childbirth"),
    *_of_lists(),
    *_of_sparql(),
]


class Asking:
    """Puts requests to one bank's service."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._pages: dict[str, tuple[httpx.Client, str]] = {}
        self._open = ExitStack()

    def rest(self, question: Question) -> tuple[int, list[tuple[str, str]], bytes]:
        answer = self.served.client.request(question.method, question.path, headers=question.headers, **question.given)
        return told(answer)

    def page(self, role: str, purpose: str, path: str, **form: str) -> tuple[int, list[tuple[str, str]], bytes]:
        client, token = self._pages.get(role) or self._sign_in(role, purpose)
        if form:
            return told(client.post(path, data={"token": token, **form}))
        return told(client.get(path))

    def close(self) -> None:
        self._open.close()

    def _sign_in(self, role: str, purpose: str) -> tuple[httpx.Client, str]:
        self._pages[role] = self._open.enter_context(signed_in(self.served.url, role, purpose))
        return self._pages[role]


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return all of an answer but what passes."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in _PASSING)
    body = answer.content
    if body[:2] == b"PK":  # an Excel file says when it was made
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in sorted(book.namelist()) if "docProps" not in name)
        headers = [(name, value) for name, value in headers if name != "content-length"]
    found = answer.status_code, headers, _OWN.sub(lambda own: own[0][:2] if own[0][:2] == b"_:" else b"", body)
    return unordered(found) if b"_:" in found[2] else found


def unordered(found: tuple[int, list[tuple[str, str]], bytes]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return an answer with blank nodes of the ontology, which have other names in each store, and so another order."""
    status, headers, body = found
    return status, [header for header in headers if header[0] != "etag"], b"\n".join(sorted(body.splitlines()))


@pytest.fixture(scope="module")
def asked(
    bank: DataDirectory, other: DataDirectory, lean: Content, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Asking, Asking]]:
    folder: Path = tmp_path_factory.mktemp("faces")
    with starting(folder, lean, web.routers()) as start:
        services = []
        for each in (bank, other):
            copy = folder / f"{len(services)}"
            shutil.copytree(each.path, copy)
            served = start(data=copy, retention="off", query_workers=1, query_limits=PATIENT)
            served.client.timeout = httpx.Timeout(PATIENT["analyst"]["seconds"])
            services.append(Asking(served))
        yield services[0], services[1]
        for each in services:
            each.close()


def test_every_answer_of_rest_is_the_same_whatever_is_withheld(asked: tuple[Asking, Asking]) -> None:
    one, two = asked
    for question in REST:
        assert one.rest(question) == two.rest(question), question


FEED = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
OPEN_TO_SERVICE = ("dec-kid", "obj-kid")
"""Whose moments service may be told of: there it is no secret that the banks differ in."""


def streamed(served: Served, after: int) -> tuple[list[bytes], list[bytes]]:
    """Return the changes behind a number, as a list and as events until the first beat; without when they were."""
    listed = served.client.get("/v1/changes", params={"after": after}, headers=FEED).json()["changes"]
    came = b""
    with served.client.stream("GET", "/v1/changes/stream", headers=FEED | {"Last-Event-ID": str(after)}) as told_:
        for chunk in told_.iter_raw():
            came += chunk
            if b": still here" in came:
                break
    return _secret([json.dumps(change).encode() for change in listed]), _secret(came.split(b"\n\n"))


def _secret(told_: list[bytes]) -> list[bytes]:
    return [_WHEN.sub(b"", each) for each in told_ if not any(name.encode() in each for name in OPEN_TO_SERVICE)]


def test_feed_and_stream_of_changes_are_the_same_whatever_is_withheld(
    asked: tuple[Asking, Asking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(changes, "POLL_SECONDS", 0.02)
    told_ = []
    for each in asked:
        journal = each.served.server.config.loaded_app.app.state.journal
        after = position(time.time_ns() // 1_000_000) - 1
        journal.script("UPDATE told_faces SET confidence = 0")
        counted = journal.follow("run")
        told_.append((counted, *streamed(each.served, after)))
    one, two = told_
    assert one[0] > two[0] + len(OPEN_TO_SERVICE)
    assert one[1:] == two[1:]
    assert all(any(b"two-eva" in change for change in seen) for seen in one[1:])


def test_following_pages_are_the_same_whatever_is_withheld(asked: tuple[Asking, Asking]) -> None:
    for limit in (1, 2):
        pages: list[list[object]] = []
        for each in asked:
            pages.append([])
            place: str | None = ""
            while place is not None:
                more = {"cursor": place} if place else {}
                given_ = {"params": {"since": "2020-01-01", "limit": limit, **more}}
                pages[-1].append(told_page := each.rest(Question("/v1/moments", given=given_)))
                place = httpx.Response(200, content=told_page[2]).json()["next"]
        assert pages[0] == pages[1]
        assert len(pages[0]) > 1


def test_officer_gets_other_answers_at_the_same_doors(asked: tuple[Asking, Asking]) -> None:
    one, two = asked
    for path in ("/v1/customers/obj-mum/moments", "/v1/customers/hurt/moments"):
        assert one.rest(Question(path, OFFICER)) != two.rest(Question(path, OFFICER))


PAGES = [
    *(("adviser", "advice", f"/customers/{customer}") for customer in CUSTOMERS),
    *(("adviser", "advice", path) for path in ("/today", "/customers?name=Ad", "/customers?name=Uta")),
    *(("adviser", "advice", f"/why?moment={BASE}moment/{c}/grandchild-birth/2026-04-14") for c in ABOUT),
    *(("analyst", "analysis", path) for path in ("/overview", "/queries")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[2].removeprefix("/"))
def test_page_is_the_same_whatever_is_withheld(asked: tuple[Asking, Asking], page: tuple[str, str, str]) -> None:
    one, two = asked
    assert one.page(*page) == two.page(*page)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_file_of_a_result_is_the_same_whatever_is_withheld(asked: tuple[Asking, Asking], kind: str) -> None:
    query = "SELECT ?type (COUNT(?m) AS ?n) { ?m a aug:Moment ; aug:momentType ?type } GROUP BY ?type ORDER BY ?type"
    query = f"PREFIX aug: <https://w3id.org/augenblick/ontology#> {query}"
    files = [each.page("analyst", "analysis", "/queries/result", query=query, kind=kind) for each in asked]
    assert files[0] == files[1]
    assert files[0][0] == 200


@pytest.mark.slow
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES | st.sampled_from(FIXED) | st.sampled_from(PERSONS).map("DESCRIBE {}".format))
def test_answer_of_the_endpoint_to_a_random_query_is_the_same_whatever_is_withheld(
    asked: tuple[Asking, Asking], query: str
) -> None:
    one, two = asked
    accept = "text/csv" if query.startswith(("SELECT", "ASK")) else "application/n-triples"
    question = Question("/sparql", ANALYST | {"Accept": accept}, given={"params": {"query": query}})
    assert one.rest(question) == two.rest(question)
