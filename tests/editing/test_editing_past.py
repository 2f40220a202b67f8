"""As the rules were: today's data by an earlier version's rules, and never more than what may be seen now."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from small_content import CONTENT, LOAN, PARTY, edited

from accesses import ANALYST, OPERATOR
from augenblick import pipeline
from augenblick.content import load_content, manifest
from augenblick.editing import Edition
from augenblick.editing.operations import operated
from augenblick.editing.past import as_rules, guarded
from augenblick.editing.publication import propose, publish
from augenblick.editing.versions import Versions
from augenblick.model.errors import NotFound
from augenblick.model.terms import AUG, MOMENT
from augenblick.pipeline.asking import ask
from augenblick.pipeline.checking import CheckReport
from augenblick.publish import load_library
from augenblick.store import DataDirectory
from lean_content import lean_content
from running_service import starting
from small_bank import benefit, family, write

MARCH = datetime(2026, 3, 15, 12, tzinfo=UTC)
AS_OF = date(2026, 6, 30)
REST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}
GONE = [{"do": "add_exclusion", "term": "signal:child-benefit", "pattern": "FAMILIENKASSE"}]
LAW = (
    "aug:weight a owl:DatatypeProperty",
    "aug:Ordinary aug:strictness 0 . aug:Criminal aug:strictness 3 .\naug:weight a owl:DatatypeProperty",
)
CLASSED = "moment:party aug:legalClass aug:{} .\nmoment:party a owl:Class"


def classed(name: str) -> Edition:
    core = "ontology/core/core.ttl"
    return edited(core, *LAW, PARTY, "moment:party a owl:Class", CLASSED.format(name))


@pytest.mark.parametrize(
    ("then", "now", "guards"),
    [("Ordinary", "Criminal", "Criminal"), ("Criminal", "Ordinary", "Criminal"), ("Ordinary", "Ordinary", "Ordinary")],
)
def test_term_of_an_earlier_version_has_the_stricter_class_of_then_and_now(then: str, now: str, guards: str) -> None:
    kept = guarded(classed(then), classed(now))
    assert kept.values("https://w3id.org/augenblick/moment/party", AUG + "legalClass") == [AUG + guards]


def test_term_without_a_class_then_has_the_one_of_now() -> None:
    then = edited("ontology/core/core.ttl", *LAW)
    kept = guarded(then, classed("Criminal"))
    assert kept.values("https://w3id.org/augenblick/moment/party", AUG + "legalClass") == [AUG + "Criminal"]


def test_policy_of_an_earlier_version_is_the_one_in_force() -> None:
    policy = "ontology/policy/rules.ttl"
    then, now = (Edition({**CONTENT.texts, policy: f"# {said}\n"}) for said in ("then", "now"))
    kept = guarded(then, Edition({**now.texts, LOAN: ""}))
    assert kept.texts[policy] == "# now\n"
    assert kept.texts[LOAN] == CONTENT.texts[LOAN]


def passed(root: Path) -> CheckReport:
    return CheckReport(root, (), {}, (), None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DataDirectory:
    """A family whose daughter has a child by the rules of March; since April such payments are excluded."""
    folder = tmp_path_factory.mktemp("past")
    shipped = lean_content(folder / "content", "childbirth").root
    manifest.refresh(shipped / "ontology")
    family(folder / "export")
    directory = DataDirectory(folder / "data")
    versions = Versions(directory, shipped=shipped)
    versions.switch(versions.base(at=MARCH).name, kind="publish", by="Ben", reason="to begin with", at=MARCH)
    change = propose(versions, lambda base: operated(base, GONE), author="Ada", reason="a trial", at=MARCH)
    publish(versions, change.name, approver="Ben", at=MARCH + timedelta(days=30), check=passed)
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF)
    return directory


@pytest.fixture
def directory(made: DataDirectory, tmp_path: Path) -> DataDirectory:
    """A copy of it: a test may erase somebody."""
    return DataDirectory(shutil.copytree(made.path, tmp_path / "data", symlinks=True))


def births(directory: DataDirectory) -> list[str]:
    with pipeline.last_run(directory) as run:
        return [row[0] for row in run.connection.execute("SELECT moment_id FROM moments.moments").fetchall()]


@pytest.mark.slow
def test_question_by_the_rules_of_a_day_is_answered_by_the_version_in_force_then(directory: DataDirectory) -> None:
    before = directory.bank_file.read_bytes()
    assert births(directory) == []
    march = as_rules(directory, "2026-03-31")
    (birth,) = births(march)
    told = pipeline.explain(march, birth, access=OPERATOR)
    assert told.version == Versions(directory).all()[0].name
    query = load_library(load_content(march.published_content).queries)["moments-by-type"]
    answer = ask(march, query, access=ANALYST, given={}, library=True)
    assert "Geburt" in answer.content.decode()
    assert directory.bank_file.read_bytes() == before
    assert births(directory) == []
    assert (directory.path / "audit.jsonl").exists()
    assert not (march.path / "audit.jsonl").exists()

    derived = march.derived_file.stat().st_ino
    assert as_rules(directory, "0").derived_file.stat().st_ino == derived
    write(directory.path / "more", "transactions", [benefit("kg-9", "a-mum", date(2026, 5, 14))])
    pipeline.load(directory, directory.path / "more")
    pipeline.detect(directory, as_of=AS_OF)
    again = as_rules(directory, "2026-03-31")
    assert (births(again), again.derived_file.stat().st_ino == derived) == ([birth], False)
    pipeline.erase(directory, "kid", on=AS_OF)
    assert not march.path.exists()


@pytest.mark.slow
def test_question_over_rest_by_the_rules_of_a_day_is_derived_and_answered(directory: DataDirectory) -> None:
    query = f"SELECT (COUNT(?m) AS ?n) WHERE {{ ?m a <{MOMENT}childbirth> }}"
    with starting(directory.path, load_content(directory.published_content)) as serve:
        running = serve(as_of=str(AS_OF))
        counts = []
        for day in ("2026-03-31", "2026-05-31"):
            place = f"/v1/content/versions/{day}/queries"
            location = running.client.post(place, json={"query": query}, headers=REST, timeout=60).headers["location"]
            done = threading.Event()
            running.server.config.app.state.long_work.begin(("after", day), lambda _, done=done: done.set())
            assert done.wait(600)
            told = running.client.get(location, headers=REST).json()
            counts.append(told["answer"]["results"]["bindings"][0]["n"]["value"])
    assert counts == ["1", "0"]


def test_version_there_was_not_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no version 7"):
        as_rules(DataDirectory(tmp_path), "7")
    with pytest.raises(NotFound, match="Nothing was published"):
        as_rules(DataDirectory(tmp_path), "2026-03-31")
