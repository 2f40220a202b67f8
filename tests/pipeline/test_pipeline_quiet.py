"""Bookings that say nothing new are noted without anything being derived; all others are followed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from augenblick import pipeline
from augenblick.content import Content
from augenblick.pipeline import Updater, UpdateReport
from augenblick.pipeline.clock import ZONE
from augenblick.store import DataDirectory
from derived_tables import held
from small_bank import HEADERS, benefit, groceries, write

AS_OF = date(2026, 5, 31)
AT = datetime(2026, 6, 1, 6, 0, tzinfo=ZONE)
WAGE = ("2500.00", "EUR", "Maschinenbau Huber GmbH", "Lohn/Gehalt")
LAST_ON = b"<https://w3id.org/augenblick/ontology#lastBookingOn>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> Path:
    """Data of a worker whose wage came until February, as long as anything was booked, and of a parent."""
    folder = tmp_path_factory.mktemp("quiet")
    people = [("worker", "1980-02-01", "Uta", "female"), ("parent", "1990-03-04", "Ada", "female")]
    write(folder / "export", "customers", people)
    write(folder / "export", "accounts", [(a, "giro", "EUR", "2015-01-01") for a in ("a-worker", "a-parent")])
    holders = [("a-worker", "worker", "owner"), ("a-parent", "parent", "owner")]
    write(folder / "export", "account_holders", holders)
    wages = [(f"wage-{n}", "a-worker", date(2024 + (n + 4) // 12, (n + 4) % 12 + 1, 27), *WAGE) for n in range(22)]
    bookings = [*groceries("a-worker", date(2024, 5, 1), 22), *groceries("a-parent", date(2024, 5, 1), 24)]
    benefits = [benefit(f"kg-{month}", "a-parent", date(2026, month, 14)) for month in (3, 4, 5)]
    write(folder / "export", "transactions", [*bookings, *wages, *benefits])
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF, content=shipped)
    return folder / "data"


@pytest.fixture
def bank(made: Path, tmp_path: Path) -> Iterator[DataDirectory]:
    """The same, its databases kept open as a service keeps them."""
    directory = DataDirectory(shutil.copytree(made, tmp_path / "data"))
    directory.keep_open()
    yield directory
    directory.let_go()


def taken(directory: DataDirectory, content: Content, *row: object) -> UpdateReport:
    """Return what became of a booking."""
    named = dict(zip(HEADERS["transactions"], row, strict=False))
    return Updater(directory, content, as_of=AS_OF).apply({"transactions": [named]}, loaded_at=AT)


def derived(report: UpdateReport) -> bool:
    """Say whether anything was derived, for some or for everybody."""
    return "derive" in report.seconds or report.recomputed


def all_of(directory: DataDirectory) -> tuple[dict[str, set[str]], bytes]:
    """Return the derived tables and the published graph."""
    pipeline.settle_graph(directory)
    return held(directory), (directory.live_store / "graph.nq").read_bytes()


def rebuilt(directory: DataDirectory, content: Content) -> tuple[dict[str, set[str]], bytes]:
    """Return the same of a whole run over the same bank tables."""
    pipeline.detect(directory, as_of=AS_OF, content=content)
    return all_of(directory)


def test_bookings_that_say_nothing_are_noted_as_a_rebuild_would_find_them(
    bank: DataDirectory, shipped: Content
) -> None:
    bakery = ("-4.20", "EUR", "Bäckerei Kruste", "Brot")
    earlier = taken(bank, shipped, "bread-1", "a-parent", date(2026, 4, 9), *bakery)
    assert (derived(earlier), earlier.snapshot) == (False, None)
    later = taken(bank, shipped, "bread-2", "a-parent", date(2026, 5, 30), *bakery)
    assert (derived(later), later.quads_added, later.quads_removed) == (False, 1, 1)
    found = all_of(bank)
    assert any(b"a-parent" in line and b"2026-05-30" in line for line in found[1].splitlines() if LAST_ON in line)
    assert found == rebuilt(bank, shipped)


def test_booking_that_shows_an_account_alive_after_its_wages_ended_is_followed(
    bank: DataDirectory, shipped: Content
) -> None:
    report = taken(bank, shipped, "bread-3", "a-worker", date(2026, 5, 30), "-4.20", "EUR", "Bäckerei Kruste", "Brot")
    assert (derived(report), report.recomputed) == (True, False)
    assert ("worker", "appeared") in {(m.customer_id, m.kind) for m in report.moments}
    assert all_of(bank) == rebuilt(bank, shipped)


@pytest.mark.parametrize(
    "row",
    [
        benefit("kg-new", "a-parent", date(2026, 5, 28)),
        ("back-1", "a-parent", date(2026, 5, 20), "61.20", "EUR", "Gemüse Kraut", "Erstattung"),
        ("back-2", "a-parent", date(2026, 5, 20), "-259.00", "EUR", "Familienkasse", "Rückruf", "kg-5"),
        ("same", "a-parent", date(2026, 5, 20), "-3.00", "EUR", "Bundesagentur für Arbeit - Familienkasse", "Porto"),
        ("other-way", "a-parent", date(2026, 4, 1), "61.20", "EUR", "Bäckerei Kruste", "Brot"),
    ],
    ids=lambda row: str(row[0]),
)
def test_booking_that_may_say_more_is_not_just_noted(
    bank: DataDirectory, shipped: Content, row: tuple[Any, ...]
) -> None:
    assert derived(taken(bank, shipped, *row))


def test_booking_whose_noting_was_cut_off_is_noted_once(
    bank: DataDirectory, shipped: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise RuntimeError

    row = ("bread-4", "a-parent", date(2026, 5, 30), "-4.20", "EUR", "Bäckerei Kruste", "Brot")
    with monkeypatch.context() as patched:
        patched.setattr("augenblick.reason.waiting.replace_values", cut_off)
        with pytest.raises(RuntimeError):
            taken(bank, shipped, *row)
    assert not derived(Updater(bank, shipped, as_of=AS_OF).derive())
    assert all_of(bank) == rebuilt(bank, shipped)
