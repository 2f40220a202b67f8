"""Consents that changed hold at once in what is published, for whom they touch only, as if all were published anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from augenblick import pipeline
from augenblick.content import Content
from augenblick.pipeline import Updater, heed_consents, republish
from augenblick.pipeline.clock import ZONE
from augenblick.pipeline.update import heeding, neighbourhood, updater
from augenblick.store import DataDirectory
from derived_tables import held
from small_bank import family

AS_OF, LATER = date(2026, 5, 31), date(2026, 6, 10)
AT = datetime(2026, 6, 1, 6, 0, tzinfo=ZONE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> Path:
    """Data of a grandmother, her daughter who gets child benefit, and a consent of hers that ends in June."""
    folder = tmp_path_factory.mktemp("heeding")
    family(folder / "export")
    (folder / "export" / "consents.csv").write_text(
        "customer_id,purpose,status,valid_from,valid_to\n"
        "kid,disclosure,given,2026-01-01,2026-06-09\nmum,advertising,withdrawn,2026-01-01,\n"
    )
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF, content=shipped)
    return folder / "data"


@pytest.fixture
def bank(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataDirectory]:
    """The same, as a service keeps it that may not publish everything anew; today is the day it was derived as of."""
    directory = DataDirectory(shutil.copytree(made, tmp_path / "data"))
    directory.keep_open()
    for name in ("publish", "republish"):
        monkeypatch.setattr(heeding, name, lambda *_, **__: pytest.fail("everything was published anew"))
    monkeypatch.setattr(updater, "today", lambda: AS_OF)
    yield directory
    directory.let_go()


def graph(directory: DataDirectory) -> bytes:
    pipeline.settle_graph(directory)
    return (directory.live_store / "graph.nq").read_bytes()


def said(purpose: str, status: str, since: date, customer: str = "kid") -> dict[str, list[dict[str, Any]]]:
    return {"consents": [{"customer_id": customer, "purpose": purpose, "status": status, "valid_from": since}]}


@pytest.mark.parametrize("status", ["given", "withdrawn"])
@pytest.mark.parametrize("purpose", ["advertising", "disclosure", "analysis"])
def test_statement_of_one_customer_is_followed_as_a_rebuild_would_be(
    bank: DataDirectory, shipped: Content, purpose: str, status: str
) -> None:
    before = graph(bank)
    report = Updater(bank, shipped, as_of=AS_OF).apply(said(purpose, status, AS_OF), loaded_at=AT)
    found = held(bank), graph(bank)
    assert not report.recomputed
    assert heed_consents(bank, at=AS_OF, content=shipped) is None
    assert found[1] != before
    pipeline.detect(bank, as_of=AS_OF, content=shipped)
    assert found == (held(bank), graph(bank))


def test_consent_that_ends_with_the_day_is_followed_though_nothing_came(
    bank: DataDirectory, shipped: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = graph(bank)
    assert heed_consents(bank, at=date(2026, 6, 9), content=shipped) is None
    assert heed_consents(bank, at=LATER, content=shipped) is not None
    found = graph(bank)
    monkeypatch.undo()
    republish(bank, at=LATER, content=shipped)
    assert (found == before, found == graph(bank)) == (False, True)


def test_what_is_followed_afterwards_is_open_as_consents_stand_then(
    bank: DataDirectory, shipped: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updater, "today", lambda: LATER)
    heed_consents(bank, at=LATER, content=shipped)
    row = {"transaction_id": "kg-2", "account_id": "a-kid", "booking_date": "2026-05-14", "amount": "259.00",
           "currency": "EUR", "counterparty_name": "Familienkasse", "purpose": "Kindergeld 0526"}  # fmt: skip
    report = Updater(bank, shipped, as_of=AS_OF).apply({"transactions": [row]}, loaded_at=AT)
    found = graph(bank)
    assert ("derive" in report.seconds, report.recomputed) == (True, False)
    monkeypatch.undo()
    republish(bank, at=LATER, content=shipped)
    assert found == graph(bank)


def test_consents_of_too_many_publish_everything_anew(
    made: Path, tmp_path: Path, shipped: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = DataDirectory(shutil.copytree(made, tmp_path / "data"))
    monkeypatch.setattr(neighbourhood, "MOST_CUSTOMERS", 0)
    whole = []
    monkeypatch.setattr(heeding, "republish", lambda *_, **said: whole.append(said["at"]))
    heed_consents(directory, at=LATER, content=shipped)
    assert whole == [LATER]
