"""Exports that come later, on top of what was loaded: moments keep their identity, or lose what carried them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from accesses import DATA_PROTECTION
from augenblick import pipeline
from augenblick.content import Content
from augenblick.store import DataDirectory
from small_bank import benefit, family, groceries, write

FIRST, NEXT, LAST = date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)
KEPT = "SELECT moment_id, slug, state, occurred_from, occurred_to, detected_on FROM moments.moments ORDER BY ALL"


class Months:
    """A bank that is loaded and run month by month; what each run found is kept."""

    def __init__(self, folder: Path, content: Content) -> None:
        self.folder, self.content = folder, content
        self.directory = DataDirectory(folder / "data")
        self.seen: dict[date, list[tuple[str, str, str]]] = {}

    def month(self, name: str, as_of: date, bookings: list[tuple[object, ...]] | None = None) -> None:
        export = self.folder / name
        if bookings is None:
            family(export)
        else:
            write(export, "transactions", bookings)
        assert pipeline.load(self.directory, export).rejected == 0
        pipeline.detect(self.directory, as_of=as_of, content=self.content)
        with self.tables() as tables:
            self.seen[as_of] = tables.execute(KEPT).fetchall()

    @contextmanager
    def tables(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with pipeline.last_run(self.directory, self.content) as run:
            yield run.connection


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> Months:
    """First a birth; next month benefit goes on; then the bank delivers that all of it was returned."""
    bank = Months(tmp_path_factory.mktemp("months"), shipped)
    bank.month("april", FIRST)
    everyday = [row for account in ("a-mum", "a-kid") for row in groceries(account, date(2026, 5, 1), 1)]
    bank.month("may", NEXT, [*everyday, benefit("kg-2", "a-kid", date(2026, 5, 14))])
    back = [
        (f"back-{n}", "a-kid", NEXT + timedelta(days=n), "-259.00", "EUR", "Familienkasse", "Rückruf", f"kg-{n}")
        for n in (1, 2)
    ]
    bank.month("june", LAST, back)
    return bank


def test_moments_found_again_next_month_keep_identity_and_dates(months: Months) -> None:
    assert {slug for _, slug, *_ in months.seen[FIRST]} == {"childbirth", "grandchild-birth"}
    assert months.seen[NEXT] == months.seen[FIRST]


def test_moments_whose_bookings_are_returned_later_are_voided_with_all_that_hung_on_them(months: Months) -> None:
    before = {moment: slug for moment, slug, *_ in months.seen[FIRST]}
    after = {moment: (slug, state) for moment, slug, state, *_ in months.seen[LAST]}
    assert after == {moment: (slug, "voided") for moment, slug in before.items()}


def test_voided_moment_offers_nothing_is_in_no_graph_and_can_be_asked_about(months: Months) -> None:
    graph = (months.directory.live_store / "graph.nq").read_text("utf-8")
    for moment, slug, *_ in months.seen[LAST]:
        assert f"<{moment}>" not in graph
        customer = moment.split("/moment/")[1].split("/")[0]
        assert pipeline.offers_of(months.directory, customer, access=DATA_PROTECTION).moments == ()
        assert pipeline.why_not(months.directory, customer, slug, access=DATA_PROTECTION).found == ()


def test_load_of_a_known_export_changes_nothing(months: Months) -> None:
    report = pipeline.load(months.directory, months.folder / "may")
    assert (report.loaded, report.load_id) == (0, None)
