"""A consent withdrawn or an objection raised counts for the service's next answer, in REST and SPARQL."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from augenblick import pipeline
from augenblick.publish import follow
from augenblick.publish.remote import RemoteStore
from augenblick.store import DataDirectory
from running_service import Served

ADVICE = {"Acting-Role": "adviser", "Purpose-Of-Use": "advice"}
ANALYSIS = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis", "Accept": "text/csv"}
QUERY = "SELECT ?m { ?m a aug:Moment ; aug:person ?p . ?p aug:customerId 'kid' }"
ROWS = [("kid", purpose, "", "withdrawn", "2026-05-30", "") for purpose in ("advice", "analysis")]


@pytest.fixture
def running(serve, detected: Path, tmp_path: Path, store: RemoteStore | None) -> Served:
    """A service on a copy of the mother's and daughter's data."""
    shutil.copytree(detected, tmp_path / "data")
    follow(DataDirectory(tmp_path / "data"))
    return serve(remote_store=store)


def told(running) -> tuple[int, int]:
    """Return how many moments of the daughter REST and SPARQL tell."""
    rest = running.client.get("/v1/customers/kid/moments", headers=ADVICE)
    sparql = running.client.get("/sparql", params={"query": QUERY}, headers=ANALYSIS)
    assert (rest.status_code, sparql.status_code) == (200, 200)
    return len(rest.json()), len(sparql.text.splitlines()) - 1


def by_load(directory: DataDirectory, folder: Path) -> None:
    folder.mkdir()
    header = "customer_id,purpose,channel,status,valid_from,valid_to"
    (folder / "consents.csv").write_text("\n".join([header, *(",".join(row) for row in ROWS)]) + "\n", "utf-8")
    assert pipeline.load(directory, folder).rejected == 0


def by_another_hand(directory: DataDirectory, _: Path) -> None:
    connection = directory.connect()
    for customer, purpose, _channel, status, valid_from, _valid_to in ROWS:
        connection.execute(
            "INSERT INTO bank.consents (customer_id, purpose, status, valid_from) VALUES (?, ?, ?, ?::DATE)",
            [customer, purpose, status, valid_from],
        )
    connection.close()


@pytest.mark.parametrize("write", [by_load, by_another_hand])
def test_objection_withholds_the_moments_from_the_next_answers(running, tmp_path, write) -> None:
    assert min(told(running)) > 0
    write(DataDirectory(running.settings.data), tmp_path / "later")
    assert told(running) == (0, 0)


def test_objection_by_another_hand_amid_work_of_the_service_withholds_them_too(running, tmp_path) -> None:
    assert min(told(running)) > 0
    state = running.server.config.app.state
    with state.writer.alone() as directory, state.consents.heeded(directory):
        by_another_hand(directory, tmp_path)
    assert told(running) == (0, 0)
