"""The live path: rows in, the difference out; always the same as a rebuild."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from augenblick import pipeline
from augenblick.content import Content
from augenblick.model.errors import BadParameter
from augenblick.pipeline import Updater
from augenblick.pipeline.clock import ZONE
from augenblick.store import DataDirectory
from small_bank import HEADERS, benefit, family, groceries

AS_OF = date(2026, 5, 31)
AT = datetime(2026, 6, 1, 6, 0, tzinfo=ZONE)


def bookings(*rows: tuple[object, ...]) -> dict[str, list[dict[str, Any]]]:
    """Return bookings as rows of the contract's table."""
    return {"transactions": [dict(zip(HEADERS["transactions"], row, strict=False)) for row in rows]}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> DataDirectory:
    """A mother and her daughter; the daughter's first child benefit has come."""
    folder = tmp_path_factory.mktemp("update")
    family(folder / "export")
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF, content=shipped)
    return directory


def rebuilt(directory: DataDirectory, content: Content) -> bytes:
    """Return the canonical graph of a whole run over the same bank tables."""
    pipeline.detect(directory, as_of=AS_OF, content=content)
    return (directory.live_store / "graph.nq").read_bytes()


def evidence(directory: DataDirectory) -> dict[str, list[Any]]:
    """Return what stands in the tables of evidence."""
    connection = directory.connect(read_only=True)
    names = ("account_spans", "hits", "occurrences", "series", "steps")
    found = {name: connection.execute(f"FROM evidence.{name} ORDER BY ALL").fetchall() for name in names}
    connection.close()
    return found


def test_update_with_return_of_benefit_takes_birth_back_and_equals_rebuild(
    bank: DataDirectory, shipped: Content
) -> None:
    updater = Updater(bank, shipped, as_of=AS_OF)
    back = ("back-1", "a-kid", date(2026, 5, 20), "-259.00", "EUR", "Familienkasse", "Rückruf", "kg-1")
    report = updater.apply(bookings(back), loaded_at=AT)
    assert not report.recomputed
    assert ("kid", "vanished", "voided") in {(m.customer_id, m.kind, m.new_state) for m in report.moments}
    assert ("mum", "vanished", "voided") in {(m.customer_id, m.kind, m.new_state) for m in report.moments}
    again = updater.apply({}, removed={"transactions": [{"transaction_id": "back-1"}]}, loaded_at=AT)
    assert {(m.customer_id, m.kind) for m in again.moments} == {("kid", "appeared"), ("mum", "appeared")}
    assert {m.moment_id for m in again.moments} == {m.moment_id for m in report.moments}
    graph = (bank.live_store / "graph.nq").read_bytes()
    assert graph == rebuilt(bank, shipped)


def test_update_with_booking_that_shows_nothing_new_derives_nothing_and_equals_rebuild(
    bank: DataDirectory, shipped: Content
) -> None:
    row = ("bread-1", "a-kid", date(2026, 4, 9), "-4.20", "EUR", "Bäckerei Kruste", "Brot", "")
    report = Updater(bank, shipped, as_of=AS_OF).apply(bookings(row), loaded_at=AT)
    assert (report.recomputed, report.moments, report.snapshot) == (False, [], None)
    assert "publish" not in report.seconds
    later = ("bread-2", "a-kid", date(2026, 5, 9), *row[3:])
    assert Updater(bank, shipped, as_of=AS_OF).apply(bookings(later), loaded_at=AT).quads_added == 1
    found, graph = evidence(bank), (bank.live_store / "graph.nq").read_bytes()
    assert graph == rebuilt(bank, shipped)
    assert found == evidence(bank)


def test_update_with_rows_known_already_changes_nothing(bank: DataDirectory, shipped: Content) -> None:
    updater = Updater(bank, shipped, as_of=AS_OF)
    report = updater.apply(bookings(benefit("kg-1", "a-kid", date(2026, 4, 14))), loaded_at=AT)
    assert (report.load.unchanged, report.load.loaded, report.moments, report.snapshot) == (1, 0, [], None)


def test_update_with_row_of_unknown_account_rejects_it(bank: DataDirectory, shipped: Content) -> None:
    row = groceries("nowhere", date(2026, 5, 1), 1)[0]
    report = Updater(bank, shipped, as_of=AS_OF).apply(bookings(row), loaded_at=AT)
    assert [(r.field, r.reason) for r in report.load.rejects] == [("account_id", "unknown account")]
    assert report.moments == []


def test_update_removing_customer_others_refer_to_is_refused_as_a_whole(bank: DataDirectory, shipped: Content) -> None:
    updater = Updater(bank, shipped, as_of=AS_OF)
    with pytest.raises(BadParameter, match="still refer"):
        updater.apply({}, removed={"customers": [{"customer_id": "kid"}]}, loaded_at=AT)
    connection = bank.connect(read_only=True)
    assert connection.execute("SELECT count(*) FROM bank.customers").fetchone() == (2,)
    connection.close()


def test_update_with_unknown_column_names_the_one_meant(bank: DataDirectory, shipped: Content) -> None:
    with pytest.raises(BadParameter) as error:
        Updater(bank, shipped, as_of=AS_OF).apply({"customers": [{"customer_id": "x", "birth_dat": "2000-01-01"}]})
    assert "birth_date" in str(error.value)


def test_update_with_rows_of_an_erased_person_does_not_bring_them_back(tmp_path: Path, shipped: Content) -> None:
    family(tmp_path / "export")
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, tmp_path / "export")
    pipeline.erase(directory, "kid", on=AS_OF)
    rows = {"customers": [{"customer_id": "kid"}, {"customer_id": "new"}]}
    Updater(directory, shipped, as_of=AS_OF).apply(rows, loaded_at=AT)
    connection = directory.connect(read_only=True)
    found = connection.execute("SELECT customer_id FROM bank.customers ORDER BY ALL").fetchall()
    connection.close()
    assert found == [("mum",), ("new",)]
