"""A moment in shadow is shown at no door and seen by no other moment; experts see what it would find."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from accesses import ANALYST, OPERATOR
from augenblick import pipeline
from augenblick.api.long_work import LongWork
from augenblick.content import Content, load_content, manifest
from augenblick.editing import Edition
from augenblick.editing.impact import impact
from augenblick.editing.reach import Reach
from augenblick.editing.shadow import in_shadow, shown
from augenblick.model.errors import BadParameter, NotFound
from augenblick.model.terms import DATA_BASE, MOMENT
from augenblick.pipeline.asking import ask
from augenblick.pipeline.rerun import rerun
from augenblick.publish import load_library
from augenblick.store import DataDirectory
from lean_content import lean_content
from running_service import Served, starting
from small_bank import benefit, family

AS_OF = date(2026, 6, 30)
BIRTHS = {MOMENT + "childbirth", MOMENT + "grandchild-birth"}
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}


@dataclass(frozen=True)
class Bank:
    """A mother and her grown daughter who gets child benefit; births are in shadow, grandchildren's are live."""

    directory: DataDirectory
    content: Content


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    folder = tmp_path_factory.mktemp("shadow")
    root = lean_content(folder / "content", "childbirth", "grandchild-birth").root
    manifest.refresh(root / "ontology")
    moment = root / "ontology/moments/childbirth/moment.ttl"
    text = moment.read_text(encoding="utf-8")
    assert 'aug:contentState "live"' in text
    moment.write_text(text.replace('aug:contentState "live"', 'aug:contentState "shadow"'), encoding="utf-8")
    content = load_content(root)
    family(folder / "export")
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF, content=content)
    return Bank(directory, content)


@pytest.fixture(scope="module")
def running(bank: Bank) -> Iterator[Served]:
    with starting(bank.directory.path, bank.content) as serve:
        yield serve(as_of=AS_OF)


def found(bank: Bank, table: str, column: str = "moment_type") -> set[str]:
    with pipeline.last_run(bank.directory, bank.content) as run:
        return {row[0] for row in run.connection.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()}


def test_moment_in_shadow_is_found_in_no_table_and_by_no_kin_view(bank: Bank) -> None:
    assert {t.slug for t in bank.content.live} == {"grandchild-birth"}
    assert not found(bank, "moments.moments")
    assert not found(bank, "moments.indications")


def test_moment_in_shadow_is_not_in_the_published_graph(bank: Bank) -> None:
    graph = (bank.directory.live_store / "graph.nq").read_text(encoding="utf-8")
    assert not [line for line in graph.splitlines() if line.startswith(f"<{DATA_BASE}") and "childbirth" in line]


def test_moment_in_shadow_is_not_answered_by_sparql(bank: Bank) -> None:
    query = load_library(bank.content.queries)["moments-by-type"]
    answer = ask(bank.directory, query, access=ANALYST, given={}, library=True)
    assert "Geburt" not in answer.content.decode()


@pytest.mark.slow
def test_moment_in_shadow_is_told_by_no_door_of_the_service_nor_its_feed(bank: Bank, running: Served) -> None:
    assert running.client.get("/v1/customers/kid", headers=ADVISER).json()["moments"] == []
    assert running.client.get("/v1/moments", params={"type": "childbirth"}, headers=ADVISER).json()["moments"] == []
    columns = ("transaction_id", "account_id", "booking_date", "amount", "currency", "counterparty_name", "purpose")
    row = dict(zip(columns, map(str, benefit("kg-2", "a-mum", date(2026, 5, 14))), strict=True))
    loaded = running.client.post("/v1/tables/transactions/rows", json=[row], headers=CRM)
    assert loaded.status_code == 200, loaded.text
    assert running.client.get("/v1/changes", params={"after": 0}, headers=CRM).json()["changes"] == []


@pytest.mark.slow
def test_shadow_worked_out_over_rest_tells_whom_it_would_find_or_is_stopped_without_a_trace(
    bank: Bank, running: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUGENBLICK_CONTENT", str(bank.content.root))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    expert = {"Acting-Role": "expert", "From": "Ada"}
    works: LongWork = running.server.config.app.state.long_work
    done = threading.Event()
    running.client.post("/v1/content/shadow", headers=expert)
    works.begin("after it", lambda _: done.set())
    assert done.wait(300)
    told = running.client.get("/v1/content/shadow", headers=expert).json()
    assert told["state"] == "done", told
    assert {count["iri"] for count in told["outcome"]["moments"] if count["gain"]} == BIRTHS
    running.client.post("/v1/content/shadow", headers=expert)
    running.client.delete("/v1/content/shadow", headers=expert)
    done.clear()
    works.begin("after it again", lambda _: done.set())
    assert done.wait(300)
    assert running.client.get("/v1/content/shadow", headers=expert).json()["state"] == "stopped"
    assert list(tmp_path.iterdir()) == []


def test_why_not_of_a_moment_in_shadow_says_that_it_is_not_shown(bank: Bank) -> None:
    with pytest.raises(NotFound, match="in shadow"):
        pipeline.why_not(bank.directory, "kid", "childbirth", access=OPERATOR, content=bank.content)


@pytest.mark.slow
def test_rerun_with_shadows_shown_equals_a_run_in_which_they_are_live(bank: Bank) -> None:
    new = bank.content.with_live("shadow")
    with bank.directory.aside() as connection:
        reach = Reach(derived=frozenset({MOMENT + "childbirth"}))
        rerun(connection, bank.content, new, reach, as_of=AS_OF, base=DATA_BASE)
        beside = connection.execute("SELECT moment_type, customer_id, confidence FROM moments.moments").fetchall()
    with bank.directory.aside(fresh=True) as connection:
        pipeline.detection.detect_in(connection, new, as_of=AS_OF)
        whole = connection.execute("SELECT moment_type, customer_id, confidence FROM moments.moments").fetchall()
    assert {row[0] for row in beside} == BIRTHS
    assert sorted(beside) == sorted(whole)


def test_impact_of_showing_shadows_counts_whom_they_would_find(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUGENBLICK_CONTENT", str(bank.content.root))
    told = impact(bank.directory, shown, access=OPERATOR)
    assert told.reach == Reach(derived=frozenset({MOMENT + "childbirth"}))
    assert {count.iri for count in told.moments if count.gain} == BIRTHS
    assert {example.moved.moment_type for example in told.examples} <= BIRTHS
    assert not found(bank, "moments.moments")


def test_shadows_of_an_edition_are_named_and_without_any_it_is_said(bank: Bank) -> None:
    edition = Edition.read(bank.content.root)
    assert in_shadow(edition) == [MOMENT + "childbirth"]
    with pytest.raises(BadParameter, match="No moment is in shadow"):
        shown(shown(edition))
