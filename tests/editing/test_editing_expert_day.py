"""A day of an expert: false alarms are seen, their signal is mended, approved and live, told to the CRM, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from augenblick import pipeline
from augenblick.api.switching import Standing
from augenblick.content import Content, load_content, manifest
from augenblick.editing.impact import impact
from augenblick.editing.operations import operated
from augenblick.editing.publication import merged, propose, publish, rollback
from augenblick.editing.versions import Versions
from augenblick.explain import render
from augenblick.model.errors import BadOntology
from augenblick.pipeline.checking import CheckReport, check
from augenblick.policy import Access
from augenblick.store import DataDirectory
from lean_content import lean_content
from running_service import Served, starting
from small_bank import benefit, groceries, write

AS_OF = date(2026, 6, 30)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PAID_ON = date(2026, 4, 14)
PARENTS, SCHOLARS = 5, 37
"""So many have a child; so many get a grant from a foundation with child benefit in its name."""
OPERATOR = Access(role="operator", purpose="operation", actor_id="test", at=AS_OF)
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
EXCLUSION = [{"do": "add_exclusion", "term": "signal:child-benefit", "pattern": "KINDERGELD[- ]?STIFTUNG"}]


@dataclass(frozen=True)
class Bank:
    """A bank's data directory with its labelled export and the content its experts begin with."""

    directory: DataDirectory
    export: Path
    versions: Versions
    content: Content


def grant(booking: str, account: str, on: date) -> tuple[object, ...]:
    return (booking, account, on, "200.00", "EUR", "Kindergeld-Stiftung der Sparkasse", "Stipendium 04/2026")


def export(folder: Path) -> None:
    """Write the bank: parents and scholars, each with an account of two years, and what truly happened."""
    people = [f"p{n:02}" for n in range(PARENTS)] + [f"s{n:02}" for n in range(SCHOLARS)]
    write(folder, "customers", [(who, "1994-02-01", "Kim", "female") for who in people])
    write(folder, "accounts", [(f"a-{who}", "giro", "EUR", "2015-01-01") for who in people])
    write(folder, "account_holders", [(f"a-{who}", who, "owner") for who in people])
    paid = [(benefit if who < "q" else grant)(f"kg-{who}", f"a-{who}", PAID_ON) for who in people]
    bookings = [row for who in people for row in groceries(f"a-{who}", date(2024, 5, 1), 24)]
    write(folder, "transactions", [*bookings, *paid])
    truth = [f"{who},childbirth,2026-03-01,2026-04-14" for who in people if who < "q"]
    (folder / "truth").mkdir()
    (folder / "truth" / "truth.csv").write_text(
        "\n".join(["customer_id,moment,occurred_on,visible_from", *truth]), encoding="utf-8"
    )


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    folder = tmp_path_factory.mktemp("expert")
    shipped = lean_content(folder / "content", "childbirth").root
    manifest.refresh(shipped / "ontology")
    export(folder / "export")
    directory = DataDirectory(folder / "data")
    versions = Versions(directory, shipped=shipped)
    versions.switch(versions.base(at=NOW).name, kind="publish", by="Ben", reason="to begin with", at=NOW)
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF)
    return Bank(directory, folder / "export", versions, load_content(directory.published_content))


@pytest.fixture(scope="module")
def running(bank: Bank) -> Iterator[Served]:
    with starting(bank.directory.path, bank.content) as serve:
        yield serve(as_of=AS_OF)


def checked(root: Path) -> CheckReport:
    """Return the check's report without the references to moments that the lean content leaves out."""
    report = check(root, reasoner=False)
    return replace(
        report,
        findings=tuple(f for f in report.findings if f.kind != "reference" or not f.term.startswith("moment:")),
    )


def births(running: Served) -> set[str]:
    asked = {"type": "childbirth", "limit": "200"}
    answer = running.client.get("/v1/moments", params=asked, headers=ADVISER).json()
    return {moment["customer_id"] for moment in answer["moments"]}


def told(running: Served, after: int) -> tuple[list[dict[str, str]], int]:
    answer = running.client.get("/v1/changes", params={"after": after, "limit": 1000}, headers=CRM).json()
    return answer["changes"], answer["next"]


@pytest.mark.slow
def test_expert_day_from_false_alarms_to_a_version_live_in_the_running_service_and_back(
    bank: Bank, running: Served
) -> None:
    # The morning: too many births are found, by the labels, and the proof of a false one names its signal.
    state = running.server.config.app.state
    report = state.writer.reading(lambda data: pipeline.evaluate_with_proofs(bank.export, directory=data, proofs=True))
    (score,) = (score for score in report.report.moments if score.moment == "childbirth")
    assert (score.hits, score.false) == (PARENTS, SCHOLARS)
    proof = render(report.proofs[0], "en")
    assert "Kindergeld-Stiftung" in proof
    assert "signal shown child benefit" in proof

    # An exclusion is proposed, checked, and weighed against the bank's own data.
    change = propose(
        bank.versions, lambda base: operated(base, EXCLUSION), author="Ada", reason="grants are no benefit", at=NOW
    )
    assert checked(bank.versions.change_root(change.name)).findings == ()
    edited = partial(merged, bank.versions, change, bank.versions.base(at=NOW))
    found = state.writer.reading(lambda data: impact(data, edited, access=OPERATOR, truth=bank.export))
    (accuracy,) = (each for each in found.accuracy if each.moment == "childbirth")
    assert accuracy.false == (SCHOLARS, 0)
    assert accuracy.hits == (PARENTS, PARENTS)

    # A second person approves; the service that runs takes it over, and the feed tells what vanished because of it.
    before, after = births(running), told(running, 0)[1]
    version = publish(bank.versions, change.name, approver="Ben", at=NOW, check=checked)
    state.switch.follow()
    assert births(running) == {who for who in before if who < "q"}
    changes, after = told(running, after)
    assert {(c["kind"], c["cause"]) for c in changes} == {("vanished", f"content {version.name}")}
    assert len(changes) == SCHOLARS

    # It was one too much: one command, and all is as it was in the morning.
    back = rollback(bank.versions, by="Ben", reason="the foundation pays parents, too", at=NOW)
    state.switch.follow()
    assert births(running) == before
    changes, _ = told(running, after)
    assert {(c["kind"], c["cause"]) for c in changes} == {("appeared", f"content {back.name}")}


def test_version_rolled_back_while_it_is_derived_is_never_shown(
    bank: Bank, running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, derive, runs = running.server.config.app.state, pipeline.detect, []
    before, after, served = births(running), told(running, 0)[1], state.content.version

    def rolled_back_meanwhile(*given: Any, **named: Any) -> Any:
        runs.append(named["content"].version)
        rollback(bank.versions, by="Ben", reason="a mistake", at=NOW)
        return derive(*given, **named)

    monkeypatch.setattr(pipeline, "detect", rolled_back_meanwhile)
    change = propose(bank.versions, lambda base: operated(base, EXCLUSION), author="Ada", reason="grants", at=NOW)
    version = publish(bank.versions, change.name, approver="Ben", at=NOW, check=checked)
    assert state.switch.follow() == 0
    assert runs == [version.name]
    assert state.switch.standing() == Standing(served, served, "serving")
    assert births(running) == before
    assert told(running, after)[0] == []


def test_version_that_cannot_be_derived_is_forgotten_once_rolled_back(
    bank: Bank, running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = running.server.config.app.state
    served = state.content.version

    def broken(*_given: Any, **_named: Any) -> Any:
        raise BadOntology("A rule cannot be run.")

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "detect", broken)
        change = propose(bank.versions, lambda base: operated(base, EXCLUSION), author="Ada", reason="grants", at=NOW)
        publish(bank.versions, change.name, approver="Ben", at=NOW, check=checked)
        with pytest.raises(BadOntology):
            state.switch.follow()
    rejected = state.policy
    rollback(bank.versions, by="Ben", reason="a mistake", at=NOW)
    state.switch.follow()
    assert state.switch.standing() == Standing(served, served, "serving")
    assert state.policy is not rejected
