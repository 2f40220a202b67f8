"""Kept and brought back while the service runs; what is wrong with a data directory is said with how to mend it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from augenblick.model.errors import BadParameter, Busy, Outdated, UnreadableFile
from augenblick.model.tables import has_table
from augenblick.pipeline import heed_consents
from augenblick.pipeline.examining import Finding, examine
from augenblick.pipeline.keeping import backup, restore
from augenblick.publish import current_snapshot
from augenblick.store import DataDirectory
from running_service import Served

ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
ANALYST = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis", "Accept": "text/csv"}


@pytest.fixture
def directory(detected: Path, tmp_path: Path) -> DataDirectory:
    shutil.copytree(detected, tmp_path / "data")
    return DataDirectory(tmp_path / "data")


def said(running: Served) -> tuple[object, str]:
    query = {"query": "SELECT (count(*) AS ?n) { ?s ?p ?o }"}
    moments = running.client.get("/v1/moments", params={"since": "2020-01-01"}, headers=ADVISER).json()
    return moments, running.client.get("/sparql", params=query, headers=ANALYST).text


def test_backup_taken_while_the_service_runs_is_served_as_it_was(serve, directory, tmp_path: Path) -> None:
    running = serve()
    (moment,) = running.client.get("/v1/moments", params={"type": "childbirth"}, headers=ADVISER).json()["moments"]
    word = {"action": "acted"}
    running.client.post(f"/v1/moments/{moment['moment_id']}/feedback", json=word, headers=ADVISER)
    before = said(running)
    made = backup(directory, tmp_path / "kept")
    assert made.files > 5
    other = DataDirectory(tmp_path / "back")
    assert restore(tmp_path / "kept", other).size == made.size
    assert said(serve(data=other.path)) == before
    assert {f.about for f in examine(other) if f.state == "bad"} == set()


def test_backup_with_a_changed_file_is_not_brought_back(directory, tmp_path: Path) -> None:
    backup(directory, tmp_path / "kept")
    with (tmp_path / "kept" / "bank.duckdb").open("r+b") as file:
        file.seek(5000)
        file.write(b"\x00\x01")
    with pytest.raises(UnreadableFile, match=r"bank\.duckdb"):
        restore(tmp_path / "kept", DataDirectory(tmp_path / "back"))
    assert not (tmp_path / "back").exists()


def test_backup_and_restore_write_over_nothing(directory, tmp_path: Path) -> None:
    backup(directory, tmp_path / "kept")
    with pytest.raises(BadParameter):
        backup(directory, tmp_path / "kept")
    with pytest.raises(BadParameter):
        restore(tmp_path / "kept", directory)
    with pytest.raises(UnreadableFile):
        restore(tmp_path / "data", DataDirectory(tmp_path / "back"))


def test_backup_that_a_writer_keeps_waiting_gives_up(directory, tmp_path: Path) -> None:
    writing = directory.connect()
    with pytest.raises(Busy):
        backup(directory, tmp_path / "kept", wait=0)
    writing.close()
    assert not (tmp_path / "kept").exists()


def found(directory: DataDirectory) -> dict[str, Finding]:
    return {finding.about: finding for finding in examine(directory)}


def test_doctor_finds_nothing_bad_in_a_directory_that_is_well(directory) -> None:
    states = {about: finding.state for about, finding in found(directory).items() if about != "disk"}
    assert set(states.values()) == {"good"}


def test_doctor_names_each_fault_and_how_to_mend_it(directory) -> None:
    for file in (current_snapshot(directory) / "store").glob("*.sst"):
        file.write_bytes(b"")
    (directory.path / "lookup.sqlite").write_bytes(b"no database at all" * 300)
    with (directory.path / "audit.jsonl").open("a") as log:
        log.write("{}\n")
    (directory.path / "upload-x").mkdir()
    seen = found(directory)
    assert {about for about, finding in seen.items() if finding.state == "bad"} >= {"graph", "look-ups", "audit"}
    assert seen["leftovers"].state == "doubtful"
    assert all(finding.mend for finding in seen.values() if finding.state == "bad" and finding.about != "audit")


def test_doctor_finds_loads_nobody_derived_from_and_an_empty_directory(directory, tmp_path: Path) -> None:
    connection = directory.connect()
    connection.execute("INSERT INTO bank.loads VALUES (99, TIMESTAMP '2026-07-01', 'later')")
    connection.close()
    assert found(directory)["databases"].state == "doubtful"
    assert found(DataDirectory(tmp_path / "nothing"))["disk"].state == "bad"


def outdate(directory: DataDirectory) -> None:
    """Leave what an older release would have left, and consents that have changed since."""
    connection = directory.connect()
    connection.execute("DROP TABLE policy.moments")
    connection.execute(
        "INSERT INTO bank.consents (customer_id, purpose, status, valid_from) "
        "VALUES ('kid', 'service', 'refused', DATE '2026-01-01')"
    )
    connection.close()


def test_directory_derived_by_another_release_is_told_from_one_that_is_well(directory, content) -> None:
    outdate(directory)
    with pytest.raises(Outdated):
        heed_consents(directory, at=date(2026, 6, 30), content=content)


LACKS = ("DROP TABLE moments.dating", "ALTER TABLE evidence.series DROP COLUMN history_days")


def lacking(directory: DataDirectory, change: str) -> None:
    connection = directory.connect()
    connection.execute(change)
    connection.close()


@pytest.mark.parametrize("change", LACKS)
def test_doctor_tells_of_a_directory_that_another_release_derived(directory, change: str) -> None:
    assert found(directory)["databases"].state == "good"
    lacking(directory, change)
    told = found(directory)["databases"]
    assert (told.state, told.mend) == ("bad", "run `augenblick detect`")
    assert "neu ausgewertet" in told.said.de


@pytest.mark.slow
def test_service_derives_anew_what_lacks_a_table_before_anything_reads_it(serve, directory) -> None:
    lacking(directory, LACKS[0])
    running = serve(as_of=date(2026, 6, 30))
    running.server.config.app.state.deliveries.catch_up()
    connection = directory.connect()
    assert has_table(connection, "dating", schema="moments")
    connection.close()


@pytest.mark.slow
def test_service_derives_anew_what_another_release_derived_before_it_answers(serve, directory) -> None:
    outdate(directory)
    running = serve(as_of=date(2026, 6, 30))
    answer = running.client.get("/v1/customers/kid", headers=ADVISER)
    assert answer.status_code in (200, 503)
    running.server.config.app.state.deliveries.bring_into_step(1)
    assert running.client.get("/v1/customers/kid", headers=ADVISER).status_code == 200
