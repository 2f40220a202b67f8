"""The history of the content as pages: every publication and return, what each changed, who brought which statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from augenblick import __version__, web
from augenblick.content import Content, load_content
from augenblick.editing.operations import operated
from augenblick.editing.publication import propose, publish, rollback
from augenblick.editing.versions import Versions
from augenblick.pipeline.checking import CheckReport
from augenblick.store import DataDirectory
from hostile import ATTEMPTS
from running_service import Served, starting

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PATTERN = "https://w3id.org/augenblick/moment/job-loss#salary-stops"
LIGHTER = [{"do": "set_weight", "term": PATTERN, "weight": 4.2}]
REASON = f"too sure {ATTEMPTS[0]}"


def passed(root: Path) -> CheckReport:
    return CheckReport(root, (), {}, (), None)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Iterator[Served]:
    """A service whose content was published by Ada and Ben and taken back by Cem."""
    directory = DataDirectory(tmp_path_factory.mktemp("history") / "data")
    versions = Versions(directory)
    change = propose(versions, lambda base: operated(base, LIGHTER), author="Ada", reason=REASON, at=NOW)
    publish(versions, change.name, approver="Ben", at=NOW, check=passed)
    rollback(versions, by="Cem", reason="too quiet now", at=NOW)
    with starting(directory.path, load_content(directory.published_content), web.routers()) as serve:
        yield serve()


@contextmanager
def pages(running: Served, role: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, headers={"Accept-Language": "de"}, timeout=60) as client:
        assert client.post("/sign-in", data={"role": role, "name": "Eva"}).status_code == 303
        yield client


def test_history_tells_who_changed_what_when_and_why_the_latest_first(running: Served) -> None:
    with pages(running, "expert") as client:
        page = client.get("/history").text
    assert page.index("too quiet now") < page.index("too sure")
    assert all(name in page for name in ("Ada", "Ben", "Cem", "<ins>", "4,2", "1. November 2026"))
    assert ATTEMPTS[0] not in page


def test_history_leads_to_who_brought_each_statement_of_a_term(running: Served) -> None:
    with pages(running, "approver") as client:
        page = client.get("/history/term", params={"iri": PATTERN}).text
        assert ("aug:weight" in page, "augenblick" in page) == (True, True)
        unknown = client.get("/history/term", params={"iri": "signal:nothing"})
    assert (unknown.status_code, 'role="alert"' in unknown.text) == (404, True)


@pytest.mark.parametrize("role", ["adviser", "analyst", "crm"])
def test_history_is_for_those_who_edit_or_approve(running: Served, role: str) -> None:
    with pages(running, role) as client:
        assert client.get("/history").status_code == 403
        assert client.get("/history/term", params={"iri": PATTERN}).status_code == 403


def test_history_is_given_as_data_and_as_turtle(running: Served) -> None:
    head = {"Acting-Role": "expert", "From": "Ada"}
    told = running.client.get("/v1/content/history", headers=head).json()
    assert [(event["kind"], event["by"]) for event in told] == [("rollback", "Cem"), ("publish", "Ben")]
    turtle = running.client.get("/v1/content/history", headers=head | {"Accept": "text/turtle"}, timeout=60)
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "wasInvalidatedBy" in turtle.text


def test_history_of_a_shipped_term_says_that_it_was_shipped(tmp_path: Path, content: Content) -> None:
    with starting(tmp_path / "data", content, web.routers()) as serve, pages(serve(), "expert") as client:
        page = client.get("/history/term", params={"iri": PATTERN})
    assert page.status_code == 200
    assert f"mit Augenblick {__version__} ausgeliefert" in page.text
    assert ">Gewicht</th>" in page.text
