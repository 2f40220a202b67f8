"""What is older than its retention period goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef

import small_bank
from augenblick import pipeline
from augenblick.content import Content
from augenblick.content.entry import AUG
from augenblick.model.errors import BadPolicy
from augenblick.pipeline import loading
from augenblick.pipeline.detection import last_load
from augenblick.policy.retention import read_periods
from augenblick.store import DataDirectory

PERIOD = URIRef("https://w3id.org/augenblick/policy#retention-bookings")
ON = date(2026, 6, 1)


def changed(shipped: Content, name: str, value: str) -> Content:
    graph = Graph()
    for triple in shipped.graph:
        graph.add(triple)
    graph.set((PERIOD, AUG[name], Literal(value)))
    return replace(shipped, graph=graph)


def test_booking_is_kept_to_the_last_day_of_its_period(
    tmp_path: Path, shipped: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "today", lambda: ON)
    (months,) = {p.months for p in read_periods(shipped) if p.table == "transactions"}
    first = date(ON.year - months // 12, ON.month, ON.day)
    small_bank.write(tmp_path / "export", "customers", [("anna", "1980-01-01")])
    small_bank.write(tmp_path / "export", "accounts", [("a", "giro", "EUR", "2001-01-01")])
    small_bank.write(tmp_path / "export", "account_holders", [("a", "anna", "owner")])
    days = [first.replace(month=first.month - 1), first, date(2026, 5, 5)]
    rows = [(f"t{n}", "a", day, "-10.00", "EUR", "Gemüse Kraut", "Einkauf") for n, day in enumerate(days)]
    small_bank.write(tmp_path / "export", "transactions", rows)
    directory = DataDirectory(tmp_path / "data")
    report = pipeline.load(directory, tmp_path / "export")
    assert (report.rejected, report.overdue) == (0, {"transactions": 1})
    connection = directory.connect(read_only=True)
    assert pipeline.overdue(connection, shipped, on=ON) == {"transactions": 1}
    assert last_load(connection) == 1
    connection.close()
    assert pipeline.expire(directory, on=ON, content=shipped, aged=True) == {}  # it was so old when it was loaded
    assert pipeline.expire(directory, on=ON, content=shipped) == {"transactions": 1}
    connection = directory.connect(read_only=True)
    assert last_load(connection) == 2
    assert [r[0] for r in connection.execute("SELECT transaction_id FROM bank.transactions ORDER BY 1").fetchall()] == [
        "t1",
        "t2",
    ]
    connection.close()
    assert pipeline.expire(directory, on=ON, content=shipped) == {}


def test_booking_that_grew_too_old_here_is_told_from_one_that_came_in_so_old(tmp_path: Path, shipped: Content) -> None:
    small_bank.write(tmp_path / "export", "customers", [("anna", "1980-01-01")])
    small_bank.write(tmp_path / "export", "accounts", [("a", "giro", "EUR", "2001-01-01")])
    small_bank.write(tmp_path / "export", "account_holders", [("a", "anna", "owner")])
    small_bank.write(
        tmp_path / "export",
        "transactions",
        [
            (f"t{n}", "a", day, "-10.00", "EUR", "Gemüse", "x")
            for n, day in enumerate((date(1999, 5, 1), date(2020, 5, 1)))
        ],
    )
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, tmp_path / "export")
    connection = directory.connect(read_only=True)
    later = date(2036, 6, 1)
    found = {aged: pipeline.overdue(connection, shipped, on=later, aged=aged) for aged in (False, True)}
    connection.close()
    assert found == {False: {"transactions": 2}, True: {"transactions": 1}}


def test_rejected_row_is_kept_for_its_period_from_the_load_on(tmp_path: Path, shipped: Content) -> None:
    small_bank.write(tmp_path / "export", "customers", [("anna", "1980-01-01"), ("ben", "1980-13-01")])
    small_bank.write(tmp_path / "export", "accounts", [("a", "giro", "gold", "2001-01-01")])
    directory = DataDirectory(tmp_path / "data")
    assert pipeline.load(directory, tmp_path / "export").rejected == 1
    (months,) = {p.months for p in read_periods(shipped) if p.table == "rejects"}
    today = pipeline.today()
    due = date(today.year + months // 12, 12, 31)
    assert pipeline.expire(directory, on=today, content=shipped) == {}
    assert pipeline.expire(directory, on=due.replace(year=due.year + 1), content=shipped).keys() == {"rejects"}


@pytest.mark.parametrize(("name", "value"), [("ofTable", "bookings"), ("countedFrom", "booked"), ("keptFor", "10")])
def test_period_that_names_what_is_not_there_is_refused_and_nothing_deleted(
    tmp_path: Path, shipped: Content, name: str, value: str
) -> None:
    with pytest.raises(BadPolicy) as raised:
        pipeline.expire(DataDirectory(tmp_path), on=ON, content=changed(shipped, name, value))
    assert raised.value.hint
